package pmtiles_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

// The first are the specification's own examples.
func TestTilesHaveTheirNumbers(t *testing.T) {
	for _, c := range []struct {
		z    uint8
		x, y uint32
		id   uint64
	}{
		{0, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 2}, {1, 1, 1, 3}, {1, 1, 0, 4}, {2, 0, 0, 5}, {12, 3423, 1763, 19078479},
		{31, 0, 0, 1537228672809129301}, {31, 1<<31 - 1, 0, 6148914691236517204},
	} {
		if id, ok := pmtiles.ID(c.z, c.x, c.y); id != c.id || !ok {
			t.Errorf("%d/%d/%d is %d, %v; want %d", c.z, c.x, c.y, id, ok, c.id)
		}
		if z, x, y, ok := pmtiles.Of(c.id); z != c.z || x != c.x || y != c.y || !ok {
			t.Errorf("%d is %d/%d/%d, %v; want %d/%d/%d", c.id, z, x, y, ok, c.z, c.x, c.y)
		}
	}
}

func TestEveryTileHasANumberOfItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.Uint8Range(0, pmtiles.MaxZoom).Draw(t, "z")
		x := rapid.Uint32Range(0, 1<<z-1).Draw(t, "x")
		y := rapid.Uint32Range(0, 1<<z-1).Draw(t, "y")
		id, ok := pmtiles.ID(z, x, y)
		if !ok || id != pmtilestest.Number(z, x, y) || id < pmtiles.IDs(z) || id >= pmtiles.IDs(z+1) {
			t.Fatalf("%d, %v; want %d", id, ok, pmtilestest.Number(z, x, y))
		}
		if z2, x2, y2, ok := pmtiles.Of(id); z2 != z || x2 != x || y2 != y || !ok {
			t.Fatalf("%d goes back to %d/%d/%d", id, z2, x2, y2)
		}
		// The curve goes on to a neighbour.
		if _, x2, y2, _ := pmtiles.Of(id + 1); id+1 < pmtiles.IDs(z+1) && max(x, x2)-min(x, x2)+max(y, y2)-min(y, y2) != 1 {
			t.Fatalf("after %d/%d comes %d/%d", x, y, x2, y2)
		}
	})
}

func TestTilesThatDoNotExistHaveNone(t *testing.T) {
	for _, c := range []struct {
		z    uint8
		x, y uint32
	}{{0, 1, 0}, {0, 0, 1}, {3, 8, 0}, {3, 0, 8}, {31, 1 << 31, 0}, {32, 0, 0}, {255, 0, 0}} {
		if id, ok := pmtiles.ID(c.z, c.x, c.y); ok {
			t.Errorf("%d/%d/%d is %d", c.z, c.x, c.y, id)
		}
	}
	for _, id := range []uint64{pmtiles.IDs(32), 1<<64 - 1} {
		if z, x, y, ok := pmtiles.Of(id); ok {
			t.Errorf("%d is %d/%d/%d", id, z, x, y)
		}
	}
}
