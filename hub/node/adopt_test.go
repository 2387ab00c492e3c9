package node_test

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// vouchedAt are those for whom a hub's word is in the set.
func vouchedAt(t *testing.T, n *node.Node, by record.Author) map[record.Author]string {
	t.Helper()
	out := map[record.Author]string{}
	ok(t, n.Store().Read(func(v *store.View) error {
		for r, err := range v.By(by) {
			if err != nil {
				return err
			}
			if _, vouch, ok := roster.VouchOf(r); ok {
				out[vouch.Subject] = vouch.Name
			}
		}
		return nil
	}))
	return out
}

// lostHub is a hub with people that ran for a while and is no more, and the hub that is
// left, which knows of them.
func lostHub(t *testing.T, names ...string) (root ed25519.PrivateKey, a *node.Node, console *control.Client, lost record.Author) {
	t.Helper()
	root, paths := folders(t, 2)
	a, console = withConsole(t, paths[0])
	b, stop := start(t, paths[1], a.SyncAddrs()...)
	for _, who := range enroll(t, b, names...) {
		until(t, a, "somebody of the other hub", vouched(t, who))
	}
	lost = b.Host().ID()
	stop()
	return root, a, console, lost
}

func TestThePeopleOfALostHubAreTakenOver(t *testing.T) {
	root, a, console, lost := lostHub(t, "ana", "zoe", "eve")
	self := a.Host().ID()
	ok(t, a.Enroll(t.Context(), key("bob"), "Bob"))
	var done control.Adopted
	if err := console.Call(t.Context(), "adopt", control.Peer{Peer: self.String()}, &done); err == nil || !strings.Contains(err.Error(), "at home here already") {
		t.Errorf("its own: %v", err)
	}
	if err := console.Call(t.Context(), "adopt", control.Peer{Peer: idOf("nobody")}, &done); err == nil || !strings.Contains(err.Error(), "no hub of this community") {
		t.Errorf("nobody's: %v", err)
	}
	appoint(t, a, console, root, control.RoleAct{Act: control.Revoke, Who: idOf("eve")})
	decide(t, a, console, root, control.HubAct{Act: control.Revoke, Hub: lost.String()})
	ok(t, console.Call(t.Context(), "adopt", control.Peer{Peer: lost.String()}, &done))
	if done.Taken != 2 || done.Had != 0 || done.Left != 0 || done.Label != "Place 2" {
		t.Errorf("%+v", done)
	}
	mine := vouchedAt(t, a, self)
	if len(mine) != 3 || mine[record.AuthorOf(key("ana"))] == "" && mine[record.AuthorOf(key("zoe"))] == "" {
		t.Errorf("it vouches for %v", mine)
	}
	ok(t, console.Call(t.Context(), "adopt", control.Peer{Peer: lost.String()}, &done))
	if done.Taken != 0 || done.Had != 2 {
		t.Errorf("once more: %+v", done)
	}
}

func TestAFullHubTakesNobodyOver(t *testing.T) {
	_, a, console, lost := lostHub(t, "ana", "zoe")
	for i := range 998 { // one place is left
		_, err := node.Seat(a, record.Author{1, byte(i), byte(i >> 8)})
		ok(t, err)
	}
	var done control.Adopted
	ok(t, console.Call(t.Context(), "adopt", control.Peer{Peer: lost.String()}, &done))
	if done.Taken != 1 || done.Left != 1 {
		t.Errorf("with one place: %+v", done)
	}
	err := console.Call(t.Context(), "adopt", control.Peer{Peer: lost.String()}, &done)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("of the people of %q 1 are waiting", "Place 2")) {
		t.Errorf("without a place: %v", err)
	}
}
