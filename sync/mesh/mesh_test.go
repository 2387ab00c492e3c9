package mesh_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/sync/mesh"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// world is hubs that choose their links, where some cannot reach some others.
// Membership tells each of all that are up on its side.
type world struct {
	now     time.Time
	hubs    []*hub
	reach   func(a, b int) bool
	side    func(a int) int   // hubs of different sides hear nothing of each other
	nets    func(a int) []int // that a hub is on
	changes int               // of links, ever
}

type hub struct {
	*mesh.Mesh
	key     record.Author
	links   map[int]bool // to whether it dialled
	failing map[int]bool
}

func newWorld(n int) *world {
	w := &world{
		now: time.Unix(0, 0), reach: func(_, _ int) bool { return true },
		side: func(int) int { return 0 }, nets: func(int) []int { return []int{0} },
	}
	for i := range n {
		key := record.Author{byte(i), byte(i >> 8), 31: 1}
		w.hubs = append(w.hubs, &hub{mesh.New(record.Community{1}, key), key, map[int]bool{}, map[int]bool{}})
	}
	return w
}

func (w *world) index(key record.Author) int { return int(key[0]) | int(key[1])<<8 }

func (w *world) keys(is map[int]bool) (out []record.Author) {
	for _, i := range slices.Sorted(maps.Keys(is)) {
		out = append(out, w.hubs[i].key)
	}
	return out
}

// step has each hub choose once more, a few seconds later. What all declared before it
// is what each knows.
func (w *world) step() { w.advance(5 * time.Second) }

func (w *world) advance(d time.Duration) {
	w.now = w.now.Add(d)
	said := make([][]record.Author, len(w.hubs))
	for i, h := range w.hubs {
		said[i] = w.keys(h.links)
	}
	for i, h := range w.hubs {
		v := mesh.View{Nets: w.nets(i)}
		for j, o := range w.hubs {
			if j != i && w.side(i) == w.side(j) {
				v.Hubs = append(v.Hubs, mesh.Hub{Key: o.key, Links: said[j], Nets: w.nets(j), Failing: h.failing[j]})
			}
		}
		for j, dialled := range h.links {
			v.Links = append(v.Links, mesh.Link{Peer: w.hubs[j].key, Dialled: dialled})
		}
		c := h.Choose(w.now, v)
		for _, key := range slices.Concat(c.Want, c.Retry) {
			w.dial(i, w.index(key))
		}
		for _, key := range c.End {
			w.cut(i, w.index(key))
		}
	}
}

func (w *world) dial(i, j int) {
	if _, linked := w.hubs[i].links[j]; linked {
		return
	}
	if w.hubs[i].failing[j] = !w.reach(i, j); w.hubs[i].failing[j] {
		return
	}
	w.hubs[i].links[j], w.hubs[j].links[i] = true, false
	w.changes++
}

func (w *world) cut(i, j int) {
	delete(w.hubs[i].links, j)
	delete(w.hubs[j].links, i)
	w.changes++
}

// split cuts what is not within reach any more.
func (w *world) split() {
	for i, h := range w.hubs {
		for _, j := range slices.Collect(maps.Keys(h.links)) {
			if !w.reach(i, j) {
				w.cut(i, j)
			}
		}
	}
}

// settle lets time pass.
func (w *world) settle(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		w.step()
	}
}

// part is the hubs that are connected with the first.
func (w *world) part() int {
	reached := map[int]bool{0: true}
	for next := []int{0}; len(next) > 0; {
		at := next[0]
		next = next[1:]
		for j := range w.hubs[at].links {
			if !reached[j] {
				reached[j] = true
				next = append(next, j)
			}
		}
	}
	return len(reached)
}

// degrees are the numbers of links, the least first.
func (w *world) degrees() (out []int) {
	for _, h := range w.hubs {
		out = append(out, len(h.links))
	}
	slices.Sort(out)
	return out
}

func TestAFewHubsAreAllLinked(t *testing.T) {
	for n := 1; n <= mesh.Small; n++ {
		w := newWorld(n)
		w.settle(time.Minute)
		if d := w.degrees(); d[0] != n-1 {
			t.Errorf("%d hubs have %v links", n, d)
		}
	}
}

func TestManyHubsHaveAFewLinksEach(t *testing.T) {
	for _, n := range []int{9, 12, 20, 50} {
		w := newWorld(n)
		w.settle(time.Minute)
		if d := w.degrees(); d[0] < 6 || d[n-1] > mesh.Many || w.part() != n {
			t.Errorf("%d hubs have %v links, %d are connected", n, d, w.part())
		}
	}
}

// Hubs that come one after the other do not each link with whom they see first.
func TestHubsThatComeOneByOneMakeNoMoreLinksThanTheyKeep(t *testing.T) {
	const n = 20
	w := newWorld(n)
	there := 1
	w.side = func(i int) int { // who is not there yet is alone
		if i < there {
			return 0
		}
		return i
	}
	for there < n {
		there++
		w.advance(time.Second)
	}
	w.settle(time.Minute)
	if d := w.degrees(); w.part() != n || d[n-1] > mesh.Many+2 {
		t.Errorf("%v links, %d are connected", d, w.part())
	}
}

