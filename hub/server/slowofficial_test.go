package server_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// A moderator can slow a coordinator down as anybody else, but not what they say officially.
func TestAModeratorHoldsNoOfficialWordBack(t *testing.T) {
	h := newFakeHub(t)
	code := returncode.New(nil)
	key := returncode.Key(code, town)
	who := record.AuthorOf(key)
	h.people[who] = hub.Person{Author: who, Name: "Chief Ortiz", Home: "Fire Station"}
	h.says(t, roster.Certificate{Kind: roster.Coordinator, Subject: who, Label: "Chief Ortiz", Roles: roster.Notices})
	s := newServer(t, h)
	m := moderator(t, h, s, "Maria")
	c := newBrowser(t, s)
	enrolled(c)
	c.open("/return")
	c.send("code", code.Text()).want(t, 200, "Welcome back")
	m.decideAt("/judge?author="+who.String(), "slow", "for", "hour", "why", "1").want(t, 200, "Slowed down until")
	for _, text := range []string{"The upper town", "The lower town"} {
		c.open("/notices/new?t=boil-water")
		p := c.send("text", text)
		if p.status != 200 {
			t.Errorf("an official notice is held back: %d", p.status)
		}
	}
}
