package server_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"

	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestWhatCannotBePostedComesBackWithTheReasonBesideIt(t *testing.T) {
	long := strings.Repeat("é", 2001)
	heavy := strings.Repeat("水", 1334) // 4,002 bytes
	for name, c := range map[string]struct {
		fields []string
		status int
		says   string
		keeps  string
	}{
		"no text":                  {[]string{"text", ""}, 422, "Write something first", ""},
		"only blanks":              {[]string{"text", " \r\n\t "}, 422, "Write something first", ""},
		"only invisible":           {[]string{"text", "\u200b\u2060\ufe0f"}, 422, "Write something first", ""},
		"2,001 characters":         {[]string{"text", long}, 422, "too long by 1 character.", long + "</textarea>"},
		"over 4,000 bytes":         {[]string{"text", heavy}, 422, "too long by 1 character.", heavy + "</textarea>"},
		"invalid UTF-8":            {[]string{"text", "caf\xe9"}, 422, "not UTF-8", "caf\ufffd</textarea>"},
		"control character":        {[]string{"text", "a\x1b[31mb"}, 422, "U+001B", "</textarea>"},
		"NUL":                      {[]string{"text", "a\x00b"}, 422, "U+0000", "</textarea>"},
		"no client_id":             {[]string{"text", "hello", "client_id", ""}, 422, "did not arrive whole", "hello</textarea>"},
		"client_id of 65":          {[]string{"text", "hello", "client_id", strings.Repeat("a", 65)}, 422, "did not arrive whole", "hello</textarea>"},
		"client_id with a slash":   {[]string{"text", "hello", "client_id", "a/b"}, 422, "did not arrive whole", "hello</textarea>"},
		"client_id with a quote":   {[]string{"text", "hello", "client_id", `a"b`}, 422, "did not arrive whole", "hello</textarea>"},
		"500 too many":             {[]string{"text", strings.Repeat("word ", 500) + "."}, 422, "too long by 501 characters", strings.Repeat("word ", 500) + ".</textarea>"},
		"re that is none":          {[]string{"text", "hello", "re", "x"}, 422, "answer it again", "hello</textarea>"},
		"name of 41":               {[]string{"text", "hello", "name", strings.Repeat("a", 41)}, 422, "too long by 1 character.", "hello</textarea>"},
		"name over 64 bytes":       {[]string{"text", "hello", "name", strings.Repeat("水", 22)}, 422, "too long by 1 character.", "hello</textarea>"},
		"name with a control":      {[]string{"text", "hello", "name", "A\x07"}, 422, "U+0007", "hello</textarea>"},
		"name that shows nothing":  {[]string{"text", "hello", "name", "\u2800"}, 422, "at least one letter", "hello</textarea>"},
		"name that sounds trusted": {[]string{"text", "hello", "name", "Ｏfficial Bob"}, 422, "sounds official", "hello</textarea>"},
		"no token":                 {[]string{"text", "hello", "csrf", ""}, 403, "Nothing was sent yet", "hello</textarea>"},
		"made-up token":            {[]string{"text", "hello", "csrf", strings.Repeat("A", 38)}, 403, "Nothing was sent yet", "hello</textarea>"},
		"token cut short":          {[]string{"text", "hello", "csrf", "AAAA"}, 403, "Nothing was sent yet", "hello</textarea>"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t)
			b := newBrowser(t, newServer(t, h))
			b.open("/messages/town")
			p := b.post(c.fields...).want(t, c.status, c.says, c.keeps)
			if !strings.Contains(p.body, `<details class="write" open>`) || !strings.Contains(p.body, `role="alert"`) {
				t.Errorf("the form is not open, or nothing is announced:\n%s", p.body)
			}
			if below := strings.Contains(p.body, "Please see below"); below != strings.Contains(p.body, `class="problem"`) {
				t.Errorf("something is below, and the page tells otherwise (%v):\n%s", below, p.body)
			}
			if h.writes != 0 || h.enrolled != 0 || len(b.jar) != 0 {
				t.Errorf("%d posts, %d people, cookies %v", h.writes, h.enrolled, b.jar)
			}
			b.send("text", "better", "name", "Ana", "client_id", "c").want(t, 200, "better") // the form that came back is good
		})
	}
}

