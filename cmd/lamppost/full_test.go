package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// steps are the amounts of room to try, in blocks: all below most, or so many of
// them, evenly spread, as count says.
func steps(most int) (out []int) {
	n := count(most)
	for i := range n {
		out = append(out, i*most/n)
	}
	return out
}

// TestAFoundingOnADiskThatFillsUp founds a community with every amount of room
// that a founding may run out of.
func TestAFoundingOnADiskThatFillsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	d := newDisk(t, 16)
	folder := filepath.Join(d.dir, "hub")
	found := func() (string, error) {
		out, err := exec.Command("lamppost", "found", "Millbrook", "--data", folder, "--keep-roots").CombinedOutput()
		return string(out), err
	}
	failed, fits := 0, 0
	for blocks := 0; fits < 3; blocks++ {
		d.clear(t)
		d.leave(t, blocks)
		out, err := found()
		if err == nil {
			fits++
			continue
		}
		failed, fits = failed+1, 0
		if !strings.Contains(out, "is full; make room on it and start again") {
			t.Errorf("with %d blocks it ends with %v\n%s", blocks, err, out)
		}
		if _, err := node.ReadFolder(folder); !errors.Is(err, node.ErrNoCommunity) {
			t.Errorf("with %d blocks it leaves %v", blocks, err)
		}
		tidy(t, folder)
		d.makeRoom(t)
		if out, err := found(); err != nil {
			t.Errorf("%d blocks were too few, and with room it ends with %v\n%s", blocks, err, out)
		}
	}
	t.Logf("%d amounts of room were too little", failed)
	if failed == 0 {
		t.Error("there was always room")
	}
}

// tight is a hub on a disk that fills up, and another that has all the room.
type tight struct {
	*disk
	hub, other *hubProc
	posts      *journal          // what either acknowledged
	unsent     map[string]string // what was refused, by client_id
	who        *neighbor         // writes at hub; nil while nobody may
	writers    int
	failed     map[string]int // by what was not possible
}

