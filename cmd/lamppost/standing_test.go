package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// council is the root of a line of hubs, at the first of them.
type council struct {
	t     *testing.T
	hubs  []*hubProc
	root  ed25519.PrivateKey
	codec *record.Codec
}

func newCouncil(t *testing.T, n int) *council {
	t.Helper()
	hubs, root := rootedLine(t, n)
	f, err := node.ReadFolder(hubs[0].folder)
	if err != nil {
		t.Fatal(err)
	}
	codec, err := record.NewCodec(f.Founding.Community(), f.Founding.Time)
	if err != nil {
		t.Fatal(err)
	}
	return &council{t, hubs, root, codec}
}

// decides has the root do something about somebody, and says when.
func (c *council) decides(act control.RoleAct) time.Time {
	c.t.Helper()
	var plan control.RolePlan
	if err := c.hubs[0].console.Call(c.t.Context(), "appoint", control.RoleActs{Acts: []control.RoleAct{act}}, &plan); err != nil {
		c.t.Fatal(err)
	}
	var rs []record.Record
	for _, s := range plan.Statements {
		rs = append(rs, record.Record{App: record.Roster, Class: record.Trust, Key: s.Key, Time: record.Time(s.Time), Body: s.Body})
	}
	return c.says(c.root, rs...)
}

// says has a key sign records and the first hub take them in.
func (c *council) says(by ed25519.PrivateKey, rs ...record.Record) time.Time {
	c.t.Helper()
	for i, r := range rs {
		var err error
		if rs[i], err = c.codec.Sign(r, by); err != nil {
			c.t.Fatal(err)
		}
	}
	begun := time.Now()
	taken, err := c.hubs[0].console.Records(c.t.Context(), rs...)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, one := range taken {
		if one.Outcome != control.Added {
			c.t.Fatalf("%+v", one)
		}
	}
	return begun
}

// holds reports whether a hub has a slot of app notices.
func (c *council) holds(h *hubProc, key string) bool {
	c.t.Helper()
	missing, err := h.console.Missing(c.t.Context(), "notices", []string{key})
	if err != nil {
		c.t.Fatal(err)
	}
	return len(missing) == 0
}

// listed is how somebody stands on a hub's page of who may speak officially.
func listed(t *testing.T, n *neighbor, name string) (may, ended bool) {
	t.Helper()
	_, body, err := n.get("/coordinators")
	if err != nil {
		t.Fatal(err)
	}
	who, over, _ := strings.Cut(body, `id="ended"`)
	return strings.Contains(who, name), strings.Contains(over, name)
}

func until(t *testing.T, what string, ok func() bool) time.Time {
	t.Helper()
	if err := waitFor(t.Context(), patience, func() (bool, error) { return ok(), nil }); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return time.Now()
}

// newCoordinator is a key, and the grant that makes it a coordinator's.
func newCoordinator(t *testing.T, name string) (ed25519.PrivateKey, control.RoleAct) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, control.RoleAct{Act: control.Grant, Who: record.AuthorOf(key).String(), Label: name, Roles: []string{"notices"}}
}

// What somebody may do is the same at the other end of a line of five within two seconds,
// and what they wrote goes with it.
func TestACoordinatorRevokedAtOneEndIsNoneAtTheOther(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	c := newCouncil(t, 5)
	last := c.hubs[len(c.hubs)-1]
	far := newNeighbor(last.http)
	var took []time.Duration
	for round := range count(200) {
		name := fmt.Sprintf("Coordinator %c%c", 'A'+round/26, 'a'+round%26)
		key, grant := newCoordinator(t, name)
		c.decides(grant)
		until(t, name+" may speak at the other end", func() bool { may, _ := listed(t, far, name); return may })
		notice := fmt.Sprint("n/", round)
		c.says(key, record.Record{App: "notices", Class: record.Notice, Key: notice, Time: record.At(time.Now()), TTL: 30, Body: []byte{0xa0}})
		until(t, "the notice of "+name, func() bool { return c.holds(last, notice) })
		begun := c.decides(control.RoleAct{Act: control.Revoke, Who: grant.Who, Roles: []string{}})
		took = append(took, until(t, name+" may speak no more at the other end", func() bool {
			may, ended := listed(t, far, name)
			return !may && ended
		}).Sub(begun))
		if c.holds(last, notice) {
			t.Fatalf("%s may speak no more, and the notice still stands", name)
		}
	}
	slices.Sort(took)
	t.Logf("revoked at hub 1, gone at hub 5: median %v, worst of %d %v", took[len(took)/2], len(took), took[len(took)-1])
	if p99 := took[(len(took)*99-1)/100]; p99 > 2*time.Second {
		t.Errorf("99 of 100 within %v, which is more than 2 s", p99)
	}
}

// A hub that was cut off hears of a revocation before it shows anything else that is new.
func TestAHubThatWasCutOffHearsFirstWhoMaySpeakNoMore(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	c := newCouncil(t, 3)
	last := c.hubs[2]
	far := newNeighbor(last.http)
	_, grant := newCoordinator(t, "Maria Ortiz")
	c.decides(grant)
	until(t, "she may speak at the other end", func() bool { may, _ := listed(t, far, "Maria Ortiz"); return may })
	cut(t, c.hubs[1], last)
	c.decides(control.RoleAct{Act: control.Revoke, Who: grant.Who, Roles: []string{}})
	ana := newNeighbor(c.hubs[0].http)
	if err := ana.begin("First of what is new", "Ana"); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := ana.post(fmt.Sprintf("Post %d of what is new", i)); err != nil {
			t.Fatal(err)
		}
	}
	mend(t, c.hubs[1], last)
	until(t, "what is new at the other end", func() bool {
		posts, _, err := far.read(town)
		if err != nil {
			t.Fatal(err)
		}
		if len(posts) == 0 {
			return false
		}
		if may, ended := listed(t, far, "Maria Ortiz"); may || !ended {
			t.Fatalf("%d posts are there, and she may still speak", len(posts))
		}
		return true
	})
}
