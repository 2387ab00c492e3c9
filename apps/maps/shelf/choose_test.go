package shelf_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

// Of several maps that is asked which has most of a tile, then that which goes deepest.
func TestTheMapThatKnowsMostIsAsked(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("world.pmtiles", world("world", 2))
	// The tile 4/8/5 is 0°–22.5° east, 40.98°–55.78° north.
	f.drop("deep.pmtiles", town("deep", [4]float64{5, 45, 6, 46}, tile(1, 1, 0), tile(4, 8, 5), tile(5, 16, 11), tile(6, 32, 22)))
	f.drop("east.pmtiles", town("east", [4]float64{20, 41, 30, 55}, tile(4, 8, 5), tile(4, 9, 5)))
	f.drop("west.pmtiles", town("west", [4]float64{0, 41, 20, 55}, tile(4, 8, 5)))
	f.drop("best.pmtiles", town("best", [4]float64{0, 40, 23, 56}, tile(4, 8, 5), tile(5, 17, 11)))
	f.drop("world2.pmtiles", world("world2", 2))
	f.drop("also.pmtiles", town("also", [4]float64{0, 40, 23, 56}, tile(4, 8, 5)))
	f.refresh()
	for _, c := range []struct {
		z    uint8
		x, y uint32
		want string
		why  string
	}{
		{1, 1, 0, "world 1/1/0", "all of it is in the world, little in the town that goes deeper"},
		{4, 8, 5, "best 4/8/5", "it goes deeper than another that has all of it"},
		{2, 0, 0, "world 2/0/0", "the first by name of two that go as deep"},
		{4, 9, 5, "east 4/9/5", "only one has any of it"},
		{5, 16, 11, "deep 5/16/11", "only one goes so deep"},
		{7, 65, 45, "deep 6/32/22", "from the larger one, where nothing goes deeper"},
		{5, 31, 31, "world 2/3/3", "far from all towns"},
		{4, 8, 20, "There is no such piece of a map. Go back to the map, and choose a place on it.", "no such row"},
	} {
		if got := f.says(c.z, c.x, c.y); got != c.want {
			t.Errorf("%d/%d/%d is drawn from %s; want %s: %s", c.z, c.x, c.y, got, c.want, c.why)
		}
	}
}

// Where the first choice has no such tile the next is asked.
func TestAMapThatLacksATileHandsOn(t *testing.T) {
	f := open(t, shelf.Config{})
	f.drop("a.pmtiles", town("a", [4]float64{-180, -85, 180, 85}, tile(2, 0, 0), tile(3, 0, 0)))
	f.drop("b.pmtiles", town("b", [4]float64{-180, -85, 180, 85}, tile(2, 1, 1)))
	f.refresh()
	if got := f.says(2, 1, 1); got != "b 2/1/1" {
		t.Error(got)
	}
	if _, err := f.Piece(t.Context(), 2, 3, 3); !errors.Is(err, shelf.ErrUncovered) {
		t.Error(err)
	}
	if _, err := f.Piece(t.Context(), 2, 4, 0); !isCode(err, hub.NotFound) {
		t.Error(err)
	}
}

// A map of which a tile has nothing on it hides nothing that another one has there, on that
// tile or on a larger one; and where none has more there is nothing, as the first one says.
func TestATileWithNothingOnItHidesNoOther(t *testing.T) {
	f := open(t, shelf.Config{Under: earth(t, "e1")})
	var none []pmtilestest.Tile
	for z, x, y := uint8(6), uint32(32), uint32(22); ; z, x, y = z-1, x/2, y/2 {
		none = append(none, pmtilestest.Tile{Z: z, X: x, Y: y, Data: pmtilestest.Layer(strings.Repeat("nothing", 100))})
		if z == 0 {
			break
		}
	}
	f.drop("a-none.pmtiles", pmtilestest.File{Tiles: none, Bounds: [4]float64{-180, -85, 180, 85}}.Bytes())
	f.drop("town.pmtiles", town("town", [4]float64{1, 45, 2, 46}, tile(4, 8, 5), tile(5, 16, 11)))
	f.refresh()
	for _, c := range []struct {
		z    uint8
		x, y uint32
		want string
	}{
		{5, 16, 11, "town 5/16/11"}, {4, 8, 5, "town 4/8/5"}, {6, 32, 22, "town 5/16/11"}, {8, 129, 91, "town 5/16/11"},
		{1, 1, 0, "places"}, {6, 33, 23, "town 5/16/11"},
	} {
		if got := f.says(c.z, c.x, c.y); got != c.want {
			t.Errorf("%d/%d/%d is drawn from %q, want %s", c.z, c.x, c.y, got, c.want)
		}
	}
	must(t, f.Remove("town.pmtiles"))
	if got := f.says(6, 32, 22); !strings.HasPrefix(got, "nothing") {
		t.Error("where none has more:", got)
	}
}

func isCode(err error, c hub.Code) bool {
	told, ok := errors.AsType[*hub.Error](err)
	return ok && told.Code == c && told.Phrase != "" && !strings.Contains(told.Error(), "%!")
}
