package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// inviting is a running hub, the first of its community, that makes join codes.
type inviting struct {
	*testing.T
	*node.Node
	path string
	desk *control.Client
}

func newInviting(t *testing.T) *inviting {
	t.Helper()
	_, paths := folders(t, 1)
	return atConsole(t, paths[0])
}

func atConsole(t *testing.T, path string) *inviting {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	n, err := node.New(node.Config{Folder: f, Listen: []string{"127.0.0.1:0"}, TrustClock: true, Control: true})
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return &inviting{t, n, path, control.NewClient(path)}
}

// code makes a join code for a day.
func (h *inviting) code(label string) (join.Code, control.Invited) {
	h.Helper()
	var out control.Invited
	ok(h.T, h.desk.Call(h.Context(), "invite", control.Invite{Label: label, Seconds: 86400}, &out))
	code, err := join.Parse(out.Code)
	ok(h.T, err)
	return code, out
}

// state is how the codes stand that the hub has made.
func (h *inviting) states() (out []string) {
	h.Helper()
	var all control.Invitations
	ok(h.T, h.desk.Call(h.Context(), "invitations", control.Nothing{}, &all))
	for _, in := range all.Invitations {
		out = append(out, strings.TrimSpace(in.State+" "+in.By))
	}
	return out
}

func (h *inviting) statesAre(want ...string) {
	h.Helper()
	if got := h.states(); strings.Join(got, ",") != strings.Join(want, ",") {
		h.Errorf("the codes are %q, not %q", got, want)
	}
}

// newcomer is an empty data folder.
func newcomer(t *testing.T) string { return filepath.Join(t.TempDir(), "new") }

// refused checks that a join fails for a reason that the inviter gives, and leaves
// no community.
func refused(t *testing.T, c node.JoinConfig, why join.Reason) (said string) {
	t.Helper()
	_, err := node.Join(t.Context(), c)
	no, ok := errors.AsType[*join.Refusal](err)
	if !ok || no.Reason != why {
		t.Fatalf("the inviter says: %v", err)
	}
	if _, err := node.ReadFolder(c.Folder); !errors.Is(err, node.ErrNoCommunity) {
		t.Errorf("joined all the same: %v", err)
	}
	return no.Error()
}

func TestAHubJoinsByACodeAndGetsEverything(t *testing.T) {
	h := newInviting(t)
	ok(t, h.Enroll(t.Context(), key("ana"), "Ana"))
	code, _ := h.code("")
	path := newcomer(t)
	j, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code, Label: " School "})
	ok(t, err)
	if want := (node.Joined{Community: "Elm Street", Label: "School", Inviter: "Place 1", Addr: h.SyncAddrs()[0]}); j != want {
		t.Errorf("%+v", j)
	}
	h.statesAre("used School")
	f, err := node.ReadFolder(path)
	ok(t, err)
	if first, err := node.ReadFolder(h.path); err != nil || string(f.Network) != string(first.Network) || len(f.Network) == 0 {
		t.Errorf("the membership's key did not come along: %v", err)
	}
	done, err := node.Fetch(t.Context(), node.Config{Folder: f, Peers: []string{j.Addr}}, func(uint64) {})
	if !done || err != nil {
		t.Fatal(done, err)
	}
	first, err := h.Status()
	ok(t, err)
	n, _ := start(t, path)
	if s, err := n.Status(); err != nil || s.Records() != first.Records() || s.Place != "School" {
		t.Errorf("%+v %v", s, err)
	}
	files, err := os.ReadDir(path)
	ok(t, err)
	for _, file := range files {
		if info, err := file.Info(); err != nil || file.Name()[0] == '.' || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s %v %v", file.Name(), info.Mode(), err)
		}
	}
}

func TestACodeIsGoodForOneHub(t *testing.T) {
	h := newInviting(t)
	code, _ := h.code("School")
	_, err := node.Join(t.Context(), node.JoinConfig{Folder: newcomer(t), Code: code})
	ok(t, err)
	text := refused(t, node.JoinConfig{Folder: newcomer(t), Code: code, Label: "Library"}, join.Used)
	if !strings.Contains(text, "used by School just now") {
		t.Error(text)
	}
}

