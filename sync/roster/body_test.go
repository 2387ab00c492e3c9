package roster_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func words(s string) []string { return strings.Fields(s) }

// bound is a trust record whose key is bound to its body.
func bound(form, middle string, body []byte) record.Record {
	sum := sha256.Sum256(body)
	key := form + "/" + middle + "/" + hex.EncodeToString(sum[:16])
	return record.Record{App: record.Roster, Class: record.Trust, Key: strings.ReplaceAll(key, "//", "/"), Body: body}
}

func TestFoundingIsReadBack(t *testing.T) {
	f := roster.Founding{Name: "Straße 5", Roots: authors("b", "a", "c"), Threshold: 2, Time: founded, Nonce: [16]byte{1}}
	enc, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := roster.DecodeFounding(enc)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != f.Name || len(got.Roots) != 3 || got.Threshold != 2 || got.Time != founded || got.Nonce != f.Nonce {
		t.Fatalf("read back %+v", got)
	}
	sum := sha256.Sum256(enc)
	if c := f.Community(); !bytes.Equal(c[:], sum[:16]) || got.Community() != c {
		t.Fatal("the community is the first 16 bytes of the encoding's hash, in whatever order the roots are given")
	}
	for i := range enc { // any one byte more, less or other is another statement or none
		if g, err := roster.DecodeFounding(enc[:i]); err == nil {
			t.Fatalf("cut at %d: %+v", i, g)
		}
		spoiled := bytes.Clone(enc)
		spoiled[i] ^= 0x20
		if g, err := roster.DecodeFounding(spoiled); err == nil && g.Community() == f.Community() {
			t.Fatalf("byte %d does not matter", i)
		}
	}
	longer := append(bytes.Clone(enc), 7, 0) // a seventh field
	longer[0]++
	wide := bytes.Replace(enc, []byte{4, 2, 5}, []byte{4, 0x18, 2, 5}, 1) // the threshold in two bytes
	for _, spoiled := range [][]byte{append(bytes.Clone(enc), 0), longer, wide, append(enc, make([]byte, 4096)...)} {
		if _, err := roster.DecodeFounding(spoiled); !errors.Is(err, roster.ErrBody) {
			t.Fatalf("%x: %v", spoiled, err)
		}
	}
}

