package maps

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// Bounds of what is shown of a file.
const (
	maxPlaced    = 200 // entries of a file of which each becomes a place by itself
	maxShownLeft = 50  // of what is left out
	alikeWithin  = 250 // meters within which two of the same kind and name are one
)

// settings are how somebody wants a file to be read.
type settings struct {
	Format  exchange.Format
	List    string // the name of the list
	Kind    string // of what the file does not say
	Swap    exchange.Swapped
	Columns *table.Mapping
	Passing bool `json:",omitempty"` // it waits only while the request that brought it lasts
}

// settingsOf are those of a file that waits; false if nobody has set any.
func settingsOf(it inbox.Item) (s settings, ok bool) {
	err := json.Unmarshal(it.Settings, &s)
	return s, err == nil && s.Format != ""
}

// LeftOut is one entry of a file that is not taken.
type LeftOut struct {
	At   hub.Said
	Name string // what it is called in the file, if it says so
	Why  hub.Said
}

func leftOut(r *feature.Refused) LeftOut {
	return LeftOut{At: r.At, Name: exchange.Called(r), Why: r.Said}
}

// plan is what would become of a file by what stands here at a moment.
type plan struct {
	settings
	steps  []exchange.Step
	left   []LeftOut // the first that are left out
	counts exchange.Counts
	wrong  error // that ended the file; what came before is not taken either
	many   bool  // it is to be one layer
	big    *many // of such a file, once it has been read
	read   int   // of such a file how many entries have been read so far
	hash   string
}

// of is how many steps have a verdict.
func (p *plan) of(v exchange.Verdict) (n int) {
	for _, s := range p.steps {
		if s.Verdict == v {
			n++
		}
	}
	return n
}

// refused is how many entries are left out.
func (p *plan) refused() int { return p.counts.Refused + p.of(exchange.Refused) }

// ground is what a file is held against.
type importGround struct {
	l      *look
	list   place.Prefix
	byName map[string][]string // ids of places by their kind and plain name
	taken  map[string]bool     // ids that an entry has been found to be
}

func newImportGround(l *look, list string) *importGround {
	g := &importGround{l: l, list: exchange.FormOf(list), byName: map[string][]string{}, taken: map[string]bool{}}
	for id, all := range l.details {
		if top, _, ok := Merge(all); ok {
			g.byName[likeness(top.Value)] = append(g.byName[likeness(top.Value)], id)
		}
	}
	return g
}

func likeness(d place.Details) string { return d.Kind.String() + "/" + plain(d.Name) }

// find is what stands here of an entry's place: by its id, or else the only one of the same
// kind and name close by.
func (g *importGround) find(e *exchange.Entry) (*exchange.Standing, error) {
	id := e.ID
	if _, _, here := Merge(g.l.detailsOf(id)); !here {
		listed, err := g.listed(e.Sheet.Details)
		if err != nil {
			return nil, err
		}
		id = cmp.Or(g.alike(e.Sheet.Details), listed, id)
	}
	s, err := g.standing(id)
	if err == nil && s != nil {
		e.ID = id
	}
	return s, err
}

func (g *importGround) alike(d place.Details) (id string) {
	if len(d.Shape.Parts) == 0 {
		return ""
	}
	for _, other := range g.byName[likeness(d)] {
		top, _, _ := Merge(g.l.detailsOf(other))
		if grid.Distance(top.Value.Shape.Center().Orb(), d.Shape.Center().Orb()) > alikeWithin || g.taken[other] || top.Value.Gone {
			continue
		}
		if id != "" {
			return "" // nobody can say which one
		}
		id = other
	}
	return id
}

// listed is alike for places that are in lists of many alone.
func (g *importGround) listed(d place.Details) (id string, _ error) {
	if len(d.Shape.Parts) == 0 || len(g.l.layers) == 0 {
		return "", nil
	}
	at := d.Shape.Center().Orb()
	box := geo.NewBoundAroundPoint(at, alikeWithin)
	for i := range g.l.layers {
		s := &g.l.layers[i]
		if s.index == nil {
			continue
		}
		for e, err := range s.index.Box(box, ofKind(d.Kind.String())) {
			if err != nil {
				g.l.lost(s, err)
				break
			}
			sheet, err := stock.Sheet(e)
			if err != nil || likeness(sheet.Details) != likeness(d) || g.taken[e.ID] || grid.Distance(sheet.Details.Shape.Center().Orb(), at) > alikeWithin {
				continue
			}
			if id != "" && id != e.ID {
				return "", nil // nobody can say which one
			}
			id = e.ID
		}
	}
	return id, nil
}

