package server_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
)

var wordTag = regexp.MustCompile(`<li>([a-z-]+)</li>`)

// words reads the six words from the page of the return code.
func (b *browser) words() string {
	b.t.Helper()
	p := b.open(b.prefix() + "/code")
	var words []string
	for _, m := range wordTag.FindAllStringSubmatch(p.body, -1) {
		words = append(words, m[1])
	}
	if len(words) != 6 {
		b.t.Fatalf("%d words on the page:\n%s", len(words), p.body)
	}
	return strings.Join(words, " ")
}

// prefix is what stands before every path for a session without cookies.
func (b *browser) prefix() string {
	if strings.HasPrefix(b.at.url, "/~") {
		return b.at.url[:strings.IndexByte(b.at.url[1:], '/')+1]
	}
	return ""
}

func TestANeighborWritesWithTheFirstFormTheyMeet(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town").want(t, 200, "Nothing here yet", "Your name")

	sent := b.post("text", "Water at the school", "name", "Ana")
	if sent.status != 303 || !strings.HasPrefix(sent.header.Get("Location"), "/~") || sent.header.Get("Set-Cookie") == "" {
		t.Fatalf("%d %v", sent.status, sent.header)
	}
	p := b.follow(sent).want(t, 200, "Water at the school", "Ana", "Yours. Saved here.", "Write down your return code")
	if strings.HasPrefix(p.url, "/~") {
		t.Errorf("the cookie came back and the address is still %s", p.url)
	}
	if !strings.HasPrefix(sent.header.Get("Set-Cookie"), "lp_k3f9a2=") || !strings.Contains(sent.header.Get("Set-Cookie"), "; HttpOnly; SameSite=Lax") {
		t.Errorf("cookie %q", sent.header.Get("Set-Cookie"))
	}

	b.open("/messages/town").wantNot(t, "Your name")
	b.send("text", "And bread").want(t, 200, "And bread", "Water at the school")
	if h.enrolled != 1 || h.writes != 2 {
		t.Errorf("%d people, %d posts", h.enrolled, h.writes)
	}
}

func TestThePathSessionEndsWhenTheCookieComesBack(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/messages/town")
	path, _, _ := strings.Cut(b.post("text", "hello").header.Get("Location"), "#")
	b.open(path).want(t, 200, "hello")

	thief := newBrowser(t, b.h) // same address, no cookie
	if p := thief.ask("GET", path, ""); p.status != 303 || p.header.Get("Location") != "/messages/town" {
		t.Errorf("the path still answers: %d %s", p.status, p.header.Get("Location"))
	}
	thief.open("/").want(t, 200, "I have six words already")
}

func TestWithoutCookiesTheSessionStaysInThePath(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h)).withoutCookies()
	b.open("/messages/town")
	p := b.send("text", "No cookies here", "name", "Bo").want(t, 200, "No cookies here", "Bo")
	if !strings.HasPrefix(p.url, "/~") {
		t.Fatalf("went on at %s", p.url)
	}
	for _, l := range p.links() {
		if !strings.HasPrefix(l, b.prefix()) && !strings.HasPrefix(l, "/a/") && !strings.HasPrefix(l, "#") {
			t.Errorf("the link to %s leaves the session", l)
		}
	}
	b.send("text", "And again").want(t, 200, "And again")
	words := b.words()
	b.send().want(t, 200, "Good. Keep your six words")
	b.open(b.prefix()+"/code").want(t, 200, "not kept here").wantNot(t, words)
	if h.enrolled != 1 || h.writes != 2 {
		t.Errorf("%d people, %d posts", h.enrolled, h.writes)
	}

	other := newBrowser(t, b.h).withoutCookies()
	other.addr = "192.168.1.99"
	if p := other.open(b.prefix() + "/messages/town"); strings.HasPrefix(p.url, "/~") || strings.Contains(p.body, "Yours.") {
		t.Errorf("another device uses the session: %s", p.url)
	}

	b.open(b.prefix() + "/signout")
	b.send().want(t, 200, "This device is signed out")
	b.open(p.url).want(t, 200).wantNot(t, "Yours.")
}

func TestTheReturnCodeIsShownUntilItIsWrittenDown(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/code").want(t, 200, "with your first post")
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana")
	words := b.words()
	b.open("/").want(t, 200, "Show my return code", "Write down your return code")
	if b.words() != words {
		t.Error("other words the second time")
	}
	b.send().want(t, 200, "Good. Keep your six words")
	b.open("/code").want(t, 200, "not kept here").wantNot(t, "<li>"+strings.Fields(words)[0]+"</li>")
	b.open("/").wantNot(t, "return code")
}

