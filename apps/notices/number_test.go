package notices_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"pgregory.net/rapid"
)

// numbers is two hubs that give numbers, and what they have given.
type numbers struct {
	*town
	given map[string]string // a number, and for what
	forms int
	apart bool
}

// act does what a coordinator asks of a hub.
func (t *numbers) act(at int, who string, q hub.Request) []record.Record {
	t.Helper()
	p := t.hubs[at]
	q.Author, q.Official, q.Place, q.Lang = simnet.Author(who), true, simnet.HubName(at), "en"
	var ds []hub.Draft
	must(t.T, p.Read(t.Context(), func(s hub.Snapshot) (err error) {
		ds, err = p.app.Act(s, q)
		return err
	}))
	own, ofHub := hub.Apart(ds)
	_, err := p.Write(t.Context(), ofHub...)
	must(t.T, err)
	rs, err := p.desk.Write(t.Context(), p.app.Manifest(), simnet.Key(who), own...)
	must(t.T, err)
	return rs
}

// release releases a notice, and holds its number against all that were given before.
func (t *numbers) release(at int, who, template string) (id string) {
	t.Helper()
	t.forms++
	id = fmt.Sprintf("f%d", t.forms)
	rs := t.act(at, who, hub.Request{Path: "new", Form: url.Values{"t": {template}, "text": {"Elm Street"}, "client_id": {id}}})
	b, err := hub.Collection[notices.Body]{}.Decode(rs[0])
	must(t.T, err)
	number := fmt.Sprintf("%s-%d", b.Letters, b.Count)
	if was := t.given[number]; was != "" {
		t.Fatalf("%s is given to %s of %s at h%d, and was to %s", number, id, who, at, was)
	}
	t.given[number] = id + " of " + who
	return id
}

// takeBack takes back what waits.
func (t *numbers) takeBack(at int, who, id string) {
	t.Helper()
	path := "n/" + simnet.Author(who).String()[:16] + "/" + id
	var hash string
	must(t.T, t.hubs[at].Read(t.Context(), func(s hub.Snapshot) error {
		p, err := t.hubs[at].app.View(s, hub.Request{Path: path, Author: simnet.Author(who), Official: true})
		if v, ok := p.Model.(notices.OneView); ok {
			hash = v.Signed.Hash
		}
		return err
	}))
	t.act(at, who, hub.Request{Path: path, Form: url.Values{"back": {hash}}})
}

// revoke has the root end somebody's six words, as is heard at one hub first.
func (t *numbers) revoke(at int, who string) {
	t.Helper()
	t.said++
	r, err := t.world.Town.Say(simnet.Key("root"), t.world.Town.Founding.Time+record.Time(100+t.said)<<16, roster.Revocation{Subject: simnet.Author(who)})
	must(t.T, err)
	_, err = t.world.Write(at, r)
	must(t.T, err)
}

func (t *numbers) restart(at int) {
	t.Helper()
	must(t.T, t.world.Crash(at))
	must(t.T, t.world.Start(at))
	p := t.hubs[at]
	p.app, p.desk = notices.New(), node.NewDesk(t.world.Hubs[at].Store, p.clock, t.world.Hubs[at].Key)
}

// A number that hangs on a door is nobody else's ever: whatever is taken back, whoever is
// put out, whether the places hear of each other, and also after a restart.
func TestNoNumberIsGivenTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := &numbers{town: openTown(t, 2), given: map[string]string{}}
		people := []string{"Maria", "Tom"}
		for _, who := range people {
			n.coordinator(who)
		}
		for range rapid.IntRange(3, 12).Draw(r, "acts") {
			at := rapid.IntRange(0, 1).Draw(r, "at")
			i := rapid.IntRange(0, 1).Draw(r, "who")
			who := people[i]
			switch rapid.SampledFrom([]string{"release", "take back", "revoke", "part", "meet", "restart"}).Draw(r, "act") {
			case "release":
				n.release(at, who, "road")
			case "take back":
				n.takeBack(at, who, n.release(at, who, "evacuate"))
			case "revoke":
				if n.apart { // the one who comes after is heard of by all
					continue
				}
				n.revoke(at, who)
				people[i] = fmt.Sprintf("%s %d", strings.Fields(who)[0], n.said)
				n.coordinator(people[i])
			case "part":
				n.world.Cut(0, 1)
				n.apart = true
			case "meet":
				n.world.Connect(0, 1)
				n.apart = false
				n.settle()
			case "restart":
				n.restart(at)
			}
			must(t, n.world.Run(200*time.Millisecond))
		}
	})
}

// What a coordinator's changed program says is no number of the place's to count on from.
func TestNobodyUsesUpAPlacesNumbers(t *testing.T) {
	m := newMoment(t)
	r := m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a")
	b, err := hub.Collection[notices.Body]{}.Decode(r)
	must(t, err)
	for i, count := range []uint32{3, 999_998, 999_999} {
		b.Count = count
		d, err := hub.Collection[notices.Body]{}.Draft(fmt.Sprintf("n/x%d", i), b)
		must(t, err)
		m.put(tom, d, now)
	}
	b, err = hub.Collection[notices.Body]{}.Decode(m.do(maria, "new", "t", "road", "text", "Elm Street", "client_id", "b"))
	if err != nil || b.Count != 4 {
		t.Errorf("FS4-%d after FS4-3, %v", b.Count, err)
	}
}

// Only a place's own word says how far it has counted.
func TestAPlaceCountsAlone(t *testing.T) {
	m := newMoment(t)
	for who, count := range map[byte]uint32{station: 7, school: 90, maria: 80} {
		d, err := hub.Collection[notices.Given]{}.Draft("c/465334", notices.Given{Count: count}) // "FS4"
		must(t, err)
		d.Class = record.Talk
		m.put(who, d, now)
	}
	b, err := hub.Collection[notices.Body]{}.Decode(m.do(maria, "new", "t", "road", "text", "Main Street", "client_id", "a"))
	if err != nil || b.Count != 8 {
		t.Errorf("FS4-%d, want FS4-8, %v", b.Count, err)
	}
}
