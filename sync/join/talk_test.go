package join_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

var (
	library = record.Author{1} // joins
	station = record.Author{2} // invites
	mallory = record.Author{3}
)

// town is an inviter that knows one invitation.
type town struct {
	id     join.ID
	key    join.Key
	failed int
	asked  []string // labels
	by     []record.Author
	no     error
}

func (f *town) Key(id join.ID) (join.Key, bool) { return f.key, id == f.id }

func (f *town) Failed(join.ID) error { f.failed++; return nil }

func (f *town) Admit(_ context.Context, _ join.ID, joiner record.Author, label string) (join.Welcome, error) {
	f.asked, f.by = append(f.asked, label), append(f.by, joiner)
	return join.Welcome{Founding: []byte("Millbrook"), Chain: [][]byte{{1}, {2}}, Network: make([]byte, 32), Addrs: []string{"192.0.2.1:4680"}}, f.no
}

func invited() *town { return &town{id: join.ID{9}, key: join.Key{8}} }

// meet has both sides talk, each believing what is said of whom it talks to.
func meet(t *testing.T, f *town, id join.ID, key join.Key, joinerSees, inviterSees record.Author) (w join.Welcome, joiner, inviter error) {
	t.Helper()
	a, b := net.Pipe()
	served := make(chan error, 1)
	go func() {
		defer b.Close()
		served <- join.Serve(t.Context(), b, station, inviterSees, f, rand.Reader)
	}()
	w, joiner = join.Ask(a, library, joinerSees, id, key, "Library", rand.Reader)
	a.Close()
	return w, joiner, <-served
}

func reason(err error) join.Reason {
	if r, ok := errors.AsType[*join.Refusal](err); ok {
		return r.Reason
	}
	return 0
}

func TestWhoHasTheCodeIsWelcome(t *testing.T) {
	f := invited()
	w, err, served := meet(t, f, f.id, f.key, station, library)
	if err != nil || served != nil {
		t.Fatal(err, served)
	}
	if string(w.Founding) != "Millbrook" || len(w.Chain) != 2 || len(w.Network) != 32 || w.Addrs[0] != "192.0.2.1:4680" {
		t.Errorf("%+v", w)
	}
	if len(f.asked) != 1 || f.asked[0] != "Library" || f.by[0] != library || f.failed != 0 {
		t.Errorf("%+v", f)
	}
}

func TestWhoHasNotTheCodeGetsNothing(t *testing.T) {
	f := invited()
	if _, err, _ := meet(t, f, join.ID{7}, f.key, station, library); reason(err) != join.Unknown || f.failed != 0 {
		t.Errorf("an id that nobody made: %v", err)
	}
	// who caught the id has no MAC; this side does not let on that it cannot check the other's
	a, b := net.Pipe()
	go func() {
		_ = join.Serve(context.Background(), b, station, library, f, rand.Reader)
		b.Close()
	}()
	go say(a, 1, ask(f.id))
	_ = hear(t, a)
	go say(a, 3, append([]byte{0xa2, 1, 0x58, 32}, append(make([]byte, 32), 2, 0x60)...))
	if got := hear(t, a); got[0] != 5 || f.failed != 1 || len(f.asked) != 0 {
		t.Errorf("without the MAC: message %d, %+v", got[0], f)
	}
}

// ask is the body of an ask.
func ask(id join.ID) []byte {
	b := append([]byte{0xa3, 1, 1, 2, 0x50}, id[:]...)
	return append(append(b, 3, 0x58, 32), make([]byte, 32)...)
}

func say(w io.Writer, tag byte, body []byte) {
	_, _ = w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(1+len(body))), append([]byte{tag}, body...)...))
}

func hear(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var n [2]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint16(n[:]))
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAStrangerAtTheAddressLearnsTheIDAlone(t *testing.T) {
	f := invited()
	f.key = join.Key{} // it knows the id by now, and not the key
	a, b := net.Pipe()
	heard := make(chan []byte, 1)
	go func() {
		var all bytes.Buffer
		_ = join.Serve(context.Background(), struct {
			io.Reader
			io.Writer
		}{io.TeeReader(b, &all), b}, mallory, library, f, rand.Reader)
		heard <- all.Bytes()
	}()
	_, err := join.Ask(a, library, mallory, f.id, join.Key{8}, "Library", rand.Reader)
	a.Close()
	if !errors.Is(err, join.ErrImpostor) {
		t.Errorf("%v", err)
	}
	if got := <-heard; len(got) != 2+1+len(ask(f.id)) || bytes.Contains(got, []byte("Library")) {
		t.Errorf("it heard %x", got)
	}
}

