package street

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// MaxFile is how many bytes a file of an index may have.
const MaxFile = 24 << 20

// magic begins a file: what it is, and in which form.
const magic = "lamppost streets 1\n"

// ErrDamaged is wrapped by what is wrong with a file. Match with errors.Is.
var ErrDamaged = errors.New("not a sound file of streets")

// Learned is an index and what it was learned from.
type Learned struct {
	*Index

	From   string    // the maps, by whatever tells them from others; at most 200 bytes
	Around orb.Point // the middle
}

const maxFrom = 200

// Append appends the file of what was learned to b. After magic come numbers as package
// binary writes them, then the SHA-256 of all.
func (l Learned) Append(b []byte) []byte {
	begun := len(b)
	b = append(b, magic...)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	at := func(p point) {
		b = binary.AppendVarint(b, int64(p.lon))
		b = binary.AppendVarint(b, int64(p.lat))
	}
	text(l.From)
	at(pointOf(l.Around))
	b = binary.AppendUvarint(b, uint64(math.Round(l.tile*1000)))
	b = binary.AppendUvarint(b, uint64(len(l.names)))
	for _, n := range l.names {
		text(n.text)
	}
	b = binary.AppendUvarint(b, uint64(len(l.spots)))
	for _, s := range l.spots {
		b = binary.AppendUvarint(b, uint64(s.name))
		at(s.at)
		b = binary.AppendUvarint(b, uint64(s.meters))
	}
	b = binary.AppendUvarint(b, uint64(l.Crossings()))
	for _, c := range l.crossings {
		if c.a < c.b {
			b = binary.AppendUvarint(b, uint64(c.a))
			b = binary.AppendUvarint(b, uint64(c.b))
			at(c.at)
		}
	}
	sum := sha256.Sum256(b[begun:])
	return append(b, sum[:]...)
}

// Read reads a file. The error is ErrDamaged.
func Read(raw []byte) (Learned, error) {
	body, ok := sealed(raw)
	if !ok {
		return Learned{}, fmt.Errorf("%w: it was cut off or changed, or is of another form", ErrDamaged)
	}
	r := reader{rest: body}
	l := Learned{From: r.text(maxFrom), Around: r.point().orb()}
	tile := float64(r.number(1e9)) / 1000
	names := make([]string, 0, min(r.peek(), MaxNames))
	for range r.number(MaxNames) {
		names = append(names, r.text(maxName))
		if r.wrong {
			break
		}
	}
	var spots []spot
	for range r.number(MaxSpots) {
		spots = append(spots, spot{r.name(names), r.point(), float32(r.number(1 << 24))})
		if r.wrong {
			break
		}
	}
	var crossings []crossing
	for range r.number(MaxCrossings / 2) {
		c := crossing{r.name(names), r.name(names), r.point()}
		crossings = append(crossings, c)
		if r.wrong = r.wrong || c.a == c.b; r.wrong { // nothing crosses itself
			break
		}
	}
	if r.wrong || len(r.rest) > 0 {
		return Learned{}, fmt.Errorf("%w: it does not hold together", ErrDamaged)
	}
	l.Index = put(names, crossings, spots, tile)
	return l, nil
}

// sealed is what is between magic and hash, where both are right.
func sealed(raw []byte) ([]byte, bool) {
	at := len(raw) - sha256.Size
	if len(raw) > MaxFile || at < len(magic) || string(raw[:len(magic)]) != magic {
		return nil, false
	}
	sum := sha256.Sum256(raw[:at])
	return raw[len(magic):at], bytes.Equal(sum[:], raw[at:])
}

// reader reads a file's body. Once something is wrong all that follows is zero.
type reader struct {
	rest  []byte
	wrong bool
}

func (r *reader) number(most uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.wrong || n <= 0 || v > most {
		r.wrong = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// peek is the next number, for the room that is made.
func (r *reader) peek() int {
	v, _ := binary.Uvarint(r.rest)
	return int(min(v, uint64(len(r.rest)))) //nolint:gosec // no more than there are bytes
}

func (r *reader) text(most uint64) string {
	n := r.number(most)
	if r.wrong || n > uint64(len(r.rest)) || !utf8.Valid(r.rest[:n]) {
		r.wrong = true
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) name(names []string) int32 {
	n := r.number(MaxNames)
	if r.wrong || n >= uint64(len(names)) {
		r.wrong = true
		return 0
	}
	return int32(n) //nolint:gosec // less than MaxNames
}

func (r *reader) point() point { return point{r.degrees(180), r.degrees(90)} }

func (r *reader) degrees(most int64) int32 {
	v, n := binary.Varint(r.rest)
	if r.wrong || n <= 0 || v > most*perDegree || v < -most*perDegree {
		r.wrong = true
		return 0
	}
	r.rest = r.rest[n:]
	return int32(v) //nolint:gosec // within 180 degrees
}
