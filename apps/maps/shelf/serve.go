package shelf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/lamppost-hub/lamppost/apps/maps/draw/mvt"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/hub"
)

// Pattern is where Serve belongs, below the app's path.
const Pattern = "GET /tiles/{z}/{x}/{y}"

// How long browsers keep what they got: for good where the address has ?v= with the
// shelf's Version, else until there may be other maps.
const (
	keepAlways  = "public, max-age=31536000, immutable"
	keepBriefly = "public, max-age=60"
)

// Serve answers for one tile, as a hub.Handler: as stored where the client takes that,
// else unpacked; where only a larger tile is, what is cut from that; 304 where the client
// has it; 204 where the map has nothing there; 404 where no map is. An error is a NotFound
// for what is no tile, or that a file could not be read.
func (s *Shelf) Serve(w http.ResponseWriter, r *http.Request, _ hub.Request) (string, error) {
	z, x, y, ok := tileOf(r)
	if !ok {
		return "", nowhere()
	}
	s.glance()
	a := &answer{w: w, r: r, version: s.current.Load().version}
	err := s.climb(r.Context(), z, x, y, func(p place, up uint8) error {
		if up > 0 {
			return s.sendCut(a, p, mvt.Part{Down: up, X: x & (1<<up - 1), Y: y & (1<<up - 1)})
		}
		return s.send(a, p)
	})
	switch {
	case errors.Is(err, ErrEmpty):
		a.headers()
		w.WriteHeader(http.StatusNoContent)
		return "", nil
	case errors.Is(err, ErrUncovered):
		a.headers()
		w.WriteHeader(http.StatusNotFound)
		return "", nil
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "", err
	}
	if told, ok := errors.AsType[*hub.Error](err); ok {
		return "", told
	}
	return "", errors.Join(hub.Errorf(hub.Unavailable, "", "This piece of the map cannot be read just now. Please tell whoever looks after this place."), err)
}

// tileOf is the tile that a request names. y may end in .mvt, as other programs ask.
func tileOf(r *http.Request) (z uint8, x, y uint32, ok bool) {
	z64, okZ := number(r.PathValue("z"), 8)
	x64, okX := number(r.PathValue("x"), 32)
	y64, okY := number(strings.TrimSuffix(r.PathValue("y"), ".mvt"), 32)
	z, x, y = uint8(z64), uint32(x64), uint32(y64)
	_, exists := pmtiles.ID(z, x, y)
	return z, x, y, okZ && okX && okY && exists
}

// number reads a number that is written in one way only, so that a tile has one address.
func number(s string, bits int) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, bits)
	return n, err == nil && strconv.FormatUint(n, 10) == s
}

// answer is one on its way.
type answer struct {
	w       http.ResponseWriter
	r       *http.Request
	version string
	tag     string // of what is sent
}

// has says which tile it is, packed so, and reports whether the client has it, which is
// then told.
func (a *answer) has(tag, packed string) bool {
	if packed != "" {
		tag += "." + packed
	}
	a.tag = `"` + tag + `"`
	if !matches(a.r.Header.Values("If-None-Match"), a.tag) {
		return false
	}
	a.headers()
	a.w.Header().Set("ETag", a.tag)
	a.w.WriteHeader(http.StatusNotModified)
	return true
}

// write writes a vector tile.
func (a *answer) write(data []byte, packed string) {
	a.headers()
	h := a.w.Header()
	h.Set("ETag", a.tag)
	h.Set("Content-Type", pmtiles.MVT.MediaType())
	h.Set("Content-Length", strconv.Itoa(len(data)))
	if packed != "" {
		h.Set("Content-Encoding", packed)
	}
	_, _ = a.w.Write(data) // whoever asked may have gone
}

// headers are those of all answers.
func (a *answer) headers() {
	h := a.w.Header()
	h.Set("Vary", "Accept-Encoding")
	if v := a.r.URL.RawQuery; strings.HasPrefix(v, "v=") && v[2:] == a.version {
		h.Set("Cache-Control", keepAlways)
	} else {
		h.Set("Cache-Control", keepBriefly)
	}
}