// Twenty that were all linked come down to a few links, one by one, and rest.
func TestLinksThatAreTooManyAreEndedSlowly(t *testing.T) {
	const n = 20
	w := newWorld(n)
	for i := range n {
		for j := range i {
			w.dial(i, j)
		}
	}
	before := w.changes
	w.settle(2 * time.Minute)
	if ended := w.changes - before; ended > n*4 {
		t.Errorf("%d links ended within two minutes", ended)
	}
	w.settle(10 * time.Minute)
	if d := w.degrees(); d[0] < 6 || d[n-1] > mesh.Many || w.part() != n {
		t.Errorf("%v links, %d are connected", d, w.part())
	}
	before = w.changes
	w.settle(10 * time.Minute)
	if w.changes != before {
		t.Errorf("%d changes when all is well", w.changes-before)
	}
}

func TestAHubOnTwoNetworksLinksThem(t *testing.T) {
	const n = 21 // the last is on both
	w := newWorld(n)
	net := func(i int) int { return i % 2 }
	w.reach = func(a, b int) bool { return a == n-1 || b == n-1 || net(a) == net(b) }
	w.nets = func(i int) []int {
		if i == n-1 {
			return []int{0, 1}
		}
		return []int{net(i)}
	}
	w.settle(3 * time.Minute)
	both := [2]int{}
	for j := range w.hubs[n-1].links {
		both[net(j)]++
	}
	if w.part() != n || both[0] < 2 || both[1] < 2 {
		t.Errorf("%d of %d are connected; the one on both networks has %v links", w.part(), n, both)
	}
}

func TestAnAccessPointThatIsolatesIsGoneAround(t *testing.T) {
	const n = 20 // the first sees all
	w := newWorld(n)
	w.reach = func(a, b int) bool { return a == 0 || b == 0 }
	w.settle(3 * time.Minute)
	if w.part() != n {
		t.Errorf("%d of %d are connected", w.part(), n)
	}
	before := w.changes
	w.settle(10 * time.Minute)
	if w.part() != n || w.changes != before {
		t.Errorf("%d are connected later, after %d changes", w.part(), w.changes-before)
	}
}

func TestHalvesThatMeetAgainAreLinked(t *testing.T) {
	const n = 20
	w := newWorld(n)
	w.settle(time.Minute)
	half := func(i int) int { return i % 2 }
	w.side, w.reach = half, func(a, b int) bool { return half(a) == half(b) }
	w.split()
	w.settle(5 * time.Minute)
	if w.part() != n/2 {
		t.Fatalf("%d of a half are connected", w.part())
	}
	w.side, w.reach = func(int) int { return 0 }, func(_, _ int) bool { return true }
	w.step()
	w.step()
	if w.part() != n {
		t.Errorf("%d are connected ten seconds after the mend", w.part())
	}
	w.settle(10 * time.Minute)
	if d := w.degrees(); d[0] < 6 || d[n-1] > mesh.Many {
		t.Errorf("%v links", d)
	}
}

// Whatever can reach whatever: what is connected by reach becomes connected by
// links, which then rest and are not more than there have to be.
func TestWhatCanBeReachedGetsConnected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 25).Draw(t, "hubs")
		dense := rapid.IntRange(0, 100).Draw(t, "reachable in percent")
		can := map[[2]int]bool{}
		set := func(a, b int) { can[[2]int{min(a, b), max(a, b)}] = true }
		for b := 1; b < n; b++ {
			set(rapid.IntRange(0, b-1).Draw(t, "by way of"), b)
			for a := range b {
				if rapid.IntRange(1, 100).Draw(t, "reaches") <= dense {
					set(a, b)
				}
			}
		}
		w := newWorld(n)
		w.reach = func(a, b int) bool { return can[[2]int{min(a, b), max(a, b)}] }
		w.settle(6 * time.Minute)
		if w.part() != n {
			t.Fatalf("%d of %d are connected:\n%s", w.part(), n, w)
		}
		before := w.changes
		w.settle(2 * time.Minute)
		if w.changes != before {
			t.Fatalf("%d changes when all was settled:\n%s", w.changes-before, w)
		}
		if d := w.degrees(); dense == 100 && n > mesh.Small && d[n-1] > mesh.Many {
			t.Fatalf("%v links where all reach all", d)
		}
	})
}

func (w *world) String() string {
	var out strings.Builder
	for i, h := range w.hubs {
		fmt.Fprintf(&out, "%d: links %v, failing %v\n", i, slices.Sorted(maps.Keys(h.links)), slices.Sorted(maps.Keys(h.failing)))
	}
	return out.String()
}
