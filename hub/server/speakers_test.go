package server_test

import (
	"context"
	"crypto/ed25519"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// fakeTrust is a register, and who has ended their key.
type fakeTrust struct {
	all   register.Register
	ended map[record.Author]bool
	hub   *fakeHub
}

func (f *fakeTrust) Register(context.Context) (register.Register, error) { return f.all, nil }

func (f *fakeTrust) Renounce(_ context.Context, key ed25519.PrivateKey) error {
	a := record.AuthorOf(key)
	if f.hub.people[a].Home == "" {
		return hub.Errorf(hub.NotFound, returncode.Field, "Nobody is known here by these six words, so there is nothing to end. Compare each with what you wrote down.")
	}
	f.ended[a] = true
	return nil
}

// trusting is a server with a register, and what is in it.
func trusting(t *testing.T) (*fakeHub, *fakeTrust, *server.Server) {
	h := newFakeHub(t)
	f := &fakeTrust{ended: map[record.Author]bool{}, hub: h}
	return h, f, newServer(t, h, func(c *server.Config) { c.Trust = f })
}

func TestEverybodySeesWhoMaySpeakOfficially(t *testing.T) {
	_, f, s := trusting(t)
	b := newBrowser(t, s)
	b.open("/staff").want(t, 200, `<a href="/coordinators">`)
	b.open("/").want(t, 200, `<a href="/coordinators">Who may speak officially here</a>`)
	b.open("/coordinators").want(t, 200, "Nobody may speak officially here yet").wantNot(t, "What places may do", "Who may no more")
	f.all = register.Register{
		Community: "Millbrook", Roots: []string{"1a2b-3c4d", "2a2b-3c4d", "3a2b-3c4d"}, Threshold: 2,
		Coordinators: []register.Entry{
			{Tag: "3fa2b1", Label: "Maria <Ortiz>", Roles: []string{"notices", "moderate"}, Area: "fire district", Since: evening, By: []string{"1a2b-3c4d", "3a2b-3c4d"}, Until: "2027-06-30"},
			{Tag: "aaaaaa", Label: "Nobody now", Roles: []string{}, Since: evening, By: []string{"1a2b-3c4d", "3a2b-3c4d"}},
		},
		Hubs: []register.Entry{
			{Tag: "bbbbbb", Label: "Fire Station", Roles: []string{"admit", "relay"}, Senders: []string{"w-nws.webmaster@noaa.gov"}, Since: evening, By: []string{"1a2b-3c4d", "2a2b-3c4d"}},
			{Tag: "cccccc", Label: "Hill School", Roles: []string{}, Since: evening, Issuer: "Fire Station"},
		},
		Ended: []register.End{
			{Tag: "dddddd", Label: "Old Chief", Kind: register.Coordinator, Retired: true, At: evening},
			{Tag: "eeeeee", Label: "Card 1", Kind: register.Coordinator, At: evening, Why: "the envelope was gone"},
			{Tag: "ffffff", Label: "Mona", Kind: register.Coordinator, At: evening, Own: true},
			{Tag: "abcdef", Label: "Just a neighbor", Kind: register.Neighbor, At: evening, Own: true},
			{Tag: "fedcba", Label: "Mill", Kind: register.Hub, At: evening, Retired: true},
		},
	}
	b.open("/coordinators").want(t, 200,
		"Maria <Ortiz>", "3fa2b1", "fire district", "writes official notices", "hides posts that harm",
		"Since 22 November 2026, by the community’s founding sheets (2 of 3).", "This is meant until 30 June 2027.",
		"Fire Station", "lets other places join", "passes on warnings of", "w-nws.webmaster@noaa.gov",
		"Old Chief", "Does not speak officially any more since 22 November 2026.",
		"Card 1", "Ended on 22 November 2026.", "the envelope was gone",
		"Mona", "Ended by themselves on 22 November 2026.", "Mill", "Not in use any more since 22 November 2026.",
	).wantNot(t, "Nobody now", "Just a neighbor", "Hill School</bdi>")
	b.open("/~es/coordinators").want(t, 200, "escribe avisos oficiales", "Desde el 22 de noviembre")
	b.open("/~ar/coordinators").want(t, 200, `dir="rtl"`, "Maria")
}

func TestStolenWordsAreEndedAtTheBoxOnly(t *testing.T) {
	h, f, s := trusting(t)
	code := returncode.New(nil)
	thief := record.AuthorOf(returncode.Key(code, town))
	h.people[thief] = hub.Person{Author: thief, Name: "Ana", Home: "Harbor Clinic"}

	phone := newBrowser(t, s)
	phone.open("/you").want(t, 200, `<a href="/stolen">`)
	phone.open("/stolen").want(t, 200, "This is done at the box itself").wantNot(t, "End these six words for good</button>")
	_, form := phone.open("/return").form(t)
	form.Set("code", code.Text())
	form.Set("sure", "yes")
	phone.ask("POST", "/stolen", form.Encode()).want(t, 403, "Nothing was ended")
	if len(f.ended) > 0 {
		t.Fatal("they were ended over the Wi-Fi")
	}

	here := newBrowser(t, s)
	box(here)
	here.open("/stolen").want(t, 200, "End these six words for good</button>", "It cannot be taken back")
	here.post("code", "abacus", "sure", "yes").want(t, 422)
	here.open("/stolen")
	here.post("code", code.Text()).want(t, 422, "Tick the box")
	here.open("/stolen")
	here.post("code", returncode.New(nil).Text(), "sure", "yes").want(t, 404, "there is nothing to end")
	if len(f.ended) > 0 {
		t.Fatal("they were ended unasked")
	}
	here.open("/stolen")
	here.send("code", code.Text(), "sure", "yes").want(t, 200, "Those six words are ended for good.")
	if !f.ended[thief] {
		t.Fatal("they were not ended")
	}
}

func TestACoordinatorReadsWhatTheEndOfTheirWordsChanges(t *testing.T) {
	f := &fakeTrust{ended: map[record.Author]bool{}}
	st := newFirehouse(t, func(c *server.Config) { c.Trust = f })
	f.hub = st.fakeHub
	b := st.signsIn(t, box)
	b.open("/notices/new?t=meeting")
	b.send("text", "At the school.").want(t, 200, "FS-1")
	b.open("/stolen").wantNot(t, "Nothing has been ended yet")
	b.post("code", st.code.Text(), "sure", "yes").want(t, 200, "Nothing has been ended yet", "These notices are gone", "FS-1 “Meeting”", st.code.Text())
	if len(f.ended) > 0 {
		t.Fatal("they were ended before it was read")
	}
	b.send("sure", "yes").want(t, 200, "Those six words are ended for good.")
	if !f.ended[record.AuthorOf(st.key)] {
		t.Error("they were not ended")
	}
}

func TestNobodyComesInWithWordsThatWereEnded(t *testing.T) {
	code := returncode.New(nil)
	key := returncode.Key(code, town)
	who := record.AuthorOf(key)
	h, _, s := trusting(t)
	h.people[who] = hub.Person{Author: who, Name: "Ana", Home: "Harbor Clinic"}
	b := newBrowser(t, s)
	b.open("/return")
	b.send("code", code.Text()).want(t, 200, "Welcome back")

	founding := roster.Founding{Name: "Millbrook", Roots: []record.Author{who}, Threshold: 1, Time: record.At(founded)}
	codec, err := record.NewCodec(founding.Community(), founding.Time)
	if err != nil {
		t.Fatal(err)
	}
	end, err := roster.Revocation{Subject: who}.Record(founding.Time+1, record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	if end, err = codec.Sign(end, key); err != nil {
		t.Fatal(err)
	}
	h.state = roster.Compute(founding, []record.Record{end})
	other := newBrowser(t, s)
	other.open("/return")
	other.post("code", code.Text()).want(t, 403, "These six words were ended for good")
}

func TestACoordinatorIsToldThatTheySpeakOfficially(t *testing.T) {
	h, _, s := trusting(t)
	b := signedIn(t, s)
	b.open("/you").wantNot(t, "You speak officially")
	m := moderator(t, h, s, "Maria")
	m.open("/you").want(t, 200, "You speak officially here as <b><bdi>Maria</bdi></b>.", `href="/coordinators"`)
	for a, p := range h.people {
		if p.Name == "Maria" {
			h.says(t, roster.Revocation{Subject: a, Retired: true})
		}
	}
	m.open("/you").wantNot(t, "You speak officially")
}
