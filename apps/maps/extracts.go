package maps

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/size"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// extractsPath is the page of the street maps, below the app's.
const extractsPath = "extracts"

// How far around a town its streets are asked for.
const (
	townWithin  = 50_000 // meters: places that are farther from here are not of this town
	aroundTown  = 5.0    // kilometers around its places, if nothing else is asked for
	mostAround  = 100.0
	dayOfBuilds = "20060102"
)

type (
	// ExtractsView is the page of the street maps.
	ExtractsView struct {
		Files   []ExtractView
		May     bool     // the reader may change them here
		Staff   bool     // they may elsewhere
		Folder  bool     // there is a folder for them
		Broken  bool     // it cannot be used
		Room    hub.Said // how much there is
		Command string   // that fetches the streets of this town; empty: nobody has said where that is
		Wide    int      // kilometers from west to east that it fetches
		High    int
		Add     string // the command that takes a file in
		At      string // the folder on this machine
		Around  string // kilometers around the places, as asked for
		Offers  []OfferView
		Busy    bool // one of these is on its way
	}
	// ExtractView is one file.
	ExtractView struct {
		Name   string
		Title  string
		Size   hub.Said
		State  shelf.State
		Why    hub.Said
		Credit string
		Zoom   uint8
		Map    string // path of the map where it is
	}
)

// Checking reports whether it is still being looked through.
func (e ExtractView) Checking() bool { return e.State == shelf.Checking }

// Ready reports whether it is drawn from.
func (e ExtractView) Ready() bool { return e.State == shelf.Ready }

// extracting is the page of the street maps. All may see which there are.
func extracting(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	d := deskOf(s)
	m := ExtractsView{Staff: coordinates(s, q), May: officially(s, q) == nil, Add: "lamppost maps add FILE"}
	if d != nil {
		m.Folder, m.Broken = d.Folder != "", d.Folder != "" && d.maps() == nil
		if m.At = d.Folder; m.May && m.Folder {
			if whole, err := filepath.Abs(m.At); err == nil { // else as it was given
				m.At = whole
			}
		}
	}
	page := hub.Page{Template: "extracts.html", Title: q.T("Street maps"), Topics: []hub.Term{places, hubs}}
	if all := d.maps(); all != nil {
		found, err := all.Extracts()
		if err == nil {
			var room int64
			room, err = all.Room("")
			m.Room = size.SayDown(room)
		}
		if err != nil {
			return page, fmt.Errorf("the street maps: %w", err)
		}
		for _, e := range found {
			m.Files = append(m.Files, extractOf(e))
			if e.State == shelf.Checking {
				page.Until, _ = s.Now() // it is another page before long
				page.Until = page.Until.Add(10 * time.Second)
			}
		}
	}
	if m.Staff && d.away() != nil {
		var err error
		if m.Offers, m.Busy, err = d.offering(s, q); err != nil {
			return page, fmt.Errorf("the street maps of others: %w", err)
		}
		page.Topics = append(page.Topics, lent)
		if m.Busy {
			page.Until, _ = s.Now()
			page.Until = page.Until.Add(refreshed)
		}
	}
	town, ok, err := townOf(s, q)
	if err != nil {
		return page, err
	}
	if ok {
		m.Around = q.Query.Get("around")
		km, err := strconv.ParseFloat(strings.ReplaceAll(m.Around, ",", "."), 64)
		if err != nil || !(km > 0 && km <= mostAround) {
			km = aroundTown
			m.Around = strconv.FormatFloat(km, 'f', -1, 64)
		}
		b := geo.BoundPad(town, km*1000)
		m.Command = streets.Command(q.Place, dayOfBuild(s), b)
		m.Wide, m.High = kilometers(b)
	}
	page.Model = m
	return page, nil
}

func extractOf(e shelf.Extract) ExtractView {
	v := ExtractView{Name: e.Name, Title: e.Title, Size: size.Say(e.Size), State: e.State, Why: e.Why, Credit: e.Credit, Zoom: e.MaxZoom}
	if v.Ready() {
		c := chartOf(nil)
		c.View = c.Fit(e.Bounds, beginDeepest)
		v.Map = mapAt(c.with(c.View))
	}
	return v
}

