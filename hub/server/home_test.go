package server_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestAPlaceThatWasPutOutSaysSo(t *testing.T) {
	const cut = "This place is cut off from the others for good."
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h, func(*server.Config) {}))
	b.open("/").want(t, 200, "Places in reach").wantNot(t, cut)
	h.about.CutOff = true
	b.open("/").want(t, 200, cut).wantNot(t, "Places in reach")
	b.open("/messages/").want(t, 200, cut)
}

func TestHomeLeadsToWhatThoseDoWhoLookAfterThePlace(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/").want(t, 200, "For who looks after this place")
	b.open(b.at.link(t, "/staff$")).want(t, 200, "lamppost doctor", "What moderators did").link(t, "/kiosk$")
}

func TestHomeLeadsToWholePostsAndAScreenOnAWallToNone(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	post(t, h, 1, "Ana", "Is the tap water safe again?\nNo, boil it. "+strings.Repeat("It takes a minute. ", 40)+"Then let it cool.", time.Minute)
	wall := b.open("/kiosk").want(t, 200, "Is the tap water safe again?", "No, boil it.", "…</p>")
	if at := strings.Index(wall.body, `href="/messages/town/`); at >= 0 {
		t.Errorf("the screen leads away: %.80s", wall.body[at:])
	}
	b.open("/").want(t, 200, "Is the tap water safe again?", "No, boil it.", "…</a>").wantNot(t, "let it cool")
	b.open(b.at.link(t, "/messages/town/[0-9a-f]{16}/[^/]+$")).want(t, 200, "let it cool")
}

func TestHomeSaysHowToComeBack(t *testing.T) {
	for host, c := range map[string]struct {
		says, saysNot string
		qr            bool
	}{
		"lamppost.internal":      {says: "http://192.168.1.1/", qr: true},
		"lamppost.internal:8080": {says: "http://192.168.1.1:8080/", qr: true},
		"192.168.1.1":            {says: "http://192.168.1.1/", saysNot: "If that does not open", qr: true},
		"localhost:8080":         {says: "http://localhost:8080/", saysNot: "If that does not open"},
	} {
		b := newBrowser(t, newServer(t, newFakeHub(t)))
		b.host = host
		p := b.open("/").want(t, 200, "http://"+host+"/", c.says)
		if c.saysNot != "" {
			p.wantNot(t, c.saysNot)
		}
		if got := strings.Contains(p.body, `<div class="qr">`); got != c.qr {
			t.Errorf("%s: a QR code: %v", host, got)
		}
	}
}

func TestTheLargeWaysInAreThoseThatExist(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/").want(t, 200, `href="/messages/town?write=1#text"`, `href="/messages/"`, `href="/return"`)
	b.open("/messages/town").want(t, 200, `<details class="write">`)
	b.open("/messages/town?write=1").want(t, 200, `<details class="write" open>`)
	b.send("text", "hello", "name", "Ana")
	b.open("/").want(t, 200, `href="/code"`).wantNot(t, "I have six words already")
	b.open("/you").want(t, 200, "Ana", "Show my return code", "Change my name", "Sign out")
	for _, l := range b.open("/").links() {
		if !strings.HasPrefix(l, "#") && l != "/clock" {
			b.open(l).want(t, 200)
		}
	}
}

func TestWhereOneWritesAFullMemoryIsTold(t *testing.T) {
	h := newFakeHub(t)
	h.post(t, h.neighbor(1, "Ana"), "town", "hello", "a")
	b := signedIn(t, newServer(t, h))
	thread := "/messages/town/" + record.AuthorOf(h.neighbor(1, "Ana")).String()[:16] + "/a"
	const told = "The memory of this place is full"
	for _, path := range []string{"/messages/town", thread} {
		b.open(path).wantNot(t, told)
		h.about.Full = true
		b.open(path).want(t, 200, told, "hello", "All that was saved is still here")
		h.about.Full = false
	}
}

func TestWhatIsWrongStandsAboveWhatOneMightDo(t *testing.T) {
	const remind = "Write down your return code."
	b := signedIn(t, newServer(t, newFakeHub(t)))
	b.open("/messages/town").want(t, 200, remind)
	b.send("text", "").want(t, 422, "Write something first").wantNot(t, remind)
}

func TestEachWayForWhoLooksAfterThePlaceSaysBelowWhatItIs(t *testing.T) {
	p := newBrowser(t, newServer(t, newFakeHub(t))).open("/staff").want(t, 200)
	ways, _, _ := strings.Cut(p.body, "</ul>")
	if n := strings.Count(ways, "<li>"); n < 2 || strings.Count(ways, `</b> <span class="below">`) != n {
		t.Errorf("not all of %d ways say what they are:\n%s", n, ways)
	}
}

func TestTheReturnCodeIsSpokenOfWhereOneReads(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h, kept)
	b := signedIn(t, s)
	mine := b.at.links()
	at := slices.IndexFunc(mine, func(l string) bool { return strings.HasSuffix(l, "/edit") })
	if at < 0 {
		t.Fatalf("no post of one's own: %q", mine)
	}
	thread := strings.TrimSuffix(mine[at], "/edit")
	const remind = "Write down your return code."
	for _, path := range []string{"/", "/messages/", "/messages/town", thread} {
		b.open(path).want(t, 200, remind)
	}
	for _, path := range []string{"/you", "/name", "/code", "/signout", "/staff", "/language", "/kiosk", "/messages/search", "/messages/search?q=x", thread + "/edit", thread + "/report"} {
		b.open(path).wantNot(t, remind)
	}
}