func TestSixWordsBringTheSamePersonToAnotherHub(t *testing.T) {
	h := newFakeHub(t)
	one, three := newBrowser(t, newServer(t, h)), newBrowser(t, newServer(t, h))
	one.open("/messages/town")
	one.send("text", "From hub 1", "name", "Ana")
	words := one.words()

	for name, as := range map[string]func(*browser) *browser{
		"with cookies":    func(b *browser) *browser { return b },
		"without cookies": (*browser).withoutCookies,
	} {
		b := as(newBrowser(t, three.h))
		b.open("/return").want(t, 200, "Enter the six words")
		b.send("code", " 1. "+strings.ToUpper(strings.ReplaceAll(words, " ", ", "))).want(t, 200, "Welcome back", "Ana")
		b.open(b.prefix()+"/messages/town").wantNot(t, "Your name")
		b.send("text", "From hub 3, "+name).want(t, 200, "From hub 3", "From hub 1", "Yours. Saved")
		b.open(b.prefix()+"/code").want(t, 200, "not kept here")
	}
	if len(h.people) != 1 || h.enrolled != 1 {
		t.Errorf("%d people, %d enrolled", len(h.people), h.enrolled)
	}
}

func TestWordsThatNobodyHereKnowsAreAskedAboutFirst(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/return")
	b.send("code", "abacus abdomen abdominal abide abiding ability").want(t, 404, "knows nobody by these six words", "abacus abdomen", "All six words are right")
	b.send("sure", "yes").want(t, 200, "Welcome back")
	if h.enrolled != 0 {
		t.Error("a hub vouches for somebody who has written nothing")
	}
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana").want(t, 200, "hello", "Ana")
	if h.enrolled != 1 {
		t.Error("nobody vouches for somebody who has written")
	}
}

func TestANameIsChanged(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/name").want(t, 200, "with your first post")
	b.open("/messages/town")
	b.send("text", "hello")
	b.open("/messages/town").want(t, 200, "Your name") // still without one
	b.send("text", "again", "name", "Ana").want(t, 200, "Ana")
	b.open("/name").want(t, 200, `value="Ana"`)
	b.send("name", " Ana  Lucía ").want(t, 200, "Your name is saved", "Ana Lucía")
	b.open("/name")
	b.send("name", "").want(t, 422, "Write the name")
}

func TestTheSamePostSentAgainIsWrittenOnce(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town")
	b.send("text", "first")
	b.open("/messages/town")
	form := b.at
	one := b.post("text", "once\r\n", "client_id", "abc")
	b.at = form
	two := b.post("text", "once", "client_id", "abc")
	to := two.header.Get("Location")
	if one.status != 303 || two.status != 303 || !regexp.MustCompile(`^/messages/town#p-[0-9a-f]{16}/abc$`).MatchString(to) || h.writes != 2 {
		t.Errorf("%d, %d to %s, %d posts", one.status, two.status, to, h.writes)
	}
	b.at = form
	b.send("text", "another text", "client_id", "abc").want(t, 409, "already posted another text", "another text</textarea>")
	b.send().want(t, 200, "another text", "once") // it has a new client_id
	if h.writes != 3 {
		t.Errorf("%d posts", h.writes)
	}
}

func TestWhoeverPostsIsLedToTheirOwnPostEvenIfAnotherTookItsClientID(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	led := map[string]string{}
	for _, text := range []string{"water at five", "no water at all"} {
		b := newBrowser(t, s)
		b.open("/messages/town")
		_, led[text], _ = strings.Cut(b.post("text", text, "client_id", "abc").header.Get("Location"), "#")
	}
	p := newBrowser(t, s).open("/messages/town").want(t, 200, "water at five", "no water at all")
	for text, id := range led {
		at := `<li id="` + id + `">`
		_, after, _ := strings.Cut(p.body, at)
		after, _, _ = strings.Cut(after, "</li>")
		if strings.Count(p.body, at) != 1 || !strings.Contains(after, text) {
			t.Errorf("%q is at %q: %s", text, id, after)
		}
	}
}

func TestAFirstPostSentTwiceMakesOnePerson(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		h := newFakeHub(t)
		b := newBrowser(t, newServer(t, h))
		b.cookies = cookies
		b.open("/messages/town")
		form := b.at
		b.post("text", "hello") // the answer is lost
		b.jar, b.at = map[string]string{}, form
		b.send("text", "hello").want(t, 200, "hello", "Yours. Saved")
		if h.enrolled != 1 || h.writes != 1 {
			t.Errorf("%s: %d people, %d posts", name, h.enrolled, h.writes)
		}
	}
}

func TestAPostWhoseRequestIsBrokenOffIsWrittenAllTheSame(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town")
	form := b.at
	ctx, breakOff := context.WithCancel(t.Context())
	h.beforeRead = func(record.App) { breakOff() }
	b.ctx = ctx
	b.post("text", "hello", "client_id", "a") // the answer reaches nobody
	if h.writes != 1 {
		t.Fatalf("%d posts", h.writes)
	}
	b.ctx, b.at, b.jar = t.Context(), form, map[string]string{}
	b.send("text", "hello", "client_id", "a").want(t, 200, "hello", "Yours. Saved")
	if h.enrolled != 1 || h.writes != 1 {
		t.Errorf("%d people, %d posts", h.enrolled, h.writes)
	}
}