// A stranger in between has proven its own key on both connections.
func TestProofsCannotBePassedOn(t *testing.T) {
	f := invited()
	if _, err, _ := meet(t, f, f.id, f.key, mallory, mallory); !errors.Is(err, join.ErrImpostor) {
		t.Errorf("on both sides: %v", err)
	}
	if _, err, _ := meet(t, f, f.id, f.key, mallory, library); !errors.Is(err, join.ErrImpostor) {
		t.Errorf("towards the joiner: %v", err)
	}
	if _, err, _ := meet(t, f, f.id, f.key, station, mallory); !errors.Is(err, join.ErrImpostor) {
		t.Errorf("towards the inviter: %v", err)
	}
	if len(f.asked) != 0 {
		t.Errorf("admitted: %v", f.asked)
	}
}

func TestRefusalsArrive(t *testing.T) {
	f := invited()
	f.no = &join.Refusal{Reason: join.Used, Who: "School\x1b[2J", Ago: 3*time.Minute + 20*time.Second}
	_, err, served := meet(t, f, f.id, f.key, station, library)
	if reason(err) != join.Used || reason(served) != join.Used || !strings.Contains(err.Error(), "used by School[2J 3 min ago") {
		t.Errorf("%v; %v", err, served)
	}
	f.no = errors.New("the disk is full")
	_, err, served = meet(t, f, f.id, f.key, station, library)
	if reason(err) != join.Failed || !strings.Contains(served.Error(), "the disk is full") || strings.Contains(err.Error(), "disk is full") {
		t.Errorf("%v; %v", err, served)
	}
}

func TestABusyHubSaysSo(t *testing.T) {
	a, b := net.Pipe()
	go func() {
		_, _ = io.ReadFull(b, make([]byte, 2+1+len(ask(join.ID{}))))
		_ = join.Refuse(b)
	}()
	if _, err := join.Ask(a, library, station, join.ID{}, join.Key{}, "", rand.Reader); reason(err) != join.Busy {
		t.Error(err)
	}
}

func TestEveryReasonSaysWhatToDo(t *testing.T) {
	said := map[string]join.Reason{}
	for r := join.Unknown; r <= join.Outcast+1; r++ {
		text := (&join.Refusal{Reason: r, Who: "School"}).Error()
		if other, ok := said[text]; ok || len(text) < 40 {
			t.Errorf("%d says what %d says: %s", r, other, text)
		}
		said[text] = r
	}
}

func TestTheSecretIsStretchedForEver(t *testing.T) {
	id, key := join.Code{Town: 0x77, Secret: 0x2_3456_789a_bcde}.Stretch()
	other, _ := join.Code{Town: 0x78, Secret: 0x2_3456_789a_bcde}.Stretch()
	if got := hex.EncodeToString(id[:]) + " " + hex.EncodeToString(key[:4]); got != "a8d9c817ff4ebcfdd23a36698c38fc64 7584434c" || other == id {
		t.Errorf("%s", got)
	}
}

func TestOneOriginCannotTakeAllTheTurns(t *testing.T) {
	p, now := join.NewPace(), time.Unix(1000, 0)
	flood := netip.MustParseAddr("192.0.2.66")
	n := 0
	for range 1000 {
		if p.Allow(flood, now) {
			n++
		}
	}
	if n > 40 || n < 10 {
		t.Errorf("%d at once from one address", n)
	}
	if !p.Allow(netip.MustParseAddr("192.0.2.7"), now) {
		t.Error("another address is not served")
	}
	n = 0
	for i := range 1000 {
		if p.Allow(netip.AddrFrom16([16]byte{0xfd, 15: byte(i), 14: byte(i >> 8)}), now) {
			n++
		}
	}
	if n > 40 {
		t.Errorf("%d at once from one IPv6 network", n)
	}
	for i := range 5000 {
		p.Allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), now.Add(time.Hour))
	}
	if !p.Allow(flood, now.Add(2*time.Hour)) {
		t.Error("an hour later it is still held back")
	}
}

func TestMessagesOutOfBoundsAreRefused(t *testing.T) {
	for name, b := range join.Messages() {
		again, err := join.Decode(b)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: %x, %v", name, again, err)
		}
		for _, bad := range [][]byte{append(bytes.Clone(b), 0), b[:len(b)-1], append([]byte{b[0] + 1}, b[1:]...), make([]byte, join.MaxMessage+1)} {
			if _, err := join.Decode(bad); err == nil {
				t.Errorf("%s: %x is taken", name, bad)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, b := range join.Messages() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if again, err := join.Decode(b); err == nil && !bytes.Equal(again, b) {
			t.Errorf("%x is written again as %x", b, again)
		}
	})
}

// Whatever is said to either side, it ends with an error and without a panic.
func TestNonsenseEndsTheTalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "said")
		rw := struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(said), io.Discard}
		f := invited()
		if err := join.Serve(context.Background(), rw, station, library, f, rand.Reader); err == nil || len(f.asked) > 0 {
			t.Fatal("served")
		}
		if _, err := join.Ask(rw, library, station, f.id, f.key, "", rand.Reader); err == nil {
			t.Fatal("welcomed")
		}
	})
}
