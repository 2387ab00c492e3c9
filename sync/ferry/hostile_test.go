package ferry_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/sync/ferry"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// asks is the first word of a stream, by hand.
func asks(sum [32]byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte{1}, sum[:]...), size)
}

func piece(kind byte, from uint64, count uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64([]byte{kind}, from), count)
}

// answer is all that a hub answers to what somebody says, until it ends the stream.
func (r *rig) answer(said ...[]byte) []byte {
	r.t.Helper()
	s, err := r.network.Open(r.t.Context(), elm)
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Write(bytes.Join(said, nil)); err != nil {
		r.t.Fatal(err)
	}
	got, _ := io.ReadAll(s) // however it ends
	return got
}

func TestWhoAsksAmissIsLeftAlone(t *testing.T) {
	raw := ferrytest.Bytes(100_000)
	sum := sha256.Sum256(raw)
	here := []byte{1}
	for name, c := range map[string]struct{ said, want []byte }{
		"another word first":           {piece(2, 0, 10), nil},
		"a file of nothing":            {asks(sum, 0), nil},
		"a file beyond all bounds":     {asks(sum, 1<<63), nil},
		"what is not there":            {asks([32]byte{1}, 100), []byte{2, 1}},
		"another size":                 {asks(sum, 99_999), []byte{2, 1}},
		"a second first word":          {append(asks(sum, 100_000), asks(sum, 100_000)...), here},
		"no bytes":                     {append(asks(sum, 100_000), piece(2, 0, 0)...), here},
		"more than a piece":            {append(asks(sum, 100_000), piece(2, 0, 16<<10+1)...), here},
		"behind the end":               {append(asks(sum, 100_000), piece(2, 100_000, 1)...), here},
		"beyond the end":               {append(asks(sum, 100_000), piece(2, 99_999, 2)...), here},
		"where numbers begin again":    {append(asks(sum, 100_000), piece(2, 1<<64-1, 2)...), here},
		"an answer":                    {append(asks(sum, 100_000), piece(3, 0, 10)...), here},
		"half a word, and then silent": {append(asks(sum, 100_000), 2, 0, 0), here},
		"nothing":                      {nil, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, 1e7, ferry.Config{})
			r.there[elm].Share(t.Context(), ferrytest.Files(raw))
			began := time.Now()
			if got := r.answer(c.said); !bytes.Equal(got, c.want) {
				t.Errorf("%s: %d", name, got)
			}
			if took := time.Since(began); took > 2*time.Minute {
				t.Errorf("%s: it takes %v", name, took)
			}
			r.network.Wait()
		})
	}
}

func TestAPieceIsGivenAsItWasAskedFor(t *testing.T) {
	raw := ferrytest.Bytes(100_000)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1e7, ferry.Config{})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		got := r.answer(asks(sha256.Sum256(raw), 100_000), piece(2, 70_000, 5), piece(2, 3, 4))
		want := bytes.Join([][]byte{{1}, piece(3, 70_000, 5), raw[70_000:70_005], piece(3, 3, 4), raw[3:7]}, nil)
		if !bytes.Equal(got, want) {
			t.Errorf("%d\nwant %d", got, want)
		}
		r.network.Wait()
	})
}

