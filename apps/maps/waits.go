package maps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// WaitsView is what waits for a coordinator, in numbers.
type WaitsView struct {
	Asks    int    // people who ask to count at a door
	Door    string // path of the place of the newest of these
	Drafts  int    // what another coordinator prepared
	Reports int    // what neighbors have seen and nobody has confirmed
	Files   int    // with places
}

// Any reports whether something waits.
func (w WaitsView) Any() bool { return w.Asks+w.Drafts+w.Reports+w.Files > 0 }

// waits is what waits for whoever asks, of which unconfirmed is what people have seen; nil
// for who is no coordinator.
func (l *look) waits(q hub.Request, unconfirmed []Seen) (*WaitsView, error) {
	if !coordinates(l.s, q) {
		return nil, nil //nolint:nilnil // nothing is told to others
	}
	m := &WaitsView{}
	for _, v := range unconfirmed {
		switch {
		case v.What != place.Drafted:
			m.Reports++
		case !v.Mine:
			m.Drafts++
		}
	}
	files, err := l.waiting()
	if err != nil {
		return nil, err
	}
	m.Files = len(files)
	return m, l.askers(m)
}

// askers counts who asks to count at a door, of the newest asks that are looked at.
func (l *look) askers(m *WaitsView) error {
	type asker struct {
		id string
		by record.Author
	}
	known, read := map[asker]bool{}, 0
	for it, err := range l.s.Newest(asks, 0) {
		if err != nil {
			return fmt.Errorf("who asks to count: %w", err)
		}
		if read++; read > maxLooked {
			break
		}
		id := strings.TrimPrefix(it.Key, askKey)
		one := asker{id, it.Author}
		if _, ok := bodyOf[Ask](it); !ok || it.Hidden != "" || known[one] || l.speaks(it.Author) || slices.Contains(l.allowed(id), it.Author) {
			continue
		}
		p, ok, err := l.place(id)
		if err != nil {
			return err
		}
		if !ok || !p.Counted() { // its page would not show them
			continue
		}
		known[one] = true
		if m.Asks++; m.Door == "" {
			m.Door = p.Path
		}
	}
	return nil
}

// watched are the topics of a page with what waits.
func watched(m *WaitsView) []hub.Term {
	if m == nil {
		return everything()
	}
	return append(everything(), asks)
}
