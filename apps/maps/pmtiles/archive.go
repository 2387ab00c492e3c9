package pmtiles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// What a caller tells its own way. Match with errors.Is.
var (
	// ErrNowhere: there is no such tile on any map; its zoom, x or y is out of range.
	ErrNowhere = errors.New("there is no such tile: zoom, x or y is out of range")
	// ErrMissing: this file does not have the tile.
	ErrMissing = errors.New("this map file does not have the tile")
)

// Archive is an open file. It is safe for concurrent use if its source is.
type Archive struct {
	header   Header
	metadata Metadata
	root     []Entry
	src      source
	cache    *Cache
}

// Open reads the header, the metadata and the root directory of a file of so many bytes,
// and holds them to the bounds. Several files may share a cache; nil makes one. The error
// is a *Refused, or one of src.
//
// The rest of the file is read when it is asked for; Check reads all of it.
func Open(src io.ReaderAt, size int64, shared *Cache) (*Archive, error) {
	if shared == nil {
		shared = NewCache(0)
	}
	a := &Archive{src: source{src}, cache: shared}
	head := make([]byte, min(HeaderSize, max(0, size)))
	if n, err := a.src.ReadAt(head, 0); n < len(head) {
		return nil, inWords(err, "its header")
	}
	var err error
	if a.header, err = ReadHeader(head, size); err != nil {
		return nil, err
	}
	if a.root, err = a.directory(a.header.Root, a.scope()); err != nil {
		return nil, inWords(err, "its root directory")
	}
	if a.header.Metadata.Length > 0 {
		raw, err := a.unpack(nil, a.header.Internal, a.section(a.header.Metadata), MaxMetadata)
		if err != nil {
			return nil, inWords(err, "its metadata")
		}
		if a.metadata, err = ReadMetadata(raw); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Header is the file's header.
func (a *Archive) Header() Header { return a.header }

// Metadata is what the file says of itself; empty if it says nothing.
func (a *Archive) Metadata() Metadata { return a.metadata }

// Forget gives the room that the file's directories take in a shared cache to others. It
// is called when the file is closed.
func (a *Archive) Forget() { a.cache.forget(a) }

// Ref is where a tile's data is in a file.
type Ref struct {
	Offset uint64 // from the beginning of the file
	Length int    // bytes, as stored
}

// Tag tells a tile's data from any other in the same file.
func (r Ref) Tag() string {
	return strconv.FormatUint(r.Offset, 36) + "." + strconv.FormatInt(int64(r.Length), 36)
}

// Find is where a tile is. It is ErrNowhere, ErrMissing, a *Refused if a directory on the
// way is damaged, or an error of the source or of the context.
func (a *Archive) Find(ctx context.Context, z uint8, x, y uint32) (Ref, error) {
	id, ok := ID(z, x, y)
	if !ok {
		return Ref{}, ErrNowhere
	}
	es, in := a.root, a.scope()
	for range MaxDepth {
		e, ok := find(es, id)
		if !ok {
			return Ref{}, ErrMissing
		}
		if e.Run > 0 {
			return Ref{a.header.Tiles.Offset + e.Offset, int(e.Length)}, nil
		}
		in = in.below(es, e)
		span := Span{a.header.Leaves.Offset + e.Offset, uint64(e.Length)}
		var err error
		es, err = a.cache.get(ctx, dirKey{a, span, in.first, in.end}, func() ([]Entry, error) { return a.directory(span, in) })
		if err != nil {
			return Ref{}, inWords(err, at("its leaf directory", span))
		}
	}
	return Ref{}, errTooDeep()
}

// Append appends a tile's data to dst, as stored.
func (a *Archive) Append(dst []byte, r Ref) ([]byte, error) {
	begun := len(dst)
	if r.Length < 0 || r.Length > MaxTile {
		return dst, fmt.Errorf("a tile of %d bytes", r.Length)
	}
	dst = append(dst, make([]byte, r.Length)...)
	if n, err := a.src.ReadAt(dst[begun:], int64(r.Offset)); n < r.Length {
		return dst[:begun], inWords(err, at("a tile", Span{r.Offset, uint64(r.Length)}))
	}
	return dst, nil
}

// AppendUnpacked appends a tile's data to dst, unpacked: at most MaxUnpacked bytes.
func (a *Archive) AppendUnpacked(dst []byte, r Ref) ([]byte, error) {
	if a.header.Compression == None {
		return a.Append(dst, r)
	}
	span := Span{r.Offset, uint64(r.Length)}
	dst, err := a.unpack(dst, a.header.Compression, a.section(span), MaxUnpacked)
	if err != nil {
		return dst, inWords(err, at("a tile", span))
	}
	return dst, nil
}

// Hollow reports whether a vector tile shows nothing: it has no feature, or cannot be read as
// one. The error is one of the source.
func (a *Archive) Hollow(r Ref) (bool, error) {
	if a.header.Type != MVT {
		return false, nil
	}
	u, err := a.cache.unpackers.get(a.header.Compression, a.section(Span{r.Offset, uint64(r.Length)}))
	none := true
	if err == nil {
		none, err = u.hollow(MaxUnpacked)
		a.cache.unpackers.put(u)
	}
	if own, ok := errors.AsType[*sourceError](err); ok {
		return false, fmt.Errorf("read a map file: %w", own.error)
	}
	return none || err != nil, nil
}

// Tile is a tile as stored, packed as the header's Compression says. Errors are as those
// of Find.
func (a *Archive) Tile(ctx context.Context, z uint8, x, y uint32) ([]byte, error) {
	r, err := a.Find(ctx, z, x, y)
	if err != nil {
		return nil, err
	}
	return a.Append(nil, r)
}

// Unpacked is a tile to be drawn. Errors are as those of Find.
func (a *Archive) Unpacked(ctx context.Context, z uint8, x, y uint32) ([]byte, error) {
	r, err := a.Find(ctx, z, x, y)
	if err != nil {
		return nil, err
	}
	return a.AppendUnpacked(nil, r)
}

// scope is what the root directory may speak of.
func (a *Archive) scope() scope {
	return scope{end: IDs(MaxZoom + 1), tiles: a.header.Tiles.Length, leaves: a.header.Leaves.Length}
}

// below is the scope of the leaf that an entry of es leads to.
func (in scope) below(es []Entry, e Entry) scope {
	if next, ok := after(es, e.ID); ok {
		in.end = next
	}
	in.first, in.leaf = e.ID, true
	return in
}

// directory reads one that lies somewhere.
func (a *Archive) directory(span Span, in scope) ([]Entry, error) {
	u, err := a.cache.unpackers.get(a.header.Internal, a.section(span))
	if err != nil {
		return nil, err
	}
	defer a.cache.unpackers.put(u)
	return readDirectory(u, in)
}

func (a *Archive) unpack(dst []byte, c Compression, src io.Reader, most int) ([]byte, error) {
	u, err := a.cache.unpackers.get(c, src)
	if err != nil {
		return dst, err
	}
	defer a.cache.unpackers.put(u)
	return u.appendAll(dst, most)
}

// section is a part of the file; it ends early only where the file does.
func (a *Archive) section(s Span) io.Reader {
	return io.NewSectionReader(a.src, int64(s.Offset), int64(s.Length))
}

// source tells its own errors from those about what was read.
type source struct{ io.ReaderAt }

type sourceError struct{ error }

func (e *sourceError) Unwrap() error { return e.error }

func (s source) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &sourceError{err}
	}
	return n, err
}

// inWords is an error of reading a part of a file: a *Refused, unless the source or a
// context is at fault.
func inWords(err error, part string) error {
	if own, ok := errors.AsType[*sourceError](err); ok {
		return fmt.Errorf("read a map file: %w", own.error)
	}
	if _, ok := errors.AsType[*Refused](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errNothing) {
		err = errors.New("it ends too early")
	}
	if own, ok := errors.AsType[*packError](err); ok {
		return because(own.error, damaged("%s cannot be unpacked: it is packed in another way than the file says, or was changed on its way", part))
	}
	return damaged("%s: %v", part, err)
}

func at(what string, s Span) string { return fmt.Sprintf("%s at byte %d", what, s.Offset) }

func errTooDeep() error {
	return damaged("its directories lead on to others more than %d times, or in a circle", MaxDepth-1)
}
