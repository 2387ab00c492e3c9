package maps

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/fetching"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/size"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// maxOffers is how many street maps of others one page shows.
const maxOffers = 20

// others is how street maps come from other hubs; nil where they do not.
type others struct {
	ferry   Ferry
	fetcher *fetching.Fetcher
}

// meet gets to know the other hubs, once there is a hub behind the app and a folder.
func (d *desk) meet(h hub.Host) {
	s := d.maps()
	if d.Ferry == nil || s == nil {
		return
	}
	d.meeting.Lock()
	defer d.meeting.Unlock()
	if d.others.Load() != nil {
		return
	}
	if f := d.Ferry(h); f != nil {
		holders := func(ctx context.Context, sum [32]byte) (of []record.Author, _ error) {
			err := h.Read(ctx, func(s hub.Snapshot) error {
				all, err := offers(s, f.Self(), f.Linked(), nil)
				for _, o := range all {
					if o.sum() == sum {
						of = o.of
					}
				}
				return err
			})
			return of, err
		}
		d.others.Store(&others{f, fetching.New(s, f, holders, d.Log)})
	}
}

// away is how street maps come from other hubs; nil where they do not.
func (d *desk) away() *others {
	if d == nil {
		return nil
	}
	return d.others.Load()
}

type (
	// OfferView is a street map that other places have, and of which none or a part is here.
	OfferView struct {
		ID      string // of its form: SHA-256 in hex
		Name    string
		Size    int64 // bytes
		Streets bool  // it shows streets
		Credit  string
		Wide    int // kilometers from west to east
		High    int
		Of      []string // labels of those who have it; none if nobody has it any more
		Near    bool     // one of them can be asked now
		Here    bool     // it shows this place; so does one where nobody has said where that is

		Part   bool   // of it is here
		Have   int64  // bytes
		Active bool   // it is being fetched
		From   string // of one that comes: the label of whose it is; empty while it waits
		Wrong  error  // why it could not be fetched
	}
)

// Says is who has what.
func (o OfferView) Says() hub.Said {
	switch {
	case len(o.Of) == 0 && o.Name == "":
		return hub.Said{Phrase: "Part of a map file that no other place has any more, %s", Args: []any{size.Say(o.Size)}}
	case len(o.Of) == 0:
		return hub.Said{Phrase: "%[1]s, which no other place has any more, %[2]s", Args: []any{o.Name, size.Say(o.Size)}}
	case !o.Streets:
		return hub.Said{Phrase: "%[1]s has a map %[2]s without small streets, %[3]s", Args: []any{o.Of[0], o.Name, size.Say(o.Size)}}
	}
	return hub.Said{Phrase: "%[1]s has streets of %[2]s, %[3]s", Args: []any{o.Of[0], o.Name, size.Say(o.Size)}}
}

// All is how large it is.
func (o OfferView) All() hub.Said { return size.Say(o.Size) }

// Come is how much of it is here.
func (o OfferView) Come() hub.Said { return size.SayDown(o.Have) }

// Also is who else has it; empty for nobody.
func (o OfferView) Also() string {
	if len(o.Of) < 2 {
		return ""
	}
	return strings.Join(o.Of[1:min(len(o.Of), 6)], " · ")
}

// Words is what is wrong, to be put into the reader's language.
func (o OfferView) Words() hub.Said {
	if told, ok := errors.AsType[*hub.Error](o.Wrong); ok {
		return hub.Said{Phrase: told.Phrase, Args: told.Args}
	}
	return hub.Said{Phrase: "Something went wrong here. Please tell whoever looks after this box: its log says what."}
}

