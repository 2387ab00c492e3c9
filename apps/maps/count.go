package maps

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Tally is one person's count at a door by one box, and when it changed.
type Tally struct {
	Who   record.Author
	Hub   string
	Count Count
	At    time.Time // zero: not known
}

func (t Tally) order(o Tally) int {
	return cmp.Or(strings.Compare(t.Who.String(), o.Who.String()), strings.Compare(t.Hub, o.Hub))
}

// Values are what each of the tallies counts. A form that was sent twice, as its answer
// was lost and its sender came to another box, is in two tallies of theirs and counts in
// the first of them alone.
func Values(all []Tally) []int32 {
	values := make([]int32, len(all))
	for i, t := range all {
		values[i] = t.Count.Total
		for _, p := range t.Count.Recent {
			if slices.ContainsFunc(all, func(o Tally) bool { return o.Who == t.Who && o.Hub < t.Hub && o.Count.has(p.ID) }) {
				values[i] -= p.Add
			}
		}
	}
	return values
}

// Present is how many people are there: what was counted last, if it was, and what has
// been counted at the door since; at least none. The tallies are those that count, one
// of each person and box.
func Present(all []Tally, r *place.Recount) int {
	sum := 0
	if r != nil {
		sum = int(r.Total)
	}
	values := Values(all)
	for i, t := range all {
		sum += int(values[i])
		if r == nil {
			continue
		}
		for _, in := range r.Included {
			if in.Who == prefixOfKey(t.Who) && in.Hub == t.Hub {
				sum -= int(in.Value)
				break
			}
		}
	}
	return max(0, sum)
}

// includes is what a recount says of the tallies that its writer saw. Of more than fit
// the first count, which are those of people who may count.
func includes(all []Tally) (out []place.Included) {
	values := Values(all)
	for i, t := range all {
		if len(out) < place.MaxIncluded && values[i] != 0 {
			out = append(out, place.Included{Who: prefixOfKey(t.Who), Hub: t.Hub, Value: values[i]})
		}
	}
	return out
}

func prefixOfKey(a record.Author) place.Prefix { return place.Prefix(a[:8]) }

func (c Count) has(id place.Prefix) bool {
	return slices.ContainsFunc(c.Recent, func(p Press) bool { return p.ID == id })
}

// pressOf names a form.
func pressOf(clientID string) place.Prefix {
	sum := sha256.Sum256([]byte(clientID))
	return place.Prefix(sum[:8])
}

// pressed is a person's count by one box once a form has added something. others are
// their counts by other boxes: what both have is remembered longest.
func pressed(c Count, id place.Prefix, add int32, others []Tally) (Count, error) {
	c.Total += add
	if !place.Countable(c.Total) || !place.Countable(add) {
		return c, hub.Errorf(hub.Invalid, "number", "A count is a number from %[1]d to %[2]d.", -place.MaxPeople, place.MaxPeople)
	}
	c.Recent = append(slices.Clone(c.Recent), Press{ID: id, Add: add})
	for len(c.Recent) > maxPresses {
		drop := slices.IndexFunc(c.Recent, func(p Press) bool {
			return !slices.ContainsFunc(others, func(o Tally) bool { return o.Count.has(p.ID) })
		})
		c.Recent = slices.Delete(c.Recent, max(drop, 0), max(drop, 0)+1)
	}
	return c, nil
}
