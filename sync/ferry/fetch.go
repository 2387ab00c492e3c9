package ferry

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Open begins to fetch a file from a hub, from an offset on: sum is its SHA-256, size how
// many bytes it has. Read gives them in their order, and io.EOF behind the last; it may be
// called by one goroutine at a time. An error is ErrAbsent, ErrBusy or ErrProtocol, the
// context's, or the stream's: what has come until then is good to go on from. Nothing more
// is asked for while nobody reads.
func (f *Ferry) Open(ctx context.Context, hub record.Author, sum [32]byte, size, at int64) (io.ReadCloser, error) {
	if size <= 0 || size > maxSize || at < 0 || at > size {
		return nil, fmt.Errorf("fetch a file: there is nothing at %d of %d bytes", at, size)
	}
	begin, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	s, err := f.conf.Network.Open(begin, hub)
	if err != nil {
		return nil, fmt.Errorf("fetch a file of %s: %w", hub.Tag(), err)
	}
	now := time.Now()
	r := &reader{
		ctx: ctx, stream: s, in: bufio.NewReaderSize(s, maxPiece+wantBytes), size: size, at: at, asked: at,
		pace: newPace(now), buf: make([]byte, maxPiece), left: now,
	}
	// The context ends what waits for the other hub.
	r.stop = context.AfterFunc(ctx, func() { end(s) })
	if err := r.begin(ask{sum, size}); err != nil {
		err = r.because(err)
		_ = r.Close() // it came to nothing anyway
		return nil, fmt.Errorf("fetch a file of %s: %w", hub.Tag(), err)
	}
	return r, nil
}

// reader is a file on its way here.
type reader struct {
	ctx    context.Context
	stop   func() bool
	stream Stream
	in     *bufio.Reader
	size   int64
	at     int64 // what has come
	asked  int64 // up to which was asked for
	sent   []sent
	pace   pace
	buf    []byte
	rest   []byte    // of it, that nobody has read yet
	left   time.Time // when whoever reads was last given something
	err    error
}

// sent is a piece that was asked for.
type sent struct {
	want
	ahead int64     // bytes under way then, these among them
	when  time.Time // zero: how long it takes would say nothing
}

func (r *reader) begin(a ask) error {
	if err := r.stream.SetWriteDeadline(time.Now().Add(opening)); err != nil {
		return err
	}
	_, unsaid := r.stream.Write(a.append(nil))
	if err := r.stream.SetReadDeadline(time.Now().Add(opening)); err != nil {
		return err
	}
	if err := readHere(r.in); err != nil { // who hears nothing more may have said why
		return errors.Join(err, unsaid)
	}
	return nil // what was not heard shows when pieces are asked for
}

// because is why reading ended: the context's error where that has ended.
func (r *reader) because(err error) error {
	if gone := r.ctx.Err(); gone != nil {
		return gone
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF // it is not whole
	}
	return err
}

// Read gives what comes next.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.rest) == 0 && r.err == nil {
		if r.at == r.size {
			return 0, io.EOF
		}
		if r.rest, r.err = r.next(); r.err != nil {
			r.rest = nil
			r.err = r.because(r.err)
		}
	}
	if len(r.rest) == 0 {
		return 0, r.err
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.left = time.Now()
	return n, nil
}

// next is the piece that is due.
func (r *reader) next() ([]byte, error) {
	if time.Since(r.left) > target/10 { // whoever reads was away: pieces waited for them
		for i := range r.sent {
			r.sent[i].when = time.Time{}
		}
	}
	unsaid := r.ask()
	if len(r.sent) == 0 {
		return nil, unsaid
	}
	if err := r.stream.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	due := r.sent[0]
	b, err := readPiece(r.in, due.want, r.buf) // of who hears no more, why not
	if err != nil {
		return nil, errors.Join(err, unsaid)
	}
	r.sent = r.sent[1:]
	r.at += int64(due.count)
	if now := time.Now(); !due.when.IsZero() {
		r.pace.came(now, int64(due.count), due.ahead, now.Sub(due.when))
	}
	return b, nil
}

// ask asks for as much as may be under way.
func (r *reader) ask() error {
	if rest := r.pace.rest(); rest > 0 {
		if len(r.sent) > 0 {
			return nil // once these have come
		}
		if err := r.pause(rest); err != nil {
			return err
		}
	}
	var words []byte
	now := time.Now()
	for r.asked < r.size {
		n := min(r.pace.piece(), r.size-r.asked)
		ahead := r.asked - r.at + n
		if ahead > r.pace.window && len(r.sent) > 0 {
			break
		}
		w := want{r.asked, int(n)}
		words = w.append(words, kWant)
		r.sent = append(r.sent, sent{w, ahead, now})
		r.asked += n
	}
	if len(words) == 0 {
		return nil
	}
	if err := r.stream.SetWriteDeadline(now.Add(patience)); err != nil {
		return err
	}
	_, err := r.stream.Write(words)
	return err
}

// pause waits so long, or until the context ends.
func (r *reader) pause(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// Close ends it, whole or not.
func (r *reader) Close() error {
	r.stop()
	if r.err == nil {
		r.err = io.ErrClosedPipe
	}
	r.rest = nil
	return r.stream.Close()
}