// offering is the street maps of others, for the page. busy says that one is on its way.
func (d *desk) offering(s hub.Snapshot, q hub.Request) (views []OfferView, busy bool, _ error) {
	o, all := d.away(), d.maps()
	if o == nil || all == nil {
		return nil, false, nil
	}
	l := looking(s)
	var err error
	if l.sites, err = under[Site](l, hubs); err != nil {
		return nil, false, err
	}
	home := l.home(q.Place)
	linked := o.ferry.Linked()
	found, err := offers(s, o.ferry.Self(), linked, home)
	if err != nil {
		return nil, false, err
	}
	parts, err := all.Parts()
	if err != nil {
		return nil, false, err
	}
	files, err := all.Extracts()
	if err != nil {
		return nil, false, err
	}
	status, ordered := o.fetcher.Status()
	for _, one := range found {
		if slices.ContainsFunc(files, func(e shelf.Extract) bool { return e.State == shelf.Ready && e.Sum == one.sum() }) {
			continue
		}
		v := OfferView{
			ID: hex.EncodeToString(one.Sum), Name: one.title(), Size: one.Size, Streets: one.Zooms[1] >= 12, Credit: one.Credit,
			Of: one.labels, Near: slices.Contains(linked, one.of[0]), Here: home == nil || one.bound().Contains(home.Orb()),
		}
		v.Wide, v.High = kilometers(one.bound())
		views = append(views, v)
	}
	views = views[:min(len(views), maxOffers)]
	of := func(sum [32]byte, name string, bytes int64) *OfferView {
		id := hex.EncodeToString(sum[:])
		at := slices.IndexFunc(views, func(v OfferView) bool { return v.ID == id })
		if at < 0 {
			views = append(views, OfferView{ID: id, Name: name, Size: bytes, Streets: true, Here: true})
			at = len(views) - 1
		}
		return &views[at]
	}
	for _, p := range parts {
		v := of(p.Sum, "", p.Size)
		v.Part, v.Have = true, p.Have
	}
	is := func(e shelf.Extract) bool { return e.State == shelf.Ready && e.Sum == status.Sum }
	if !ordered || status.State == fetching.Done || status.State == fetching.Stopped || slices.ContainsFunc(files, is) {
		return views, false, nil
	}
	v := of(status.Sum, strings.TrimSuffix(status.Name, shelf.Suffix), status.Size)
	v.Active, v.Wrong, v.Have = status.Active(), status.Why, status.Have
	if v.Active {
		v.Part = true
	}
	if status.State == fetching.Coming {
		v.From = s.Person(status.From).Name
		if c, ok := s.Roster().Hub(status.From); ok {
			v.From = c.Label
		}
	}
	return views, v.Active, nil
}

// title is what a map is called: as its file, whose name people gave it for the town.
// What it calls itself is the same for all.
func (m LentMap) title() string { return strings.TrimSuffix(m.Name, shelf.Suffix) }

// refreshed is after how long a page with a map on its way is another one.
const refreshed = 10 * time.Second

// fetch begins to fetch a street map that others have.
func (d *desk) fetch(s hub.Snapshot, sum [32]byte) error {
	away := d.away()
	if away == nil {
		return noOthers()
	}
	all, err := offers(s, away.ferry.Self(), away.ferry.Linked(), nil)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.sum() == sum {
			return away.fetcher.Begin(fetching.Order{Name: d.free(o.LentMap), Size: o.Size, Sum: sum})
		}
	}
	return hub.Errorf(hub.NotFound, "", "No other place says any more that it has this map file.")
}

// free is a name for a file that no other one here has.
func (d *desk) free(m LentMap) string {
	if _, err := os.Lstat(filepath.Join(d.Folder, m.Name)); errors.Is(err, os.ErrNotExist) {
		return m.Name
	}
	return shelf.FileName(fmt.Sprintf("%.40s-%x", strings.TrimSuffix(m.Name, shelf.Suffix), m.Sum[:3]))
}

func noOthers() error {
	return hub.Errorf(hub.NotFound, "", "This place fetches no map files from others.")
}

// order does what a form says of a street map that others have; false if it says nothing of
// one.
func (a App) order(ctx context.Context, h hub.Host, q hub.Request) (to string, asked bool, _ error) {
	const again = "/maps/" + extractsPath
	for _, field := range []string{"fetch", "stop", "drop"} {
		text := q.Form.Get(field)
		if text == "" {
			continue
		}
		sum, err := sumOf(text)
		if err != nil {
			return "", true, err
		}
		if field != "fetch" {
			return again, true, a.desk.stop(sum, field == "drop")
		}
		return again, true, h.Read(ctx, func(s hub.Snapshot) error { return a.desk.fetch(s, sum) })
	}
	return "", false, nil
}

// stop stops fetching a file, or throws away what has come of it.
func (d *desk) stop(sum [32]byte, drop bool) error {
	away := d.away()
	if away == nil {
		return noOthers()
	}
	stopped := away.fetcher.Stop(sum)
	if !drop || stopped {
		return nil
	}
	return d.maps().GiveUp(sum)
}

// sumOf reads a hash as a form has it.
func sumOf(text string) (sum [32]byte, _ error) {
	b, err := hexOf(text, len(sum))
	if err != nil {
		return sum, hub.Errorf(hub.NotFound, "", "This map file is not here.")
	}
	return [32]byte(b), nil
}
