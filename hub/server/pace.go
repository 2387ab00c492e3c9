package server

import (
	"maps"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Whose pace it is, for the metrics.
const (
	ofPerson    = "person"
	ofAddress   = "address"
	ofNewcomers = "newcomers" // all who are new here together
	ofSlowed    = "slowed"    // somebody whom a moderator has slowed down
)

const (
	// maxPaced bounds how many people and addresses have a pace at a time.
	maxPaced = 8192
	// networkShare is how much more an IPv6 network may post than an address: all
	// phones of a place are in one.
	networkShare = 10
	// newFor is for how long somebody is new here. By then a flood of people who are
	// made up has cost as many of the places that an address brings.
	newFor = time.Hour
	// slowPause is between two posts of somebody whom a moderator has slowed down.
	slowPause = 10 * time.Minute
)

// pace slows a storm of posts: so many at once, then one after each pause. It goes
// by the time that the hub runs. What was refused is not counted.
type pace struct {
	now func() time.Duration
	mu  sync.Mutex
	// until is when somebody will have nothing on their account, if they post no
	// more: each post adds a pause to it.
	until map[poster]time.Duration
	came  map[record.Author]time.Duration // who is new here, and since when
}

// poster is a person, an address, or both for those who share a key.
type poster struct {
	person record.Author
	from   netip.Prefix
}

// allowance is what one poster may post.
type allowance struct {
	poster
	kind  string
	burst int           // at once
	pause time.Duration // between two after that
}

func newPace() *pace {
	began := time.Now()
	return &pace{now: func() time.Duration { return time.Since(began) }, until: map[poster]time.Duration{}, came: map[record.Author]time.Duration{}}
}

// take counts one post on all accounts, or on none: then it returns how long to
// wait and whose pace it is.
func (p *pace) take(as ...allowance) (wait time.Duration, kind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if wait, kind = p.wait(now, as); wait > 0 {
		return wait, kind
	}
	for _, a := range as {
		p.until[a.poster] = max(p.until[a.poster], now) + a.pause
	}
	if len(p.until) > maxPaced {
		p.makeRoom(now)
	}
	return 0, ""
}

// look is take without counting.
func (p *pace) look(as ...allowance) (time.Duration, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wait(p.now(), as)
}

func (p *pace) wait(now time.Duration, as []allowance) (longest time.Duration, kind string) {
	for _, a := range as {
		if w := p.until[a.poster] - now - time.Duration(a.burst-1)*a.pause; w > longest {
			longest, kind = w, a.kind
		}
	}
	return longest, kind
}

// makeRoom forgets who has nothing on their account, and the quarter that has
// least, so that it need not be done again at once.
func (p *pace) makeRoom(now time.Duration) {
	least := max(now, slices.Sorted(maps.Values(p.until))[len(p.until)/4])
	for who, until := range p.until {
		if until <= least {
			delete(p.until, who)
		}
	}
}

// network is what counts as one address: of IPv6 a network, as a device makes itself as
// many addresses in it as it likes.
func (v *visit) network() netip.Prefix {
	bits := 32
	if v.addr.Is6() {
		bits = 64
	}
	p, _ := v.addr.Prefix(bits) // both are within their addresses
	return p
}

// arrive notes that somebody is new here.
func (p *pace) arrive(who record.Author) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.came[who] = now; len(p.came) > maxPaced {
		oldest := slices.Sorted(maps.Values(p.came))[len(p.came)/4]
		maps.DeleteFunc(p.came, func(_ record.Author, at time.Duration) bool { return at <= oldest })
	}
}

// isNew reports whether somebody came to this hub within the hour.
func (p *pace) isNew(who record.Author) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.came[who]
	if ok && p.now()-at >= newFor {
		delete(p.came, who)
		return false
	}
	return ok
}

// allowances are those of whoever sends this: of the person, if they are one by
// now, of their address, and of all who are new here while they are. A flood that is
// sent by many who are made up slows no neighbor who was here before.
func (s *Server) allowances(v *visit) ([]allowance, error) {
	l := s.cfg.Limits
	from := allowance{poster: poster{from: v.network()}, kind: ofAddress, burst: l.AddressPosts, pause: l.AddressPause}
	if v.addr.Is6() {
		from.burst, from.pause = networkShare*from.burst, from.pause/networkShare
	}
	strangers := allowance{kind: ofNewcomers, burst: l.NewPosts, pause: l.NewPause}
	if v.session == nil {
		return []allowance{from, strangers}, nil
	}
	one := allowance{kind: ofPerson, poster: poster{person: v.author()}, burst: l.Posts, pause: l.PostPause}
	guest, err := s.isGuest(v)
	if err != nil {
		return nil, err
	}
	if guest {
		one.from = from.from
	}
	act, held, err := s.heldBack(v.ctx(), v.author())
	if held && act.Do == moderation.Slow && !v.official() { // what is official no moderator holds back
		one.kind, one.burst, one.pause = ofSlowed, 1, slowPause
	}
	if guest || s.writes.pace.isNew(v.author()) {
		return []allowance{one, from, strangers}, err
	}
	return []allowance{one, from}, err
}

// inPace counts a post of whoever sends this, or says to wait. Who has the hub's own
// machine is not slowed: programs on it bring what others wrote.
func (s *Server) inPace(v *visit) error { return s.paced(v, s.writes.pace.take) }

// mayBegin is inPace for somebody who is to become a person of this hub by their
// post. It counts nothing yet.
func (s *Server) mayBegin(v *visit) error { return s.paced(v, s.writes.pace.look) }

func (s *Server) paced(v *visit, ask func(...allowance) (time.Duration, string)) error {
	if atTheBox(v) {
		return nil
	}
	as, err := s.allowances(v)
	if err != nil {
		return err
	}
	wait, kind := ask(as...)
	if wait <= 0 {
		return nil
	}
	if s.cfg.Metrics != nil {
		s.cfg.Metrics.Slowed(kind)
	}
	return &statusError{
		status: http.StatusTooManyRequests, said: tooMuch(kind, wait), retry: int(math.Ceil(wait.Seconds())),
		program: "This is more than one person, one address, or all who are new here together, may post at a time. Send the same again after as many seconds as Retry-After says.",
	}
}

// tooMuch says whose pace it is, and what to do.
func tooMuch(kind string, wait time.Duration) hub.Said {
	switch kind {
	case ofAddress:
		return hub.Said{Phrase: "Many posts come from this device or network just now. Wait a few seconds, then send this again. What you typed is still here."}
	case ofNewcomers:
		return hub.Said{Phrase: "Very many who are new here are posting just now, so they go one after the other. Wait a few seconds, then send this again. What you typed is still here."}
	case ofSlowed:
		return hub.Said{Phrase: "A moderator has slowed you down for a while. You can send this again in %d min. What you typed is still here.", Args: []any{int(math.Ceil(wait.Minutes()))}}
	}
	return hub.Said{Phrase: "You have posted a lot in a short time. Wait a few seconds, then send this again. What you typed is still here."}
}