// One stream of a hub is served, and few in all: who comes last is told so. Nobody keeps a
// place by saying nothing.
func TestPlacesAreFew(t *testing.T) {
	raw := ferrytest.Bytes(100_000)
	sum := sha256.Sum256(raw)
	synctest.Test(t, func(t *testing.T) {
		f := newRig(t, 1e7, ferry.Config{}).there[elm]
		f.Share(t.Context(), ferrytest.Files(raw))
		line := ferrytest.NewLine(1e7, 0)
		from := func(n byte) ferry.Stream {
			near, far, err := line.Stream()
			if err != nil {
				t.Fatal(err)
			}
			go f.Serve(t.Context(), record.Author{n}, far)
			if _, err := near.Write(asks(sum, 100_000)); err != nil {
				t.Fatal(err)
			}
			return near
		}
		first := func(s ferry.Stream) byte {
			var b [1]byte
			if _, err := io.ReadFull(s, b[:]); err != nil {
				t.Fatal(err)
			}
			return b[0]
		}
		var all []ferry.Stream
		for n := range byte(ferry.MaxServed) {
			all = append(all, from(n))
			if first(all[n]) != 1 {
				t.Fatal("there is no place for the first")
			}
		}
		var b [2]byte
		if _, err := io.ReadFull(from(100), b[:]); err != nil || b != [2]byte{2, 2} {
			t.Errorf("there is a place for one too many: %d, %v", b, err)
		}
		began := time.Now()
		again := from(0)
		if first(again) != 1 {
			t.Error("there is no place for one that has one")
		}
		if _, err := all[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(began) > time.Second {
			t.Errorf("its first stream goes on: %v", err)
		}
		time.Sleep(2 * time.Minute) // nobody says a word
		if s := from(100); first(s) != 1 {
			t.Error("who says nothing keeps a place")
		}
		line.Cut()
		synctest.Wait()
	})
}

// A hub is given a file twice, and then no more than trickles.
func TestEnoughIsEnough(t *testing.T) {
	raw := ferrytest.Bytes(10 << 20)
	const enough = 2*10<<20 + 64<<20
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, 1e9, ferry.Config{Rate: 1 << 30})
		r.there[elm].Share(t.Context(), ferrytest.Files(raw))
		given := int64(0)
		for {
			in := r.open(elm, raw, 0)
			n, err := io.Copy(io.Discard, in)
			in.Close()
			if given += n; err != nil {
				if !errors.Is(err, ferry.ErrBusy) {
					t.Fatal(err)
				}
				break
			}
		}
		if given < enough-16<<10 || given > enough+enough/10 {
			t.Errorf("%d bytes are given", given)
		}
		time.Sleep(24 * time.Hour)
		if _, err := r.fetch(elm, raw, 0); err != nil {
			t.Errorf("a day later: %v", err)
		}
		r.network.Wait()
	})
}

// A hub that sends something else than was asked for, or nothing, is found out.
func TestWhoGivesAmissIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		says []byte
		want error
	}{
		"no word that there is":         {[]byte{9}, ferry.ErrProtocol},
		"a piece before its word":       {piece(3, 0, 1), ferry.ErrProtocol},
		"a refusal for no reason":       {[]byte{2, 77}, ferry.ErrProtocol},
		"that it is not there":          {[]byte{2, 1}, ferry.ErrAbsent},
		"that it is busy":               {[]byte{2, 2}, ferry.ErrBusy},
		"another piece":                 {append([]byte{1}, piece(3, 1, 1024)...), ferry.ErrProtocol},
		"a shorter one":                 {append([]byte{1}, piece(3, 0, 1023)...), ferry.ErrProtocol},
		"a longer one":                  {append([]byte{1}, piece(3, 0, 1025)...), ferry.ErrProtocol},
		"that it is gone":               {append(append([]byte{1}, piece(3, 0, 1024)...), append(make([]byte, 1024), 2, 1)...), ferry.ErrAbsent},
		"half a piece":                  {append(append([]byte{1}, piece(3, 0, 1024)...), 1, 2, 3), io.ErrUnexpectedEOF},
		"nothing":                       {nil, io.ErrUnexpectedEOF},
		"that it is here, and no more":  {[]byte{1}, io.ErrUnexpectedEOF},
		"it again, in place of a piece": {[]byte{1, 1}, ferry.ErrProtocol},
	} {
		for _, silent := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, 1e7, ferry.Config{})
				over := make(chan struct{})
				r.network.Serve[elm] = func(_ context.Context, _ record.Author, s ferry.Stream) {
					_, _ = s.Write(c.says)
					if silent {
						<-over
					}
					s.Close()
				}
				began := time.Now()
				in, err := r.here.Open(t.Context(), elm, [32]byte{1}, 10_000, 0)
				if err == nil {
					_, err = io.Copy(io.Discard, in)
					in.Close()
				}
				// Who is silent is waited for, and not for long.
				if (!silent || !errors.Is(c.want, io.ErrUnexpectedEOF)) && !errors.Is(err, c.want) {
					t.Errorf("%s: %v; want %v", name, err, c.want)
				}
				if took := time.Since(began); err == nil || took > 2*time.Minute {
					t.Errorf("%s: %v after %v", name, err, took)
				}
				close(over)
				r.network.Wait()
			})
		}
	}
}