// The joiner dies after the inviter has bound the code to it, wherever that is: the
// same again finishes, and the community has it once.
func TestAJoinThatWasInterruptedIsFinished(t *testing.T) {
	h := newInviting(t)
	for _, left := range []string{"hub.key", "records.db", "all"} {
		t.Run(left, func(t *testing.T) {
			code, _ := h.code(left)
			path := newcomer(t)
			j, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code})
			ok(t, err)
			files, err := os.ReadDir(path)
			ok(t, err)
			for _, file := range files {
				if left != "all" && file.Name() != "hub.key" && file.Name() != left {
					ok(t, os.Remove(filepath.Join(path, file.Name())))
				}
			}
			again, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code})
			ok(t, err)
			if again.Label != j.Label || again.Before != (left == "all") {
				t.Errorf("%+v, at first %+v", again, j)
			}
			if _, err := node.ReadFolder(path); err != nil {
				t.Error(err)
			}
		})
	}
	hubs := 0
	for range h.Store().Roster().Hubs() {
		hubs++
	}
	if hubs != 4 {
		t.Errorf("%d hubs", hubs)
	}
}

// The inviter dies between binding the code and signing: it remembers to whom it
// is bound.
func TestAnInviterThatWasInterruptedGoesOn(t *testing.T) {
	_, paths := folders(t, 1)
	var code join.Code
	joiner := newcomer(t)
	t.Run("before", func(t *testing.T) {
		h := atConsole(t, paths[0])
		code, _ = h.code("School")
		_, err := node.Join(t.Context(), node.JoinConfig{Folder: joiner, Code: code})
		ok(t, err)
	})
	t.Run("after", func(t *testing.T) {
		for _, lost := range []string{"records.db", "trust.cbor", "community.cbor", "local.db", "network.key"} {
			ok(t, os.Remove(filepath.Join(joiner, lost)))
		}
		ok(t, os.Remove(filepath.Join(paths[0], "records.db"))) // the certificate with it
		h := atConsole(t, paths[0])
		at := h.SyncAddrs()[0]
		refused(t, node.JoinConfig{Folder: newcomer(t), Code: code, At: at}, join.Used)
		j, err := node.Join(t.Context(), node.JoinConfig{Folder: joiner, Code: code, At: at})
		if err != nil || j.Label != "School" {
			t.Errorf("%+v %v", j, err)
		}
	})
}

func TestWhyAHubIsNotTakenIn(t *testing.T) {
	h := newInviting(t)
	t.Run("its name", func(t *testing.T) {
		code, _ := h.code("")
		path := newcomer(t)
		for label, why := range map[string]join.Reason{
			"": join.LabelNeeded, "pLace-1": join.LabelTaken, "localhost": join.LabelReserved, "\u202e": join.LabelBad,
		} {
			refused(t, node.JoinConfig{Folder: path, Code: code, Label: label}, why)
		}
		_, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code, Label: "Place 2"}) // the code is still good
		ok(t, err)
	})
	t.Run("cancelled", func(t *testing.T) {
		byCode, _ := h.code("Barn")
		byID, listed := h.code("Barn")
		var gone control.Invitation
		ok(t, h.desk.Call(t.Context(), "uninvite", control.Cancel{Which: strings.ToLower(byCode.String())}, &gone))
		ok(t, h.desk.Call(t.Context(), "uninvite", control.Cancel{Which: listed.ID}, &gone))
		for _, code := range []join.Code{byCode, byID} {
			refused(t, node.JoinConfig{Folder: newcomer(t), Code: code}, join.Cancelled)
		}
	})
	t.Run("another community", func(t *testing.T) {
		code, _ := h.code("Barn")
		code.Town++
		refused(t, node.JoinConfig{Folder: newcomer(t), Code: code}, join.Unknown)
	})
	t.Run("it may not admit", func(t *testing.T) {
		code, _ := h.code("Barn")
		path := newcomer(t)
		_, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code})
		ok(t, err)
		barn := atConsole(t, path)
		err = barn.desk.Call(t.Context(), "invite", control.Invite{Seconds: 60}, nil)
		if err == nil || !strings.Contains(err.Error(), `make the code at "Place 1"`) {
			t.Error(err)
		}
	})
}

