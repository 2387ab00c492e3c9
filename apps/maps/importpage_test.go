package maps_test

import (
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
	kim.says("at most 1 MB")
	if code := kim.upload("a.pmtiles", make([]byte, 3_000_000)); code != http.StatusServiceUnavailable || !strings.Contains(kim.text(), "There is no room here for a map file of 3 MB: it may have 1 MB.") {
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
