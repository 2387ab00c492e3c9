package server_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// root is the key of who founded the fake's community.
func root() ed25519.PrivateKey { return ed25519.NewKeyFromSeed([]byte(strings.Repeat("r", 32))) }

// rule computes who may do what, and takes away what is closed.
func (f *fakeHub) rule() {
	f.state = roster.Compute(roster.Founding{Name: "Millbrook", Roots: []record.Author{record.AuthorOf(root())}, Threshold: 1, Time: record.At(founded)}, f.trust)
	for slot, r := range f.records {
		if r.Time <= f.state.Barred(slot) {
			delete(f.records, slot)
		}
	}
}

// says has the root say something.
func (f *fakeHub) says(t testing.TB, s interface {
	Record(record.Time, record.Via) (record.Record, error)
},
) {
	t.Helper()
	r, err := s.Record(record.At(f.about.Now), record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = f.codec.Sign(r, root()); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trust = append(f.trust, r)
	f.rule()
}

// hidden is why moderators have hidden a record.
func (s snapshot) hidden(r record.Record) string {
	if r.App == moderation.App || r.App == record.Roster {
		return ""
	}
	now, err := moderation.Read(snapshot{s.fakeHub, moderation.App})
	if err != nil {
		return err.Error()
	}
	return now.Hidden(r, now)
}

// moderator is somebody with the role, at the box itself.
func moderator(t *testing.T, h *fakeHub, s *server.Server, name string) *browser {
	t.Helper()
	b := newBrowser(t, s)
	b.addr, b.local, b.host = "127.0.0.1", "127.0.0.1", "localhost"
	b.open("/messages/town")
	b.send("text", "hello from "+name, "name", name)
	for a, p := range h.people {
		if p.Name == name {
			h.says(t, roster.Certificate{Kind: roster.Coordinator, Subject: a, Label: name, Roles: roster.Moderate})
			return b
		}
	}
	t.Fatal("nobody is called", name)
	return nil
}

var actForm = regexp.MustCompile(`(?s)<form method="post" action="[^"]*/judge".*?</form>`)

// decide presses one of the buttons of the page where something is judged.
func (b *browser) decide(act string, fields ...string) *page {
	b.t.Helper()
	return b.decideAs(act, act, fields...)
}

// decideAs has the button do something else.
func (b *browser) decideAs(act, does string, fields ...string) *page {
	b.t.Helper()
	for _, form := range actForm.FindAllString(b.at.body, -1) {
		if strings.Contains(form, `name="act" value="`+act+`"`) {
			b.at = &page{body: form, url: b.at.url}
			return b.send(append(fields, "act", does)...)
		}
	}
	b.t.Fatalf("there is no button to %s at %s:\n%s", act, b.at.url, b.at.body)
	return nil
}

// judgePage is where a post of somebody's is judged.
func judgePage(h *fakeHub, as ed25519.PrivateKey, id string) string {
	for slot := range h.records {
		if slot.App == "messages" && slot.Author == record.AuthorOf(as) && strings.HasSuffix(slot.Key, "/"+id) {
			return "/judge?" + url.Values{"app": {"messages"}, "key": {slot.Key}, "author": {slot.Author.String()}}.Encode()
		}
	}
	return "/judge?" + url.Values{"app": {"messages"}, "key": {"none/" + id}, "author": {record.AuthorOf(as).String()}}.Encode()
}

func TestAModeratorHidesAPostForEverybodyAndShowsItAgain(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "buy my pills", "pills")
	thread := "/messages/town/" + record.AuthorOf(loud).String()[:16] + "/pills"

	bo := signedIn(t, s)
	bo.open(thread).wantNot(t, "Hide this for everybody")
	bo.open(thread + "/report")
	bo.send("reason", "I did not ask for this").want(t, 200, "You have reported this post")

	m := moderator(t, h, s, "Maria")
	const waits = "Posts that wait for a moderator: 1"
	m.open("/you").want(t, 200, `href="/moderate"`, waits)
	m.open("/").want(t, 200, `<a href="/moderate">`+waits)
	bo.open("/").wantNot(t, waits)
	m.open("/moderate").want(t, 200, "Reported by neighbors", "Reports: 1.", "I did not ask for this", "buy my pills")
	m.open(thread).want(t, 200, "Hide this for everybody")
	m.open(m.at.link(t, "/judge")).want(t, 200, "buy my pills", "Spam or advertising", "This is final")
	m.decide("hide", "why", "1").want(t, 200, "Hidden here for everybody", "Hidden from everybody:", "Spam or advertising", "Show it again")
	m.open("/moderate").want(t, 200, "Nothing is reported")
	m.open("/").wantNot(t, "Posts that wait")

	other := newBrowser(t, s)
	other.open("/messages/town").want(t, 200, "<summary>Hidden by a moderator: <bdi>Spam or advertising</bdi></summary>", "buy my pills", `href="/moderated"`)
	other.open("/").wantNot(t, "buy my pills")
	other.open("/messages/search?q=pills").wantNot(t, "buy my pills")
	other.open("/moderated").want(t, 200, "Maria", "Loud", "hid a post by", "Spam or advertising", `href="`+thread+`"`).wantNot(t, `href="/moderate"`)
	spanish := newBrowser(t, s)
	spanish.header.Set("Accept-Language", "es")
	spanish.open("/messages/town").want(t, 200, "Spam o publicidad")

	m.open(judgePage(h, loud, "pills"))
	m.decide("show").want(t, 200, "Everybody sees it again", "Hide this post from everybody")
	other.open("/messages/town").wantNot(t, "Hidden by a moderator")
	other.open("/moderated").want(t, 200, "shows a post by")
}