func TestSigningInAsSomebodyElseEndsTheSessionBefore(t *testing.T) {
	s := newServer(t, newFakeHub(t))
	ana, bo := newBrowser(t, s), newBrowser(t, s)
	ana.open("/messages/town")
	ana.send("text", "hello", "name", "Ana")
	words := ana.words()
	bo.open("/messages/town")
	bo.send("text", "hello", "name", "Bo")
	old := bo.jar["lp_k3f9a2"]
	bo.open("/return")
	bo.send("code", words)
	bo.open("/name").want(t, 200, `value="Ana"`)
	bo.jar["lp_k3f9a2"] = old
	bo.open("/name").want(t, 200, "If you have been here before")
}

func TestSigningOutWarnsOfAnUnsavedCode(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/signout").want(t, 200, "not signed in")
	b.open("/messages/town")
	b.send("text", "hello")
	b.open("/signout").want(t, 200, "have not written down")
	b.send().want(t, 200, "This device is signed out", "I have six words already")
	if len(b.jar) != 0 {
		t.Errorf("cookies left: %v", b.jar)
	}
}

func TestTheReturnCodeIsACodeToScanOnWish(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/code?qr=1").want(t, 200).wantNot(t, `class="qr"`)
	b.open("/messages/town")
	b.send("text", "hello")
	b.open("/code").want(t, 200, "Return code for", `href="/code?qr=1"`).wantNot(t, `class="qr"`)
	b.open("/code?qr=1").want(t, 200, `<div class="qr"><svg`, "Your six words as a QR code", "can post in your name")
	b.send()
	b.open("/code?qr=1").want(t, 200, "not kept here").wantNot(t, `class="qr"`)
}

func TestADeviceForgetsItsReader(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/~es/messages/town")
	b.send("text", "hello", "name", "Ana")
	b.open("/~en/signout").want(t, 200, "data-forget")
	b.send("forget", "yes").want(t, 200, "This phone has forgotten you", "I have six words already")
	if len(b.jar) != 0 {
		t.Errorf("cookies left: %v", b.jar)
	}
}

// Who goes back finds the form as they left it, under another client_id.
func TestWhoGoesBackAndPostsAgainHasPostedOnce(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	form := b.open("/messages/town")
	b.send("text", "Water at the school", "name", "Ana").wantNot(t, "posted already")
	b.at = form
	b.send("text", "Water at the school", "name", "Ana", "client_id", "other").want(t, 200, "This was posted already.", "Water at the school")
	b.at = form
	b.send("text", "And bread", "client_id", "third").want(t, 200, "And bread").wantNot(t, "posted already")
	if h.writes != 2 || h.enrolled != 1 {
		t.Errorf("%d posts, %d people", h.writes, h.enrolled)
	}
}

// Hubs share one name, so a browser brings each what the others have given it.
func TestADeviceForgetsItsReaderAtOtherPlacesToo(t *testing.T) {
	here, there := newFakeHub(t), newFakeHub(t)
	there.about.ID = "other1"
	atHere, atThere := newServer(t, here), newServer(t, there)
	for name, forget := range map[string]func(*browser){
		"forgotten": func(b *browser) {
			b.open("/signout")
			b.send("forget", "yes").want(t, 200, "This phone has forgotten you")
		},
		"a screen on a wall": func(b *browser) {
			b.open("/messages/town")
			b.send("text", "hello", "name", "Bo")
			b.open("/kiosk")
			b.send().want(t, 200, "This screen belongs to nobody")
		},
	} {
		b := newBrowser(t, atHere)
		b.jar["theme"] = "dark" // of another program on this name
		b.open("/messages/town")
		b.send("text", "hello", "name", "Ana")
		b.h = atThere
		forget(b)
		if len(b.jar) != 1 || b.jar["theme"] == "" {
			t.Errorf("%s: cookies left: %v", name, b.jar)
		}
		b.h = atHere
		b.open("/you").want(t, 200, "I have six words already").wantNot(t, "<bdi>Ana</bdi>")
	}

	b := newBrowser(t, atHere)
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana")
	b.h = atThere
	b.open("/signout")
	b.send("forget", "").want(t, 200, "This device is signed out") // here, and nowhere else
	b.h = atHere
	b.open("/you").want(t, 200, "<bdi>Ana</bdi>")
}

func TestASessionInThePathIsKeptOffPaper(t *testing.T) {
	h := newFakeHub(t)
	for cookies, want := range map[bool]bool{true: false, false: true} {
		b := newBrowser(t, newServer(t, h))
		b.cookies = cookies
		b.open("/messages/town")
		p := b.send("text", "hello").want(t, 200)
		if got := strings.Contains(p.body, `<body class="secret">`); got != want {
			t.Errorf("with cookies %v: printed without the address: %v", cookies, got)
		}
	}
}
