package pmtiles

import (
	"bufio"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// errTooMuch is that something unpacks to more than it may.
var errTooMuch = errors.New("it unpacks to more than it may")

// unpacker reads what is packed, a byte at a time or many, without ever holding it whole.
// It is used again and again, as its tables cost more than most of what it reads.
type unpacker struct {
	*bufio.Reader

	gz   *gzip.Reader
	zs   *zstd.Decoder
	from counter
}

// counter counts what is read through it.
type counter struct {
	io.Reader

	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, badlyPacked(err)
}

// packError is what a library says of something that it cannot unpack.
type packError struct{ error }

func (e *packError) Unwrap() error { return e.error }

// badlyPacked is an error of unpacking as a packError, unless it is of an end.
func badlyPacked(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &packError{err}
}

// used is how many unpacked bytes were taken.
func (u *unpacker) used() int64 { return u.from.n - int64(u.Buffered()) }

// unpackers are those that nobody uses just now.
type unpackers struct{ free sync.Pool }

// get begins to unpack src.
func (p *unpackers) get(c Compression, src io.Reader) (*unpacker, error) {
	u, ok := p.free.Get().(*unpacker)
	if !ok {
		u = &unpacker{Reader: bufio.NewReaderSize(nil, 4096)}
	}
	from, err := u.begin(c, src)
	if err != nil {
		p.put(u)
		return nil, badlyPacked(err)
	}
	u.from = counter{Reader: from}
	u.Reset(&u.from)
	return u, nil
}

func (p *unpackers) put(u *unpacker) {
	u.Reset(nil) // lets go of the source
	u.from = counter{}
	p.free.Put(u)
}

func (u *unpacker) begin(c Compression, src io.Reader) (_ io.Reader, err error) {
	switch c {
	case None:
		return src, nil
	case Gzip:
		if u.gz == nil {
			u.gz, err = gzip.NewReader(src)
		} else {
			err = u.gz.Reset(src)
		}
		return u.gz, err
	case Zstd:
		if u.zs == nil {
			// With a concurrency of one it starts no goroutine. Its window is as large as a tile may be.
			u.zs, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(MaxUnpacked), zstd.WithDecoderMaxWindow(MaxUnpacked))
			if err != nil {
				return nil, err
			}
		}
		return u.zs, u.zs.Reset(src)
	}
	return nil, errors.New("packed in a way that is not known")
}

// appendAll appends all that is left to dst, at most so many bytes.
func (u *unpacker) appendAll(dst []byte, most int) ([]byte, error) {
	begun := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		room := dst[len(dst):min(cap(dst), begun+most+1)]
		n, err := u.Read(room)
		dst = dst[:len(dst)+n]
		switch {
		case len(dst)-begun > most:
			return dst[:begun], errTooMuch
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst[:begun], err
		}
	}
}

// vector passes over a vector tile; more than most bytes of it are an error, as is what is
// no list of layers: a sequence of fields of Protocol Buffers, the layers among them
// (Mapbox Vector Tile 2.1, §4.1). What is in a layer is not looked at.
func (u *unpacker) vector(most int64) error {
	for {
		tag, size, err := u.field()
		switch {
		case errors.Is(err, errNothing):
			return nil
		case err != nil:
			return err
		case tag>>3 == 0, tag>>3 == layerField && tag&7 != 2:
			return errNoVector
		case size > uint64(most), u.used()+int64(size) > most:
			return errTooMuch
		}
		if _, err := u.Discard(int(size)); err != nil {
			return err
		}
	}
}

// field reads what a field of Protocol Buffers begins with: its tag, and how many bytes of it
// follow. It is errNothing at the end.
func (u *unpacker) field() (tag, size uint64, err error) {
	if tag, err = varint(u.Reader); err != nil {
		return 0, 0, err
	}
	switch tag & 7 {
	case 0:
		_, err = varint(u.Reader)
	case 1:
		size = 8
	case 2:
		size, err = varint(u.Reader)
	case 5:
		size = 4
	default:
		err = errNoVector
	}
	if errors.Is(err, errNothing) {
		err = io.ErrUnexpectedEOF
	}
	return tag, size, err
}

// hollow reports whether no layer of a vector tile has a feature with a shape. It reads on to
// the first that has one, and no more than most bytes.
func (u *unpacker) hollow(most int64) (bool, error) {
	end := int64(-1) // of the layer that is being read; -1 is outside of all
	for {
		if u.used() >= end {
			end = -1
		}
		tag, size, err := u.field()
		switch {
		case errors.Is(err, errNothing):
			return true, nil
		case err != nil:
			return false, err
		case size > uint64(most), u.used()+int64(size) > most:
			return false, errTooMuch
		case end < 0 && tag == layerField<<3|2:
			end = u.used() + int64(size)
			continue
		case end >= 0 && tag == featureField<<3|2 && size >= leastFeature:
			return false, nil
		}
		if _, err := u.Discard(int(size)); err != nil {
			return false, err
		}
	}
}

// Numbers of fields of a vector tile, and how many bytes a feature needs to show one point:
// its type, a command and two numbers.
const (
	layerField   = 3 // of the tile
	featureField = 2 // of a layer
	leastFeature = 7
)

var errNoVector = errors.New("it is no vector tile")

// skip passes over all that is left; more than most bytes are an error.
func (u *unpacker) skip(most int64) error {
	n, err := io.Copy(io.Discard, io.LimitReader(u, most+1))
	if err == nil && n > most {
		err = errTooMuch
	}
	return err
}
