package reconcile

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// message builds a message from its parts: numbers are bytes, slices follow as
// they are.
func message(parts ...any) []byte {
	b := []byte{version1}
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case []byte:
			b = append(b, p...)
		case ID:
			b = append(b, p[:]...)
		}
	}
	return b
}

// drain reads a message to its end.
func drain(msg []byte) (pieces []piece, err error) {
	d, err := newDecoder(msg)
	if err != nil {
		return nil, err
	}
	for {
		p, ok, err := d.next()
		if err != nil || !ok {
			return pieces, err
		}
		pieces = append(pieces, p)
	}
}

func TestMalformedMessages(t *testing.T) {
	fp, empty := make([]byte, FingerprintSize), Sum{}.Fingerprint(0)
	low, high := ID{0: 1}, ID{0: 2}
	tooBig := append([]byte{version1}, make([]byte, MaxMessage)...)
	for _, c := range []struct {
		detail string
		msg    []byte
	}{
		{"empty", nil},
		{"bytes long", tooBig},
		{"version byte 0x00", []byte{0}},
		{"version byte 0x70", []byte{0x70}},
		{"varint with a leading zero", message(0x80, 0x01, 0, 0)},
		{"varint with a leading zero", message(0, 0x80, 0x00, 0)},
		{"varint exceeds 64 bits", message(bytes.Repeat([]byte{0xff}, 9), 0x7f, 0, 0)},
		{"varint exceeds 64 bits", message(bytes.Repeat([]byte{0xff}, 50))},
		{"truncated varint", message(0x81)},
		{"truncated varint", message(5)},
		{"truncated varint", message(5, 0)},
		{"truncated varint", message(0, 0, 2)},
		{"id prefix of 33 bytes", message(5, 33, make([]byte, 40), 0)},
		{"truncated id prefix", message(5, 4, 1, 2)},
		{"infinity with an id prefix", message(0, 1, 7, 0)},
		{"time exceeds 48 bits", message(appendVarint(nil, MaxTime+2), 0, 0)},
		{"time exceeds 48 bits", message(appendVarint(nil, math.MaxUint64), 0, 0)},
		{"time exceeds 48 bits", message(appendVarint(nil, MaxTime+1), 0, 0, 2, 0, 0)},
		{"range of mode 3", message(0, 0, 3)},
		{"truncated fingerprint", message(0, 0, 1, fp[1:])},
		{"bounds do not ascend", message(1, 0, 0)},
		{"bounds do not ascend", message(5, 0, 0, 1, 0, 0)},
		{"bounds do not ascend", message(5, 1, 9, 0, 1, 1, 8, 0)},
		{"list of 2 ids in 63 bytes", message(0, 0, 2, 2, make([]byte, 63))},
		{"list of 18446744073709551615 ids", message(0, 0, 2, appendVarint(nil, math.MaxUint64), low)},
		{"list of 576460752303423488 ids", message(0, 0, 2, appendVarint(nil, 1<<59))},
		{"duplicate id in a list", message(0, 0, 2, 2, low, low)},
		{"duplicate id in a list", message(2, 0, 2, 2, low, low)},
		{"unsorted id list", message(2, 0, 2, 2, high, low)},
		{"unsorted id list", message(5, 0, 0, 1, 1, 9, 2, 2, high, low)},
		{"id outside its range", message(5, 1, 2, 0, 1, 1, 9, 2, 1, low)},
		{"id outside its range", message(5, 0, 0, 1, 1, 2, 2, 1, high)},
		{"range after infinity", message(0, 0, 0, 0, 0, 0)},
		{"range after infinity", message(0, 0, 0, 2, 0, 0)},
		{"range after infinity", message(0, 0, 0, 0, 0, 1, fp)},
		{"range after infinity", message(0, 0, 0, 0, 0, 1, empty[:], 0, 0, 1, empty[:])},
		{"range after infinity", message(0, 0, 0, 0, 0, 2, 1, low)},
	} {
		_, err := drain(c.msg)
		if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.detail) {
			t.Errorf("%x: %v, want %q", c.msg[:min(len(c.msg), 40)], err, c.detail)
		}
		responder, _ := NewResponder(NewFlat(nil), Options{})
		if reply, got := responder.Respond(c.msg); reply != nil || !errors.Is(got, ErrMalformed) {
			t.Errorf("responder: %s: %x, %v", c.detail, reply, got)
		}
		if _, again := responder.Respond(message()); !errors.Is(again, ErrMalformed) {
			t.Errorf("responder goes on after %s: %v", c.detail, again)
		}
		initiator, _ := NewInitiator(NewFlat(nil), Options{})
		initiator.Start()
		if reply, have, need, got := initiator.Next(c.msg); reply != nil || have != nil || need != nil || !errors.Is(got, ErrMalformed) {
			t.Errorf("initiator: %s: %v", c.detail, got)
		}
		if _, _, _, again := initiator.Next(message()); !errors.Is(again, ErrMalformed) {
			t.Errorf("initiator goes on after %s: %v", c.detail, again)
		}
	}
}