func TestAPostThatAnswersItselfIsToldWhatIsWrong(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana")
	var me record.Author
	for me = range h.people { // the only one
	}
	b.open("/messages/town")
	b.post("text", "hello again", "client_id", "a", "re", me.String()+"/a").want(t, 422, "answer it again", "hello again</textarea>")
	if h.writes != 1 {
		t.Errorf("%d posts", h.writes)
	}
}

// A browser cuts silently what is longer than a field allows: the hub says it instead.
func TestNoFieldCutsWhatIsTyped(t *testing.T) {
	s := newServer(t, newFakeHub(t))
	b := newBrowser(t, s)
	b.open("/messages/town").want(t, 200, `name="name"`).wantNot(t, "maxlength")
	b.open("/return").want(t, 200, `name="code"`).wantNot(t, "maxlength")
	b.open("/messages/town")
	b.send("text", "hello", "name", "Ana")
	b.open("/name").want(t, 200, `name="name"`).wantNot(t, "maxlength")
	long := strings.Repeat("a", 41)
	b.post("name", long).want(t, 422, "too long by 1 character.", `value="`+long+`"`)
	long = strings.Repeat("water ", 20)
	b.open("/messages/search?q="+url.QueryEscape(long)).want(t, 200, "too long by 19 characters.", `value="`+long+`"`)
}

func TestTextIsOnlyEverText(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town")
	p := b.send("text", `<script>alert(1)</script> & "quotes" javascript:alert(1)`, "name", `<b>"Ana"`).want(t, 200)
	if strings.Contains(p.body, "<script") || strings.Contains(p.body, `<b>"Ana`) {
		t.Errorf("markup got through:\n%s", p.body)
	}
	p.want(t, 200, "<script>alert(1)</script>")
	b.open("/messages/town")
	b.post("text", `</textarea><img src=x>`, "client_id", `"><img src=x>`).want(t, 422)
	if strings.Contains(b.at.body, "<img") {
		t.Errorf("markup got through:\n%s", b.at.body)
	}
}

func TestWhatIsNoPlainFormIsRefused(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	b.open("/messages/town")
	_, form := b.at.form(t)
	form.Set("text", "hello")
	good := form.Encode()
	for name, c := range map[string]struct {
		method, path, body string
		header             http.Header
		status             int
		says               string
	}{
		"over 64 KiB":               {body: good + "&more=" + strings.Repeat("x", 64<<10), status: 413, says: "folded under “Write a post”"},
		"over 128 fields":           {body: good + strings.Repeat("&a=b", 128), status: 400, says: "more than 128 fields"},
		"broken escape":             {body: good + "&a=%zz", status: 400, says: "not a readable form"},
		"semicolon":                 {body: good + ";a=b", status: 400, says: "not a readable form"},
		"JSON":                      {body: good, header: http.Header{"Content-Type": {"application/json"}}, status: 415, says: "plain forms only"},
		"no content type":           {body: good, header: http.Header{"Content-Type": nil}, status: 415, says: "plain forms only"},
		"foreign Origin":            {body: good, header: http.Header{"Origin": {"http://evil.example"}}, status: 403, says: "does not belong to this place"},
		"Origin null":               {body: good, header: http.Header{"Origin": {"null"}}, status: 403, says: "does not belong to this place"},
		"Sec-Fetch-Site cross-site": {body: good, header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, status: 403, says: "does not belong to this place"},
		"PUT":                       {method: "PUT", body: good, status: 405, says: "Nothing can be sent"},
		"DELETE":                    {method: "DELETE", body: good, status: 405, says: "Nothing can be sent"},
		"a page without a form":     {path: "/", body: good, status: 405, says: "Nothing can be sent"},
		"no such page":              {path: "/nothing", body: good, status: 404, says: "no such page"},
		"no such talk":              {path: "/messages/a%2Fb", body: good, status: 404, says: "no such talk"},
		"a talk of 65 bytes":        {path: "/messages/" + strings.Repeat("a", 65), body: good, status: 422, says: "too long by 1 character."},
		"a talk with a control":     {path: "/messages/a%00b", body: good, status: 404, says: "no such talk"},
		"a talk not in UTF-8":       {path: "/messages/a%ff", body: good, status: 404, says: "no such talk"},
		"the list of talks":         {path: "/messages/", body: good, status: 404, says: "no such talk"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, b.h)
			for k, v := range c.header {
				b.header[k] = v
			}
			if c.method == "" {
				c.method = "POST"
			}
			if c.path == "" {
				c.path = "/messages/town"
			}
			b.ask(c.method, c.path, c.body).want(t, c.status, c.says, "not the emergency number")
		})
	}
	if h.writes != 0 || h.enrolled != 0 {
		t.Errorf("%d posts, %d people", h.writes, h.enrolled)
	}
	b.header.Set("Origin", "http://lamppost.internal")
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.ask("POST", "/messages/town", good).want(t, 303)
}

