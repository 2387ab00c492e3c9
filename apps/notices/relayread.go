package notices

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Relay is how a notice came that somebody else wrote.
type Relay struct {
	Sender     string `json:"sender"` // what the alert itself says of it
	Identifier string `json:"identifier"`
	Claim      bool   `json:"claim"`   // by a hub that may not pass on this sender: it tops no page
	Assumed    bool   `json:"assumed"` // it does not say until when it holds
	Cut        bool   `json:"cut"`     // its original says more
	Open       bool   `json:"open"`    // it came over a connection that others could change
	Refuted    bool   `json:"refuted"` // the relay has checked a signature that does not hold here
	Idle       bool   `json:"idle"`    // it cancels what still holds here, on another word

	at     time.Time
	came   record.Time // when the relay wrote it
	body   *Relayed
	blob   record.Blob
	by     record.Author
	rank   strength
	words  []string // whose word it is: provenances, of which one is enough
	voices []*Relay // all that pass it on and are believed as much; at least itself
}

// relaying is a relayed alert's body, or why it is none.
type relaying struct {
	body Relayed
	err  error
}

func relayingOf(r record.Record) *relaying {
	c := &relaying{}
	if _, rest := split(r.Key); r.Withdrawn() {
		c.err = fmt.Errorf("%s is withdrawn", r.Key)
	} else if c.err = checkRelayed(r, rest); c.err == nil {
		c.body, c.err = relayedBodies{}.Decode(r)
	}
	return c
}

// mayRelay reports whether the roots let somebody pass on a sender's alerts.
func (l *look) mayRelay(a record.Author, sender string) bool {
	if !l.s.Roster().Has(a, roster.Relay) {
		return false
	}
	c, ok := l.s.Roster().Hub(a)
	if !ok {
		c, ok = l.s.Roster().Coordinator(a)
	}
	return ok && slices.Contains(c.Senders, sender)
}

// relaying is what the roots call a hub, and whose warnings it may pass on.
func (l *look) relaying(h record.Author) (label string, senders []string) {
	c, _ := l.s.Roster().Hub(h)
	return c.Label, slices.Clone(c.Senders)
}

// forwarded is a record as a notice that somebody else wrote; false if it is none, or by
// nobody who has a say here.
func (l *look) forwarded(it hub.Item) (n Notice, ok bool) {
	prefix, rest := split(it.Key)
	if prefix != relayKey || it.Withdrawn() {
		return n, false
	}
	c := hub.Made(it, relayingOf)
	if c.err != nil || c.body.Name.Sender == l.own {
		return n, false
	}
	b, seen := l.believed(&c.body, it.Blobs[0].Sum)
	place, isHub := l.s.Roster().Hub(it.Author)
	may := it.Class == record.Notice && l.mayRelay(it.Author, b.Name.Sender)
	if !may && !isHub {
		return n, false
	}
	label := place.Label
	if !isHub {
		label, _ = l.called(it.Author)
	}
	r := &Relay{
		Sender: b.Name.Sender, Identifier: b.Name.Identifier, Claim: !may, Assumed: b.Until == 0, Cut: b.Cut, Open: b.Way == ByHTTP,
		at: b.Name.at(), came: it.Time, body: b, blob: it.Blobs[0], by: it.Author,
	}
	n = Notice{
		Identity: relayKey + rest, Path: "/notices/" + relayKey + rest, Kind: b.Kind, Grade: b.Grade, Words: b.Words, Areas: b.Areas, Contact: b.Contact,
		Span:   Span{Sent: record.Time(b.Name.Sent) << 16, At: r.at, Until: b.until(), Ahead: !l.now.IsZero() && r.at.Sub(l.now) > aheadMost},
		Signed: Signed{Hash: hex.EncodeToString(r.blob.Sum[:])},
		Reach:  Reach{Places: it.Holders, Of: max(len(l.hubs), it.Holders)},
		Relay:  r,
	}
	if b.From != 0 {
		n.Span.From = time.Unix(b.From, 0).UTC()
	}
	for _, re := range b.Re {
		n.Re = append(n.Re, relayKey+hex.EncodeToString(re))
	}
	n.By = wordOf(r, seen, label)
	return n, true
}

