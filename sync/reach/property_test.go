package reach_test

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever is posted, lost on the way, restarted and restored from backups, no
// hub believes that another holds what it does not hold. Once all is quiet and
// every hub has written its claim, all know that all hold all.
func TestNobodyIsCountedWhoDoesNotHoldIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 5
		w := newTown(n)
		posts := 0
		var backup [n]*box
		hub := func(t *rapid.T, name string) int { return rapid.IntRange(0, n-1).Draw(t, name) }
		pair := func(t *rapid.T) (int, int) {
			i := hub(t, "to")
			return i, (i + 1 + rapid.IntRange(0, n-2).Draw(t, "from")) % n
		}
		post := func(t *rapid.T) {
			posts++
			w.hubs[hub(t, "at")].add(posts)
		}
		part := func(t *rapid.T) {
			i, j := pair(t)
			w.take(i, j, uint64(rapid.IntRange(0, int(w.hubs[j].last)).Draw(t, "up to")))
		}
		all := func(t *rapid.T) {
			i, j := pair(t)
			w.take(i, j, w.hubs[j].last)
		}
		state := func(t *rapid.T) { w.state(hub(t, "of")) }
		t.Repeat(map[string]func(*rapid.T){
			"post": post, "post again": post,
			"take a part": part, "take all": all, "take all again": all, "and again": all,
			"state": state, "state again": state,
			"tell": func(t *rapid.T) {
				i, j := pair(t)
				w.tell(i, j)
			},
			"restart": func(t *rapid.T) { w.open(hub(t, "which")) },
			"back up": func(t *rapid.T) {
				i := hub(t, "which")
				backup[i] = w.hubs[i].clone()
			},
			"restore": func(t *rapid.T) {
				i := hub(t, "which")
				if backup[i] == nil {
					t.Skip("there is none")
				}
				life := w.hubs[i].life
				w.hubs[i] = backup[i].clone()
				w.hubs[i].life = life + 1
				w.open(i)
			},
			"": func(t *rapid.T) {
				for i := range w.hubs {
					if err := w.wrong(i); err != nil {
						t.Fatal(err)
					}
				}
			},
		})
		var links [][2]int
		for i := 1; i < n; i++ {
			links = append(links, [2]int{i, rapid.IntRange(0, i-1).Draw(t, "link")})
		}
		w.exchange(links)
		for i := range w.hubs {
			w.state(i)
		}
		w.exchange(links)
		for i, b := range w.hubs {
			held := w.held(i)
			for post, at := range b.posts {
				for j := range w.hubs {
					if j != i && held[via(j)] < at {
						t.Fatalf("hub %d does not know that hub %d holds post %d: %d of %d", i, j, post, held[via(j)], at)
					}
				}
			}
		}
	})
}
