package server_test

import (
	"strings"
	"testing"
)

const someWords = "abacus abdomen abdominal abide abiding ability"

// walked is a browser with the form for a post that Ana opened at one hub, in the Wi-Fi
// of another that has the same news. It returns her six words, too.
func walked(t *testing.T, h *fakeHub, cookies bool) (b *browser, words string) {
	t.Helper()
	b, words = ana(t, h, cookies)
	b.open(b.prefix() + "/messages/town")
	b.h = newServer(t, h)
	return b, words
}

// ana is the browser of Ana, who has posted at a hub and reads her six words there.
func ana(t *testing.T, h *fakeHub, cookies bool) (b *browser, words string) {
	t.Helper()
	b = newBrowser(t, newServer(t, h))
	b.cookies = cookies
	b.open("/messages/town")
	b.send("text", "I am Ana", "name", "Ana")
	words = b.words()
	return b, words
}

func TestWhatIsSentAtAnotherPlaceGoesOutOnceByWhoWroteIt(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		h := newFakeHub(t)
		b, words := walked(t, h, cookies)
		refused := b.send("text", "The bridge is out").want(t, 403, "cannot tell that it is you", `You wrote it as <b><bdi>Ana</bdi></b>.`, "Your six words", "Post as somebody new", "The bridge is out</textarea>")
		b.send().want(t, 422, "Enter the 6 words.", `You wrote it as <b><bdi>Ana</bdi></b>.`, "The bridge is out</textarea>")
		b.send("code", someWords).want(t, 422, "not the six words of whoever wrote this", someWords, "The bridge is out</textarea>")
		b.send("code", strings.ToUpper(words)).want(t, 200, "The bridge is out", "Yours. Saved").wantNot(t, "Your name", words)
		b.at = refused // by the browser's way back
		b.send("code", words).want(t, 200, "The bridge is out")
		if h.writes != 2 || h.enrolled != 1 || len(h.people) != 1 {
			t.Errorf("%s: %d posts, %d enrolled, %d people", name, h.writes, h.enrolled, len(h.people))
		}
	}
}

func TestAChangeSentAtAnotherPlaceIsMadeByWhoWroteThePost(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		h := newFakeHub(t)
		b, words := ana(t, h, cookies)
		b.open(b.prefix() + "/messages/town")
		b.open(b.at.link(t, `/edit$`))
		b.h = newServer(t, h)
		b.send("text", "I was Ana").want(t, 403, "cannot tell that it is you", `You wrote it as <b><bdi>Ana</bdi></b>.`, "Your six words", "I was Ana</textarea>").wantNot(t, "Take it back")
		b.send().want(t, 422, "Enter the 6 words.", "I was Ana</textarea>")
		b.send("code", someWords).want(t, 422, "not the six words of whoever wrote this", "I was Ana</textarea>")
		b.send("anew", "yes").want(t, 403, "Only whoever wrote a post can change it")
		if h.writes != 1 {
			t.Errorf("%s: %d writes, though nobody has signed in", name, h.writes)
		}
		b.send("code", words).want(t, 200, "I was Ana", `role="status">Changed.<`).wantNot(t, words)
		if h.writes != 2 || len(h.people) != 1 {
			t.Errorf("%s: %d writes, %d people", name, h.writes, len(h.people))
		}
	}
}

// What was changed meanwhile is not overwritten by the way of the six words either.
func TestAChangeSentAtAnotherPlaceKnowsTheVersionItWasBegunOn(t *testing.T) {
	h := newFakeHub(t)
	b, words := ana(t, h, true)
	b.open("/messages/town")
	edit := b.at.link(t, `/edit$`)
	begun := b.open(edit)
	b.send("text", "I am Ana, at noon").want(t, 200)
	b.at, b.h = begun, newServer(t, h)
	b.send("text", "I was Ana").want(t, 403, "I am Ana, at noon")
	b.send("code", words).want(t, 409, "You have changed this post meanwhile", "I am Ana, at noon", "I was Ana</textarea>").wantNot(t, "Your six words")
	b.send().want(t, 200, "I was Ana", `role="status">Changed.<`)
}