func TestWhatWasChangedSinceItWasHiddenIsLookedAtAgain(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "buy my pills", "pills")
	m := moderator(t, h, s, "Maria")
	m.open(judgePage(h, loud, "pills"))
	m.decide("hide", "reason", "nobody asked")
	m.open("/moderate").wantNot(t, "Changed since they were hidden")
	h.change(t, loud, "pills", "sorry")
	m.open("/moderate").want(t, 200, "Changed since they were hidden", "sorry")
	m.open("/messages/town").want(t, 200, "Hidden by a moderator: <bdi>nobody asked</bdi>")
}

// change replaces the text of somebody's post.
func (f *fakeHub) change(t testing.TB, as ed25519.PrivateKey, id, text string) {
	t.Helper()
	for slot, r := range f.records {
		if slot.Author != record.AuthorOf(as) || !strings.HasSuffix(slot.Key, "/"+id) {
			continue
		}
		path := "town/" + slot.Author.String()[:16] + "/" + id + "/edit"
		var ds []hub.Draft
		err := f.Read(t.Context(), "messages", func(s hub.Snapshot) (err error) {
			ds, err = f.apps[0].Act(s, hub.Request{Path: path, Author: slot.Author, Form: url.Values{"text": {text}, "edits": {r.ID().String()}}})
			return err
		})
		if err == nil {
			_, err = f.Write(t.Context(), "messages", as, ds...)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("there is no such post")
}

func TestAModeratorWhoHasLeftModeratesNoMore(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "buy my pills", "pills")
	at := judgePage(h, loud, "pills")
	m := moderator(t, h, s, "Maria")
	m.open(at)
	m.decide("hide", "why", "1").want(t, 200)
	m.open(at)
	for a, p := range h.people {
		if p.Name == "Maria" {
			h.says(t, roster.Revocation{Subject: a, Retired: true})
		}
	}
	m.decide("show").want(t, 403)
	m.open(at).want(t, 200, "You are no moderator here")
	newBrowser(t, s).open("/messages/town").want(t, 200, "Hidden by a moderator") // and what she has hidden stays so
}

func TestWhatModeratorsMayNotDoSaysWhy(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "buy my pills", "pills")
	at := judgePage(h, loud, "pills")

	for _, page := range []string{"/moderate", at} {
		newBrowser(t, s).open(page).want(t, 200, "Enter my six words").wantNot(t, "buy my pills")
		signedIn(t, s).open(page).want(t, 200, "You are no moderator here").wantNot(t, "buy my pills")
	}
	m := moderator(t, h, s, "Maria")
	for _, c := range []struct {
		page, act string
		fields    []string
		status    int
		says      string
	}{
		{at, "hide", nil, 422, "Say why"},
		{at, "hide", []string{"why", "9"}, 422, "Say why"},
		{at, "hide", []string{"reason", strings.Repeat("a", 121)}, 422, "too long by 1"},
		{at, "mute", []string{"why", "1"}, 422, "Choose for how long"},
		{at, "mute", []string{"for", "day"}, 422, "Say why"},
		{at, "remove", []string{"why", "1"}, 422, "This cannot be undone"},
		{at, "remove", []string{"sure", "yes"}, 422, "Say why"},
	} {
		m.open(c.page)
		m.decide(c.act, c.fields...).want(t, c.status, c.says)
	}
	m.open(at)
	form := m.at
	m.decideAs("hide", "nonsense", "why", "1").want(t, 422, "This link is damaged")
	m.at = form
	m.decide("hide", "key", "none/pills", "why", "1").want(t, 404, "This post is not here any more")
	m.at = form
	m.decide("hide", "author", "00", "why", "1").want(t, 422, "This link is damaged")
	if p, _, err := h.decided(loud); err != nil || p != "" {
		t.Fatalf("it is hidden for %q all the same, %v", p, err)
	}

	air := newBrowser(t, s) // the same session, over the air
	air.jar = m.jar
	air.open(at).wantNot(t, `name="act"`)
	air.at = form
	air.addr = "192.168.1.30"
	if p := air.decide("hide", "why", "1"); p.status != 403 {
		t.Errorf("over the air: %d", p.status)
	}
	var me record.Author
	for a, p := range h.people {
		if p.Name == "Maria" {
			me = a
		}
	}
	m.open("/judge?author=" + me.String())
	m.decide("mute", "for", "hour", "why", "1").want(t, 422, "This is you")
	h.says(t, roster.Revocation{Subject: me})
	m.at = form
	m.decide("hide", "why", "1").want(t, 403, "Only moderators can do this")
	if p, _, err := h.decided(loud); err != nil || p != "" {
		t.Fatalf("it is hidden for %q all the same, %v", p, err)
	}
}