// script is a stream whose other end says what stands there, whatever it is told.
type script struct {
	in  *bytes.Reader
	out bytes.Buffer
}

func (s *script) Read(b []byte) (int, error)                                { return s.in.Read(b) }
func (s *script) Write(b []byte) (int, error)                               { return s.out.Write(b) }
func (s *script) Close() error                                              { return nil }
func (*script) SetReadDeadline(time.Time) error                             { return nil }
func (*script) SetWriteDeadline(time.Time) error                            { return nil }
func (s *script) Linked() []record.Author                                   { return nil }
func (s *script) Open(context.Context, record.Author) (ferry.Stream, error) { return s, nil }

// FuzzServe: whatever somebody says, what they get is their file's bytes and nothing else.
func FuzzServe(f *testing.F) {
	file := ferrytest.Bytes(40_000)
	sum := sha256.Sum256(file)
	f.Add(asks(sum, 40_000))
	f.Add(bytes.Join([][]byte{asks(sum, 40_000), piece(2, 0, 16<<10), piece(2, 39_999, 1)}, nil))
	f.Add(bytes.Join([][]byte{asks(sum, 40_000), piece(2, 39_999, 2)}, nil))
	f.Add(asks([32]byte{}, 1))
	f.Fuzz(func(t *testing.T, said []byte) {
		said = said[:min(len(said), 400)]
		s := &script{in: bytes.NewReader(said)}
		one, err := ferry.New(ferry.Config{Network: s, Rate: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		one.Share(t.Context(), ferrytest.Files(file))
		one.Serve(t.Context(), elm, s)
		got := s.out.Bytes()
		for at := 1; at < len(got) && got[at] == 3; {
			from, count := binary.BigEndian.Uint64(got[at+1:]), int(binary.BigEndian.Uint16(got[at+9:]))
			if at += 11; !bytes.Equal(got[at:at+count], file[from:from+uint64(count)]) {
				t.Fatalf("%d bytes from %d on are others", count, from)
			}
			at += count
		}
	})
}

// FuzzFetch: whatever a hub answers, no more comes than the file has, and it ends.
func FuzzFetch(f *testing.F) {
	f.Add([]byte{1}, uint16(100), uint16(0))
	f.Add([]byte{2, 1}, uint16(100), uint16(50))
	f.Add(append(append([]byte{1}, piece(3, 0, 100)...), make([]byte, 100)...), uint16(100), uint16(0))
	f.Add(append(append([]byte{1}, piece(3, 7, 1024)...), make([]byte, 2000)...), uint16(3000), uint16(7))
	f.Fuzz(func(t *testing.T, says []byte, size, at uint16) {
		s := &script{in: bytes.NewReader(says)}
		one, err := ferry.New(ferry.Config{Network: s})
		if err != nil {
			t.Fatal(err)
		}
		in, err := one.Open(t.Context(), elm, [32]byte{1}, int64(size), int64(at))
		if err != nil {
			return
		}
		defer in.Close()
		n, err := io.Copy(io.Discard, in)
		if n > int64(size)-int64(at) || err == nil && n != int64(size)-int64(at) {
			t.Fatalf("%d bytes of %d from %d on, %v", n, size, at, err)
		}
	})
}
