package record_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

var (
	town    = record.Community{1, 2, 3}
	founded = record.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
)

func codec(t testing.TB) *record.Codec {
	t.Helper()
	c, err := record.NewCodec(town, founded)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32))
}

func post() record.Record {
	return record.Record{
		Via: record.Via{9}, App: "messages", Class: record.Talk, Key: "town/1",
		Time: founded + 5, TTL: 30, Body: []byte("\xa1\x01\x62hi"),
	}
}

func sign(t testing.TB, r record.Record, k ed25519.PrivateKey) record.Record {
	t.Helper()
	s, err := codec(t).Sign(r, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASignedRecordIsReadBackAndVerifies(t *testing.T) {
	want := sign(t, post(), key(1))
	got, err := codec(t).Decode(want.Encoding())
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Verify(); err != nil {
		t.Fatal(err)
	}
	if got.ID() != want.ID() || got.Slot() != want.Slot() || !bytes.Equal(got.Body, want.Body) || got.Author != record.AuthorOf(key(1)) {
		t.Fatalf("read back %+v, want %+v", got, want)
	}
}

func TestWhatIsOutOfBoundsIsNotSigned(t *testing.T) {
	for name, spoil := range map[string]func(*record.Record){
		"app empty":            func(r *record.Record) { r.App = "" },
		"app too long":         func(r *record.Record) { r.App = "abcdefghijklmnopq" },
		"app with capitals":    func(r *record.Record) { r.App = "Messages" },
		"class":                func(r *record.Record) { r.Class = record.Classes },
		"key empty":            func(r *record.Record) { r.Key = "" },
		"key too long":         func(r *record.Record) { r.Key = strings.Repeat("k", 129) },
		"key with a space":     func(r *record.Record) { r.Key = "a b" },
		"key with NUL":         func(r *record.Record) { r.Key = "a\x00b" },
		"time before founding": func(r *record.Record) { r.Time = founded - 1 },
		"time in 2100":         func(r *record.Record) { r.Time = record.MaxTime },
		"ttl over 400":         func(r *record.Record) { r.TTL = 401 },
		"ttl 0 outside roster": func(r *record.Record) { r.TTL = 0 },
		"roster with a ttl":    func(r *record.Record) { r.App = record.Roster; r.Class = record.Trust },
		"roster of class 5":    func(r *record.Record) { r.App = record.Roster; r.TTL = 0 },
		"body of 4097":         func(r *record.Record) { r.Body = make([]byte, 4097) },
		"nine blobs":           func(r *record.Record) { r.Blobs = make([]record.Blob, 9) },
	} {
		r := post()
		spoil(&r)
		if _, err := codec(t).Sign(r, key(1)); !errors.Is(err, record.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNotCanonicalIsRefused(t *testing.T) {
	good := sign(t, post(), key(1)).Encoding()
	var m map[int]any
	if err := cbor.Unmarshal(good, &m); err != nil {
		t.Fatal(err)
	}
	again := func(change func(map[int]any)) []byte {
		c := make(map[int]any, len(m))
		for k, v := range m {
			c[k] = v
		}
		change(c)
		mode, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			t.Fatal(err)
		}
		b, err := mode.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	longHead := append([]byte{good[0], 1, 0x18, 1}, good[3:]...) // version 1 in two bytes
	for name, c := range map[string]struct {
		enc  []byte
		want error
	}{
		"nothing":          {nil, record.ErrMalformed},
		"trailing byte":    {append(bytes.Clone(good), 0), record.ErrMalformed},
		"truncated":        {good[:len(good)-1], record.ErrMalformed},
		"longer head":      {longHead, record.ErrMalformed},
		"unknown field":    {again(func(c map[int]any) { c[13] = 1 }), record.ErrMalformed},
		"missing field":    {again(func(c map[int]any) { delete(c, 7) }), record.ErrMalformed},
		"empty blobs":      {again(func(c map[int]any) { c[10] = []any{} }), record.ErrMalformed},
		"null body":        {again(func(c map[int]any) { c[11] = nil }), record.ErrMalformed},
		"short author":     {again(func(c map[int]any) { c[3] = make([]byte, 31) }), record.ErrMalformed},
		"short signature":  {again(func(c map[int]any) { c[12] = make([]byte, 63) }), record.ErrMalformed},
		"body of 4097":     {again(func(c map[int]any) { c[11] = make([]byte, 4097) }), record.ErrMalformed},
		"key with a space": {again(func(c map[int]any) { c[7] = "a b" }), record.ErrMalformed},
		"key not UTF-8":    {bytes.Replace(good, []byte("town/1"), []byte("town/\xff"), 1), record.ErrMalformed},
		"class 256":        {again(func(c map[int]any) { c[6] = 256 }), record.ErrMalformed},
		"ttl 65567":        {again(func(c map[int]any) { c[9] = 65536 + 31 }), record.ErrMalformed},
		"version 2":        {again(func(c map[int]any) { c[1] = 2 }), record.ErrVersion},
		"other community":  {again(func(c map[int]any) { c[2] = make([]byte, 16) }), record.ErrForeign},
		"over the size":    {make([]byte, record.MaxSize+1), record.ErrMalformed},
	} {
		if _, err := codec(t).Decode(c.enc); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestEveryBitIsSigned(t *testing.T) {
	good := sign(t, post(), key(1)).Encoding()
	for i := range good {
		for bit := range 8 {
			enc := bytes.Clone(good)
			enc[i] ^= 1 << bit
			r, err := codec(t).Decode(enc)
			if err == nil && r.Verify() == nil {
				t.Fatalf("byte %d bit %d can be flipped", i, bit)
			}
		}
	}
}

func TestABatchFindsTheBadOnes(t *testing.T) {
	var rs []record.Record
	for i := range 20 {
		r := sign(t, post(), key(byte(i)))
		if i%7 == 3 {
			enc := bytes.Clone(r.Encoding())
			enc[len(enc)-1] ^= 1
			var err error
			if r, err = codec(t).Decode(enc); err != nil {
				t.Fatal(err)
			}
		}
		rs = append(rs, r)
	}
	for i, err := range record.VerifyBatch(rs) {
		if (err != nil) != (i%7 == 3) {
			t.Errorf("record %d: %v", i, err)
		}
	}
}

// Draw makes any record that can be signed.
func draw(t *rapid.T) record.Record {
	r := record.Record{
		App:   record.App(rapid.StringMatching(`[a-z0-9]{1,16}`).Draw(t, "app")),
		Class: record.Class(rapid.IntRange(0, 6).Draw(t, "class")),
		Key:   rapid.StringMatching(`[a-zA-Z0-9._/-]{1,128}`).Draw(t, "key"),
		Time:  record.Time(rapid.Uint64Range(uint64(founded), uint64(record.MaxTime)-1).Draw(t, "time")),
		TTL:   record.Days(rapid.IntRange(1, 400).Draw(t, "ttl")),
		Body:  rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "body"),
	}
	copy(r.Via[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "via"))
	for range rapid.IntRange(0, 8).Draw(t, "blobs") {
		r.Blobs = append(r.Blobs, record.Blob{Size: rapid.Uint64().Draw(t, "size")})
	}
	if r.App == record.Roster {
		r.App = "other"
	}
	return r
}

func TestHeadAgreesWithTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := sign(&testing.T{}, draw(t), key(3))
		h, err := record.HeadOf(r.Encoding())
		if err != nil {
			t.Fatal(err)
		}
		if h != (record.Head{Author: r.Author, Via: r.Via, App: r.App, Class: r.Class, Time: r.Time, Blobs: len(r.Blobs) > 0}) {
			t.Fatalf("head %+v of %+v", h, r)
		}
	})
}

func TestInASlotOneStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t), draw(t)
		b.App, b.Key, b.TTL = a.App, a.Key, a.TTL
		if rapid.Bool().Draw(t, "same time") {
			b.Time = a.Time
		}
		a, b = sign(&testing.T{}, a, key(1)), sign(&testing.T{}, b, key(1))
		if a.ID() != b.ID() && record.Supersedes(&a, &b) == record.Supersedes(&b, &a) {
			t.Fatal("of two different records of a slot not exactly one stands")
		}
		if record.Supersedes(&a, &b) && a.Expires() < b.Expires() {
			t.Fatal("the one that stands expires first")
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(sign(f, post(), key(1)).Encoding())
	withBlob := post()
	withBlob.Blobs = []record.Blob{{Size: 7}}
	f.Add(sign(f, withBlob, key(2)).Encoding())
	f.Add([]byte{0xbf})
	f.Add([]byte{0xac, 1, 1, 2, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	c := codec(f)
	f.Fuzz(func(t *testing.T, enc []byte) {
		if _, err := record.HeadOf(enc); err != nil && !errors.Is(err, record.ErrMalformed) {
			t.Fatal(err)
		}
		r, err := c.Decode(enc)
		if err != nil {
			return
		}
		if _, err := record.HeadOf(enc); err != nil {
			t.Fatalf("decoded, but has no head: %v", err)
		}
		_ = r.Verify()
	})
}

func BenchmarkDecode(b *testing.B) {
	enc := sign(b, post(), key(1)).Encoding()
	c := codec(b)
	for b.Loop() {
		if _, err := c.Decode(enc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyBatch64(b *testing.B) {
	rs := make([]record.Record, 64)
	for i := range rs {
		rs[i] = sign(b, post(), key(byte(i)))
	}
	for b.Loop() {
		record.VerifyBatch(rs)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/record")
}