func TestWellFormedMessages(t *testing.T) {
	low, high := ID{0: 1}, ID{0: 2}
	empty := Sum{}.Fingerprint(0)
	for name, c := range map[string]struct {
		msg  []byte
		want []Bound
	}{
		"no ranges":              {message(), nil},
		"a time":                 {message(6, 0, 0), []Bound{{Time: 5}}},
		"the largest time":       {message(appendVarint(nil, MaxTime+1), 0, 0), []Bound{{Time: MaxTime}}},
		"a prefix":               {message(1, 2, 7, 8, 0), []Bound{{ID: ID{7, 8}}}},
		"a prefix with zeros":    {message(1, 2, 7, 0, 0), []Bound{{ID: ID{7}}}},
		"offsets":                {message(6, 0, 0, 1, 1, 3, 0, 3, 0, 0), []Bound{{Time: 5}, {Time: 5, ID: ID{3}}, {Time: 7}}},
		"ids in their range":     {message(6, 1, 1, 0, 1, 1, 3, 2, 2, low, high), []Bound{{Time: 5, ID: ID{1}}, {Time: 5, ID: ID{3}}}},
		"ids of several times":   {message(9, 0, 2, 2, high, low), []Bound{{Time: 8}}},
		"a closing range":        {message(0, 0, 2, 1, low, 0, 0, 1, empty[:]), []Bound{Infinity()}},
		"an empty list":          {message(0, 0, 2, 0), []Bound{Infinity()}},
		"a fingerprint, the end": {message(0, 0, 1, empty[:]), []Bound{Infinity()}},
	} {
		pieces, err := drain(c.msg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []Bound
		for _, p := range pieces {
			got = append(got, p.upper)
		}
		if len(got) != len(c.want) {
			t.Fatalf("%s: %v", name, got)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: bound %d is %v, want %v", name, i, got[i], c.want[i])
			}
		}
	}
}

func TestOtherVersions(t *testing.T) {
	responder, _ := NewResponder(NewFlat(nil), Options{})
	reply, err := responder.Respond([]byte{0x62, 1, 2, 3})
	if err != nil || !bytes.Equal(reply, []byte{version1}) {
		t.Errorf("a message of version 2 is answered with %x, %v", reply, err)
	}
	if _, err := responder.Respond(message(0, 0, 2, 0)); err != nil {
		t.Errorf("version 1 after that: %v", err)
	}
	initiator, _ := NewInitiator(NewFlat(nil), Options{})
	initiator.Start()
	if _, _, _, err := initiator.Next([]byte{0x62}); !errors.Is(err, ErrVersion) || errors.Is(err, ErrMalformed) {
		t.Errorf("a responder of version 2: %v", err)
	}
}

func TestVarint(t *testing.T) {
	for v, want := range map[uint64]string{
		0: "\x00", 1: "\x01", 127: "\x7f", 128: "\x81\x00", 300: "\x82\x2c",
		math.MaxUint64: "\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	} {
		if got := appendVarint(nil, v); string(got) != want {
			t.Errorf("%d is %x, want %x", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Uint64().Draw(t, "v")
		b := appendVarint(nil, v)
		if len(b) != varintLen(v) || len(b) > maxVarint {
			t.Fatalf("%d has length %d, not %d", v, len(b), varintLen(v))
		}
		got, rest, err := readVarint(append(b, 1, 2))
		if err != nil || got != v || len(rest) != 2 {
			t.Fatalf("%d comes back as %d, %v", v, got, err)
		}
	})
}
