package maps

import (
	"encoding/json"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/draw"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
	"github.com/lamppost-hub/lamppost/hub"
)

// mapPath is the map's page, below the app's.
const mapPath = "map"

// Bounds of the map's page.
const (
	mapRows   = 40  // places told below the map
	mapUnseen = 5   // of the list, told besides, that are not on it
	tapAround = 6   // pixels around a sign that count as the sign
	panShare  = .66 // of the picture's side that a step goes
	maxAlt    = 80  // signs that a map leads to by their own areas
)

type (
	// MapView is the page with the map.
	MapView struct {
		Picture PictureView
		Script  ScriptView
		From    Origin
		Filter  Filter
		Picked  *Picked
		Picking bool         // the next tap picks a point
		Hidden  []FormPair   // fields of the form that picks
		Choices []FormPair   // which places are shown, for the form that says from where
		Typed   string       // what was written into it
		Wrong   string       // and is no point, in the reader's language
		Places  []Place      // on the map, by their numbers
		Seen    []Seen       // likewise, behind them
		More    int          // that are on the map and not told
		Unseen  []UnseenView // of the list, that are not on this part of the map
		Farther int          // more of these that are not told
		Areas   []AreaOn
		Lists   []LayerView // of many places, that have not all come
		Links   MapLinks
		Known   bool // there are streets on it, or it is too far away for any

		Writes   bool
		Official bool
	}
	// ScriptView is what the map's script finds in the page.
	ScriptView struct {
		Version string // of the tiles
		Extents string // of what there are tiles, as JSON
		At      string // latitude, longitude and zoom of the map
		Fit     string // south, west, north and east of what is to be seen at first; empty where an address says which part
		Credit  string
	}
	// UnseenView is a place of the list that is not on this part of the map.
	UnseenView struct {
		N          int
		Name, Path string // path of the map there
	}
	// FormPair is one field of a form, with its value.
	FormPair struct{ Name, Value string }
	// MapLinks are where the map's buttons lead; an empty one leads nowhere.
	MapLinks struct {
		North, South, West, East string
		Nearer, Farther          string
		Size                     string // the same in the other size
		Large                    bool   // which is the larger one
		Pick, Middle, Back       string // to pick a point, to pick the middle, not to pick
		List                     string // the same in words
	}
	// Picked is a point that somebody has picked on the map.
	Picked struct {
		At    place.Point
		Plus  string // plus code
		Grid  string // grid reference; empty near the poles
		Query string // of forms that begin there
		Shape string // of forms for all points that were picked; empty where it is the only one
		Count int    // of these points
		Next  string // path where the next one of them is picked; empty: there is no room
		Form  string // path of the form that it is picked for; empty: it is for none
		Near  string // of where to go from there
		Drop  string // path of the map without it
	}
	// PictureView is a picture of the map on a page.
	PictureView struct {
		ID            string // that no other picture has
		Path          string // of the picture; of the dark one with &dark=1 behind it
		Width, Height int
		Alt           hub.Said
		Credit        string // whom to thank for the streets on it; empty where there are none
		Link          string // where all of it leads; may be empty
		Areas         []PictureArea
	}
	// PictureArea is a part of a picture that leads somewhere.
	PictureArea struct {
		Coords string // left, top, right, bottom in pixels of the page; empty for all the rest
		Path   string
		Alt    string
	}
)

// mapping is the page with the map.
func mapping(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if deskOf(s).maps() == nil {
		return hub.Page{}, hub.Errorf(hub.NotFound, "", "There is no map at this place. All places stand in words on the page “Where to go”.")
	}
	g, err := drawingOf(s, q)
	if err != nil {
		return hub.Page{}, err
	}
	kept := keptOf(q.Query)
	if len(g.points) > 0 {
		kept.Set(pointsField, textOf(g.points))
	}
	if g.point != nil {
		kept.Set(pointField, g.point.String())
	}
	picking := g.wrong != "" || q.Query.Get(pickField) != "" && !q.Query.Has(tapField+".x") && q.Query.Get(pointField) == ""
	m := MapView{
		From: g.list.From, Filter: g.list.Filter, Places: g.places, Seen: g.seen, Areas: g.areas, Lists: g.list.Lists, Links: g.links(kept),
		Picking: picking, Typed: q.Query.Get(pointField), Wrong: g.wrong, Writes: coordinates(s, q), Official: q.Official,
	}
	if over := len(m.Places) - mapRows; over > 0 {
		m.More, m.Places = over, m.Places[:mapRows]
	}
	for _, b := range g.bunches {
		m.More += b.Count
	}
	back := backTo(q.Query, nil)
	if back != "" {
		m.Links.Back = back
	}
	m.Unseen, m.Farther = g.missed(kept)
	m.Picture = g.picture(s, q, kept)
	m.Known = g.Zoom < streets.Zoom || deskOf(s).maps().Known(g.View)
	if m.Script, err = g.script(s, m.Picture); err != nil {
		return hub.Page{}, err
	}
	m.Choices = pairs(choicesOf(kept))
	if m.Picking {
		kept.Del(pointField)
		m.Links.moves(g.links(joined(kept, url.Values{pickField: {"1"}})))
		m.Hidden = pairs(kept, g.with(g.View))
	} else if back == "" { // else each sign would have all of the form in its address
		m.Picture.Areas = g.leads(q, kept, m.Links.Pick)
	}
	if g.point != nil && !m.Picking {
		m.Picked = g.picked(kept)
		if back != "" {
			m.Picked.Form, m.Picked.Drop = backTo(q.Query, append(slices.Clone(g.points), *g.point)), back
			if page := formAt(q.Query.Get(formField)).page; page == herePath || page == reportPath {
				m.Picked.Next = "" // one point is all it takes
			}
		}
	}
	return hub.Page{Template: "map.html", Title: q.T("Map"), Model: m, Topics: everything(), Until: g.look.until}, nil
}

