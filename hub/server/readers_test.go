package server_test

import (
	"crypto/ed25519"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// shelf is an app with one list. Its page tells up to where the reader has seen that.
type shelf struct{}

const allOfIt = hub.Term("all")

func (shelf) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "shelf", Title: "Shelf", Class: record.Talk, TTL: 30,
		Index: func(record.Record) []hub.Term { return []hub.Term{allOfIt} },
		Files: fstest.MapFS{"templates/shelf.html": {Data: []byte(`seen {{$.Model}}.`)}},
	}
}

func (shelf) View(_ hub.Snapshot, q hub.Request) (hub.Page, error) {
	p := hub.Page{Template: "shelf.html", Title: "Shelf", Model: uint64(q.Seen(allOfIt).Last.Newest)}
	if q.Path == "" {
		p.Mark = allOfIt
	}
	return p, nil
}
func (shelf) Act(hub.Snapshot, hub.Request) ([]hub.Draft, error) { return nil, nil }

// put puts something on the shelf and returns its time.
func put(t *testing.T, h *fakeHub, as ed25519.PrivateKey, key string) string {
	t.Helper()
	rs, err := h.Write(t.Context(), "shelf", as, hub.Draft{Key: key, Body: []byte{0xa0}})
	if err != nil {
		t.Fatal(err)
	}
	return "seen " + strconv.FormatUint(uint64(rs[0].Time), 10) + "."
}

func TestAPageMarksItsListAsSeenForItsReaderAlone(t *testing.T) {
	h := newFakeHub(t)
	h.apps = append(h.apps, shelf{})
	key := h.neighbor(1, "Ana")
	s := newServer(t, h, kept)
	one, two := signedIn(t, s), signedIn(t, s)
	first := put(t, h, key, "a")
	one.open("/shelf/").want(t, 200, "seen 0.")
	one.open("/shelf/inside").want(t, 200, first)
	second := put(t, h, key, "b")
	one.open("/shelf/inside").want(t, 200, first) // which is no page of the list
	one.ask("HEAD", "/shelf/", "")
	one.open("/shelf/").want(t, 200, first)
	one.open("/shelf/").want(t, 200, second)
	two.open("/shelf/").want(t, 200, "seen 0.")
	stranger := newBrowser(t, s)
	stranger.open("/shelf/")
	stranger.open("/shelf/").want(t, 200, "seen 0.")
}

func TestAClockThatRunsAheadMarksNothing(t *testing.T) {
	h := newFakeHub(t)
	h.apps = append(h.apps, shelf{})
	key := h.neighbor(1, "Ana")
	b := signedIn(t, newServer(t, h, kept))
	first := put(t, h, key, "a")
	h.about.Now = evening.Add(48 * time.Hour)
	put(t, h, key, "b")
	h.about.Now = evening
	b.open("/shelf/")
	b.open("/shelf/").want(t, 200, first)
}

func TestNothingIsKeptForGuests(t *testing.T) {
	h := newFakeHub(t)
	h.apps = append(h.apps, shelf{})
	key := h.neighbor(1, "Ana")
	guest := record.Author{}
	s := newServer(t, h, kept, func(c *server.Config) {
		key, err := c.Sessions.Guest(h.about.Now)
		if err != nil {
			t.Fatal(err)
		}
		guest = record.AuthorOf(key)
	})
	h.failEnroll = func(k ed25519.PrivateKey) error {
		if record.AuthorOf(k) != guest {
			return local.ErrFull
		}
		return nil
	}
	b := signedIn(t, s)
	put(t, h, key, "a")
	b.open("/shelf/")
	b.open("/shelf/").want(t, 200, "seen 0.")
	b.open("/hidden").want(t, 200, "Guests share one name")
	b.open("/hide?author="+strings.Repeat("ab", 32)).want(t, 200, "Guests share one name")
}