func TestFoundingBounds(t *testing.T) {
	for name, spoil := range map[string]func(*roster.Founding){
		"no name":          func(f *roster.Founding) { f.Name = "" },
		"name too long":    func(f *roster.Founding) { f.Name = strings.Repeat("x", 65) },
		"name not in NFC":  func(f *roster.Founding) { f.Name = "e\u0301" },
		"name not UTF-8":   func(f *roster.Founding) { f.Name = "\xff" },
		"name with bidi":   func(f *roster.Founding) { f.Name = "a\u202eb" },
		"no roots":         func(f *roster.Founding) { f.Roots = nil },
		"a root twice":     func(f *roster.Founding) { f.Roots = authors("a", "b", "a") },
		"17 roots":         func(f *roster.Founding) { f.Roots = authors(words(strings.Repeat("a b ", 9))...)[:17] },
		"threshold 0":      func(f *roster.Founding) { f.Threshold = 0 },
		"threshold -1":     func(f *roster.Founding) { f.Threshold = -1 },
		"threshold 3 of 2": func(f *roster.Founding) { f.Threshold = 3 },
		"time":             func(f *roster.Founding) { f.Time = record.MaxTime },
	} {
		f := roster.Founding{Name: "Elm", Roots: authors("a", "b"), Threshold: 2, Time: founded}
		spoil(&f)
		if _, err := f.Encode(); !errors.Is(err, roster.ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
		if f.Community() != (record.Community{}) {
			t.Errorf("%s: has a community", name)
		}
	}
}

func TestBodiesAreReadBack(t *testing.T) {
	cert := roster.Certificate{
		Kind: roster.Coordinator, Subject: author("x"), Label: "Amt für Wetter", Roles: roster.Relay | roster.Maps,
		Senders: []string{"Weather Service", "Río"}, Area: "north bank", From: 20000, Until: 21000, Quota: 700,
	}
	rev := roster.Revocation{Subject: author("x"), Part: 1, Parts: 2, Stays: [][8]byte{{1}, {2}}, Why: "stolen", Label: "Río"}
	purge := roster.Purge{
		Slot: record.Slot{App: "app", Key: "town/1", Author: author("x"), TTL: 30}, Time: founded, ID: record.ID{5},
	}
	next := roster.Succession{Follows: roster.ListID{3}, Roots: authors("a"), Threshold: 1}
	for _, c := range []struct {
		s      statement
		decode func([]byte) (any, error)
	}{
		{cert, func(b []byte) (any, error) { return roster.DecodeCertificate(b) }},
		{rev, func(b []byte) (any, error) { return roster.DecodeRevocation(b) }},
		{purge, func(b []byte) (any, error) { return roster.DecodePurge(b) }},
		{next, func(b []byte) (any, error) { return roster.DecodeSuccession(b) }},
	} {
		r, err := c.s.Record(founded, record.Via{4})
		if err != nil {
			t.Fatal(err)
		}
		if r.App != record.Roster || r.Class != record.Trust || r.TTL != 0 || r.Time != founded || r.Via != (record.Via{4}) {
			t.Errorf("%T makes the record %+v", c.s, r)
		}
		if got, err := c.decode(r.Body); err != nil || !reflect.DeepEqual(got, any(c.s)) {
			t.Errorf("read back %+v, %v; want %+v", got, err, c.s)
		}
		if got, err := c.decode(r.Body[:len(r.Body)-1]); !errors.Is(err, roster.ErrBody) {
			t.Errorf("cut short: %+v, %v", got, err)
		}
		// A later version's field: read over it.
		later := append(bytes.Clone(r.Body), 0x18, 99, 0x81, 0xf5)
		later[0]++
		if got, err := c.decode(later); err != nil || !reflect.DeepEqual(got, any(c.s)) {
			t.Errorf("with a field of a later version: %+v, %v", got, err)
		}
	}
}

func TestARevocationsListIsInOrder(t *testing.T) {
	a, err := roster.Revocation{Subject: author("x"), Stays: [][8]byte{{2}, {1}, {2}}}.Record(founded, record.Via{})
	b, err2 := roster.Revocation{Subject: author("x"), Stays: [][8]byte{{1}, {2}}}.Record(founded, record.Via{})
	if err != nil || err2 != nil || a.Key != b.Key {
		t.Fatal("two roots that list the same vouches make one statement")
	}
	swapped := bytes.Replace(b.Body, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2}, []byte{2, 0, 0, 0, 0, 0, 0, 0, 1}, 1)
	if v, err := roster.DecodeRevocation(swapped); err != nil || !reflect.DeepEqual(v.Stays, [][8]byte{{1}, {2}}) || bytes.Equal(swapped, b.Body) {
		t.Fatalf("a list out of order: %v %v", v.Stays, err)
	}
	if r, err := (roster.Revocation{Subject: author("x"), Stays: make([][8]byte, roster.MaxStays+1)}).Record(founded, record.Via{}); err == nil {
		t.Fatalf("401 vouches in one part: %d bytes", len(r.Body))
	}
	full := roster.Revocation{Subject: author("x"), Part: 9, Parts: 9, Why: strings.Repeat("w", roster.MaxWhy)}
	for i := range roster.MaxStays {
		full.Stays = append(full.Stays, [8]byte{byte(i >> 8), byte(i)})
	}
	if r, err := full.Record(founded, record.Via{}); err != nil || len(r.Body) > record.MaxBody {
		t.Fatalf("the largest revocation: %d bytes, %v", len(r.Body), err)
	}
}