func TestAWrongWordOfAReturnCodeIsNamed(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	for name, c := range map[string]struct{ code, says string }{
		"one wrong word": {"abacus abdomenx abdominal abide abiding ability", "Word 2, “abdomenx”, is not on the list"},
		"four of them":   {"xxxxxxxx xxxxxxxx xxxxxxxx xxxxxxxx abide abiding", "1 more word is not on the list"},
		"five of them":   {"xxxxxxxx xxxxxxxx xxxxxxxx xxxxxxxx xxxxxxxx abiding", "2 more words are not on the list"},
		"five words":     {"abacus abdomen abdominal abide abiding", "6 words, in their order. You entered 5"},
		"nothing":        {"", "Enter the six words"},
		"a novel":        {strings.Repeat("abacus ", 100), "too much"},
		"not UTF-8":      {"\xff", "not text"},
	} {
		b.open("/return")
		b.post("code", c.code).want(t, 422, c.says)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	b.open("/return")
	b.post("csrf", "").want(t, 403, "Nothing was sent yet")
}

func TestADamagedLinkToOlderPostsSaysSo(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	for _, q := range []string{"before=%21", "before=-1", "before=zzzzzzzzzzzzzzzz"} {
		b.open("/messages/town?"+q).want(t, 422, "damaged")
	}
}

func TestWhatTheHubCannotDoIsSaidAndTheTextIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"disk full":      {hub.Errorf(hub.Unavailable, "", "The disk of this place is full. Reading goes on."), 503, "The disk of this place is full"},
		"quota":          {hub.Errorf(hub.TooMany, "", "You have posted 500 things, which is all there is room for."), 429, "You have posted 500 things"},
		"something else": {errors.New("b+tree on fire"), 500, "Something went wrong here"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t)
			b := newBrowser(t, newServer(t, h)).withoutCookies()
			b.open("/messages/town")
			h.failWrite = c.err
			p := b.post("text", "hello", "name", "Ana", "client_id", "c1").want(t, c.status, c.says).wantNot(t, "b+tree")
			if c.status == 500 {
				return
			}
			p.want(t, c.status, "hello</textarea>")
			h.failWrite = nil
			b.send().want(t, 200, "hello", "Ana", "Yours. Saved") // as the person that they have become
			if h.enrolled != 1 || h.writes != 1 {
				t.Errorf("%d people, %d posts", h.enrolled, h.writes)
			}
		})
	}
}

func TestPathsNeverLeadToAnotherHost(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	for _, path := range []string{"//evil.example/x", "/~nobody//evil.example/x", "/~//evil.example", "///evil.example"} {
		u := &url.URL{Path: path}
		p := b.ask("GET", u.String(), "")
		for _, l := range append(p.links(), p.header.Get("Location")) {
			if strings.HasPrefix(l, "//") {
				t.Errorf("%s leads to %s", path, l)
			}
		}
	}
}
