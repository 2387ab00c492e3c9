package messages

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/names"
)

// Bounds of the list of channels.
const (
	maxChannels = 5000 // that are looked at
	maxNewest   = 20   // posts of one among which the newest that can be shown is looked for
	rowsLen     = 50   // channels on a page
	maxSimilar  = 3    // names that are offered instead of a new one
)

type (
	// ListView is the list of channels, most recently used first.
	ListView struct {
		Rows    []Row  `json:"channels"`
		More    string `json:"more,omitempty"` // ?before= of the next page
		Paged   bool   `json:"paged"`
		Asked   string `json:"asked,omitempty"`   // a name that cannot be
		Problem string `json:"problem,omitempty"` // with it, in the reader's language
	}
	// Row is a channel with its newest post.
	Row struct {
		Channel Channel `json:"channel"`
		Newest  *Post   `json:"newest,omitempty"`
		New     int     `json:"-"` // to the reader; maxNew+1: more than that
	}
)

// Whole is all of the row, to be compared.
func (r Row) Whole() any {
	var newest any
	if r.Newest != nil {
		newest = r.Newest.Whole()
	}
	return [3]any{r.Channel, r.New, newest}
}

// list shows the channels that have posts, and the town's in any case.
func list(s hub.Snapshot, q hub.Request) (v ListView, _ error) {
	before, err := parsePlace(q.Query.Get("before"))
	if err != nil {
		return v, err
	}
	newest, err := inUse(s)
	if err != nil {
		return v, err
	}
	v.Paged = before.set()
	for i, it := range newest {
		if v.Paged && !rank(it).olderThan(before) {
			continue
		}
		if p, ok := show(s, q, it); ok {
			news, err := unseen(s, q, p.Channel.Name)
			if err != nil {
				return v, err
			}
			v.Rows = append(v.Rows, Row{Channel: p.Channel, Newest: &p, New: news})
		}
		if len(v.Rows) == rowsLen && i+1 < len(newest) {
			v.More = rank(it).String()
			break
		}
	}
	if talked := func(it hub.Item) bool { return it.Key[:hashLen] == hash(town) }; !v.Paged && !slices.ContainsFunc(newest, talked) {
		v.Rows = append([]Row{{Channel: describe(q, town)}}, v.Rows...)
	}
	return v, nil
}

// inUse is the newest post of each channel, the newest first.
func inUse(s hub.Snapshot) (newest []hub.Item, _ error) {
	looked := 0
	for t := range s.Terms(string(channels)) {
		if looked++; looked > maxChannels {
			break
		}
		it, found, err := newestOf(s, t)
		if err != nil {
			return nil, err
		}
		if found {
			newest = append(newest, it)
		}
	}
	slices.SortFunc(newest, func(a, b hub.Item) int {
		x, y := rank(a), rank(b)
		return cmp.Or(cmp.Compare(y.time, x.time), slices.Compare(y.id[:], x.id[:]))
	})
	return newest, nil
}

// rank is where a channel stands by its newest post. One of a clock that runs ahead
// would stand on top for ever, so it comes last.
func rank(newest hub.Item) place {
	p := placeOf(newest)
	if newest.Ahead {
		p.time = 0
	}
	return p
}

// newestOf is a channel's newest post that can be shown: where there is no other, one
// of a clock that runs ahead, or one that moderators have hidden.
func newestOf(s hub.Snapshot, t hub.Term) (hub.Item, bool, error) {
	n, other, found := 0, hub.Item{}, false
	for it, err := range s.Newest(t, 0) {
		if err != nil {
			return it, false, fmt.Errorf("newest post of a channel: %w", err)
		}
		if _, err := read(it); err == nil {
			if !it.Ahead && it.Hidden == "" {
				return it, true, nil
			}
			if !found || other.Ahead && !it.Ahead {
				other, found = it, true
			}
		}
		if n++; n == maxNewest {
			break
		}
	}
	return other, found, nil
}

// opening is what the form for a channel's name leads to: that channel, or the list
// with what is wrong with the name.
func opening(s hub.Snapshot, q hub.Request) (name string, v ListView, _ error) {
	asked := q.Query.Get("name")
	name, bad := channelAt(asked)
	if bad == nil {
		return name, v, nil
	}
	q.Query = nil
	v, err := list(s, q)
	if err != nil {
		return "", v, err
	}
	v.Problem = q.T("This cannot be the name of a talk. Write one short line without a slash, such as the name of your street.")
	if long := (*hub.Error)(nil); errors.As(bad, &long) && long.Code == hub.Invalid {
		v.Problem = q.T(long.Phrase, long.Args...)
	}
	if clean, err := hub.CleanLine("", asked, maxAsked, maxAsked); err == nil {
		v.Asked = clean
	}
	return "", v, nil
}

// similar are channels in use whose names one could take for a new one.
func similar(s hub.Snapshot, q hub.Request, name string) (all []Channel, _ error) {
	alike := names.Alike(name)
	if name != town && alike(q.T("Town talk")) {
		all = append(all, describe(q, town))
	}
	newest, err := inUse(s)
	if err != nil {
		return nil, err
	}
	for _, it := range newest {
		if b, err := read(it); err == nil && b.Channel != name && alike(b.Channel) {
			all = append(all, describe(q, b.Channel))
		}
		if len(all) == maxSimilar {
			break
		}
	}
	return all, nil
}

// sure is the field by which somebody begins a channel whose name looks like another's.
const sure = "sure"

// begins is a Conflict if a post would be the first of a channel that looks like one in
// use, unless its writer says that it is meant.
func begins(s hub.Snapshot, q hub.Request, channel string) error {
	if channel == town || q.Form.Get(sure) == "yes" {
		return nil
	}
	if _, used, err := newestOf(s, term(channel)); err != nil || used {
		return err
	}
	like, err := similar(s, q, channel)
	if err != nil || len(like) == 0 {
		return err
	}
	return &hub.Error{
		Code: hub.Conflict, Field: sure,
		Phrase:  "There is already a talk called “%s”, and the two look the same. Open that one, or press Post again to begin another.",
		Args:    []any{like[0].Title},
		Program: fmt.Sprintf("There is already a channel %q, whose name looks the same. Post there, or send sure: \"yes\" to begin another.", like[0].Name),
	}
}