// removed is who took a place off the map that is of the kind and name of an entry, and close
// by; empty if nobody has.
func (g *importGround) removed(d place.Details) string {
	if len(d.Shape.Parts) == 0 {
		return ""
	}
	for _, other := range g.byName[likeness(d)] {
		top, _, _ := Merge(g.l.detailsOf(other))
		if top.Value.Gone && top.Value.Form != g.list && grid.Distance(top.Value.Shape.Center().Orb(), d.Shape.Center().Orb()) <= alikeWithin {
			return cmp.Or(toldOf(g.l, top, oldDetails).Name, "?")
		}
	}
	return ""
}

// standing is what stands of a place; nil if it is not here.
func (g *importGround) standing(id string) (*exchange.Standing, error) {
	p, ok, err := g.l.place(id)
	if err != nil || !ok {
		return nil, err
	}
	top, _, _ := Merge(g.l.detailsOf(id))
	s := &exchange.Standing{
		ID: id, Sheet: sheetOf(p), Version: place.PrefixOf(top.ID).String(), By: cmp.Or(p.Told.Name, "?"),
		List: g.l.formOf(top.Layer, top.Value.Form), Contested: len(p.Also) > 0, Orphan: p.Orphan,
	}
	if p.Standing != nil {
		how, _, _ := Merge(g.l.statesOf(id))
		s.ListState, s.ContestedState = g.l.formOf(how.Layer, how.Value.Form), len(p.Standing.Also) > 0
	}
	if p.People != nil {
		again, _, _ := Merge(g.l.recountsNow(id))
		s.Counted = len(p.People.tallies) > 0 || again.Value.Form != g.list
	}
	return s, nil
}

// recountsNow is how many are there as somebody has counted anew, or else as layers have it.
func (l *look) recountsNow(id string) []Version[place.Recount] { return l.counts(id, nil) }

// sheetOf is all that stands of a place.
func sheetOf(p Place) place.Sheet {
	s := place.Sheet{Details: p.Details}
	s.Details.Seen, s.Details.Knew, s.Details.Form, s.Details.AsOf = nil, nil, place.Prefix{}, place.MomentOf(p.Told.At)
	if p.Standing != nil {
		st := p.Standing.State
		st.Seen, st.Form, st.Of, st.AsOf = nil, place.Prefix{}, nil, place.MomentOf(p.Standing.Told.At)
		s.State = &st
	}
	if p.People != nil {
		n := uint32(min(max(p.People.Present, 0), place.MaxPeople)) //nolint:gosec // held to its bounds
		s.People, s.AsOf = &n, place.MomentOf(p.People.Told.At)
	}
	return s
}

// widest is how far apart places may be, in degrees, to say where others are to be expected.
const widest = 20

// expects is where the places of a file are to be expected: where the community's boxes stand,
// or else where there are streets, or places.
func (l *look) expects(on ground) ground {
	if !on.region.IsEmpty() {
		return on
	}
	region := on.region
	if on.maps != nil {
		if town, ok := on.maps.Town(); ok {
			region = town
		}
	}
	if region.IsEmpty() {
		for _, all := range l.details {
			if top, _, ok := Merge(all); !ok || top.Value.Gone {
				continue
			} else if at := top.Value.Shape.Center().Orb(); region.IsEmpty() {
				region = at.Bound()
			} else {
				region = region.Extend(at)
			}
		}
	}
	if size := region.Max; size[0]-region.Min[0] <= widest && size[1]-region.Min[1] <= widest && !region.IsEmpty() {
		on.region = region.Pad(around)
	}
	return on
}

