package inbox_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/hub"
)

type scene struct {
	t      *testing.T
	folder string
	now    time.Time
	*inbox.Box
}

func begin(t *testing.T) *scene {
	s := &scene{t: t, folder: filepath.Join(t.TempDir(), "inbox"), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	s.Box = inbox.New(s.folder, func() time.Time { return s.now })
	return s
}

func (s *scene) add(name, text string) inbox.Item {
	s.t.Helper()
	it, err := s.Add(name, "maria", strings.NewReader(text), 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return it
}

func (s *scene) text(id string) string {
	s.t.Helper()
	f, err := s.Open(id)
	if err != nil {
		return "none"
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// files is how many lie in the folder.
func (s *scene) files() int {
	s.t.Helper()
	all, err := os.ReadDir(s.folder)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(all)
}

func code(err error) hub.Code {
	if told, ok := errors.AsType[*hub.Error](err); ok {
		return told.Code
	}
	return 0
}

func TestAFileWaitsUntilItIsDecidedUpon(t *testing.T) {
	s := begin(t)
	a := s.add(`C:\maps\..\shelters.csv`, "one")
	s.now = s.now.Add(time.Minute)
	b := s.add("x\u202e/wells\n.gpx", "two")
	if a.Name != "shelters.csv" || b.Name != "wells .gpx" || a.By != "maria" || a.Size != 3 || a.ID == b.ID {
		t.Errorf("%+v %+v", a, b)
	}
	if err := s.Set(a.ID, map[string]int{"x": 7}); err != nil {
		t.Fatal(err)
	}
	again := inbox.New(s.folder, func() time.Time { return s.now }) // as after a restart
	all, err := again.All()
	if err != nil || len(all) != 2 || all[0].ID != b.ID || string(all[1].Settings) != `{"x":7}` {
		t.Errorf("%+v, %v", all, err)
	}
	if it, err := again.Get(a.ID); err != nil || it.Name != "shelters.csv" || s.text(a.ID) != "one" {
		t.Errorf("%+v, %v", it, err)
	}
	if err := errors.Join(s.Drop(a.ID), s.Drop(a.ID)); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(a.ID); code(err) != hub.NotFound || s.text(a.ID) != "none" || s.files() != 2 {
		t.Errorf("%v, %d files", err, s.files())
	}
	if err := s.Set(a.ID, 1); code(err) != hub.NotFound {
		t.Error(err)
	}
	for _, id := range []string{"", "..", "../../etc/passwd", strings.ToUpper(b.ID)} {
		if _, err := s.Open(id); code(err) != hub.NotFound {
			t.Errorf("%q: %v", id, err)
		}
		if err := s.Drop(id); err != nil {
			t.Error(err)
		}
	}
	s.now = s.now.Add(inbox.Life)
	if all, err := s.All(); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	s.now = s.now.Add(time.Second)
	if _, err := s.Get(b.ID); code(err) != hub.NotFound {
		t.Error(err)
	}
	if all, err := s.All(); err != nil || len(all) != 0 || s.files() != 0 {
		t.Errorf("%+v, %v, %d files", all, err, s.files())
	}
}

func TestWhatDoesNotFitIsNotKept(t *testing.T) {
	s := begin(t)
	lost := errors.New("the line was cut")
	for want, r := range map[hub.Code]io.Reader{
		hub.Invalid: bytes.NewReader(make([]byte, 1001)),
		0:           io.MultiReader(strings.NewReader("some"), iotest.ErrReader(lost)),
	} {
		if _, err := s.Add("a", "", r, 1000); err == nil || code(err) != want || want == 0 && !errors.Is(err, lost) {
			t.Errorf("%v", err)
		}
	}
	if _, err := s.Add("a", "", strings.NewReader(""), 1000); code(err) != hub.Invalid {
		t.Error(err)
	}
	if s.files() != 0 {
		t.Errorf("%d files are left", s.files())
	}
	for range inbox.MaxItems {
		s.add("a", "one")
	}
	if _, err := s.Add("a", "", strings.NewReader("one more"), 1000); code(err) != hub.TooMany {
		t.Error(err)
	}
	all, err := s.All()
	if err != nil || len(all) != inbox.MaxItems {
		t.Fatal(len(all), err)
	}
	if err := s.Drop(all[0].ID); err != nil {
		t.Fatal(err)
	}
	s.add("a", "one more")
}

func TestWhatAnEndInTheMiddleHasLeftIsTakenOut(t *testing.T) {
	s := begin(t)
	it := s.add("a", "one")
	broken := s.add("b", "two")
	if err := os.WriteFile(filepath.Join(s.folder, broken.ID+".json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(s.folder, "0011223344556677.part")
	if err := os.WriteFile(old, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	ago := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, ago, ago); err != nil {
		t.Fatal(err)
	}
	if all, err := s.All(); err != nil || len(all) != 1 || all[0].ID != it.ID || s.files() != 2 {
		t.Errorf("%+v, %v, %d files", all, err, s.files())
	}
}

func TestAFolderThatTakesNothingSaysSo(t *testing.T) {
	s := begin(t)
	if err := os.WriteFile(s.folder, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add("a", "", strings.NewReader("one"), 1000); code(err) != hub.Unavailable {
		t.Error(err)
	}
}
