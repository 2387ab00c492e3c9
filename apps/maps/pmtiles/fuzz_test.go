package pmtiles_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles"
	"github.com/lamppost-hub/lamppost/apps/maps/pmtiles/pmtilestest"
)

func sound(err error) bool {
	told, refused := errors.AsType[*pmtiles.Refused](err)
	return err == nil || refused && told.Phrase != ""
}

// A header is refused in words, or what it says lies within its file.
func FuzzHeader(f *testing.F) {
	file := pmtilestest.File{Tiles: square(2, 4), Leaf: 3}.Bytes()
	f.Add(file[:pmtiles.HeaderSize], int64(len(file)))
	f.Add([]byte("PMTiles\x03"), int64(8))
	f.Add([]byte("PM\x02\x00"), int64(1))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		h, err := pmtiles.ReadHeader(b, size)
		if !sound(err) {
			t.Fatalf("refused with %v", err)
		}
		if err != nil {
			return
		}
		for _, s := range []pmtiles.Span{h.Root, h.Metadata, h.Leaves, h.Tiles} {
			if s.Length > 0 && (s.Offset < pmtiles.HeaderSize || s.Offset+s.Length < s.Offset || s.Offset+s.Length > uint64(size)) {
				t.Fatalf("%+v lies outside of %d bytes", s, size)
			}
		}
		if h.MinZoom > h.MaxZoom || h.MaxZoom > pmtiles.MaxZoom || !h.Bounds.Contains(h.Center) {
			t.Fatalf("%+v", h)
		}
	})
}

// A root directory is refused in words, or written anew is the same.
func FuzzDirectory(f *testing.F) {
	f.Add(pmtilestest.Directory([]pmtiles.Entry{{ID: 0, Length: 5, Run: 1}, {ID: 3, Offset: 5, Length: 9, Run: 2}, {ID: 9, Offset: 5, Length: 9, Run: 1}, {ID: 12, Length: 4}}))
	f.Add([]byte{1, 0, 0, 5, 1})
	f.Add([]byte{2, 0, 1, 1, 1, 1, 1, 1, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		const section = 1 << 20
		es, err := pmtiles.ReadDirectory(b, section, section)
		if err != nil {
			return
		}
		last := uint64(0)
		for i, e := range es {
			if i > 0 && e.ID < last || e.Length == 0 || e.Offset+uint64(e.Length) > section || e.ID+uint64(e.Run) > pmtiles.IDs(pmtiles.MaxZoom+1) {
				t.Fatalf("entry %d: %+v", i, e)
			}
			last = e.ID + max(1, uint64(e.Run))
		}
		again, err := pmtiles.ReadDirectory(pmtilestest.Directory(es), section, section)
		if err != nil || !slices.Equal(again, es) {
			t.Fatalf("%+v became %+v, %v", es, again, err)
		}
	})
}

// Metadata is refused in words, or thanks somebody in one short line.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(pmtilestest.V4))
	f.Add([]byte(pmtilestest.V3))
	f.Add([]byte(`{"tilestats":{"layers":[{"layer":"earth"}]},"version":4,"attribution":"<a href=x>&lt;b&gt;<script>"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := pmtiles.ReadMetadata(b)
		if !sound(err) {
			t.Fatalf("refused with %v", err)
		}
		if credit := m.Credit(); err == nil && (len(credit) > 1000 || credit == "" || m.Attribution == "" && credit != "© OpenStreetMap") {
			t.Fatalf("thanks %q", credit)
		}
	})
}

// A whole file is refused in words, or each of its tiles is found and read.
func FuzzFile(f *testing.F) {
	for _, c := range []pmtiles.Compression{pmtiles.None, pmtiles.Gzip, pmtiles.Zstd} {
		f.Add(pmtilestest.File{Tiles: square(1, 2), Internal: c, Compression: c}.Bytes())
		f.Add(pmtilestest.File{Tiles: square(2, 4), Internal: c, Compression: c, Leaf: 3, Levels: 2}.Bytes())
	}
	f.Add(pmtilestest.File{Tiles: square(0, 1), Leaf: 1, Internal: pmtiles.None, Packed: packed("leaf", []byte{1, 0, 0, 5, 1})}.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := pmtiles.Open(bytes.NewReader(b), int64(len(b)), nil)
		if !sound(err) {
			t.Fatalf("refused with %v", err)
		}
		if err != nil {
			return
		}
		_, wrong := a.Check(t.Context())
		if !sound(wrong) {
			t.Fatalf("refused with %v", wrong)
		}
		if _, err := a.Schema(); !sound(err) {
			t.Fatalf("refused with %v", err)
		}
		for z := range uint8(3) {
			for x := range uint32(1) << z {
				for y := range uint32(1) << z {
					_, err := a.Unpacked(t.Context(), z, x, y)
					if !sound(err) && !errors.Is(err, pmtiles.ErrMissing) || wrong == nil && err != nil && !errors.Is(err, pmtiles.ErrMissing) {
						t.Fatalf("%d/%d/%d: %v, of a file that was checked with %v", z, x, y, err, wrong)
					}
				}
			}
		}
	})
}
