package server_test

import (
	"regexp"
	"strings"
	"testing"
)

// link finds the page's first link that matches.
func (p *page) link(t testing.TB, pattern string) string {
	t.Helper()
	for _, l := range p.links() {
		if regexp.MustCompile(pattern).MatchString(l) {
			return l
		}
	}
	t.Fatalf("no link like %s on %s:\n%s", pattern, p.url, p.body)
	return ""
}

const threadLink = `/messages/town/[0-9a-f]{16}/[^/#?]+$`

// With cookies and without, by the plain forms of the pages.
func TestANeighborRepliesChangesAndTakesBack(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, newFakeHub(t))
			b := newBrowser(t, s)
			b.cookies = cookies
			b.open("/messages/town")
			b.send("text", "Is there water?", "name", "Ana")
			b.open(b.at.link(t, threadLink)).want(t, 200, "Is there water?", "Nobody has answered yet", "Your reply")
			p := b.send("text", "At the scool").want(t, 200, "At the scool")
			if !regexp.MustCompile(`/messages/town/[0-9a-f]{16}/[^/#]+#p-`).MatchString(p.url) {
				t.Errorf("went on at %s", p.url)
			}
			p = b.open(p.link(t, `/messages/town$`)).want(t, 200, "1 reply", ": Is there water?</a>")
			b.open(p.link(t, `/edit$`)).want(t, 200, "At the scool</textarea>")
			b.post("text", " ").want(t, 422, "Write something first, then press Save")
			p = b.send("text", "At the school").want(t, 200, "At the school", "changed", ": Is there water?</a>", `role="status">Changed.<`).wantNot(t, "scool")
			if !regexp.MustCompile(`/messages/town/[0-9a-f]{16}/[^/#?]+\?done=changed$`).MatchString(unsealed(p.url)) {
				t.Errorf("went on at %s", p.url)
			}
			p = b.open(p.link(t, `/edit$`)).want(t, 200, "Take this post back for good?")
			_, p.body, _ = strings.Cut(p.body, "</form>") // to the second form
			p = b.send().want(t, 200, "Is there water?", "Reply", `role="status">Taken back.<`).wantNot(t, "At the school", "1 reply")
			if !strings.HasSuffix(unsealed(p.url), "/messages/town?done=withdrawn") {
				t.Errorf("went on at %s", p.url)
			}
		})
	}
}

func TestNobodyChangesAnothersPost(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "mine", "name", "Ana")
	edit := b.at.link(t, `/edit$`)
	b.open(edit)
	stranger := newBrowser(t, s)
	stranger.open(edit).want(t, 403, "Only whoever wrote a post", "<h1>That does not work here</h1>")
	stranger.open("/messages/town").wantNot(t, "/edit")
	_, form := b.at.form(t)
	_, theirs := stranger.at.form(t)
	form.Set("csrf", theirs.Get("csrf"))
	form.Set("text", "not mine")
	stranger.ask("POST", edit, form.Encode()).want(t, 422, "Enter the 6 words.", "not mine</textarea>")
	form.Del("as")
	stranger.ask("POST", edit, form.Encode()).want(t, 403, "Only whoever wrote a post", "<h1>Not sent</h1>")
	b.open("/messages/town").want(t, 200, "mine").wantNot(t, "not mine")
	if h.writes != 1 || h.enrolled != 1 {
		t.Errorf("%d writes, %d people", h.writes, h.enrolled)
	}
}

// Two devices of one person: the second does not overwrite what it has not seen.
func TestAChangeOfWhatWasChangedMeanwhileIsAskedAbout(t *testing.T) {
	s := newServer(t, newFakeHub(t))
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "first", "name", "Ana")
	edit := b.at.link(t, `/edit$`)
	other := b.open(edit)
	b.send("text", "second")
	b.at = other
	b.send("text", "third").want(t, 409, "changed this post meanwhile", "second", "third</textarea>")
	b.send().want(t, 200, "third").wantNot(t, "second")
}

// What somebody has written is not lost with what it was about.
func TestWhatWasTypedOutlivesThePostThatWasTakenBackMeanwhile(t *testing.T) {
	s := newServer(t, newFakeHub(t))
	b := newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "first", "name", "Ana")
	thread, change := b.at.link(t, threadLink), b.at.link(t, `/edit$`)
	reply := b.open(thread)
	edit := b.open(change)
	b.open(change)
	_, b.at.body, _ = strings.Cut(b.at.body, "</form>") // to the second form
	b.send().want(t, 200, "Taken back.")

	const kept = "not lost. Copy it from here"
	long := strings.Repeat("Wärme & <b> ", 200)
	for name, form := range map[string]*page{"a change": edit, "a reply": reply} {
		b.at = form
		if p := b.send("text", long).want(t, 404, "This post is not here", kept, long+"</textarea>"); strings.Contains(p.body, "<b>Wä") {
			t.Errorf("%s: markup got through:\n%s", name, p.body)
		}
	}
	b.open(change).want(t, 404, "This post is not here").wantNot(t, kept)

	b.at = reply // which others answer still
	b.send("text", "and I say")
	b.at = reply
	b.send("text", long).want(t, 422, "too long by", long+"</textarea>", "This post was taken back")
}

func TestANeighborReportsAPostOnce(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	b, reader := newBrowser(t, s), newBrowser(t, s)
	b.open("/messages/town")
	b.send("text", "a bad thing", "name", "Ana")
	reader.open("/messages/town")
	reader.send("text", "hello", "name", "Bo")
	thread := ""
	for _, l := range reader.open("/messages/town").links() {
		if regexp.MustCompile(threadLink).MatchString(l) {
			thread = l // the last is the oldest post's
		}
	}
	p := reader.open(thread).want(t, 200, "a bad thing", "Report")
	reader.open(p.link(t, `/report$`)).want(t, 200, "a bad thing", "What is wrong with it?")
	before := h.writes
	form := reader.at
	reader.post("reason", strings.Repeat("x", 201)).want(t, 422, "too long by 1 character.")
	reader.send("reason", "it is not true").want(t, 200, "You have reported this post", "a bad thing")
	reader.at = form
	reader.send("reason", "once more").want(t, 200, "You have reported this post")
	if h.writes != before+1 {
		t.Errorf("%d reports", h.writes-before)
	}
	b.open("/messages/town").want(t, 200, "a bad thing").wantNot(t, "not true")
}