// encoding is what HTTP calls a packing (RFC 9110 §8.4.1, RFC 8878 §7.2).
func encoding(c pmtiles.Compression) string {
	switch c {
	case pmtiles.Gzip:
		return "gzip"
	case pmtiles.Zstd:
		return "zstd"
	}
	return ""
}

// send sends a tile. Nothing is written before all of it was read.
func (s *Shelf) send(a *answer, p place) error {
	header := p.archive.Header()
	packed := encoding(header.Compression)
	if packed != "" && !accepts(a.r.Header.Values("Accept-Encoding"), packed) {
		packed = ""
	}
	if a.has(p.tag+"."+p.ref.Tag(), packed) {
		return nil
	}
	room, ok := s.spare.rooms.Get().(*[]byte)
	if !ok {
		room = new([]byte)
	}
	defer s.spare.rooms.Put(room)
	var err error
	if packed != "" {
		*room, err = p.archive.Append((*room)[:0], p.ref)
	} else {
		*room, err = p.archive.AppendUnpacked((*room)[:0], p.ref)
	}
	if err != nil {
		return err
	}
	a.write(*room, packed)
	if cap(*room) > maxRoom {
		*room = nil
	}
	return nil
}

// sendCut sends what is cut from a larger tile.
func (s *Shelf) sendCut(a *answer, p place, part mvt.Part) error {
	packed := "gzip"
	if !accepts(a.r.Header.Values("Accept-Encoding"), packed) {
		packed = ""
	}
	// with another way to cut, or to pack, the 1 is another number
	if a.has(fmt.Sprintf("%s.%s.1-%d-%d-%d", p.tag, p.ref.Tag(), part.Down, part.X, part.Y), packed) {
		return nil
	}
	whole, err := p.archive.AppendUnpacked(nil, p.ref)
	if err != nil {
		return err
	}
	data, err := mvt.Cut(whole, part)
	if err != nil {
		return err
	}
	if packed != "" {
		if data, err = s.pack(data); err != nil {
			return err
		}
	}
	a.write(data, packed)
	return nil
}

// pack packs with gzip.
func (s *Shelf) pack(data []byte) ([]byte, error) {
	w, ok := s.spare.packers.Get().(*gzip.Writer)
	if !ok {
		var err error
		if w, err = gzip.NewWriterLevel(nil, gzip.BestSpeed); err != nil {
			return nil, err
		}
	}
	defer s.spare.packers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// spare is what answers use one after the other.
type spare struct {
	rooms   sync.Pool // *[]byte, for tiles on their way
	packers sync.Pool // *gzip.Writer, for those that are cut
}

// maxRoom is how large a tile's room may be to be kept for the next one, in bytes.
const maxRoom = 512 << 10

// accepts reports whether a client takes an encoding (RFC 9110 §12.5.3).
func accepts(header []string, name string) bool {
	rest := false // what "*" says of those not named
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			of, weight, _ := strings.Cut(part, ";")
			of = strings.TrimSpace(of)
			switch {
			case strings.EqualFold(of, name), name == "gzip" && strings.EqualFold(of, "x-gzip"):
				return wanted(weight)
			case of == "*":
				rest = wanted(weight)
			}
		}
	}
	return rest
}

// wanted reports whether a weight ("q=0.5") is more than none.
func wanted(weight string) bool {
	key, value, given := strings.Cut(strings.TrimSpace(weight), "=")
	if !given || !strings.EqualFold(strings.TrimSpace(key), "q") {
		return true
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err != nil || q > 0
}

// matches reports whether a client has what has this tag (RFC 9110 §13.1.2).
func matches(header []string, tag string) bool {
	for _, line := range header {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.TrimSpace(part)
			if part == "*" || strings.TrimPrefix(part, "W/") == tag {
				return true
			}
		}
	}
	return false
}
