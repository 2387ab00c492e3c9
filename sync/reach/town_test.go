package reach_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// town is a model of hubs with logs, as sync/store and sync/replica keep them.
type town struct {
	hubs   []*box
	claims []said // every claim ever written
	epochs uint64
}

// box is one hub's storage, and what it knows by its links.
type box struct {
	self    int
	life    int // counts its restores
	last    uint64
	log     reach.Log
	posts   map[int]uint64         // arrival number by post
	states  map[int]standing       // newest claim by hub, as records of the set
	cursors map[int]reach.Position // of the others' logs
	links   map[int]said           // what others told on a link
}

type standing struct {
	claim   int // index in the town's claims
	arrival uint64
}

// said is a claim, with the life in which its hub made it.
type said struct {
	reach.Claim
	life int
}

func via(i int) record.Via { return record.Via{byte(i + 1)} }

func newTown(n int) *town {
	w := &town{}
	for i := range n {
		b := &box{self: i, posts: map[int]uint64{}, states: map[int]standing{}, cursors: map[int]reach.Position{}, links: map[int]said{}}
		w.hubs = append(w.hubs, b)
		w.open(i)
	}
	return w
}

// open begins a new epoch, as every start of a hub does.
func (w *town) open(i int) {
	w.epochs++
	b := w.hubs[i]
	if n := len(b.log); n > 0 {
		b.log[n-1].Last = b.last
	}
	b.log = append(b.log, reach.Span{Epoch: w.epochs, First: b.last, Last: reach.Running})
	b.links = map[int]said{}
}

func (b *box) clone() *box {
	c := *b
	c.log, c.posts, c.states = slices.Clone(b.log), maps.Clone(b.posts), maps.Clone(b.states)
	c.cursors, c.links = maps.Clone(b.cursors), maps.Clone(b.links)
	return &c
}

func (b *box) running() reach.Span { return b.log[len(b.log)-1] }

func (b *box) add(post int) {
	if _, ok := b.posts[post]; !ok {
		b.last++
		b.posts[post] = b.last
	}
}

func (b *box) addState(hub, claim int) {
	if old, ok := b.states[hub]; !ok || old.claim < claim {
		b.last++
		b.states[hub] = standing{claim, b.last}
	}
}

// take has i take over j's log up to a number.
func (w *town) take(i, j int, upto uint64) {
	to, from := w.hubs[i], w.hubs[j]
	after := uint64(0)
	if p, ok := to.cursors[j]; ok {
		if n, shared := from.log.Shared(p); shared && n == p.Arrival {
			after = n
		}
	}
	upto = max(upto, after, from.running().First)
	for post, n := range from.posts {
		if after < n && n <= upto {
			to.add(post)
		}
	}
	for hub, s := range from.states {
		if after < s.arrival && s.arrival <= upto {
			to.addState(hub, s.claim)
		}
	}
	to.cursors[j] = reach.Position{Epoch: from.running().Epoch, Arrival: upto}
}

// state has a hub write its claim.
func (w *town) state(i int) {
	b := w.hubs[i]
	c := reach.Claim{Hub: via(i), Log: b.log}
	for _, n := range b.posts {
		c.News = max(c.News, n)
	}
	for j, p := range b.cursors {
		c.Taken = append(c.Taken, reach.Taken{Hub: via(j), Position: p})
	}
	body, err := c.Body()
	if err != nil {
		panic(err)
	}
	if c, err = reach.Parse(via(i), body); err != nil {
		panic(err)
	}
	w.claims = append(w.claims, said{c, b.life})
	b.addState(i, len(w.claims)-1)
}

// tell has j tell i on a link where it stands.
func (w *town) tell(i, j int) {
	from := w.hubs[j]
	w.hubs[i].links[j] = said{reach.Claim{
		Hub: via(j), News: from.last, Log: reach.Log{{Epoch: from.running().Epoch, Last: reach.Running}},
		Taken: []reach.Taken{{Hub: via(i), Position: from.cursors[i]}},
	}, from.life}
}

// known is all that others have said, as a hub knows it.
func (w *town) known(i int) (out []said) {
	for hub, s := range w.hubs[i].states {
		if hub != i {
			out = append(out, w.claims[s.claim])
		}
	}
	return slices.AppendSeq(out, maps.Values(w.hubs[i].links))
}

func (w *town) held(i int) map[record.Via]uint64 {
	var claims []reach.Claim
	for _, s := range w.known(i) {
		claims = append(claims, s.Claim)
	}
	return reach.Held(via(i), w.hubs[i].log, claims)
}

// wrong says which post a hub believes to be at another where it is not. What a
// hub loses that is set back it has not taken back before its next claim.
func (w *town) wrong(i int) error {
	stale := map[record.Via]bool{}
	for _, s := range w.known(i) {
		if s.life < w.hubs[s.Hub[0]-1].life {
			stale[s.Hub] = true
		}
	}
	for hub, upto := range w.held(i) {
		other := w.hubs[hub[0]-1]
		for post, n := range w.hubs[i].posts {
			if _, there := other.posts[post]; n <= upto && !there && !stale[hub] {
				return fmt.Errorf("hub %d believes that hub %d holds post %d (number %d, up to %d)", i, other.self, post, n, upto)
			}
		}
	}
	return nil
}

// exchange has the ends of all links take over each other's logs until nothing
// moves.
func (w *town) exchange(links [][2]int) {
	for moved := true; moved; {
		moved = false
		for _, l := range links {
			for _, d := range [][2]int{l, {l[1], l[0]}} {
				before, end := w.hubs[d[0]].cursors[d[1]], w.hubs[d[1]].last
				w.take(d[0], d[1], end)
				moved = moved || w.hubs[d[0]].cursors[d[1]] != before
			}
		}
	}
}