// keptOf is what all links of a map's page keep of its address: from where, and which places.
func keptOf(q url.Values) url.Values {
	v := url.Values{}
	for _, field := range append([]string{"near", focusField, sightField, formField, fieldsField}, choices[:]...) {
		if s := q.Get(field); s != "" {
			v.Set(field, s)
		}
	}
	return v
}

// choicesOf is which places are shown, of what the links of a page keep.
func choicesOf(kept url.Values) url.Values {
	v := url.Values{}
	for _, field := range choices {
		if kept.Has(field) {
			v.Set(field, kept.Get(field))
		}
	}
	return v
}

// choices are the fields of an address that say which places are shown.
var choices = [...]string{"kind", "open", "room", "pets", "stepfree", "all"}

// mapAt is the path of a map with all of these fields. It begins at the picture, as that
// is what who moves the map looks at.
func mapAt(parts ...url.Values) string {
	return "/maps/" + mapPath + "?" + joined(parts...).Encode() + "#map"
}

func joined(parts ...url.Values) url.Values {
	all := url.Values{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

func pairs(parts ...url.Values) (all []FormPair) {
	v := joined(parts...)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		all = append(all, FormPair{name, v.Get(name)})
	}
	return all
}

// moves takes over where other links move the map to.
func (l *MapLinks) moves(o MapLinks) {
	l.North, l.South, l.West, l.East, l.Nearer, l.Farther = o.North, o.South, o.West, o.East, o.Nearer, o.Farther
}

// links are where the map's buttons lead.
func (g *drawing) links(kept url.Values) (l MapLinks) {
	to := func(v draw.View) string {
		if v == g.View {
			return "" // it is at the end
		}
		return mapAt(kept, g.with(v))
	}
	l.North, l.South = to(g.Pan(0, -panShare)), to(g.Pan(0, panShare))
	l.West, l.East = to(g.Pan(-panShare, 0)), to(g.Pan(panShare, 0))
	l.Nearer, l.Farther = to(g.Zoomed(1)), to(g.Zoomed(-1))
	other := g.chart
	if l.Large = other.size != largeSize; l.Large {
		other.size = largeSize
	} else {
		other.size = ""
	}
	l.Size = mapAt(kept, other.with(g.View))
	here := g.with(g.View)
	l.Pick = mapAt(kept, here, url.Values{pickField: {"1"}})
	l.Back = mapAt(kept, here)
	l.Middle = mapAt(kept, here, url.Values{pointField: {wrap(g.Center).String()}})
	list := joined(kept)
	for _, field := range []string{pointField, pointsField, focusField, sightField, formField, fieldsField} {
		list.Del(field)
	}
	l.List = "/maps/"
	if len(list) > 0 {
		l.List += "?" + list.Encode()
	}
	return l
}

// script is what the map's script finds in the page.
func (g *drawing) script(s hub.Snapshot, p PictureView) (v ScriptView, _ error) {
	d := deskOf(s).maps()
	extents, err := json.Marshal(d.Extents())
	if err != nil {
		return v, err
	}
	v = ScriptView{Version: d.Version(), Extents: string(extents), At: wrap(g.Center).String() + "," + strconv.Itoa(int(math.Round(g.Zoom))), Credit: p.Credit}
	if b := g.around; b != nil {
		v.Fit = place.FromOrb(b.Min).String() + "," + place.FromOrb(b.Max).String()
	}
	return v, nil
}

// missed are the first places of the list that are not on this part of the map, and how
// many more there are: else numbers would be missing without a word.
func (g *drawing) missed(kept url.Values) (all []UnseenView, more int) {
	on := map[string]bool{}
	for _, p := range g.places {
		on[p.ID] = true
	}
	for _, p := range slices.Concat(g.list.Places, g.list.Dangers) {
		if on[p.ID] {
			continue
		}
		if len(all) == mapUnseen {
			more++
			continue
		}
		v := g.View
		v.Center = p.Center().Orb()
		all = append(all, UnseenView{p.N, p.Name, mapAt(kept, g.with(v.Sound()))})
	}
	return all, more
}

// picture is the picture of the map.
func (g *drawing) picture(s hub.Snapshot, q hub.Request, kept url.Values) PictureView {
	d := deskOf(s).maps()
	p := PictureView{Width: g.Width, Height: g.Height, Credit: d.Credit(g.View)}
	tag := d.Key(g.plan(q)).String()
	p.ID = "pic-" + tag
	address := joined(kept, g.with(g.View), url.Values{versionField: {tag}})
	p.Path = "/maps/" + picturePath + "?" + address.Encode()
	if n := g.count(); n > 0 {
		p.Alt = hub.Said{Phrase: "Map with %d places, numbered as in the list", Args: []any{n}}
	} else {
		p.Alt = hub.Said{Phrase: "Map"}
	}
	return p
}

// count is how many places are on it, and things seen.
func (g *drawing) count() int {
	n := len(g.places) + len(g.seen)
	for _, b := range g.bunches {
		n += b.Count
	}
	return n
}

// leads are where the signs on the map lead: one place to its page, several nearer to
// them; and all the rest to where a point is picked.
func (g *drawing) leads(q hub.Request, kept url.Values, rest string) (all []PictureArea) {
	names, paths, numbers := map[string]string{}, map[string]string{}, map[string]int{}
	for _, p := range g.places {
		names[p.Anchor()], paths[p.Anchor()], numbers[p.Anchor()] = p.Name, p.Path, p.N
	}
	for _, v := range g.seen {
		names[v.Anchor()], paths[v.Anchor()], numbers[v.Anchor()] = q.T(v.What.Words()), v.Path, v.N
	}
	many := map[string]int{}
	for _, b := range g.bunches {
		many[b.id()] = b.Count
	}
	for _, h := range draw.Layout(g.View, g.marks) {
		var ids []string
		n := 0
		for _, id := range h.IDs {
			n += many[id]
			if paths[id] != "" {
				ids = append(ids, id)
			}
		}
		if n+len(ids) == 0 || len(all) == maxAlt {
			continue
		}
		a := PictureArea{Coords: coords(h, g.Width, g.Height)}
		if n == 0 && len(ids) == 1 {
			a.Path = paths[ids[0]]
			a.Alt = strconv.Itoa(numbers[ids[0]]) + ". " + names[ids[0]]
		} else {
			v := g.View
			v.Center = g.Point(float64(h.Left+h.Right)/2, float64(h.Top+h.Bottom)/2)
			a.Path = mapAt(kept, g.with(v.Zoomed(2)))
			if len(ids) > 0 && v.Zoomed(2) == v.Sound() { // no nearer than this
				a.Path = strings.TrimSuffix(mapAt(kept, g.with(g.View)), "map") + ids[0]
			}
			a.Alt = q.T("Nearer: %s", counted(ids, numbers))
			if n > 0 {
				a.Alt = q.T("Nearer: %s", "×"+strconv.Itoa(n+len(ids)))
			}
		}
		all = append(all, a)
	}
	if rest != "" {
		all = append(all, PictureArea{Path: rest, Alt: q.T("Pick a point on the map")})
	}
	return all
}

// counted are the numbers of some places.
func counted(ids []string, numbers map[string]int) string {
	const few = 8
	var all []string
	for _, id := range ids[:min(len(ids), few)] {
		all = append(all, strconv.Itoa(numbers[id]))
	}
	if len(ids) > few {
		all = append(all, "…")
	}
	return strings.Join(all, ", ")
}

// coords is a sign as an area of a picture has it, with what a finger needs around.
func coords(h draw.Hit, width, height int) string {
	all := []int{max(0, h.Left-tapAround), max(0, h.Top-tapAround), min(width, h.Right+tapAround), min(height, h.Bottom+tapAround)}
	var b []string
	for _, n := range all {
		b = append(b, strconv.Itoa(n))
	}
	return strings.Join(b, ",")
}

// picked is what can be done with the point that was picked.
func (g *drawing) picked(kept url.Values) *Picked {
	at := *g.point
	without := joined(kept)
	without.Del(pointField)
	without.Del(pointsField)
	p := &Picked{
		At: at, Plus: grid.FormatPlusCode(at.Orb()), Grid: grid.FormatReference(at.Orb(), 10),
		Query: url.Values{"points": {at.String()}}.Encode(),
		Near:  joined(choicesOf(kept), url.Values{"near": {at.String()}}).Encode(),
		Drop:  mapAt(without, g.with(g.View)),
	}
	all := append(slices.Clone(g.points), at)
	p.Count = len(all)
	if p.Count > 1 {
		p.Shape = url.Values{"points": {textOf(all)}}.Encode()
	}
	if p.Count <= maxPicked {
		p.Next = mapAt(without, g.with(g.View), url.Values{pickField: {"1"}, pointsField: {textOf(all)}})
	}
	return p
}

// textOf is points as addresses and forms have them.
func textOf(all place.Steps) string {
	b := make([]string, len(all))
	for i, p := range all {
		b[i] = p.String()
	}
	return strings.Join(b, " ")
}