func TestWhatIsOutOfBoundsIsNotWritten(t *testing.T) {
	slot := record.Slot{App: "app", Key: "k", Author: author("x"), TTL: 3}
	for name, s := range map[string]statement{
		"kind":              roster.Certificate{Kind: 3, Label: "x"},
		"no label":          roster.Certificate{Kind: roster.Hub},
		"label too long":    roster.Certificate{Kind: roster.Hub, Label: strings.Repeat("x", 65)},
		"label in controls": roster.Certificate{Kind: roster.Hub, Label: "a\nb"},
		"zero width":        roster.Certificate{Kind: roster.Hub, Label: "a\u200bb"},
		"area":              roster.Certificate{Kind: roster.Hub, Label: "x", Area: "\x00"},
		"17 senders":        roster.Certificate{Kind: roster.Hub, Label: "x", Senders: make([]string, 17)},
		"empty sender":      roster.Certificate{Kind: roster.Hub, Label: "x", Senders: []string{""}},
		"quota below 0":     roster.Certificate{Kind: roster.Hub, Label: "x", Quota: -1},
		"quota":             roster.Certificate{Kind: roster.Hub, Label: "x", Quota: roster.QuotaMost + 1},
		"reason too long":   roster.Revocation{Why: strings.Repeat("x", 257)},
		"part 3 of 2":       roster.Revocation{Part: 3, Parts: 2},
		"purge of roster":   roster.Purge{Slot: record.Slot{App: record.Roster, Key: "k"}, Time: 1},
		"purge without ttl": roster.Purge{Slot: record.Slot{App: "app", Key: "k"}, Time: 1},
		"purge of no app":   roster.Purge{Slot: record.Slot{App: "a b", Key: "k", TTL: 3}, Time: 1},
		"purge of no time":  roster.Purge{Slot: slot},
		"no roots":          roster.Succession{Threshold: 1},
		"threshold":         roster.Succession{Roots: authors("a"), Threshold: 2},
	} {
		if r, err := s.Record(founded, record.Via{}); !errors.Is(err, roster.ErrBody) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	for _, place := range []int{-1, 1000} {
		if _, err := (roster.Vouch{}).Record(place, founded, record.Via{}); !errors.Is(err, roster.ErrBody) {
			t.Errorf("place %d: %v", place, err)
		}
	}
}

func TestTextIsWrittenAndReadInNFC(t *testing.T) {
	r, err := roster.Vouch{Subject: author("x"), Name: "Jose\u0301"}.Record(0, founded, record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	if _, v, ok := roster.VouchOf(r); !ok || v.Name != "Jos\u00e9" {
		t.Fatalf("%+q %v", v.Name, ok)
	}
	raw := append([]byte{0xa2, 1, 0x58, 32}, make([]byte, 32)...)
	raw = append(raw, 2, 0x67)
	raw = append(raw, "Jose\u0301!"...)
	if v, err := roster.DecodeVouch(raw); err != nil || v.Name != "Jos\u00e9!" {
		t.Fatalf("a name that was not written in NFC: %+q %v", v.Name, err)
	}
}

func TestVouchOf(t *testing.T) {
	good, err := roster.Vouch{Subject: author("ann"), Name: "Ann"}.Record(999, founded, record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	if place, v, ok := roster.VouchOf(good); !ok || place != 999 || v.Subject != author("ann") || v.Name != "Ann" {
		t.Fatalf("%d %+v %v", place, v, ok)
	}
	for name, spoil := range map[string]func(*record.Record){
		"app":            func(r *record.Record) { r.App = "app" },
		"class":          func(r *record.Record) { r.Class = record.Trust },
		"withdrawn":      func(r *record.Record) { r.Body = nil },
		"body":           func(r *record.Record) { r.Body = []byte{0xa0} },
		"place 1000":     func(r *record.Record) { r.Key = "v/1000" },
		"place 007":      func(r *record.Record) { r.Key = "v/007" },
		"place -1":       func(r *record.Record) { r.Key = "v/-1" },
		"place +1":       func(r *record.Record) { r.Key = "v/+1" },
		"no place":       func(r *record.Record) { r.Key = "v/" },
		"not of vouches": func(r *record.Record) { r.Key = "c/1" },
	} {
		r := good
		spoil(&r)
		if _, v, ok := roster.VouchOf(r); ok {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestKeysOfAppRoster(t *testing.T) {
	w := station(t)
	s := w.state()
	x := author("x").String()
	body := []byte{0xa0}
	unbound := bound("c", x, body)
	unbound.Body = []byte{0xa1, 1, 1}
	upper := bound("c", x, body)
	upper.Key = strings.ToUpper(upper.Key[len(upper.Key)-32:])
	for name, c := range map[string]struct {
		r    record.Record
		want error
	}{
		"a statement":           {bound("c", x, body), nil},
		"of a later version":    {bound("zz", "a/b/c", body), nil},
		"of none":               {bound("x", "", body), nil},
		"empty":                 {bound("c", x, nil), roster.ErrForm},
		"not bound":             {unbound, roster.ErrForm},
		"bound in capitals":     {upper, roster.ErrForm},
		"in a vouch's place":    {bound("v", "", body), roster.ErrForm},
		"a vouch elsewhere":     {record.Record{App: record.Roster, Class: record.Vouch, Key: "c/1"}, roster.ErrForm},
		"a vouch of no meaning": {record.Record{App: record.Roster, Class: record.Vouch, Key: "v/5000"}, nil},
	} {
		c.r.Author = author("station")
		if err := s.Admits(c.r, false); !errors.Is(err, c.want) {
			t.Errorf("%s (%s): %v, want %v", name, c.r.Key, err, c.want)
		}
	}
	y, err := hubCert("y", 0).Record(founded, record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	purge, err := roster.Purge{Slot: record.Slot{App: "app", Key: "k", TTL: 3}, Time: founded}.Record(founded, record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{"root1", "root2"} {
		for _, k := range []string{strings.ToUpper(x), x[:63], x + "00", x + "/x", "x/" + x, ""} {
			w.write(root, bound("r", k, body))
			w.write(root, bound("c", k, y.Body))
		}
		w.write(root, bound("c", x, y.Body)) // the certificate of another
		w.write(root, bound("p", x, purge.Body))
	}
	if got := roster.Changed(s, w.state()); len(got) != 0 {
		t.Errorf("keys that are no keys changed the standing of %v", got)
	}
}
