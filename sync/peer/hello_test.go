package peer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/peer"
	"pgregory.net/rapid"
)

func hellos() *rapid.Generator[peer.Hello] {
	return rapid.Custom(func(t *rapid.T) peer.Hello {
		return peer.Hello{
			Founding: rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "founding"),
			Chain:    rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 400), 0, 32).Draw(t, "chain"),
			Now:      rapid.Uint64().Draw(t, "now"),
		}
	})
}

func TestAHelloIsReadAsItWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := hellos().Draw(t, "hello")
		b, err := peer.EncodeHello(want)
		if err != nil {
			t.Fatal(err)
		}
		var wire bytes.Buffer
		if err := peer.WriteFrame(&wire, b); err != nil {
			t.Fatal(err)
		}
		frame, err := peer.ReadFrame(&wire)
		if err != nil {
			t.Fatal(err)
		}
		got, err := peer.DecodeHello(frame)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Founding, want.Founding) || got.Now != want.Now || len(got.Chain) != len(want.Chain) {
			t.Fatalf("read %+v, sent %+v", got, want)
		}
		for i := range got.Chain {
			if !bytes.Equal(got.Chain[i], want.Chain[i]) {
				t.Fatalf("record %d of the chain differs", i)
			}
		}
	})
}

func TestAHelloOutOfBoundsIsNeitherSentNorTaken(t *testing.T) {
	for name, h := range map[string]peer.Hello{
		"large": {Founding: make([]byte, peer.MaxHello)},
		"long":  {Chain: make([][]byte, 33)},
	} {
		if _, err := peer.EncodeHello(h); !errors.Is(err, peer.ErrHello) {
			t.Errorf("%s: encoding gives %v, want %v", name, err, peer.ErrHello)
		}
	}
	for name, b := range map[string][]byte{
		"nothing":            {},
		"not CBOR":           []byte("GET / HTTP/1.1\r\n\r\n"),
		"a field is missing": {0xa2, 1, 0x40, 2, 0x80},
		"a field is unknown": {0xa4, 1, 0x40, 2, 0x80, 3, 0, 4, 0},
		"a field is twice":   {0xa4, 1, 0x40, 2, 0x80, 3, 0, 3, 0},
		"keys out of order":  {0xa3, 2, 0x80, 1, 0x40, 3, 0},
		"a long head":        {0xa3, 1, 0x40, 2, 0x80, 3, 0x18, 0},
		"indefinite length":  {0xa3, 1, 0x40, 2, 0x9f, 0xff, 3, 0},
		"a tag":              {0xa3, 1, 0x40, 2, 0x80, 3, 0xc1, 0},
		"trailing bytes":     {0xa3, 1, 0x40, 2, 0x80, 3, 0, 0},
		"lying lengths":      {0xa3, 1, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"chain of numbers":   {0xa3, 1, 0x40, 2, 0x81, 0x05, 3, 0},
		"too large":          make([]byte, peer.MaxHello+1),
	} {
		if h, err := peer.DecodeHello(b); !errors.Is(err, peer.ErrHello) {
			t.Errorf("%s: decoding gives %+v, %v, want %v", name, h, err, peer.ErrHello)
		}
	}
	if h, err := peer.DecodeHello([]byte{0xa3, 1, 0x40, 2, 0x80, 3, 0}); err != nil || h.Now != 0 {
		t.Errorf("the empty hello is read as %+v, %v", h, err)
	}
}

func TestAFrameOfWrongLengthIsRefusedUnread(t *testing.T) {
	for _, head := range [][]byte{{0, 0}, {0x40, 1}, {0xff, 0xff}} {
		r := bytes.NewReader(append(head, 1, 2, 3))
		if _, err := peer.ReadFrame(r); !errors.Is(err, peer.ErrHello) {
			t.Errorf("length %x gives %v, want %v", head, err, peer.ErrHello)
		}
		if r.Len() != 3 {
			t.Errorf("length %x: read on", head)
		}
	}
	if _, err := peer.ReadFrame(bytes.NewReader([]byte{0, 9, 1})); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut frame gives %v", err)
	}
}

func TestAVerdictTellsTheReason(t *testing.T) {
	if err := peer.Tell(nil); err != nil {
		t.Errorf("welcome is told as %v", err)
	}
	for _, reason := range []error{
		peer.ErrForeign, peer.ErrNoCertificate, peer.ErrRevoked, peer.ErrHello, peer.ErrBusy, peer.ErrRefused,
	} {
		err := peer.Tell(fmt.Errorf("because: %w", reason))
		if !errors.Is(err, reason) || !errors.As(err, new(*peer.ToldError)) {
			t.Errorf("%v is told as %v", reason, err)
		}
	}
	for _, err := range []error{peer.Tell(errors.New("disk full")), peer.TellCode(77)} {
		if !errors.Is(err, peer.ErrRefused) {
			t.Errorf("told %v, want %v", err, peer.ErrRefused)
		}
	}
}

func FuzzHello(f *testing.F) {
	for _, h := range []peer.Hello{{}, {Founding: []byte(town), Chain: [][]byte{{1, 2}, {}}, Now: 1 << 40}} {
		b, err := peer.EncodeHello(h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0xa3, 1, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := peer.DecodeHello(b)
		if err != nil {
			if !errors.Is(err, peer.ErrHello) {
				t.Fatalf("error %v is not %v", err, peer.ErrHello)
			}
			return
		}
		again, err := peer.EncodeHello(h)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x is written again as %x, %v", b, again, err)
		}
		if h2, err := peer.DecodeHello(again); err != nil || !reflect.DeepEqual(h, h2) {
			t.Fatalf("read %+v, then %+v, %v", h, h2, err)
		}
	})
}
