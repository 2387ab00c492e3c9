package recent_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/recent"
	"pgregory.net/rapid"
)

func TestWhatIsUsedStaysAndTheRestFallsAway(t *testing.T) {
	m := recent.New[int, string](20)
	for i := range 100 {
		m.Put(i, strconv.Itoa(i), 1)
		if v, ok := m.Get(0); !ok || v != "0" {
			t.Fatalf("after %d others, what is always asked for is %q", i, v)
		}
	}
	if _, ok := m.Get(50); ok {
		t.Error("what nobody asked for is still there")
	}
	if v, ok := m.Get(99); !ok || v != "99" {
		t.Error("the last is not there")
	}
}

func TestAMapStaysWithinItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const bound = 64
		m := recent.New[int, int](bound)
		sizes := map[int]int{}
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			k := rapid.IntRange(0, 40).Draw(t, "key")
			if _, ok := sizes[k]; !ok {
				sizes[k] = rapid.IntRange(1, 40).Draw(t, "size")
			}
			if rapid.Bool().Draw(t, "put") {
				m.Put(k, k, sizes[k])
			} else if v, ok := m.Get(k); ok && v != k {
				t.Fatalf("%d stands under %d", v, k)
			}
			if m.Len() > bound {
				t.Fatalf("%d things of at least one byte", m.Len())
			}
		}
		held := 0
		for k, size := range sizes {
			if _, ok := m.Get(k); ok && size > bound/2 {
				t.Fatalf("something of %d bytes is kept", size)
			} else if ok {
				held++
			}
		}
		if held > bound {
			t.Fatal(held)
		}
	})
}

func TestManyUseAMapAtOnce(t *testing.T) {
	m := recent.New[int, int](50)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 1000 {
				if v, ok := m.Get(i % 70); ok && v != i%70 {
					t.Error(v)
				}
				m.Put(i%70, i%70, 1)
			}
		})
	}
	all.Wait()
}

func TestNoMapHoldsNothing(t *testing.T) {
	var m *recent.Map[int, int]
	m.Put(1, 1, 1)
	if _, ok := m.Get(1); ok || m.Len() != 0 {
		t.Error("it does")
	}
}