// decided is why the one post of somebody is hidden, and what holds them back.
func (f *fakeHub) decided(as ed25519.PrivateKey) (why string, held moderation.Act, err error) {
	err = f.Read(context.Background(), moderation.App, func(s hub.Snapshot) error {
		now, err := moderation.Read(s)
		if err != nil {
			return err
		}
		for slot, r := range f.records {
			if slot.App == "messages" && slot.Author == record.AuthorOf(as) {
				why = now.Hidden(r, now)
			}
		}
		held, _ = now.Holds(record.AuthorOf(as), now)
		return nil
	})
	return why, held, err
}

func TestOfficialWordCannotBeJudged(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	key := h.neighbor(1, "Maria Ortiz")
	h.post(t, key, "town", "boil your water", "n1")
	for slot, r := range h.records {
		if slot.Author != record.AuthorOf(key) {
			continue
		}
		r, err := h.codec.Sign(record.Record{App: r.App, Class: record.Notice, TTL: r.TTL, Key: r.Key, Time: r.Time, Body: r.Body}, key)
		if err != nil {
			t.Fatal(err)
		}
		h.records[slot] = r
	}
	h.post(t, h.neighbor(2, "Loud"), "town", "buy my pills", "pills")
	m := moderator(t, h, s, "John")
	at := judgePage(h, key, "n1")
	m.open(at).want(t, 403, "Official word is not hidden")
	official, err := url.ParseQuery(strings.TrimPrefix(at, "/judge?"))
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []string{"hide", "remove"} {
		m.open(judgePage(h, h.neighbor(2, "Loud"), "pills"))
		m.decide(act, "why", "1", "sure", "yes", "key", official.Get("key"), "author", official.Get("author")).want(t, 403, "Official word is not hidden")
	}
	if why, _, err := h.decided(key); err != nil || why != "" {
		t.Errorf("it is hidden for %q, %v", why, err)
	}
}

func TestSomebodyIsMutedSlowedAndFreed(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := signedIn(t, s)
	var who record.Author
	for a := range h.people {
		who = a
	}
	m := moderator(t, h, s, "Maria")
	m.open("/judge?author="+who.String()).want(t, 200, "Mute them").wantNot(t, "Remove it for good", "Hide this post")
	m.decide("mute", "for", "day", "why", "1").want(t, 200, "hidden until then", "Muted until", "Spam or advertising")
	loud.open("/messages/town")
	loud.send("text", "more of it").want(t, 200, "A moderator has muted you for a time", "Hidden by a moderator: <bdi>Whoever wrote this is muted for a time.</bdi>", "more of it", "hello").wantNot(t, "Spam or advertising")
	m.open("/moderate").want(t, 200, "Held back for a time", "Muted until")
	m.decideAt("/judge?author="+who.String(), "free").want(t, 200, "They can write as before")
	loud.open("/messages/town").want(t, 200, "more of it").wantNot(t, "Hidden by a moderator")

	m.decideAt("/judge?author="+who.String(), "slow", "for", "hour", "reason", "too much").want(t, 200, "Slowed down until", "too much")
	loud.open("/messages/town")
	loud.send("text", "a third").want(t, 429, "A moderator has slowed you down", "a third</textarea>")
	newBrowser(t, s).open("/moderated").want(t, 200, "Maria", "slowed", "too much")
	h.about.Now = h.about.Now.Add(2 * time.Hour)
	loud.open("/messages/town")
	loud.send("text", "a third").want(t, 200, "a third")
}

func (b *browser) decideAt(page, act string, fields ...string) *page {
	b.t.Helper()
	b.open(page)
	return b.decide(act, fields...)
}

