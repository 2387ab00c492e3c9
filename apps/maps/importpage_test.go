package maps_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps"
)

// bringFile sends a file by the form on the page of files, and opens what comes of it.
func (b *browser) bringFile(name, text string) int {
	b.t.Helper()
	b.open("/maps/import")
	return b.uploadTo("/maps/import", name, []byte(text))
}

func TestAFileIsTakenOverWithoutAScript(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	kim, ann := s.coordinator(t), s.browser(t)
	ann.ask(http.MethodGet, "/maps/import", nil)
	ann.says("Only coordinators put places on the map.")

	if code := kim.bringFile("shelters.csv", shelters); code != http.StatusOK {
		t.Fatal(code, kim.text())
	}
	waits := kim.path
	kim.says("Look at what would change", "2 new", "1 left out", "line 4 · Nowhere: It does not say where it is.", "Hill School", "What are the columns?", "Take over 2 places")
	kim.send("/read", "list", "red cross", "column8", "none")
	kim.says("How the file is read", "2 new")
	if kim.send("/read", "list", " "); !strings.Contains(kim.text(), "Give it a name by which people find it.") {
		t.Error(kim.text())
	}
	kim.open("/maps/import")
	kim.says("Not decided yet", "shelters.csv", "by Kim")
	kim.open(waits)
	kim.send(strings.TrimPrefix(waits, ""), "plan", "0011")
	kim.says("Meanwhile something has changed here.", "2 new")
	kim.open(waits)
	kim.send(waits)
	kim.says("red cross", "2 new", "Take it back")
	taken := kim.path
	ann.open("/maps/")
	ann.says("Hill School", "12 people there")
	ann.open(strings.SplitN(taken, "?", 2)[0])
	ann.says("red cross")
	ann.saysNot("Take it back")

	for _, end := range []string{"geojson", "kml", "kmz", "gpx", "csv"} {
		ann.open("/maps/export?kind=shelter")
		w := ann.ask(http.MethodGet, ann.link("/maps/export/places."+end), nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Disposition"), `"places.`+end+`"`) || w.Body.Len() < 100 {
			t.Errorf("%s: %d, %v, %d bytes", end, w.Code, w.Header(), w.Body.Len())
		}
	}
	if w := ann.ask(http.MethodGet, "/maps/export/places.pdf", nil); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}

	kim.open(taken)
	kim.send("/maps/i/" + strings.SplitN(strings.TrimPrefix(taken, "/maps/i/"), "?", 2)[0])
	kim.says("Taken back")
	ann.open("/maps/")
	ann.saysNot("Hill School")
	kim.open("/maps/import")
	kim.says("Taken over", "red cross", "Taken back")
	kim.saysNot("Not decided yet")
}

