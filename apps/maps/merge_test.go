package maps_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

type word = maps.Version[string]

// words is hubs that hold each author's newest word, and what every word was written in
// knowledge of, as somebody who sees everything would have it.
type words struct {
	hubs    []map[record.Author]word
	knew    map[record.ID]map[record.ID]bool
	written int
}

func newWords(n int) *words {
	w := &words{knew: map[record.ID]map[record.ID]bool{}}
	for range n {
		w.hubs = append(w.hubs, map[record.Author]word{})
	}
	return w
}

func (w *words) at(hub int) (all []word) {
	for _, v := range w.hubs[hub] {
		all = append(all, v)
	}
	return all
}

// edit is somebody's new word at a hub, written in knowledge of all that is there. Its
// time is above every one that the hub holds by that author; clocks are far apart.
func (w *words) edit(hub int, who byte, clock record.Time) word {
	w.written++
	v := word{Value: fmt.Sprint("word ", w.written), Author: record.Author{who}, Time: clock, Ahead: clock > 1<<40}
	binary.BigEndian.PutUint64(v.ID[:], uint64(w.written)*0x9e3779b97f4a7c15) //nolint:gosec // any numbers that differ
	if was, has := w.hubs[hub][v.Author]; has && was.Time >= v.Time {
		v.Time = was.Time + 1
		v.Ahead = v.Time > 1<<40
	}
	knew := map[record.ID]bool{}
	for _, o := range w.at(hub) {
		knew[o.ID] = true
		for id := range w.knew[o.ID] {
			knew[id] = true
		}
	}
	w.knew[v.ID] = knew
	v.Seen = maps.Replaces(w.at(hub), nil)
	w.hubs[hub][v.Author] = v
	return v
}

// meet brings two hubs to the same.
func (w *words) meet(a, b int) {
	for _, pair := range [][2]int{{a, b}, {b, a}} {
		for who, v := range w.hubs[pair[0]] {
			if o, has := w.hubs[pair[1]][who]; !has || v.Time > o.Time || v.Time == o.Time && string(v.ID[:]) > string(o.ID[:]) {
				w.hubs[pair[1]][who] = v
			}
		}
	}
}

// carry brings one author's word from a hub to another, before all else that is there.
func (w *words) carry(from, to int, who byte) {
	v, has := w.hubs[from][record.Author{who}]
	if o, had := w.hubs[to][v.Author]; has && (!had || v.Time > o.Time || v.Time == o.Time && string(v.ID[:]) > string(o.ID[:])) {
		w.hubs[to][v.Author] = v
	}
}

func text2(v word, all []word, ok bool) string {
	out := fmt.Sprint(ok, v.Value)
	for _, o := range all {
		out += "; " + o.Value
	}
	return out
}

func TestWhatStandsIsWhatNobodyHasReplaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWords(3)
		for range rapid.IntRange(1, 24).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				w.meet(rapid.IntRange(0, 2).Draw(t, "a"), rapid.IntRange(0, 2).Draw(t, "b"))
				continue
			case 1:
				w.carry(rapid.IntRange(0, 2).Draw(t, "a"), rapid.IntRange(0, 2).Draw(t, "b"), byte(rapid.IntRange(1, 4).Draw(t, "who"))) //nolint:gosec // small
				continue
			}
			clock := record.Time(rapid.IntRange(1, 30).Draw(t, "clock")) //nolint:gosec // small
			if rapid.IntRange(0, 5).Draw(t, "wrong") == 0 {
				clock += 1 << 41
			}
			w.edit(rapid.IntRange(0, 2).Draw(t, "hub"), byte(rapid.IntRange(1, 4).Draw(t, "who")), clock) //nolint:gosec // small
		}
		for hub := range w.hubs {
			all := w.at(hub)
			top, besides, ok := maps.Merge(all)
			again := append(rapid.Permutation(all).Draw(t, "order"), all...)
			if a, b := text2(maps.Merge(again)), text2(top, besides, ok); a != b {
				t.Fatalf("in another order, and twice: %s, once: %s", a, b)
			}
			if ok != (len(all) > 0) {
				t.Fatal("there are words and none stands, or the other way around")
			}
			if !ok {
				continue
			}
			stand := append([]word{top}, besides...)
			for _, v := range all {
				known := slices.ContainsFunc(all, func(o word) bool { return w.knew[o.ID][v.ID] })
				if shown := slices.ContainsFunc(stand, func(o word) bool { return o.ID == v.ID }); shown == known {
					t.Fatalf("%s: somebody knew it when they wrote: %v, it is shown: %v", v.Value, known, shown)
				}
			}
			for _, v := range besides {
				if !v.Ahead && (top.Ahead || v.Time > top.Time) {
					t.Fatalf("%s stands though %s is newer", top.Value, v.Value)
				}
			}
		}
		w.meet(0, 1)
		w.meet(1, 2)
		w.meet(0, 1)
		if a, b := text2(maps.Merge(w.at(0))), text2(maps.Merge(w.at(2))); a != b {
			t.Fatalf("the hubs hold the same and show %s and %s", a, b)
		}
	})
}

func TestOneAfterTheOtherLeavesNothingBesides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWords(3)
		for range rapid.IntRange(1, 120).Draw(t, "edits") { // more than a word can name
			hub := rapid.IntRange(0, 2).Draw(t, "hub")
			v := w.edit(hub, byte(rapid.IntRange(1, 9).Draw(t, "who")), record.Time(rapid.IntRange(1, 1<<42).Draw(t, "clock"))) //nolint:gosec // small
			for other := range w.hubs {
				w.meet(hub, other)
			}
			for at := range w.hubs {
				if top, besides, _ := maps.Merge(w.at(at)); top.ID != v.ID || len(besides) > 0 {
					t.Fatalf("%s stands, and besides %d, after %s", top.Value, len(besides), v.Value)
				}
			}
		}
	})
}

func TestApartBothAreToBeSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWords(2)
		for range rapid.IntRange(0, 9).Draw(t, "before") {
			w.edit(0, byte(rapid.IntRange(1, 5).Draw(t, "who")), record.Time(rapid.IntRange(1, 99).Draw(t, "clock"))) //nolint:gosec // small
		}
		w.meet(0, 1)
		var last [2]word
		for hub := range last {
			for range rapid.IntRange(1, 5).Draw(t, "edits") {
				last[hub] = w.edit(hub, byte(10*hub+rapid.IntRange(1, 5).Draw(t, "who")), record.Time(rapid.IntRange(1, 99).Draw(t, "clock"))) //nolint:gosec // small
			}
		}
		w.meet(0, 1)
		for hub := range last {
			top, besides, _ := maps.Merge(w.at(hub))
			if len(besides) != 1 || top.ID != last[0].ID && top.ID != last[1].ID || besides[0].ID != last[0].ID && besides[0].ID != last[1].ID {
				t.Fatalf("%s", text2(top, besides, true))
			}
		}
	})
}

// What a word had replaced may come after it, when its writer has replaced it in turn.
func TestWhatComesLateIsReplacedStill(t *testing.T) {
	w := newWords(2)
	w.edit(0, 1, 10)
	w.edit(0, 2, 11)
	w.carry(0, 1, 2)
	last := w.edit(1, 2, 12) // at a hub that has not seen the first
	w.meet(0, 1)
	if top, besides, _ := maps.Merge(w.at(1)); top.ID != last.ID || len(besides) > 0 {
		t.Error(text2(top, besides, true))
	}
}
