package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
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
	t.Run("it was revoked", func(t *testing.T) {
		code, _ := h.code("Mill")
		path := newcomer(t)
		_, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code})
		ok(t, err)
		f, err := node.ReadFolder(path)
		ok(t, err)
		ok(t, h.desk.Call(t.Context(), "hub", control.HubAct{Act: control.Revoke, Hub: f.ID().String(), Sign: true}, nil))
		_, err = node.Fetch(t.Context(), node.Config{Folder: f, Peers: h.SyncAddrs()}, func(node.Fetched) {})
		if !errors.Is(err, node.ErrRevoked) {
			t.Errorf("a hub that has not heard of it: %v", err)
		}
		n, stop := start(t, path, h.SyncAddrs()...)
		await(t, n, "that it is told", func(s control.Status) bool { return level(s, "certificate") == "bad" })
		if !n.About().CutOff {
			t.Error("its pages do not say so")
		}
		stop()
		again := newcomer(t) // with its key and nothing else
		ok(t, os.MkdirAll(again, 0o700))
		b, err := os.ReadFile(filepath.Join(path, "hub.key"))
		ok(t, err)
		ok(t, os.WriteFile(filepath.Join(again, "hub.key"), b, 0o600))
		code, _ = h.code("Mill")
		refused(t, node.JoinConfig{Folder: again, Code: code}, join.Revoked)
		_, err = node.Join(t.Context(), node.JoinConfig{Folder: newcomer(t), Code: code}) // it is still good
		ok(t, err)
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

// deserted is an address at which nobody listens any more.
func deserted(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	ok(t, ln.Close())
	return ln.Addr().String()
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
	if err := try(deserted(t)); !errors.Is(err, node.ErrNobody) {
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
			_ = join.Serve(t.Context(), rw, record.AuthorOf(inviter), joiner, giver{id: id, key: secret, w: w}, zeros{})
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

// The code is bound to a key that a plug pulled at that moment does not take away.
func TestTheKeyIsOnDiskBeforeTheCodeIsUsed(t *testing.T) {
	code := join.Code{Secret: 7}
	id, secret := code.Stretch()
	inviter := ed25519.NewKeyFromSeed(make([]byte, 32))
	path := newcomer(t)
	kept := make(chan error, 1)
	at := answers(t, inviter, func(rw io.ReadWriter, joiner record.Author) {
		_ = join.Serve(t.Context(), rw, record.AuthorOf(inviter), joiner, giver{id: id, key: secret, asked: func() {
			key, err := node.HubKey(path) // as it is on disk, or another
			if err == nil && record.AuthorOf(key) != joiner {
				err = errors.New("another key than the joiner's, or none, is on disk")
			}
			kept <- err
		}}, zeros{})
	})
	_, err := node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code, At: at})
	if err == nil {
		t.Error("joined by nothing")
	}
	ok(t, <-kept)
}

// believer says that it knows every code; giver welcomes whoever has one.
type (
	believer struct{}
	giver    struct {
		id  join.ID
		key join.Key
		w   join.Welcome

		asked func() // nil = nothing to do
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
	if g.asked != nil {
		g.asked()
	}
	return g.w, nil
}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
