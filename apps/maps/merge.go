package maps

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Version is one person's word under a key that several write, each in their own slot:
// what stands there is a register of several values (Shapiro, Preguiça, Baquero,
// Zawirski: A comprehensive study of Convergent and Commutative Replicated Data Types,
// INRIA RR-7506, 2011, §3.2.2). A version says which others its writer has seen and
// replaces, so that no clock is asked whether one knew of the other.
type Version[T any] struct {
	Value T
	Seen  []place.Prefix

	Author record.Author
	Time   record.Time
	ID     record.ID
	Ahead  bool   // its time is implausibly ahead of this hub's clock
	Layer  string // the layer in which it is said, which is another word than one's own; empty for none
}

// Merge is what stands of several people's words, whatever their order and however often
// each comes: of one person the newest; of these, none that another one has replaced; of
// those, the newest by a clock that can be right. The others were written without knowing
// of it: they come besides, the newest first. It is false for no words at all.
//
// What is implausibly ahead counts for what it has replaced, which no clock decides, but
// stands only where nothing else does. What a layer says stands only where nobody says
// otherwise of the place by itself. What takes back what was said stands nowhere.
func Merge[T any](all []Version[T]) (stands Version[T], besides []Version[T], ok bool) {
	type word struct {
		author record.Author
		layer  string
	}
	newest := map[word]Version[T]{}
	for _, v := range all {
		by := word{v.Author, v.Layer}
		if was, has := newest[by]; !has || v.after(was) {
			newest[by] = v
		}
	}
	replaced := map[place.Prefix]bool{}
	for _, v := range newest {
		for _, p := range v.Seen {
			replaced[p] = true
		}
	}
	for _, v := range newest {
		if said, is := any(v.Value).(interface{ Nothing() bool }); is && said.Nothing() {
			continue // it only replaces
		}
		if !replaced[place.PrefixOf(v.ID)] {
			besides = append(besides, v)
		}
	}
	if len(besides) == 0 {
		return stands, nil, false
	}
	slices.SortFunc(besides, func(a, b Version[T]) int {
		switch {
		case a.Ahead != b.Ahead && b.Ahead:
			return -1
		case a.Ahead != b.Ahead:
			return 1
		case (a.Layer == "") != (b.Layer == ""):
			return strings.Compare(a.Layer, b.Layer) // what is said of a place by itself is on top
		}
		return cmp.Or(cmp.Compare(b.Time, a.Time), bytes.Compare(b.ID[:], a.ID[:]))
	})
	return besides[0], besides[1:], true
}

func (v Version[T]) after(o Version[T]) bool {
	return v.Time > o.Time || v.Time == o.Time && bytes.Compare(v.ID[:], o.ID[:]) > 0
}

// Replaces is what a new version says that it replaces: those of the versions here that
// its writer has seen, and what these had replaced themselves, as that may come later
// than they. With seen nil its writer has seen all that is here.
func Replaces[T any](here []Version[T], seen []place.Prefix) []place.Prefix {
	all := slices.Clone(seen)
	if seen == nil {
		for _, v := range here {
			all = append(all, place.PrefixOf(v.ID))
		}
	}
	direct := len(all)
	for _, v := range newestFirst(here) {
		if slices.Contains(all[:direct], place.PrefixOf(v.ID)) {
			all = append(all, v.Seen...)
		}
	}
	var out []place.Prefix
	for _, p := range all {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out[:min(len(out), place.MaxSeen)]
}

// newestFirst are versions, the newest first.
func newestFirst[T any](all []Version[T]) []Version[T] {
	return slices.SortedFunc(slices.Values(all), func(a, b Version[T]) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), bytes.Compare(b.ID[:], a.ID[:]))
	})
}

// versionOf is an item as a version.
func versionOf[T any](it hub.Item, v T, seen []place.Prefix) Version[T] {
	return Version[T]{Value: v, Seen: seen, Author: it.Author, Time: it.Time, ID: it.ID(), Ahead: it.Ahead}
}
