package node_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/peer"
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
	runs(t, n)
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

// held is what a hub holds of a class.
func held(s control.Status, class string) control.Class {
	i := slices.IndexFunc(s.Set, func(c control.Class) bool { return c.Name == class })
	return s.Set[i]
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
	first, err := h.Status()
	ok(t, err)
	done, err := node.Fetch(t.Context(), node.Config{Folder: f, Peers: []string{j.Addr}}, func(node.Fetched) {})
	if !done || err != nil {
		t.Fatal(done, err)
	}
	n, _ := start(t, path)
	// Places go on to tell how they stand, so only what people and roots wrote is equal.
	if s, err := n.Status(); err != nil || s.Place != "School" || held(s, "trust") != held(first, "trust") || held(s, "people") != held(first, "people") {
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

// Of several that use a code at once one is taken in, and the others are told so.
func TestACodeThatIsRacedForIsGoodForOneHub(t *testing.T) {
	h := newInviting(t)
	code, _ := h.code("")
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		path := newcomer(t)
		all.Go(func() {
			_, errs[i] = node.Join(t.Context(), node.JoinConfig{Folder: path, Code: code, Label: fmt.Sprintf("Barn %d", i)})
		})
	}
	all.Wait()
	joined := 0
	for _, err := range errs {
		if no, refused := errors.AsType[*join.Refusal](err); err == nil {
			joined++
		} else if !refused || no.Reason != join.Used {
			t.Error(err)
		}
	}
	if hubs := maps.Collect(h.Store().Roster().Hubs()); joined != 1 || len(hubs) != 2 {
		t.Errorf("%d joined, %d hubs", joined, len(hubs))
	}
}

// Of several that come with one name by codes of their own one has it, and the
// others are told.
func TestHubsThatJoinAtOnceHaveNamesOfTheirOwn(t *testing.T) {
	_, paths := folders(t, 1)
	l, err := local.Open(filepath.Join(paths[0], "local.db"), local.Options{})
	ok(t, err)
	const n = 8
	for i := range n {
		ok(t, l.Invitations().Add(join.ID{byte(i)}, join.Key{byte(i)}, "Barn", time.Hour, time.Time{}))
	}
	ok(t, l.Close())
	h := atConsole(t, paths[0])
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		as := key(fmt.Sprint(i))
		q, err := peer.Ask(t.Context(), as, h.SyncAddrs()[0], join.Protocol)
		ok(t, err)
		all.Go(func() {
			_, errs[i] = join.Ask(q, record.AuthorOf(as), q.Peer, join.ID{byte(i)}, join.Key{byte(i)}, "", rand.Reader)
			errs[i] = errors.Join(errs[i], q.Close())
		})
	}
	all.Wait()
	joined := 0
	for _, err := range errs {
		if no, refused := errors.AsType[*join.Refusal](err); err == nil {
			joined++
		} else if !refused || no.Reason != join.LabelTaken {
			t.Error(err)
		}
	}
	if joined != 1 {
		t.Errorf("%d joined", joined)
	}
}

// Who asks again and again is told to wait, without a look at the codes.
func TestWhoGuessesCodesIsHeldUp(t *testing.T) {
	h := newInviting(t)
	told := map[join.Reason]int{}
	for range 40 {
		q, err := peer.Ask(t.Context(), key("g"), h.SyncAddrs()[0], join.Protocol)
		ok(t, err)
		_, err = join.Ask(q, record.AuthorOf(key("g")), q.Peer, join.ID{1}, join.Key{}, "Barn", rand.Reader)
		no, refused := errors.AsType[*join.Refusal](err)
		if !refused {
			t.Fatal(err)
		}
		told[no.Reason]++
		ok(t, q.Close())
	}
	if told[join.Unknown] < 30 || told[join.Busy] == 0 {
		t.Errorf("told %v", told)
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
