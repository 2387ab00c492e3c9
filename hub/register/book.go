package register

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// book is what trust records say that a state does not tell.
type book struct {
	state  *roster.State
	signed map[record.Author]*signed            // the certificates that stand
	last   map[record.Author]roster.Certificate // the newest that may ever have counted
	issued map[[2]record.Author]bool            // issuer, subject
	acts   map[string]*act                      // ends, by their keys
}

// signed is by whom something was signed, and when.
type signed struct {
	by   []record.Author
	from record.Time // the earliest
}

func (s *signed) add(r record.Record) {
	if len(s.by) == 0 || r.Time < s.from {
		s.from = r.Time
	}
	s.by = append(s.by, r.Author)
}

// act is the end of a key, with all who have signed it.
type act struct {
	signed
	end roster.Revocation
}

func newBook(state *roster.State) *book {
	return &book{
		state: state, signed: map[record.Author]*signed{}, last: map[record.Author]roster.Certificate{},
		issued: map[[2]record.Author]bool{}, acts: map[string]*act{},
	}
}

func (b *book) take(r record.Record) {
	if r.App != record.Roster || r.Class != record.Trust {
		return
	}
	switch form, _, _ := strings.Cut(r.Key, "/"); form {
	case "c":
		c, err := roster.DecodeCertificate(r.Body)
		if err != nil {
			return
		}
		if c.Kind == roster.Hub || b.state.Root(r.Author) {
			b.last[c.Subject] = c
		}
		b.issued[[2]record.Author{r.Author, c.Subject}] = true
		if slices.Contains(b.state.Chain(c.Subject), r.ID()) {
			if b.signed[c.Subject] == nil {
				b.signed[c.Subject] = &signed{}
			}
			b.signed[c.Subject].add(r)
		}
	case "r", "t":
		end, err := roster.DecodeRevocation(r.Body)
		if err != nil || end.Retired != (form == "t") {
			return
		}
		if b.acts[r.Key] == nil {
			b.acts[r.Key] = &act{end: end}
		}
		b.acts[r.Key].add(r)
	}
}

func (b *book) entry(who record.Author, c roster.Certificate, now time.Time) Entry {
	e := Entry{
		ID: who.String(), Tag: who.Tag(), Label: c.Label, Roles: Roles(c.Roles), Senders: c.Senders, Area: c.Area, Until: Date(c.Until),
		Over: c.Until != 0 && !now.IsZero() && Day(now) > c.Until,
	}
	by, _ := b.state.Issuer(who)
	if s := b.signed[who]; s != nil {
		e.Since = s.from.Wall()
		if by == (record.Author{}) {
			slices.SortFunc(s.by, func(a, b record.Author) int { return strings.Compare(a.String(), b.String()) })
			e.By = checks(s.by)
		}
	}
	if issuer, ok := b.state.Hub(by); ok {
		e.Issuer = issuer.Label
	}
	return e
}

// ended are the keys that are revoked or retired, each once.
func (b *book) ended() []End {
	found := map[record.Author]End{}
	for _, a := range b.acts {
		e, counts := b.end(a)
		if old, ok := found[a.end.Subject]; counts && (!ok || before(e, old)) {
			found[a.end.Subject] = e
		}
	}
	out := []End{}
	for _, e := range found {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b End) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.ID, b.ID)) })
	return out
}

// before reports which of two ends of a key is told: a revocation, then the earlier.
func before(a, b End) bool {
	if a.Retired != b.Retired {
		return b.Retired
	}
	return a.At.Before(b.At)
}

// end is what an act means; false if it does not count.
func (b *book) end(a *act) (End, bool) {
	who := a.end.Subject
	e := End{
		ID: who.String(), Tag: who.Tag(), Label: a.end.Label, Kind: Neighbor, Retired: a.end.Retired, At: a.from.Wall(), Why: a.end.Why,
	}
	if c, ok := b.last[who]; ok {
		e.Label, e.Kind = c.Label, Coordinator
		if c.Kind == roster.Hub {
			e.Kind = Hub
		}
	}
	var roots []record.Author
	for _, s := range a.by {
		if b.state.Root(s) {
			roots = append(roots, s)
		}
	}
	issuer := slices.IndexFunc(a.by, func(s record.Author) bool { return !b.state.Root(s) && b.issued[[2]record.Author{s, who}] })
	switch {
	case b.state.Acts(roots...):
		if _, ok := b.last[who]; !ok && e.Label != "" { // its certificate went with the right of whoever gave it
			e.Kind = Hub
		}
		slices.SortFunc(roots, func(a, b record.Author) int { return strings.Compare(a.String(), b.String()) })
		e.By = checks(roots)
	case slices.Contains(a.by, who):
		e.Own = true
	case issuer >= 0:
		e.Issuer = b.last[a.by[issuer]].Label
	default:
		return e, false
	}
	if e.Retired {
		return e, b.state.Retired(who)
	}
	return e, b.state.Revoked(who) || e.Issuer != "" && !b.state.Certified(who)
}