func TestWhyNobodyCanBeAsked(t *testing.T) {
	h := newInviting(t)
	code, _ := h.code("School")
	path := newcomer(t)
	try := func(at string) error {
		_, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code, At: at})
		if err == nil {
			t.Fatalf("joined at %s", at)
		}
		return err
	}
	if err := try("127.0.0.1:1"); !errors.Is(err, node.ErrNobody) {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("a folder was made for nothing")
	}
	other := newInviting(t)
	if err := try(other.SyncAddrs()[0]); !strings.Contains(err.Error(), "does not know this code") {
		t.Error(err)
	}
	nowhere := code
	nowhere.Addr = netip.AddrPort{}
	if _, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: nowhere}); !errors.Is(err, node.ErrNoAddress) {
		t.Error(err)
	}
	if _, err := node.Join(t.Context(), node.JoinConfig{Folder: other.path, Code: code}); !errors.Is(err, node.ErrFounded) &&
		other.Store().Codec().Community()[0] != code.Town {
		t.Error(err)
	}
	copied := newcomer(t)
	ok(t, os.MkdirAll(copied, 0o700))
	b, err := os.ReadFile(filepath.Join(h.path, "hub.key"))
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(copied, "hub.key"), b, 0o600))
	if _, err := node.Join(t.Context(), node.JoinConfig{Folder: copied, Code: code}); err == nil || !strings.Contains(err.Error(), "this hub itself answers") {
		t.Error(err)
	}
	h.statesAre("open")
}

// A code that ended while the hub was switched off has ended, by a clock that is
// believed.
func TestAnExpiredCodeIsWorthless(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	code, err := join.NewCode(netip.AddrPort{}, f.Founding.Community(), rand.Reader)
	ok(t, err)
	l, err := local.Open(filepath.Join(paths[0], "local.db"), local.Options{})
	ok(t, err)
	id, secret := code.Stretch()
	ok(t, l.Invitations().Add(id, secret, "School", time.Hour, time.Now().Add(-3*time.Hour)))
	ok(t, l.Close())
	h := atConsole(t, paths[0])
	text := refused(t, node.JoinConfig{Folder: newcomer(t), Code: code, At: h.SyncAddrs()[0]}, join.Expired)
	if !strings.Contains(text, "has expired, 2 hours ago") && !strings.Contains(text, "has expired, 120 min ago") {
		t.Error(text)
	}
	h.statesAre("expired")
}

// Whoever answers in the inviter's place learns nothing that is worth anything.
func TestAnImpostorIsNotToldTheCode(t *testing.T) {
	h := newInviting(t)
	code, _ := h.code("School")
	thief := ed25519.NewKeyFromSeed(make([]byte, 32))
	at := answers(t, thief, func(rw io.ReadWriter, joiner record.Author) {
		_ = join.Serve(t.Context(), rw, record.AuthorOf(thief), joiner, believer{}, zeros{})
	})
	_, err := node.Join(t.Context(), node.JoinConfig{Folder: newcomer(t), Code: code, At: at})
	if !errors.Is(err, join.ErrImpostor) || !strings.Contains(err.Error(), "still good") {
		t.Error(err)
	}
	h.statesAre("open")
}

// What does not make this hub a member is not written.
func TestAWelcomeIsJudged(t *testing.T) {
	other := newInviting(t)
	founding, err := other.Store().Roster().Founding().Encode()
	ok(t, err)
	for name, w := range map[string]join.Welcome{
		"nothing":           {},
		"no certificate":    {Founding: founding},
		"nonsense in chain": {Founding: founding, Chain: [][]byte{{1, 2, 3}}},
	} {
		code := join.Code{Town: other.Store().Codec().Community()[0], Secret: 7}
		id, secret := code.Stretch()
		inviter := ed25519.NewKeyFromSeed(make([]byte, 32))
		at := answers(t, inviter, func(rw io.ReadWriter, joiner record.Author) {
			_ = join.Serve(t.Context(), rw, record.AuthorOf(inviter), joiner, giver{id, secret, w}, zeros{})
		})
		path := newcomer(t)
		if _, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code, At: at}); err == nil || !strings.Contains(err.Error(), "does not hold") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := node.ReadFolder(path); !errors.Is(err, node.ErrNoCommunity) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// believer says that it knows every code; giver welcomes whoever has one.
type (
	believer struct{}
	giver    struct {
		id  join.ID
		key join.Key
		w   join.Welcome
	}
	zeros struct{}
)

func (believer) Key(join.ID) (join.Key, bool) { return join.Key{}, true }
func (believer) Failed(join.ID) error         { return nil }
func (believer) Admit(context.Context, join.ID, record.Author, string) (join.Welcome, error) {
	return join.Welcome{}, nil
}

func (g giver) Key(id join.ID) (join.Key, bool) { return g.key, id == g.id }
func (giver) Failed(join.ID) error              { return nil }
func (g giver) Admit(context.Context, join.ID, record.Author, string) (join.Welcome, error) {
	return g.w, nil
}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
