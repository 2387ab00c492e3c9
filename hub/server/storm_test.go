package server_test

import (
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// slow makes a server that takes few posts.
func slow(t *testing.T, h *fakeHub, person, address int) (*tally, *server.Server) {
	c := &tally{of: map[string]int{}}
	return c, newServer(t, h, func(cfg *server.Config) {
		cfg.Metrics = c
		cfg.Limits = server.Limits{Posts: person, PostPause: time.Hour, AddressPosts: address, AddressPause: time.Minute}
	})
}

const tooFast = "Wait a few seconds, then send this again"

func TestAStormOfOnePersonIsSlowedWithWordsAndLosesNothing(t *testing.T) {
	h := newFakeHub(t)
	c, s := slow(t, h, 3, 100)
	b := newBrowser(t, s)
	for i := range 3 {
		b.open("/messages/town")
		b.send("text", fmt.Sprint("post ", i)).want(t, 200, fmt.Sprint("post ", i))
	}
	b.open("/messages/town")
	_, asked := b.at.form(t)
	p := b.send("text", "one more").want(t, 429, "You have posted a lot", tooFast, "one more</textarea>")
	if _, again := p.form(t); again.Get("client_id") != asked.Get("client_id") {
		t.Error("sent again it would be another post")
	}
	if p.header.Get("Retry-After") != "3600" || c.of["slowed person"] != 1 || h.writes != 3 {
		t.Errorf("retry after %q, slowed %d times, %d posts", p.header.Get("Retry-After"), c.of["slowed person"], h.writes)
	}
	b.open("/name")
	b.send("name", "Ana").want(t, 429, tooFast)

	other := newBrowser(t, s) // at the same address
	other.open("/messages/town")
	other.send("text", "from another person").want(t, 200, "from another person")
}

func TestARepetitionIsNotSlowed(t *testing.T) {
	h := newFakeHub(t)
	_, s := slow(t, h, 1, 100)
	b := newBrowser(t, s)
	b.open("/messages/town")
	form := b.at
	b.send("text", "once")
	for range 5 {
		b.at = form
		b.send("text", "once").want(t, 200, "once")
	}
}

func TestAStormFromOneAddressMakesNoPeopleWhoCannotPost(t *testing.T) {
	h := newFakeHub(t)
	c, s := slow(t, h, 100, 2)
	for range 2 {
		b := newBrowser(t, s)
		b.open("/messages/town")
		b.send("text", "hello").want(t, 200)
	}
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "hello too").want(t, 429, "from this device or network", tooFast, "hello too</textarea>")
	if h.enrolled != 2 || c.of["slowed address"] != 1 {
		t.Errorf("%d people, slowed %d times", h.enrolled, c.of["slowed address"])
	}
	elsewhere := newBrowser(t, s)
	elsewhere.addr = "192.168.1.21"
	elsewhere.open("/messages/town")
	elsewhere.send("text", "from elsewhere").want(t, 200, "from elsewhere")
}

func TestAnIPv6NetworkIsSharedByMany(t *testing.T) {
	_, s := slow(t, newFakeHub(t), 100, 1)
	b := newBrowser(t, s)
	for i := range 11 {
		b.addr = fmt.Sprintf("fd00::%x", i+1)
		b.open("/messages/town")
		want := 200
		if i == 10 {
			want = 429
		}
		b.send("text", fmt.Sprint("hello ", i)).want(t, want)
	}
}

func TestAProgramIsToldWhenToComeAgain(t *testing.T) {
	_, s := slow(t, newFakeHub(t), 1, 100)
	b := newProgram(t, s)
	token := b.call("POST", townPath, object{"text": "one", "client_id": "a"}).object(t, 201)["session"].(object)["token"].(string)
	b.header.Set("Authorization", "Bearer "+token)
	p := b.call("POST", townPath, object{"text": "two", "client_id": "b"})
	p.problem(t, 429, "", "as Retry-After says")
	if p.header.Get("Retry-After") != "3600" {
		t.Errorf("retry after %q", p.header.Get("Retry-After"))
	}
}

func TestGuestsAreSlowedEachByTheirAddress(t *testing.T) {
	h := newFakeHub(t)
	guest := record.Author{}
	h.failEnroll = func(k ed25519.PrivateKey) error {
		if record.AuthorOf(k) != guest {
			return local.ErrFull
		}
		return nil
	}
	s := newServer(t, h, func(cfg *server.Config) {
		cfg.Limits = server.Limits{Posts: 2, PostPause: time.Hour}
		key, err := cfg.Sessions.Guest(h.about.Now)
		if err != nil {
			t.Fatal(err)
		}
		guest = record.AuthorOf(key)
	})
	for _, addr := range []string{"192.168.1.20", "192.168.1.21"} {
		b := newBrowser(t, s)
		b.addr = addr
		for _, want := range []int{200, 200, 429} {
			b.open("/messages/town")
			b.send("text", "hello from "+addr).want(t, want)
		}
	}
}

func TestProgramsOnTheBoxAreNotSlowed(t *testing.T) {
	_, s := slow(t, newFakeHub(t), 1, 1)
	b := newBrowser(t, s)
	b.addr = "127.0.0.1"
	for i := range 5 {
		b.open("/messages/town")
		b.send("text", fmt.Sprint("post ", i)).want(t, 200, fmt.Sprint("post ", i))
	}
}