func TestAPostGoesForGoodWhenASecondModeratorSigns(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "where she lives", "a")
	at := judgePage(h, loud, "a")
	m, j := moderator(t, h, s, "Maria"), moderator(t, h, s, "John")

	m.decideAt(at, "remove", "sure", "yes", "why", "3").want(t, 200, "Signed. It is hidden", "It waits for a second moderator").wantNot(t, `value="remove"`)
	newBrowser(t, s).open("/messages/town").want(t, 200, "Hidden by a moderator", "where she lives")
	newBrowser(t, s).open("/moderated").want(t, 200, "asks for a post by")
	m.open("/moderate").want(t, 200, "A second moderator is needed")
	m.open("/").wantNot(t, "Posts that wait")
	j.open("/").want(t, 200, "Posts that wait for a moderator: 1")

	j.open("/moderate").want(t, 200, "A second moderator is needed", "where she lives")
	h.change(t, loud, "a", "where she lives, once more")
	j.open(at).want(t, 200, "Another moderator has signed", "once more")
	j.decide("remove", "sure", "yes").want(t, 200, "It is gone for good").wantNot(t, "where she lives")
	newBrowser(t, s).open("/messages/town").wantNot(t, "where she lives")
	newBrowser(t, s).open("/moderated").want(t, 200, "was removed for good", "Maria", "John")
	j.open(at).want(t, 200, "This post is not here any more")
}

// Who is told what is still to be done finds it: nothing of it is folded away.
func TestWhatIsWrongWithARemovalIsToBeSeen(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "where she lives", "a")
	m := moderator(t, h, s, "Maria")
	at := judgePage(h, loud, "a")
	const open = `<details class="write" open>`
	m.open(at).want(t, 200, "Remove it for good").wantNot(t, open)
	m.decide("remove").want(t, 422, "Tick the box", open)
	m.decideAt(at, "remove", "why", "3").want(t, 422, "Tick the box", open)
	m.decideAt(at, "remove", "sure", "yes").want(t, 422, "Say why", open, `name="sure" value="yes" checked`)
}

func TestTheSameModeratorDoesNotSignTwice(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "where she lives", "a")
	m := moderator(t, h, s, "Maria")
	m.open(judgePage(h, loud, "a"))
	form := m.at
	m.decide("remove", "sure", "yes", "why", "3").want(t, 200, "Signed")
	m.at = form
	m.decide("remove", "sure", "yes", "why", "3").want(t, 409, "You have signed this already")
	newBrowser(t, s).open("/messages/town").want(t, 200, "where she lives")
}

func TestAFloodOfNewPeopleSlowsNobodyWhoWasHereBefore(t *testing.T) {
	h := newFakeHub(t)
	c := &tally{of: map[string]int{}}
	var sessions server.Sessions
	s := newServer(t, h, func(cfg *server.Config) {
		sessions = cfg.Sessions
		cfg.Metrics = c
		cfg.Limits = server.Limits{NewPosts: 3, NewPause: time.Minute}
	})
	ana := newBrowser(t, s)
	for i := range 3 {
		b := newBrowser(t, s)
		b.addr = fmt.Sprintf("192.168.1.%d", 100+i)
		b.open("/messages/town")
		b.send("text", fmt.Sprint("flood ", i)).want(t, 200, fmt.Sprint("flood ", i))
	}
	ana.open("/messages/town")
	ana.send("text", "I am new").want(t, 429, "Very many who are new here", "I am new</textarea>")
	if c.of["slowed newcomers"] != 1 {
		t.Errorf("%v", c.of)
	}
	bo := newBrowser(t, s)
	token, err := sessions.Start(h.neighbor(1, "Bo"), local.Cookie, netip.Addr{}, returncode.Code{}, h.about.Now)
	if err != nil {
		t.Fatal(err)
	}
	bo.jar["lp_"+h.about.ID] = string(token)
	for i := range 5 {
		bo.open("/messages/town")
		bo.send("text", fmt.Sprint("old neighbor ", i)).want(t, 200, fmt.Sprint("old neighbor ", i))
	}
}

// A moderator who is signed in over the Wi-Fi, and sends by hand what the page there does not
// offer.
func TestAModeratorOnTheWiFiDecidesNothing(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	loud := h.neighbor(1, "Loud")
	h.post(t, loud, "town", "buy my pills", "pills")
	at := judgePage(h, loud, "pills")
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "hello from Wilma", "name", "Wilma")
	for a, p := range h.people {
		if p.Name == "Wilma" {
			h.says(t, roster.Certificate{Kind: roster.Coordinator, Subject: a, Label: "Wilma", Roles: roster.Moderate})
		}
	}
	b.open(at).want(t, 200, "so you can only look")
	_, form := b.open("/messages/town").form(t)
	_, query, _ := strings.Cut(at, "?")
	send, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	send["csrf"] = form["csrf"]
	send.Set("act", "hide")
	send.Set("why", "1")
	b.ask("POST", "/judge", send.Encode()).want(t, 403, "so you can only look")
	if why, _, err := h.decided(loud); err != nil || why != "" {
		t.Errorf("it is hidden for %q, %v", why, err)
	}
}