// kilometers is how wide and how high bounds are.
func kilometers(b orb.Bound) (wide, high int) {
	km := func(m float64) int { return max(1, int(math.Round(m/1000))) }
	return km(geo.BoundWidth(b)), km(geo.BoundHeight(b))
}

// dayOfBuild is the day of which there is a map of the whole earth by now: one is made each
// day, and takes some hours.
func dayOfBuild(s hub.Snapshot) string {
	now, sure := s.Now()
	if !sure {
		return "YYYYMMDD"
	}
	return now.UTC().AddDate(0, 0, -2).Format(dayOfBuilds)
}

// townOf is where the places and the boxes of this town are; false where nobody has said
// where this place is.
func townOf(s hub.Snapshot, q hub.Request) (b orb.Bound, ok bool, _ error) {
	l := looking(s)
	var err error
	if l.sites, err = under[Site](l, hubs); err != nil {
		return b, false, err
	}
	home := l.home(q.Place)
	if home == nil {
		return b, false, nil
	}
	if l.details, err = under[place.Details](l, places); err != nil {
		return b, false, err
	}
	at := home.Orb()
	b = at.Bound()
	add := func(o orb.Bound) {
		if max(geo.Distance(at, o.Min), geo.Distance(at, o.Max)) <= townWithin {
			b = b.Union(o)
		}
	}
	for _, one := range l.sites {
		if top, _, ok := Merge(one); ok {
			add(top.Value.At.Orb().Bound())
		}
	}
	for _, one := range l.details {
		if top, _, ok := Merge(one); ok && !top.Value.Gone {
			if g := top.Value.Shape.Geometry(); g != nil {
				add(g.Bound())
			}
		}
	}
	return b, true, nil
}

// aroundFile is how many bytes of a form are not its file, at the most.
const aroundFile = 64 << 10

// change takes a street map in that comes with a form, or takes one away.
func (a App) change(h hub.Host) hub.Handler {
	return func(_ http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		if err := h.Read(r.Context(), func(s hub.Snapshot) error { return officially(s, q) }); err != nil {
			return "", err
		}
		s := a.desk.maps()
		const again = "/maps/" + extractsPath + "?done="
		if name := q.Form.Get("remove"); name != "" {
			return again + "changed", s.Remove(name)
		}
		if to, asked, err := a.order(r.Context(), h, q); asked {
			return to, err
		}
		file, err := fileOf(r)
		if err != nil {
			return "", err
		}
		u := shelf.Upload{Name: file.FileName(), Replace: q.Form.Get("replace") != ""}
		if err = s.Fits(u, r.ContentLength-aroundFile); err == nil {
			_, err = s.Add(r.Context(), u, file)
		}
		return again + "changed", aboutFile(err)
	}
}

// aboutFile is an error about a form's file.
func aboutFile(err error) error {
	if told, is := errors.AsType[*hub.Error](err); is && told.Field == "" {
		return errors.Join(hub.Errorf(told.Code, "file", told.Phrase, told.Args...), err)
	}
	return err
}

// fileOf is the file of a form, to be read.
func fileOf(r *http.Request) (*multipart.Part, error) {
	none := hub.Errorf(hub.Invalid, "file", "Choose a file first.")
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, none
	}
	for {
		p, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, none
		case err != nil:
			return nil, err
		case p.FormName() == "file" && p.FileName() == "":
			return nil, none
		case p.FormName() == "file":
			return p, nil
		}
	}
}

var _ hub.Commander = App{}

// Commands are what the app does on the hub's machine.
func (a App) Commands() map[string]hub.Command {
	return map[string]hub.Command{
		"add":     {Usage: "FILE [replace]", Help: "Take in a street map, a PMTiles file of any size that there is room for.", File: true, Most: shelf.DefaultMost, Run: a.commandAdd},
		"streets": {Help: "Show the street maps that are here.", Run: a.commandStreets},
		"remove":  {Usage: "NAME", Help: "Take away a street map.", Run: a.commandRemove},

		"fetch": {Usage: "[NAME | stop]", Help: "Show the street maps that other places have, or fetch one of them. It goes on when you no longer wait for it.", Run: a.commandFetch},

		"import": a.importCommand(),
		"export": a.exportCommand(),
	}
}

