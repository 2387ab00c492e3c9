package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// busy is an app that does things by itself, answers by itself, and takes commands.
type busy struct {
	notes

	fail  func()        // at the start of what it does by itself
	heard chan int      // how many notes there were when something changed
	ended chan struct{} // closed when what it does by itself has ended
}

func newBusy() *busy { return &busy{heard: make(chan int, 1), ended: make(chan struct{})} }

func count(ctx context.Context, h hub.Host) (n int, err error) {
	err = h.Read(ctx, func(s hub.Snapshot) error {
		for _, err := range s.Newest("all", 0) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

func (b *busy) Run(ctx context.Context, h hub.Host) error {
	defer close(b.ended)
	if b.fail != nil {
		b.fail()
		return errors.New("no feed to ask")
	}
	changed := h.Watch(ctx, "all")
	b.heard <- 0 // it listens
	for range changed {
		n, err := count(ctx, h)
		if err != nil {
			return err
		}
		b.heard <- n
	}
	return ctx.Err()
}

func (b *busy) Routes(h hub.Host) map[string]hub.Handler {
	return map[string]hub.Handler{"GET /count.txt": func(w http.ResponseWriter, r *http.Request, _ hub.Request) (string, error) {
		n, err := count(r.Context(), h)
		if err == nil {
			_, err = fmt.Fprint(w, n)
		}
		return "", err
	}}
}

func (b *busy) Commands() map[string]hub.Command {
	return map[string]hub.Command{"say": {Run: func(ctx context.Context, h hub.Host, args []string, in io.Reader, out io.Writer) error {
		body, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		rs, err := h.Write(ctx, hub.Draft{Key: args[0], Body: body})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s by %s\n", rs[0].Key, rs[0].Author)
		return err
	}}, "attach": {Run: func(ctx context.Context, h hub.Host, _ []string, in io.Reader, _ io.Writer) error {
		_, err := h.Blobs().Put(ctx, in, 1<<20)
		return err
	}}}
}

func withBusy(t *testing.T, b *busy, log *slog.Logger) (n *node.Node, console *control.Client, stop func()) {
	t.Helper()
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(paths[0], "blobs"), nil, 0o600)) // so that their folder does not read
	n, err = node.New(node.Config{
		Folder: f, Apps: []hub.App{b}, HTTP: "127.0.0.1:0", Listen: []string{"127.0.0.1:0"}, TrustClock: true, Control: true, Log: log,
	})
	ok(t, err)
	return n, control.NewClient(paths[0]), runs(t, n)
}

func TestAnAppAsksWritesAndHearsByTheHubBehindIt(t *testing.T) {
	b := newBusy()
	n, console, stop := withBusy(t, b, nil)
	<-b.heard // it listens
	var out bytes.Buffer
	ok(t, console.Command(t.Context(), "notes", "say", []string{"a"}, strings.NewReader("water at the school"), &out))
	if want := "a by " + n.Host().ID().String() + "\n"; out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
	if got := <-b.heard; got != 1 {
		t.Errorf("it has heard of %d notes", got)
	}
	res, err := new(http.Client).Get("http://" + n.HTTPAddr() + "/notes/count.txt")
	ok(t, err)
	text, err := io.ReadAll(res.Body)
	ok(t, errors.Join(err, res.Body.Close()))
	if string(text) != "1" {
		t.Errorf("the app answers %q", text)
	}
	for verb, says := range map[string]string{"say": "a bad note", "attach": "This place keeps no attachments.", "sing": `the hub refuses: notes has no command "sing" here`} {
		if err := console.Command(t.Context(), "notes", verb, []string{"b"}, strings.NewReader("bad"), io.Discard); err == nil || err.Error() != says {
			t.Errorf("%s: %v", verb, err)
		}
	}
	stop()
	select {
	case <-b.ended:
	default:
		t.Error("the hub has ended, and what an app does by itself has not")
	}
}

func TestAHubSignsWhatAnAppHasItSayBesideAPersonsOwn(t *testing.T) {
	_, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	rs, err := n.Write(t.Context(), "notes", key("ana"), hub.Draft{Key: "own", Body: []byte("one")}, hub.Draft{Key: "count", Body: []byte("1"), ByHub: true})
	ok(t, err)
	if len(rs) != 1 || rs[0].Key != "own" || rs[0].Author != record.AuthorOf(key("ana")) {
		t.Errorf("hers is %+v", rs)
	}
	ok(t, n.Store().Read(func(v *store.View) error {
		by := map[record.Author]bool{}
		for r, err := range v.Slots("notes", "count") {
			ok(t, err)
			by[r.Author] = true
		}
		self, err := control.Peer{Peer: n.Host().ID().String()}.Author()
		if len(by) != 1 || !by[self] {
			t.Errorf("the count is by %v", by)
		}
		return err
	}))
}

func TestAnAppThatFailsByItselfStopsNothingElse(t *testing.T) {
	for how, fail := range map[string]func(){"with an error": func() {}, "by panicking": func() { panic("no feed to ask") }} {
		t.Run(how, func(t *testing.T) {
			b := newBusy()
			b.fail = fail
			var log safeLog
			n, console, _ := withBusy(t, b, slog.New(slog.NewTextHandler(&log, nil)))
			<-b.ended
			ok(t, console.Command(t.Context(), "notes", "say", []string{"a"}, strings.NewReader("water"), io.Discard))
			until(t, n, "the note", func(v *store.View) bool { return v.Count(n.Host().ID()) > 0 })
			deadline := time.Now().Add(10 * time.Second)
			for !strings.Contains(log.String(), `msg="what an app does by itself has ended" app=notes`) {
				if time.Now().After(deadline) {
					t.Fatalf("the log says nothing of it:\n%s", log.String())
				}
				if _, err := console.Status(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// safeLog is a log that is read while it is written.
type safeLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
