package strict_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/strict"
)

type note struct {
	Name string   `cbor:"1,keyasint"`
	List []uint64 `cbor:"2,keyasint"`
}

type deep struct {
	Lists [][][][][]uint64 `cbor:"1,keyasint"`
}

var (
	open   = strict.Must(strict.Rules{Elements: 16, Pairs: 16, Levels: 4})
	closed = strict.Must(strict.Rules{Elements: 16, Pairs: 16, Levels: 4, Closed: true})
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatCouldBeSaidInTwoWaysOrWithoutEndIsRefused(t *testing.T) {
	seventeen := strings.Repeat("01", 17)
	pairs := ""
	for i := range 17 {
		pairs += hex.EncodeToString([]byte{byte(i) + 1, 0x80})
	}
	for _, c := range []struct {
		name, enc    string
		open, closed bool // it is read
		into         any
	}{
		{"what is known", "a2 01 61 61 02 81 05", true, true, &note{}},
		{"a field of a later version", "a3 01 61 61 02 81 05 03 05", true, false, &note{}},
		{"a key twice", "a2 01 61 61 01 61 62", false, false, &note{}},
		{"a tag", "a1 01 c0 61 61", false, false, &note{}},
		{"a list without its length", "a1 02 9f 05 ff", false, false, &note{}},
		{"a text without its length", "a1 01 7f 61 61 ff", false, false, &note{}},
		{"as many elements as may be", "a1 02 90" + seventeen[2:], true, true, &note{}},
		{"an element too many", "a1 02 91" + seventeen, false, false, &note{}},
		{"a pair too many", "b1" + pairs, false, false, &map[uint64][]uint64{}},
		{"as deep as may be", "a1 01 81 81 80", true, true, &deep{}},
		{"too deep", "a1 01 81 81 81 80", false, false, &deep{}},
		{"more behind it", "a1 01 61 61 00", false, false, &note{}},
		{"cut off", "a1 01 61", false, false, &note{}},
		{"nothing", "", false, false, &note{}},
	} {
		enc := unhex(t, c.enc)
		if err := open.Unmarshal(enc, c.into); (err == nil) != c.open {
			t.Errorf("%s: an open form reads it: %v (%v)", c.name, err == nil, err)
		}
		if err := closed.Unmarshal(enc, c.into); (err == nil) != c.closed {
			t.Errorf("%s: a closed form reads it: %v (%v)", c.name, err == nil, err)
		}
	}
}

// The expected bytes are written down by RFC 8949, not taken from a run: what hubs of
// other versions sign and compare hangs on each.
func TestOneValueHasOneForm(t *testing.T) {
	for _, c := range []struct {
		form strict.Form
		v    any
		want string
	}{
		{open, note{Name: "a", List: []uint64{23, 24, 256}}, "a2 01 61 61 02 83 17 18 18 19 01 00"}, // shortest heads
		{open, map[int]int{10: 1, -1: 2, 9: 3}, "a3 09 03 0a 01 20 02"},                             // keys by their bytes
		{open, note{}, "a2 01 60 02 f6"},
		{closed, note{}, "a2 01 60 02 80"},
	} {
		got, err := c.form.Marshal(c.v)
		if want := unhex(t, c.want); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v is %x, want %x (%v)", c.v, got, want, err)
		}
		got, err = c.form.Message(7, c.v)
		if want := unhex(t, "07"+c.want); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the message of %v is %x, want %x (%v)", c.v, got, want, err)
		}
	}
}

func TestRulesOutOfTheirRange(t *testing.T) {
	for _, r := range []strict.Rules{
		{Elements: 15, Pairs: 16, Levels: 4},
		{Elements: 16, Pairs: 15, Levels: 4},
		{Elements: 16, Pairs: 16, Levels: 3},
		{Elements: 16, Pairs: 16, Levels: 65536},
	} {
		if _, err := strict.New(r); err == nil {
			t.Errorf("%+v makes a form", r)
		}
	}
}
