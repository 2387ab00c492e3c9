package control_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// fakeHub remembers who is blocked and holds one key.
type fakeHub struct {
	blocked map[record.Author]bool
	fail    error
}

func (f *fakeHub) verbs() map[string]control.Verb {
	onPeer := func(blocked bool) control.Verb {
		return control.Handle(func(_ context.Context, in control.Peer) (control.Nothing, error) {
			peer, err := in.Author()
			if err == nil {
				f.blocked[peer] = blocked
			}
			return control.Nothing{}, err
		})
	}
	return map[string]control.Verb{
		"block": onPeer(true), "unblock": onPeer(false),
		"status": control.Handle(func(context.Context, control.Nothing) (control.Status, error) {
			return control.Status{
				Place: "Fire Station", Set: []control.Class{{Name: "trust", Records: 2}, {Name: "talk", Records: 5}},
				Links: []control.Link{{Label: "Library", Addr: "192.0.2.1:4680"}, {Label: "School", Since: time.Unix(1, 0)}},
			}, f.fail
		}),
		"missing": control.Handle(func(_ context.Context, in control.Keys) (control.Keys, error) {
			in.Keys = slices.DeleteFunc(in.Keys, func(k string) bool { return in.App == "messages" && k == "a/1" })
			return in, nil
		}),
	}
}

// serve runs a console for a folder and returns what ends it.
func serve(t *testing.T, folder string, h *fakeHub) (stop func()) {
	t.Helper()
	ln, err := control.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- control.Serve(ctx, ln, control.Desk{Verbs: h.verbs(), Apps: appVerbs}, slog.New(slog.DiscardHandler))
	}()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestTheConsoleTellsCutsAndMends(t *testing.T) {
	for name, folder := range map[string]string{
		"a short path": t.TempDir(),
		"a long path":  filepath.Join(t.TempDir(), strings.Repeat("long-name", 20)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			h := &fakeHub{blocked: map[record.Author]bool{}}
			stop := serve(t, folder, h)
			c, ctx := control.NewClient(folder), t.Context()

			s, err := c.Status(ctx)
			if err != nil || s.Place != "Fire Station" || s.Records() != 7 || s.Links[0].Up() || !s.Links[1].Up() {
				t.Errorf("%+v %v", s, err)
			}
			peer := record.Author{7}
			if err := c.Block(ctx, peer); err != nil || !h.blocked[peer] {
				t.Errorf("not blocked: %v", err)
			}
			if err := c.Unblock(ctx, peer); err != nil || h.blocked[peer] {
				t.Errorf("still blocked: %v", err)
			}
			if keys, err := c.Missing(ctx, "messages", []string{"a/1", "a/2"}); err != nil || !slices.Equal(keys, []string{"a/2"}) {
				t.Errorf("missing %q %v", keys, err)
			}
			h.fail = errors.New("the disk is gone")
			if _, err := c.Status(ctx); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
				t.Errorf("%v", err)
			}
			stop()
			if _, err := os.Lstat(filepath.Join(folder, control.File)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the socket is still there: %v", err)
			}
			if _, err := c.Status(ctx); err == nil {
				t.Error("a hub that has ended answers")
			}
		})
	}
}

func TestOnlyTheOwnerReachesTheSocket(t *testing.T) {
	folder := t.TempDir()
	defer serve(t, folder, &fakeHub{})()
	info, err := os.Lstat(filepath.Join(folder, control.File))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".control-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestTheSocketOfAKilledHubIsReplaced(t *testing.T) {
	folder := t.TempDir()
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(folder, control.File), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	private := filepath.Join(folder, ".control-1") // it was killed while it made another
	if err := os.MkdirAll(private, 0o700); err != nil {
		t.Fatal(err)
	}
	defer serve(t, folder, &fakeHub{})()
	if _, err := control.NewClient(folder).Status(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(private); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	folder := t.TempDir()
	h := &fakeHub{blocked: map[record.Author]bool{}}
	defer serve(t, folder, h)()
	for _, body := range []string{"", "{", `{"peer":"abc"}`, `{"peer":"` + strings.Repeat("z", 64) + `"}`, `{"other":1}`} {
		conn, err := net.Dial("unix", filepath.Join(folder, control.File))
		if err != nil {
			t.Fatal(err)
		}
		req := "POST /block HTTP/1.0\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
		if _, err := conn.Write([]byte(req)); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 12)
		if _, err := conn.Read(answer); err != nil || string(answer) != "HTTP/1.0 400" {
			t.Errorf("%q: %q %v", body, answer, err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(h.blocked) > 0 {
		t.Error("somebody was blocked")
	}
}
