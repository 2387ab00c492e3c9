package kml_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/kml"
	"github.com/lamppost-hub/lamppost/hub"
)

// entry is what a zip file is to hold.
type entry struct {
	name, body string
	mode       fs.FileMode
	stored     bool
}

func packed(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.stored {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// named is a document with one Placemark.
func named(name string) string { return "<kml><Placemark><name>" + name + "</name></Placemark></kml>" }

// names are those of a file, with what is wrong with it.
func names(file []byte, most int64) string {
	f, err := kml.OpenFile(bytes.NewReader(file), int64(len(file)), most)
	if err != nil {
		if _, ok := errors.AsType[*hub.Error](err); !ok {
			return "not in words: " + err.Error()
		}
		return err.Error()
	}
	var all []string
	for f, err := range feature.All(f) {
		if _, ok := errors.AsType[*hub.Error](err); err != nil && !ok {
			return "not in words: " + err.Error()
		} else if err != nil {
			return err.Error()
		}
		all = append(all, f.Name)
	}
	if err := f.Close(); err != nil {
		return err.Error()
	}
	return strings.Join(all, ",")
}

func TestKMZIsUnpacked(t *testing.T) {
	inner := packed(t, entry{name: "doc.kml", body: named("inner")})
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"KML itself", []byte(named("plain")), "plain"},
		{"a document and its pictures", packed(t, entry{name: "files/x.png", body: "…"}, entry{name: "doc.kml", body: named("a")}), "a"},
		{"stored", packed(t, entry{name: "doc.kml", body: named("a"), stored: true}), "a"},
		{"the first at the top", packed(t, entry{name: "in/b.kml", body: named("b")}, entry{name: "x.KML", body: named("x")}, entry{name: "doc.kml", body: named("doc")}), "x"},
		{"the first of any folder", packed(t, entry{name: "in/b.kml", body: named("b")}, entry{name: "in/c.kml", body: named("c")}), "b"},
		{"names as Windows has them", packed(t, entry{name: "files\\x.png", body: "…"}, entry{name: "in\\b.kml", body: named("b")}, entry{name: "doc.kml", body: named("doc")}), "doc"},
		{"a zip file within", packed(t, entry{name: "more.kmz", body: string(inner)}, entry{name: "doc.kml", body: named("doc")}), "doc"},
		{"only a zip file within", packed(t, entry{name: "more.kmz", body: string(inner)}), "There is no KML document in this KMZ file."},
		{"a workbook", packed(t, entry{name: "[Content_Types].xml", body: "…"}, entry{name: "xl/workbook.xml", body: "…"}), "This is a workbook (Excel). Save it as CSV, and choose that file."},
		{"a workbook of another program", packed(t, entry{name: "mimetype", body: "…", stored: true}, entry{name: "content.xml", body: "…"}), "This is a workbook (Excel). Save it as CSV, and choose that file."},
		{"a folder called so", packed(t, entry{name: "doc.kml/", mode: fs.ModeDir | 0o755}, entry{name: "doc.kml/a.kml", body: named("a")}), "a"},
		{"nothing", packed(t), "There is no KML document in this KMZ file."},
	} {
		file := c.file
		if c.name == "nothing" {
			file = packed(t, entry{name: "readme.txt"})
		}
		if got := names(file, 1<<20); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTricksOfZipFilesAreRefused(t *testing.T) {
	doc := entry{name: "doc.kml", body: named("doc")}
	bomb := packed(t, entry{name: "doc.kml", body: "<kml>" + strings.Repeat(" ", 8<<20) + "</kml>"})
	if len(bomb) > 100_000 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	lying := bytes.Clone(bomb) // its headers say that it has 10 bytes
	for i := range len(lying) - 4 {
		if binary.LittleEndian.Uint32(lying[i:]) == 8<<20+11 {
			binary.LittleEndian.PutUint32(lying[i:], 10)
		}
	}
	many, crowd := []entry{doc}, []entry{doc}
	for i := range kml.MaxEntries {
		many = append(many, entry{name: fmt.Sprint(i)})
	}
	for i := range 5000 {
		crowd = append(crowd, entry{name: fmt.Sprintf("%0300d", i)})
	}
	whole := packed(t, doc)
	flipped := packed(t, entry{name: "doc.kml", body: named("changed"), stored: true})
	flipped[bytes.Index(flipped, []byte("changed"))] = 'C'
	encrypted := bytes.Clone(whole)
	encrypted[6] |= 1
	if at := bytes.Index(encrypted, []byte("PK\x01\x02")); at > 0 {
		encrypted[at+8] |= 1
	}
	method := bytes.Clone(whole)
	if at := bytes.Index(method, []byte("PK\x01\x02")); at > 0 {
		method[at+10] = 93
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"a name that goes up", packed(t, doc, entry{name: "../../etc/passwd"}), "would lead out of it: ../../etc/passwd."},
		{"one that goes up within", packed(t, doc, entry{name: "a/../b"}), "would lead out of it: a/../b."},
		{"one that goes up as in Windows", packed(t, doc, entry{name: `a\..\..\b`}), "would lead out of it: a/../../b."},
		{"an absolute name", packed(t, doc, entry{name: "/etc/passwd"}), "would lead out of it: /etc/passwd."},
		{"a drive", packed(t, doc, entry{name: `C:\x`}), "would lead out of it: C:/x."},
		{"a link", packed(t, doc, entry{name: "link", body: "/etc", mode: fs.ModeSymlink | 0o777}), "would lead out of it: link."},
		{"a bomb", bomb, "This file is larger than 1 MB."},
		{"a bomb that lies about its size", lying, "damaged"},
		{"many entries", packed(t, many...), "This KMZ file has more than 2000 entries."},
		{"very many", packed(t, crowd...), "This KMZ file has more than 2000 entries."},
		{"cut off", whole[:len(whole)-10], "damaged"},
		{"cut off early", whole[:20], "damaged"},
		{"changed", flipped, "damaged"},
		{"encrypted", encrypted, "is encrypted. Save it without a password."},
		{"packed in another way", method, "packed in a way that cannot be read here"},
	} {
		if got := names(c.file, 1<<20); !strings.Contains(got, c.want) || strings.HasPrefix(got, "not in words") {
			t.Errorf("%s: %s, want …%s…", c.name, got, c.want)
		}
	}
}

// countedFile tells how much of a file was read.
type countedFile struct {
	*bytes.Reader
	read int
}

func (c *countedFile) ReadAt(p []byte, at int64) (int, error) {
	c.read += len(p)
	return c.Reader.ReadAt(p, at)
}

func TestAListOfEntriesWithoutEndIsNotReadToItsEnd(t *testing.T) {
	var entries []entry
	for i := range 15_000 {
		entries = append(entries, entry{name: fmt.Sprintf("%0300d", i), stored: true})
	}
	file := packed(t, entries...)
	c := &countedFile{Reader: bytes.NewReader(file)}
	if _, err := kml.OpenFile(c, int64(len(file)), 1<<20); err == nil || !strings.Contains(err.Error(), "more than 2000 entries") {
		t.Error(err)
	}
	if c.read > 1<<20+1<<13 {
		t.Errorf("%d bytes were read, of a list of %d", c.read, 15_000*346)
	}
}