// startTight founds a community of two hubs, of which the other has posts that the
// first, which does not run yet, lacks.
func startTight(t *testing.T, d *disk) *tight {
	t.Helper()
	dir := t.TempDir()
	far := &hubProc{label: "Far place", folder: filepath.Join(dir, "far"), log: filepath.Join(dir, "far.log"), http: freeAddr(t), sync: freeAddr(t)}
	h := &hubProc{label: "Full place", folder: filepath.Join(d.dir, "hub"), log: filepath.Join(dir, "hub.log"), http: freeAddr(t), sync: freeAddr(t), peers: []*hubProc{far}}
	if _, err := node.Found("Millbrook", time.Now(), node.Place{Folder: h.folder, Label: h.label}, node.Place{Folder: far.folder, Label: far.label}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*hubProc{h, far} {
		f, err := node.ReadFolder(p.folder)
		if err != nil {
			t.Fatal(err)
		}
		p.self, p.console = record.AuthorOf(f.Key), control.NewClient(p.folder)
		t.Cleanup(func() {
			p.stop(t)
			if b, err := os.ReadFile(p.log); t.Failed() && err == nil {
				t.Logf("%s says:\n%s", p.label, b[max(0, len(b)-20_000):])
			}
		})
	}
	far.start(t)
	all := &journal{texts: map[string]string{}}
	few(t, far, all, "far", 120)
	return &tight{disk: d, hub: h, other: far, posts: all, unsent: map[string]string{}, failed: map[string]int{}}
}

// run starts the hub, with room made for it if it says that there is none.
func (s *tight) run(t *testing.T) {
	t.Helper()
	s.hub.launch(t)
	err := waitFor(t.Context(), patience, func() (bool, error) {
		select {
		case err := <-s.hub.ended:
			return false, err
		default:
		}
		_, err := s.hub.console.Status(t.Context())
		return err == nil, nil
	})
	if err == nil {
		return
	}
	s.hub.cmd = nil
	b, readErr := os.ReadFile(s.hub.log)
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitFailed || readErr != nil ||
		!strings.Contains(string(b), "is full; make room on it and start again") {
		t.Fatalf("it ends with %v %v", err, readErr)
	}
	s.failed["start"]++
	tidy(t, s.hub.folder)
	s.makeRoom(t)
	s.hub.start(t)
}

// write has somebody post at the hub, or be told why not: with what they wrote
// still in the form.
func (s *tight) write(t *testing.T, posts int) {
	t.Helper()
	for range posts {
		id := fmt.Sprintf("full-%d", len(s.posts.texts)+len(s.unsent))
		text := "Post " + id + strings.Repeat(" and so on", 100)
		what := "post"
		var err error
		if s.who == nil {
			what = "first post"
			n := newNeighbor(s.hub.http)
			s.writers++
			if _, _, err := n.get(town); err != nil {
				t.Fatal("reading has ended:", err)
			}
			var to string
			if to, err = n.send(town, "client_id", id, "text", text, "name", fmt.Sprintf("Writer %d", s.writers)); err == nil {
				to, _, _ = strings.Cut(to, "#")
				if _, _, err := n.get(to); err != nil {
					t.Fatal("reading has ended:", err)
				}
				s.who = n
			}
		} else {
			_, err = s.who.send(town, "client_id", id, "text", text)
		}
		if err == nil {
			s.posts.add(id, text)
			continue
		}
		s.failed[what]++
		s.unsent[id] = text
		told := err.Error()
		if !strings.Contains(told, ": 503\n") || !strings.Contains(told, "full") || !strings.Contains(told, text) {
			t.Errorf("a %s that is not possible is answered with %v", what, err)
		}
	}
}

// ask has somebody new post through the JSON API.
func (s *tight) ask(t *testing.T) {
	t.Helper()
	s.writers++
	id := fmt.Sprintf("asked-%d", s.writers)
	body := fmt.Sprintf(`{"text":"Post %s","name":"Program %d","client_id":%q}`, id, s.writers, id)
	res, err := newNeighbor(s.hub.http).http.Post("http://"+s.hub.http+"/api/v1"+town, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	switch {
	case err != nil:
		t.Fatal(err)
	case res.StatusCode == http.StatusCreated:
		s.posts.add(id, "Post "+id)
	case res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(answer), "full"):
		t.Errorf("a program's post that is not possible is answered with %s: %s", res.Status, answer)
	default:
		s.failed["program's post"]++
	}
}

// again sends what was refused: now it goes.
func (s *tight) again(t *testing.T) {
	t.Helper()
	for id, text := range s.unsent {
		if s.who == nil {
			n := newNeighbor(s.hub.http)
			if err := n.begin("Here at last", "Late"); err != nil {
				t.Fatal(err)
			}
			s.who = n
		}
		if _, err := s.who.send(town, "client_id", id, "text", text); err != nil {
			t.Errorf("with room again: %v", err)
		}
		s.posts.add(id, text)
		delete(s.unsent, id)
	}
}

// TestAHubOnADiskThatFillsUp runs a hub with every amount of room that it may run
// out of: while it starts, takes over what another has, and is written at by
// people it knows and new ones. What it acknowledged is there, and with room again
// it goes on by itself.
func TestAHubOnADiskThatFillsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	for _, blocks := range steps(120) {
		t.Run(fmt.Sprint(blocks, " blocks"), func(t *testing.T) {
			t.Parallel() // most of it is waiting
			d := newDisk(t, 16)
			s := startTight(t, d)
			d.leave(t, blocks)
			s.run(t)
			for range 4 {
				s.write(t, 5)
				s.ask(t)
				s.who = nil
			}
			if gone := missing(t, s.hub, s.posts.all()); len(gone) > 0 {
				s.failed["catch-up"]++ // or it goes on, and will be through below
			}
			proc := s.hub.cmd
			d.makeRoom(t)
			s.again(t)
			agree(t, []*hubProc{s.hub, s.other}, s.posts.all())
			if s.hub.cmd != proc {
				t.Error("it was started again")
			}
			s.hub.kill(t)
			s.hub.start(t)
			agree(t, []*hubProc{s.hub, s.other}, s.posts.all())
			s.hub.term(t)
			s.other.term(t)
			tidy(t, s.hub.folder)
			t.Logf("not possible: %v", s.failed)
		})
	}
}
