package notices

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Bounds of a look.
const (
	maxCurrent = 2000 // notices of our own that may hold
	maxAll     = 2000 // notices of the archive that are looked at
)

// secondWait is for how long a notice waits for a second signature before its author may
// release it alone: the other may be cut off.
const secondWait = 15 * time.Minute

// look is one look at what a hub holds.
type look struct {
	s    hub.Snapshot
	now  time.Time             // zero: nothing here says what time it is, and nothing expires
	two  bool                  // there are two who may sign
	hubs map[record.Via]string // the community's places, by their short keys
	own  string                // the sender of this community's own alerts: what it says is here itself
	desk *relayDesk
	less record.Author // who is taken not to write notices; zero for nobody
}

// looking takes a look. Where the clock is not plausible, what is over has to be so by it
// and by the newest notice as well: no notice is hidden because a clock is wrong.
func looking(s hub.Snapshot) (*look, error) {
	l := &look{s: s, own: ownSender(s), hubs: map[record.Via]string{}}
	if v, ok := s.(seeing); ok {
		l.desk, l.less = v.desk, v.less
	}
	signers := 0
	for who, c := range s.Roster().Coordinators() {
		if c.Roles.Has(roster.Notices) && !s.Roster().Retired(who) && who != l.less {
			signers++
		}
	}
	l.two = signers >= 2
	for key, c := range s.Roster().Hubs() {
		l.hubs[key.Via()] = c.Label
	}
	now, sure := s.Now()
	if sure {
		l.now = now
		return l, nil
	}
	for it, err := range s.Newest(every, 0) {
		if err != nil {
			return nil, fmt.Errorf("the newest notice: %w", err)
		}
		if l.speaks(it.Author) {
			if l.now = it.Time.Wall(); now.Before(l.now) {
				l.now = now
			}
			break
		}
	}
	return l, nil
}

// speaks reports whether an author may write notices, by what this hub knows now.
func (l *look) speaks(a record.Author) bool {
	return l.s.Roster().Has(a, roster.Notices) && a != l.less
}

// current is the notices that may hold, and what ends them.
func (l *look) current() (all []Notice, _ error) {
	from := ending(l.now.Unix())
	if l.now.IsZero() {
		from = endings
	}
	for t := range l.s.Terms(endings) {
		if t < from {
			continue
		}
		some, err := l.under(t, maxCurrent-len(all))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// under is up to so many notices under a term.
func (l *look) under(t hub.Term, most int) (all []Notice, _ error) {
	for it, err := range l.s.Newest(t, 0) {
		if err != nil {
			return nil, fmt.Errorf("notices: %w", err)
		}
		if len(all) >= most {
			break
		}
		n, ok, err := l.notice(it)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, n)
		}
	}
	return all, nil
}

// board is what holds now.
func board(s hub.Snapshot) (Board, error) {
	l, err := looking(s)
	if err != nil {
		return Board{}, err
	}
	all, err := l.current()
	if err != nil {
		return Board{}, err
	}
	others, err := l.relayedNow()
	return l.fold(all, others), err
}

// archive is what there is of all notices.
func archive(s hub.Snapshot) (Board, error) {
	l, err := looking(s)
	if err != nil {
		return Board{}, err
	}
	all, err := l.under(every, maxAll)
	if err != nil {
		return Board{}, err
	}
	others, err := l.relayedUnder(relayed)
	return l.fold(all, others), err
}

// content is what was made of a record.
type content struct {
	body Body
	sum  [sha256.Size]byte
	err  error
}

func contentOf(r record.Record) *content {
	c := &content{sum: sha256.Sum256(r.Body)}
	c.body, c.err = bodies{}.Decode(r)
	return c
}