func TestWhatSixWordsHaveSignedInIsShownAgainIfItDoesNotFit(t *testing.T) {
	h := newFakeHub(t)
	b, words := walked(t, h, true)
	b.send("text", "The bridge is out")
	b.send("code", words, "text", " ").want(t, 422, "Write something first").wantNot(t, "Your six words", "You wrote it as", words)
	b.send("text", "The bridge is open").want(t, 200, "The bridge is open", "Yours. Saved")
	if h.writes != 2 || len(h.people) != 1 {
		t.Errorf("%d posts, %d people", h.writes, len(h.people))
	}
}

func TestWhatAnotherWroteIsPostedInOnesOwnNameOnlyIfOneSaysSo(t *testing.T) {
	h := newFakeHub(t)
	b, _ := walked(t, h, true)
	b.send("text", "The bridge is out").want(t, 403)
	b.send("anew", "yes", "name", "Cem").want(t, 200, "The bridge is out", "Cem")
	if h.writes != 2 || len(h.people) != 2 {
		t.Errorf("%d posts, %d people", h.writes, len(h.people))
	}

	b, _ = walked(t, h, true)
	form := b.at
	b.open("/messages/town")
	b.send("text", "I am Bo", "name", "Bo")
	b.at = form
	b.send("text", "The road is out").want(t, 403, `You wrote it as <b><bdi>Ana</bdi></b>.`, "Post this as <bdi>Bo</bdi>")
	b.send().want(t, 422, "Post this as <bdi>Bo</bdi>")
	b.send("anew", "yes").want(t, 200, "The road is out")
	b.open("/you").want(t, 200, "Bo")
}

func TestAFormTellsForWhomItWasOpened(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town").wantNot(t, `name="as"`)
	b.send("text", "hello", "name", "Ana").want(t, 200, `name="as"`)
	for _, as := range []string{"", "0", "zz", strings.Repeat("00", 32), strings.Repeat("ab", 33)} {
		b.open("/messages/town")
		b.send("text", "hello "+as+"!", "as", as).want(t, 200, "hello "+as+"!")
	}
	b.open("/messages/town")
	b.send("text", "as nobody known", "as", strings.Repeat("ab", 32), "code", someWords).want(t, 422, "not the six words").wantNot(t, "You wrote it as")
}

// Who loads the page anew at another place has a form that was opened for nobody.
func TestWhoWasSignedInElsewhereMayPostWithTheirSixWords(t *testing.T) {
	h := newFakeHub(t)
	newBrowser(t, newServer(t, h)).open("/messages/town").wantNot(t, "Your six words")
	spanish := newBrowser(t, newServer(t, h))
	spanish.open("/~es/messages/town")
	spanish.open("/messages/town").want(t, 200, `lang="es"`).wantNot(t, `name="code"`)
	b, words := walked(t, h, true)
	h.about.ID = "other1"
	b.open("/messages/town").want(t, 200, "You were signed in at another place", "Your six words", "Your name")
	b.send("text", "Half of them", "code", "abacus abdomen").want(t, 422, "Half of them</textarea>", "abacus abdomen")
	b.send("code", someWords).want(t, 404, "knows nobody by these six words", "All six words are right")
	b.send("code", words).want(t, 200, "Half of them", "Yours. Saved").wantNot(t, "another place")
	if h.writes != 2 || len(h.people) != 1 {
		t.Errorf("%d posts, %d people", h.writes, len(h.people))
	}

	b, _ = walked(t, h, true)
	h.about.ID = "other2"
	b.open("/messages/town")
	b.send("text", "I am new", "code", someWords, "know", "yes", "name", "Cem").want(t, 200, "I am new", "Cem")
	b, _ = walked(t, h, true)
	h.about.ID = "other3"
	b.open("/messages/town")
	b.send("text", "So am I", "name", "Dee").want(t, 200, "So am I", "Dee", "Write down your return code")
}
