package server_test

import (
	"testing"
	"time"
)

func TestAPageSaysWhereAPostHasGotTo(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	b, other := newBrowser(t, s), newBrowser(t, s)
	b.open("/messages/town")
	b.follow(b.send("text", "hello", "name", "Ana")).want(t, 200, "Yours. Saved here.")
	other.open("/messages/town").want(t, 200, "hello").wantNot(t, "Saved here")
	h.about.Now = h.about.Now.Add(3 * time.Minute)
	h.reached = 1
	b.open("/messages/town").want(t, 200, "Yours. Saved here, reached 1 more place (<time", ">2 min ago</time>).")
	h.reached = 3
	other.open("/messages/town").want(t, 200, ">Saved here, reached 3 more places (<time", ">2 min ago</time>).")
	h.about.Plausible = false
	other.open("/messages/town").want(t, 200, "Saved here, reached 3 more places.")
}