// reads has a site read files of many places until the test ends.
func (s *site) reads(t *testing.T) {
	t.Helper()
	s.blobs = &blobs{all: map[[32]byte][]byte{}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.app.ReadFiles(ctx, behind{s})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
}

func TestThePreviewOfManyPlacesNamesWhatChangesAndWhatStays(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	s.reads(t)
	s.of = &s.app
	kim := s.coordinator(t)
	look := func(text string) (to string) {
		kim.bringFile("wells.csv", text)
		to = strings.SplitN(kim.path, "?", 2)[0]
		s.app.HasRead(to[strings.LastIndex(to, "/")+1:])
		kim.open(to)
		return to
	}
	taken := look(wells(0, 205))
	kim.says("205 new", "The first of them", "Well 1", "Room for 80 people for a longer time", "So many places become one list", "Take over 205 places")
	kim.send(taken)
	if missing, err := s.app.Follow(t.Context(), behind{s}); err != nil || missing != 0 {
		t.Fatal(missing, err)
	}
	look(wells(0, 205))
	kim.says("205 as they are", "All of it is here as the file says.")
	kim.saysNot("Take over", "So many places become one list")

	id := s.list(ann, "near", "43.00003,-72").Places[0].ID
	s.do(tom, "p/"+id+"/status", "client_id", "s", "status", "closed")
	s.do(tom, "p/"+s.list(ann, "near", "43.00004,-72").Places[0].ID+"/status", "client_id", "t", "status", "closed")
	text := strings.NewReplacer("capacity,wkt", "capacity,wkt,status", ",80,\n", ",80,,\n", "-72,80,\n", "-72,80,,open\n", "\"\n", "\",\n").Replace(wells(0, 203))
	text = strings.ReplaceAll(text, "Well 3,water,43.00003,-72,80", "Well 3,water,43.00003,-72,90") + "x,Brook,water,41,-70,,,full\n"
	look(text)
	kim.says("1 new", "201 changed", "1 as it is", "1 of which somebody here has said something, which stays", "2 that are no more in the list",
		"Stays as somebody here has said", "The file says otherwise. What is here stays.", "How it stands: Now open Here now: Closed",
		"Changed", "How many for a longer time?: 90 Here now: 80", "How it stands: Now open Here now: Nothing said",
		"No more in the list", "Well 203", "New", "Brook", "Full", "Take over 204 places")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(kim.ask(http.MethodGet, kim.path, nil).Body.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil || packed.Len() > 14_000 {
		t.Errorf("it takes %d bytes, %v", packed.Len(), err)
	}
}

func TestWhoCannotSignLooksAtAFileAndLeavesItWaiting(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	kim := s.browser(t)
	kim.open("/return")
	kim.send("/return", "code", s.code.Text())
	kim.send("/return", "code", s.code.Text(), "sure", "yes")
	if code := kim.bringFile("shelters.csv", shelters); code != http.StatusOK {
		t.Fatal(code, kim.text())
	}
	kim.says("2 new", "This cannot be signed from here", "The file waits here for two days.")
	kim.saysNot("Take over")
	at := s.coordinator(t)
	at.open(kim.path)
	at.send(kim.path)
	at.says("2 new", "Take it back")
}

// No file fills the disk that the hub writes on.
func TestAFileIsNotKeptWhereThereIsNoRoom(t *testing.T) {
	s, _ := withMap(t, maps.Options{Upload: 1_500_000, Disk: func() (uint64, uint64, error) { return 2_001_999, 10_000_000, nil }})
	kim := s.coordinator(t)
	if code := kim.bringFile("a.csv", shelters); code != http.StatusServiceUnavailable || !strings.Contains(kim.text(), "Nothing can be saved here now.") {
		t.Errorf("%d: %s", code, kim.text())
	}
	kim.open("/maps/extracts")
	kim.says("at most 1.0 MB")
	if code := kim.upload("a.pmtiles", make([]byte, 3_000_000)); code != http.StatusServiceUnavailable || !strings.Contains(kim.text(), "There is no room here for this map file: it may have 1.0 MB.") {
		t.Errorf("%d: %s", code, kim.text())
	}
}

func TestAFileThatCannotBeUsedIsNotKept(t *testing.T) {
	s, _ := withMap(t, maps.Options{Upload: 2000})
	kim := s.coordinator(t)
	for text, says := range map[string]string{
		"":                        "This file is empty.",
		strings.Repeat("x", 2001): "This file is larger than",
		"\"never closed":          "This file cannot be read further",
	} {
		if code := kim.bringFile("a.csv", text); code != http.StatusUnprocessableEntity || !strings.Contains(kim.text(), says) {
			t.Errorf("%d: %s; want %q", code, kim.text(), says)
		}
	}
	kim.open("/maps/import")
	kim.saysNot("Not decided yet")
	for range 8 {
		kim.bringFile("a.csv", shelters)
	}
	if code := kim.bringFile("a.csv", shelters); code != http.StatusTooManyRequests {
		t.Errorf("%d: %s", code, kim.text())
	}
	kim.open("/maps/import")
	kim.open(kim.link("/maps/import/"))
	kim.send("/drop")
	if code := kim.bringFile("a.csv", shelters); code != http.StatusOK {
		t.Errorf("%d: %s", code, kim.text())
	}
	for n := range 9 { // what was taken over makes room
		kim.open("/maps/import")
		if n == 0 {
			kim.open(kim.link("/maps/import/"))
			kim.send("/drop")
		}
		kim.bringFile("b.csv", fmt.Sprintf("id,name,type,lat,lon\nx%[1]d,Tap %[1]d,water,44,-73\n", n))
		kim.send(kim.path)
		kim.says("Take it back")
	}
	none := newSite(t).coordinator(t)
	none.open("/maps/import")
	none.says("This place keeps no files.")
	none.ask(http.MethodGet, "/maps/import/0011223344556677", nil)
	none.says("This file is not here any more.")
}
