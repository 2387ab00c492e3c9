package kml

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

// What a KMZ may have at most. Of what is in it only one document is read, and that is
// bounded by what really comes out of it, whatever the zip file says.
const (
	MaxEntries   = 2000    // files and folders
	maxDirectory = 1 << 20 // bytes that are read to find them all
)

// File is an open file of KML or KMZ.
type File struct {
	*Reader
	doc io.Closer
}

// Close ends the reading. The file itself stays open.
func (f *File) Close() error {
	if f.doc == nil {
		return nil
	}
	return f.doc.Close()
}

// OpenFile reads KML, or KMZ, which it tells by the first bytes; of KMZ the first document
// whose name ends in .kml, one in no folder before all others (OGC 07-147r2 annex C). No
// more than most bytes are read of the document. A KMZ with a name that would lead out of
// it is refused whole.
func OpenFile(r io.ReaderAt, size, most int64) (*File, error) {
	var magic [4]byte
	if n, err := r.ReadAt(magic[:], 0); n < len(magic) && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(magic[:]) != "PK\x03\x04" {
		return &File{Reader: NewReader(feature.Bounded(io.NewSectionReader(r, 0, size), most))}, nil
	}
	// The list of entries is read at once: what it costs is bounded by what is read of it.
	list := &allowance{r: r, left: maxDirectory}
	z, err := zip.NewReader(list, size)
	switch {
	case errors.Is(err, errAllowance), err == nil && len(z.File) > MaxEntries:
		return nil, broken("This KMZ file has more than %d entries. Save only its KML document, and import that.", MaxEntries)
	case err != nil:
		return nil, broken("This KMZ file is damaged: it is no whole zip file. Save or copy it again.")
	}
	entry, err := document(z.File)
	if err != nil {
		return nil, err
	}
	list.free = true
	doc, err := entry.Open()
	if err != nil {
		return nil, broken("The document %s of this KMZ file is packed in a way that cannot be read here. Save the map as KML.", brief(entry.Name))
	}
	return &File{Reader: NewReader(damage{feature.Bounded(doc, most)}), doc: doc}, nil
}

func broken(p hub.Phrase, args ...any) error { return hub.Errorf(hub.Invalid, "", p, args...) }

// document is the entry to read.
func document(entries []*zip.File) (*zip.File, error) {
	var first *zip.File
	atTop := false
	for _, e := range entries {
		name := strings.ReplaceAll(e.Name, "\\", "/") // as some programs for Windows have it
		if leadsOut(name) || e.Mode()&fs.ModeSymlink != 0 {
			return nil, broken("This KMZ file is not read, as the name of an entry would lead out of it: %s.", brief(name))
		}
		if !strings.EqualFold(path.Ext(name), ".kml") || e.Mode().IsDir() {
			continue
		}
		if e.Flags&1 != 0 {
			return nil, broken("The document %s of this KMZ file is encrypted. Save it without a password.", brief(name))
		}
		top := !strings.Contains(strings.TrimPrefix(name, "./"), "/")
		if first == nil || top && !atTop {
			first, atTop = e, top
		}
	}
	if first == nil && slices.ContainsFunc(entries, workbook) {
		return nil, broken("This is a workbook (Excel). Save it as CSV, and choose that file.")
	}
	if first == nil {
		return nil, broken("There is no KML document in this KMZ file.")
	}
	return first, nil
}

// workbook reports whether an entry is of a workbook, which is a zip file as well (ECMA-376-2;
// OpenDocument 1.2 part 3).
func workbook(e *zip.File) bool {
	return e.Name == "xl/workbook.xml" || e.Name == "xl/workbook.bin" || e.Name == "content.xml"
}

// leadsOut reports whether unpacking a name could write outside of a folder.
func leadsOut(name string) bool {
	return path.IsAbs(name) || len(name) > 1 && name[1] == ':' || slices.Contains(strings.Split(name, "/"), "..")
}

var errAllowance = errors.New("more is read than is allowed")

// allowance is what may be read until it is lifted.
type allowance struct {
	r    io.ReaderAt
	left int64
	free bool
}

func (a *allowance) ReadAt(p []byte, at int64) (int, error) {
	if a.free {
		return a.r.ReadAt(p, at)
	}
	if a.left -= int64(len(p)); a.left < 0 {
		return 0, errAllowance
	}
	return a.r.ReadAt(p, at)
}

// damage says in words what is wrong with what a zip file has packed.
type damage struct{ r io.Reader }

func (d damage) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if _, told := errors.AsType[*hub.Error](err); err != nil && !told && !errors.Is(err, io.EOF) {
		err = broken("This KMZ file is damaged: its document cannot be unpacked to the end. Save or copy it again.")
	}
	return n, err
}
