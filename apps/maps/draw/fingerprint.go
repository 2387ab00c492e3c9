package draw

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/paulmach/orb"
)

// form changes when pictures look different for the same view, so that none is shown
// that was drawn before.
const form = 4

// Fingerprint tells a picture from all others: equal ones have the same view, made sound,
// the same streets, by what tiles says of them, the same signs, lines and areas on the
// picture, and the same look. It does not depend on what is not to be seen.
func Fingerprint(v View, tiles string, marks []Mark, how Look) [sha256.Size]byte {
	f := newFrame(v.Sound())
	sum := sha256.New()
	p := printer{bufio.NewWriter(sum)}
	p.numbers(form, f.Center[0], f.Center[1], f.Zoom, float64(f.Width), float64(f.Height), float64(f.Scale), yes(how.Dark), yes(how.Miles), float64(how.Within))
	p.text(tiles)
	p.text(how.Language)
	for i := range marks[:min(len(marks), maxMarks)] {
		m := &marks[i]
		seen := false
		f.walk(m.Geometry, func(g orb.Geometry) {
			if !seen {
				p.numbers(-1, float64(m.Kind), float64(m.Number), yes(m.Unsure), float64(m.Count))
				seen = true
			}
			switch g := g.(type) {
			case orb.Point:
				p.points(0, []orb.Point{g})
			case orb.LineString:
				p.points(1, g)
			case orb.Polygon:
				for _, ring := range g {
					p.points(2, ring)
				}
			}
		})
	}
	p.flush()
	return [sha256.Size]byte(sum.Sum(nil))
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// printer writes what a picture depends on, each part so that no two read alike.
type printer struct{ w *bufio.Writer }

func (p printer) numbers(all ...float64) {
	for _, x := range all {
		p.write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
	}
}

func (p printer) text(s string) {
	p.numbers(float64(len(s)))
	p.write([]byte(s))
}

func (p printer) points(kind float64, all []orb.Point) {
	p.numbers(kind, float64(len(all)))
	for _, q := range all {
		p.numbers(q[0], q[1])
	}
}

// A hash never fails to be written to, so the buffer before it does not either.
func (p printer) write(b []byte) { _, _ = p.w.Write(b) }

func (p printer) flush() { _ = p.w.Flush() }