// planned reads a file and says what would become of it.
func planned(l *look, on ground, file io.ReaderAt, size int64, with settings) (_ *plan, err error) {
	p, on := &plan{settings: with}, l.expects(on)
	locate := func(s string) (orb.Point, error) {
		found, err := grid.Parse(s, on.near)
		return found.Point, err
	}
	for i := range l.layers {
		p.many = p.many || l.layers[i].id == listID(with.List) // as it was before
	}
	if p.many {
		return p, nil
	}
	src, err := exchange.Open(file, size, with.Format, with.Columns, locate)
	if err != nil {
		return p.ended(err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	r := exchange.NewReader(src, exchange.Options{Source: with.List, Kind: place.Named[place.Kind](place.Kinds(), with.Kind), Region: on.region, Swap: with.Swap, Flat: with.Format.Flat(), Now: l.latest()})
	g, sum := newImportGround(l, with.List), sha256.New()
	for {
		e, err := r.Next()
		p.counts = r.Counts()
		if errors.Is(err, io.EOF) {
			break
		}
		if p.counts.Read > maxPlaced {
			p.many = true
			return p, nil
		}
		if told, is := errors.AsType[*feature.Refused](err); is {
			p.leave(leftOut(told))
			continue
		}
		if err != nil {
			return p.ended(err)
		}
		here, err := g.find(&e)
		if err != nil {
			return nil, err
		}
		if here == nil {
			if by := g.removed(e.Sheet.Details); by != "" {
				e.Notes = append(e.Notes, hub.Said{Phrase: "One like it was taken off the map here, by %s.", Args: []any{by}})
			}
		}
		step := exchange.Judge(with.List, e, here)
		if g.taken[e.ID] {
			step.Verdict, step.Why = exchange.Refused, hub.Said{Phrase: "The same is in the file before. It is taken once."}
		}
		if step.Verdict == exchange.Refused {
			p.leave(LeftOut{At: e.At, Name: e.Sheet.Details.Name, Why: step.Why})
		} else {
			g.taken[e.ID] = true
		}
		p.steps = append(p.steps, step)
		if err := l.note(sum, step); err != nil {
			return nil, err
		}
	}
	if p.counts.Read == 0 {
		return p.ended(hub.Errorf(hub.Invalid, "file", "There is no place in this file. Perhaps it is of another kind, or its list is empty."))
	}
	p.hash = hex.EncodeToString(sum.Sum(nil)[:8])
	return p, nil
}

// ended is a plan of a file that cannot be read further, and why.
func (p *plan) ended(err error) (*plan, error) {
	if _, told := errors.AsType[*hub.Error](err); !told {
		return nil, err
	}
	p.wrong = err
	return p, nil
}

func (p *plan) leave(one LeftOut) {
	if len(p.left) < maxShownLeft {
		p.left = append(p.left, one)
	}
}

// note adds a step, and all that it would replace, to the hash by which a plan is known.
func (l *look) note(w io.Writer, s exchange.Step) error {
	sheet, err := s.Sheet.Encode()
	if err != nil {
		return err
	}
	id := s.Entry.ID
	raw, err := json.Marshal([]any{id, s.Verdict, sheet, said(ids(l.detailsOf(id))), said(ids(l.statesOf(id))), said(ids(l.recountsNow(id)))})
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	return err
}

// dated are dates, perhaps with a time, and the marks of copies in names of files.
var dated = regexp.MustCompile(`(?:19|20)\d\d[-_. ]?(?:0\d|1[0-2])[-_. ]?[0-3]\d(?:[T_ -]\d\d[-_:h.]?\d\d(?:[-_:m.]?\d\d)?)?|\d{1,2}[-_.]\d{1,2}[-_.](?:19|20)\d\d|\(\d+\)$`)

// listName proposes what a list is called: its file's name without its end, and without what
// changes when it comes again. A number is part of the name: "zone 2" is no newer "zone 1".
func listName(file string) string {
	name := dated.ReplaceAllString(strings.TrimSuffix(file, path.Ext(file)), " ")
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) }), " ")
	clean, err := hub.CleanLine("", firstOf(name, maxListName/3), maxListName, maxListB)
	if err != nil || hub.Blank(clean) {
		return "list"
	}
	return strings.ToLower(clean)
}