// notice is a record as a notice; false if its author may not speak, or not any more.
func (l *look) notice(it hub.Item) (n Notice, ok bool, _ error) {
	prefix, id := split(it.Key)
	if prefix != noticeKey || it.Class != record.Notice || it.Withdrawn() || !l.speaks(it.Author) {
		return n, false, nil
	}
	c := hub.Made(it, contentOf)
	if c.err != nil {
		return n, false, nil //nolint:nilerr // another version's, or garbage: it is passed on and not shown
	}
	b, ref := c.body, hub.RefTo(it.Author, id)
	n = Notice{
		Identity: ref.String(), Path: pathOf(ref), Number: l.told(b.number(), ref),
		Kind: b.Kind, Grade: b.Grade, Template: b.Template, Words: b.Words, Contact: b.Contact,
		Span:  Span{Sent: it.Time, At: it.Time.Wall(), Until: time.Unix(b.Until, 0).UTC(), Ahead: it.Ahead},
		By:    l.from(it.Record),
		Reach: Reach{Places: it.Holders, Of: max(len(l.hubs), it.Holders)},
	}
	if b.From != 0 {
		n.Span.From = time.Unix(b.From, 0).UTC()
	}
	if b.Re != nil {
		n.Re = []string{b.Re.String()}
	}
	for _, re := range b.Clears {
		n.Clears = append(n.Clears, re.String())
	}
	if b.Area != nil {
		n.Areas = []Area{*b.Area}
	}
	var err error
	n.Signed, err = l.signed(ref, n, c.sum)
	return n, err == nil, err
}

// pathOf is of the notice's page.
func pathOf(r Ref) string { return "/notices/n/" + r.Below() }

// from is who has written a record that this hub has checked.
func (l *look) from(r record.Record) Provenance {
	p := Provenance{Authority: "key:" + r.Author.String(), Local: true, Checked: true, Place: l.hubs[r.Via]}
	p.Name, p.Area = l.called(r.Author)
	p.Words = fromWords(p.Name, p.Area)
	return p
}

// called is what the community's roots call somebody: nobody chooses that for themselves.
func (l *look) called(a record.Author) (name, area string) {
	if c, ok := l.s.Roster().Coordinator(a); ok {
		return c.Label, c.Area
	}
	c, _ := l.s.Roster().Hub(a)
	return c.Label, c.Area
}

func fromWords(name, area string) hub.Said {
	if area == "" {
		return hub.Said{Phrase: "From %s · checked by this place", Args: []any{name}}
	}
	return hub.Said{Phrase: "From %[1]s, %[2]s · checked by this place", Args: []any{name, area}}
}

// signed is who stands behind a notice besides its author. A signature is of the body
// that was seen: of another one it says nothing.
func (l *look) signed(ref Ref, n Notice, sum [sha256.Size]byte) (out Signed, _ error) {
	out.Hash = hex.EncodeToString(sum[:])
	if !n.Grade.Grave() || n.Kind == Cancel {
		return out, nil
	}
	if out.Lone = n.Span.At; l.two { // else nobody is waited for; its author still has to say so
		out.Lone = out.Lone.Add(secondWait)
	}
	alone, seen := false, map[record.Author]bool{}
	for it, err := range l.s.Slots(signKey + ref.Short()) {
		if err != nil {
			return out, fmt.Errorf("signatures of a notice: %w", err)
		}
		if it.Withdrawn() || it.Ahead || seen[it.Author] || !l.speaks(it.Author) {
			continue
		}
		v, err := signatures{}.Decode(it.Record)
		if err != nil || !bytes.Equal(v.Hash, sum[:]) {
			continue
		}
		seen[it.Author] = true
		if it.Author != ref.By() {
			name, _ := l.called(it.Author)
			out.By = append(out.By, name)
			out.counts(it.Time)
		} else if !it.Time.Wall().Before(out.Lone) || !l.now.Before(out.Lone) {
			alone = true
			out.counts(it.Time)
		}
	}
	if len(out.By) > 0 {
		return out, nil
	}
	out.Waiting = !alone // also where the other coordinator has gone: that is nobody's release
	out.Alone = !out.Waiting
	return out, nil
}

// find is the newest record of a key by whoever has a key that begins so.
func find(s hub.Snapshot, key, by string) (top hub.Item, found bool, _ error) {
	for it, err := range s.Slots(key) {
		if err != nil {
			return top, false, fmt.Errorf("slots of %s: %w", key, err)
		}
		if !strings.HasPrefix(it.Author.String(), by) {
			continue
		}
		if !found || newer(it, top) {
			top, found = it, true
		}
	}
	return top, found, nil
}

func newer(a, b hub.Item) bool {
	x, y := a.ID(), b.ID()
	return a.Time > b.Time || a.Time == b.Time && bytes.Compare(x[:], y[:]) > 0
}