// believed is what a record says of an alert. Where this hub has checked the original
// itself, it is what the sender has signed, and not what the relay has made of that: but
// for a practice, which may stand around the alert.
func (l *look) believed(b *Relayed, sum [32]byte) (*Relayed, examined) {
	f := l.desk.checked(sum)
	switch {
	case f.state == unsigned && (b.Signed || len(b.Pin) > 0):
		return b, examined{state: refuted} // the relay says that it is
	case f.state != verified:
		return b, f
	case f.body.Name != b.Name:
		return b, examined{state: refuted}
	}
	own := *f.body
	own.Holds, own.Way, own.Feeds, own.Pin, own.Signed = b.Holds, b.Way, b.Feeds, b.Pin, b.Signed
	if b.Grade.Practice() {
		own.Grade.Status = b.Grade.Status
	}
	return &own, f
}

// aheadMost is how far ahead of this hub's clock an alert may have been sent.
const aheadMost = 10 * time.Minute

// wordOf is on whose word an alert is its sender's. What only the relay says it has
// checked is the relay's own word, whatever it says: anybody can write the fingerprint of
// a key or the address of a feed. Only a signature that holds here is nobody's but the
// sender's.
func wordOf(r *Relay, seen examined, label string) Provenance {
	name := r.body.By
	if name == "" || strings.ContainsAny(name, "·•‧∙⋅・") {
		name = r.Sender // what stands around the name is parted from it by such a point
	}
	p, hubWord := Provenance{Name: name, Place: label}, "hub:"+r.by.String()
	r.Refuted = seen.state == refuted
	switch {
	case r.Claim, r.Refuted:
		r.Claim = true
		r.rank, r.words = byNobody, []string{hubWord}
		p.Words = hub.Said{Phrase: "%[1]s says this comes from %[2]s", Args: []any{label, fmt.Sprintf("%s (%s)", name, r.Sender)}}
	case seen.state == verified:
		r.rank, r.words = byKey, []string{"key:" + seen.key}
		p.Checked = true
		p.Words = hub.Said{Phrase: "Forwarded from %s · signature checked", Args: []any{name}}
	case len(r.body.Pin) > 0:
		r.rank, r.words = byKeyElsewhere, []string{"key:" + hex.EncodeToString(r.body.Pin) + "/" + hubWord}
		p.Words = hub.Said{Phrase: "Forwarded from %[1]s · signature checked at %[2]s, not here", Args: []any{name, label}}
	case r.body.Way == ByHTTPS:
		r.rank = byFeed
		for _, f := range r.body.Feeds {
			r.words = append(r.words, "feed:"+f+"/"+hubWord)
		}
	default:
		r.rank, r.words = byHub, []string{hubWord}
	}
	if p.Words.Phrase == "" {
		p.Words = hub.Said{Phrase: "Forwarded from %s · signature not checked here", Args: []any{name}}
	}
	p.Authority = r.words[0]
	return p
}

// relayedUnder is the relayed alerts under a term, as far as there is room for them.
func (l *look) relayedUnder(t hub.Term) ([]Notice, error) {
	r := l.newRoom()
	err := l.passed(t, r)
	return r.all(), err
}

// relayedNow is the relayed alerts that may hold, and what ends them, as far as there is
// room for them.
func (l *look) relayedNow() ([]Notice, error) {
	from := relayedEnding + ending(l.now.Unix())[len(endings):]
	if l.now.IsZero() {
		from = relayedEnding
	}
	r := l.newRoom()
	for t := range l.s.Terms(relayedEnding) {
		if t < from {
			continue
		}
		if err := l.passed(t, r); err != nil {
			return nil, err
		}
	}
	return r.all(), nil
}

// passed puts what stands under a term into the room for it.
func (l *look) passed(t hub.Term, r *relayRoom) error {
	for it, err := range l.s.Newest(t, 0) {
		if err != nil {
			return fmt.Errorf("relayed alerts: %w", err)
		}
		if n, ok := l.forwarded(it); ok {
			r.take(n)
		}
	}
	return nil
}

// relayedAt is the relayed alert of a path, and the board of all.
func relayedAt(s hub.Snapshot, id string) (n Notice, b Board, _ error) {
	l, err := looking(s)
	if err != nil {
		return n, b, err
	}
	var here []Notice
	for it, err := range s.Slots(relayKey + id) {
		if err != nil {
			return n, b, fmt.Errorf("a relayed alert: %w", err)
		}
		if f, ok := l.forwarded(it); ok {
			here = append(here, f)
		}
	}
	if len(here) == 0 {
		return n, b, nil
	}
	own, err := l.under(every, maxAll)
	if err != nil {
		return n, b, err
	}
	others, err := l.relayedUnder(relayed)
	if err != nil {
		return n, b, err
	}
	b = l.fold(own, append(others, here...))
	n, _ = b.Find(relayKey + id)
	return n, b, nil
}