// commandAdd takes in a street map from a file.
func (a App) commandAdd(ctx context.Context, _ hub.Host, args []string, in io.Reader, out io.Writer) error {
	s := a.desk.maps()
	if s == nil {
		return errNoFolder()
	}
	u := shelf.Upload{}
	for i, arg := range args {
		switch {
		case i == 0 && arg != "-":
			u.Name = filepath.Base(arg)
		case i == 0:
		case arg == "replace":
			u.Replace = true
		case u.Name == "": // of what is piped in
			u.Name = arg
		default:
			return fmt.Errorf("%q is not known here; replace takes the place of a map of the same name", arg)
		}
	}
	switch {
	case in == nil:
		return errors.New("name a file, or pipe one in")
	case u.Name == "":
		return errors.New("what is piped in needs a name: lamppost maps add - NAME")
	}
	e, err := s.Add(ctx, u, in)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, saidOf(e))
	return nil
}

// commandStreets shows the street maps.
func (a App) commandStreets(_ context.Context, _ hub.Host, _ []string, _ io.Reader, out io.Writer) error {
	s := a.desk.maps()
	if s == nil {
		return errNoFolder()
	}
	all, err := s.Extracts()
	if len(all) == 0 && err == nil {
		fmt.Fprintf(out, "No street map is here. Put *%s files into %s, or take one in with lamppost maps add FILE.\n", shelf.Suffix, a.desk.Folder)
	}
	for _, e := range all {
		fmt.Fprintln(out, saidOf(e))
	}
	return err
}

// commandRemove takes a street map away.
func (a App) commandRemove(_ context.Context, _ hub.Host, args []string, _ io.Reader, out io.Writer) error {
	s := a.desk.maps()
	switch {
	case s == nil:
		return errNoFolder()
	case len(args) != 1:
		return errors.New("name one street map, as lamppost maps streets shows it")
	}
	name, err := onShelf(s, path.Base(args[0]))
	if err != nil {
		return err
	}
	if err := s.Remove(name); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is taken away.\n", name)
	return nil
}

// onShelf is the file of the street map here that is meant: by its name, or by how its hash
// begins.
func onShelf(s *streets.Streets, what string) (name string, _ error) {
	all, err := s.Extracts()
	if err != nil {
		return "", err
	}
	var some []string
	for _, e := range all {
		switch {
		case e.Name == what:
			return what, nil
		case called(what, e.Name, e.Sum[:]) && (e.State == shelf.Ready || e.Name == what+shelf.Suffix): // of others no hash is known
			some = append(some, e.Name)
		}
	}
	switch len(some) {
	case 0:
		return "", fmt.Errorf("no street map here is called %q; lamppost maps streets shows those that are", what)
	case 1:
		return some[0], nil
	}
	return "", fmt.Errorf("there are %d street maps that are called %q here; name one by its whole name, as lamppost maps streets shows it", len(some), what)
}

// called reports whether a street map is meant: by the name of its file, without its end as
// well, or by six digits or more with which its hash begins.
func called(what, name string, sum []byte) bool {
	return name == what || name == what+shelf.Suffix || len(what) >= 6 && strings.HasPrefix(hex.EncodeToString(sum), strings.ToLower(what))
}

// saidOf is a street map on a terminal.
func saidOf(e shelf.Extract) string {
	switch e.State {
	case shelf.Checking:
		return fmt.Sprintf("%s (%d bytes): it is being checked", e.Name, e.Size)
	case shelf.Broken:
		return fmt.Sprintf("%s (%d bytes): it cannot be used. %s", e.Name, e.Size, e.Why)
	}
	return fmt.Sprintf("%s (%d bytes, %x): zoom %d to %d, %d tiles, %.4f,%.4f to %.4f,%.4f, %s", e.Name, e.Size, e.Sum[:6], e.MinZoom, e.MaxZoom, e.Tiles,
		e.Bounds.Min.Lat(), e.Bounds.Min.Lon(), e.Bounds.Max.Lat(), e.Bounds.Max.Lon(), e.Credit)
}
