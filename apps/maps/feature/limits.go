package feature

import (
	"errors"
	"io"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// What is read of a file, whatever its format. Beyond the first two the file ends with
// an error; beyond the others the one feature is refused.
const (
	MaxFileBytes = 64 << 20 // bytes of a whole file, where a caller names no bound of its own
	MaxFeatures  = 100_000  // features of a file

	MaxFeatureBytes = 1 << 20 // bytes of one feature as it stands in its file
	MaxPoints       = 10_000  // points of one feature, all its parts together
	MaxParts        = 1_000   // lines, outlines and holes of one feature together
	MaxProps        = 250     // values of one feature
	MaxID           = 200     // bytes of an id
	MaxName         = 500     // bytes of a feature's name, and of the name of a value
	MaxText         = 64_000  // bytes of a description, and of one value
)

// Bounded reads at most so many bytes; at one more it fails with an error that people
// understand, rather than with what looks like the end of the file.
func Bounded(r io.Reader, bytes int64) io.Reader { return &bounded{r: r, most: bytes, left: bytes} }

type bounded struct {
	r          io.Reader
	most, left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLarge()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed tells "too large" from "just fits"
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, b.tooLarge()
	}
	return n, err
}

func (b *bounded) tooLarge() error {
	return hub.Errorf(hub.Invalid, "", "This file is larger than %d MB. Split it into smaller files.", b.most>>20)
}

// Counted ends a source with an error at one feature more than so many. What is refused
// counts as well.
func Counted(s Source, most int) Source { return &counted{s: s, most: most, left: most} }

type counted struct {
	s          Source
	most, left int
}

func (c *counted) Next() (Feature, error) {
	f, err := c.s.Next()
	if _, refused := err.(*Refused); err != nil && !refused { //nolint:errorlint // a source gives it as it is
		return f, err
	}
	if c.left--; c.left < 0 {
		return Feature{}, TooMany(c.most)
	}
	return f, err
}

// TooMany is the error that ends a file of more features than so many.
func TooMany(most int) error {
	return hub.Errorf(hub.Invalid, "", "This file has more than %d entries. Split it into smaller files.", most)
}

// Fit is the feature with its geometry as Sound has it, or a *Refused that says which
// bound it exceeds or what is wrong with it. Every source ends with it.
func (f Feature) Fit() (Feature, error) {
	fitted, err := f.fit()
	return fitted, Named(err, f.Name)
}

func (f Feature) fit() (Feature, error) {
	long := func(what hub.Phrase, most int) error {
		return Refuse(f.At, "%[1]s is too long: at most %[2]d bytes are read. Shorten it.", hub.Said{Phrase: what}, most)
	}
	switch {
	case len(f.ID) > MaxID:
		return Feature{}, long("Its id", MaxID)
	case len(f.Name) > MaxName:
		return Feature{}, long("Its name", MaxName)
	case len(f.Description) > MaxText:
		return Feature{}, long("Its description", MaxText)
	case len(f.Props) > MaxProps:
		return Feature{}, Refuse(f.At, "It has %[1]d values, and at most %[2]d are read. Leave out what is not needed.", len(f.Props), MaxProps)
	}
	for _, p := range f.Props {
		if len(p.Name) > MaxName {
			return Feature{}, long("The name of a value", MaxName)
		}
		if len(p.Value) > MaxText {
			return Feature{}, Refuse(f.At, "Its value of “%[1]s” is too long: at most %[2]d bytes are read. Shorten it.", p.Name, MaxText)
		}
	}
	g, err := Sound(f.At, f.Geometry)
	if err != nil {
		return Feature{}, f.turned(err)
	}
	f.Geometry = g
	return f, nil
}

// turned adds the feature to why it is refused, if only swapped it is on the earth.
func (f Feature) turned(err error) error {
	r, is := errors.AsType[*Refused](err)
	if !is || f.Geometry == nil || covers(globe(), f.Geometry.Bound()) {
		return err
	}
	if _, wrong := Sound(f.At, Swap(f.Geometry)); wrong == nil {
		r.Swapped = &f
	}
	return err
}

// size is how many points and how many parts a geometry has.
func size(g orb.Geometry) (points, parts int) {
	switch g := g.(type) {
	case orb.Point:
		return 1, 0
	case orb.MultiPoint:
		return len(g), 0
	case orb.LineString:
		return len(g), 1
	case orb.Ring:
		return len(g), 1
	case orb.MultiLineString:
		for _, l := range g {
			points += len(l)
		}
		return points, len(g)
	case orb.Polygon:
		for _, r := range g {
			points += len(r)
		}
		return points, len(g)
	case orb.MultiPolygon:
		for _, p := range g {
			n, k := size(p)
			points, parts = points+n, parts+k
		}
	}
	return points, parts
}
