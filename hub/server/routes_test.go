package server_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestAnAppAnswersByItselfWithinTheHubsBounds(t *testing.T) {
	h, _ := withLoud(t)
	s := newServer(t, h)
	b := newBrowser(t, s)
	p := b.open("/~es/loud/feed.atom?x=7").want(t, 200, "<feed>/feed.atom?x=7 Usted 00000000")
	for name, want := range map[string]string{"Content-Type": "application/atom+xml", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if !strings.HasPrefix(p.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("no policy")
	}
	portal := signedIn(t, s).withoutCookies()
	portal.jar = map[string]string{}
	portal.open("/messages/town")
	portal.send("text", "hello", "name", "Ana")
	portal.open(portal.prefix()+"/loud/feed.atom").want(t, 200, "<feed>/feed.atom ").wantNot(t, "/~", "00000000")
	b.open("/loud/one/a%2Fb").want(t, 404, "“a/b” is not here.", "Go to the start page")
	b.open("/loud/two").want(t, 404, "There is no such page here.")
	b.open("/loud//feed.atom").want(t, 404)
	b.open("/loud/upload").want(t, 200, "<h1>Loud</h1>") // the app's page
	if p := b.ask("HEAD", "/loud/feed.atom", ""); p.status != 200 || p.header.Get("Content-Type") != "application/atom+xml" {
		t.Errorf("HEAD: %d", p.status)
	}
	b.host = "other.example"
	b.open("/loud/feed.atom").want(t, 421).wantNot(t, "<feed>")
}

// form is a form with files, whose fields come in this order; a file's name begins with @.
func files(t *testing.T, fields ...string) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		var err error
		if name, file := strings.CutPrefix(fields[i], "@"); file {
			part, cerr := w.CreateFormFile(name, "alert.xml")
			if err = cerr; err == nil {
				_, err = part.Write([]byte(fields[i+1]))
			}
		} else {
			err = w.WriteField(fields[i], fields[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// onlyAuthor is who has written all that is there.
func (f *fakeHub) onlyAuthor(t *testing.T) (a record.Author) {
	t.Helper()
	for _, r := range f.records {
		if a != (record.Author{}) && a != r.Author {
			t.Fatal("several have written")
		}
		a = r.Author
	}
	return a
}

func (b *browser) upload(to string, fields ...string) *page {
	b.t.Helper()
	kind, body := files(b.t.(*testing.T), fields...)
	b.header.Set("Content-Type", kind)
	defer b.header.Del("Content-Type")
	return b.ask(http.MethodPost, to, body)
}

func TestAFileIsTakenFromAPageOfThisHub(t *testing.T) {
	for name, cookies := range map[string]bool{"with cookies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			h, _ := withLoud(t)
			b := newBrowser(t, newServer(t, h))
			b.cookies = cookies
			b.open("/messages/town")
			b.send("text", "hello", "name", "Ana")
			me, large := h.onlyAuthor(t), strings.Repeat("\x00<alert>", 1<<19)
			to, form := b.open(b.prefix() + "/loud/").form(t)
			p := b.upload(to, "csrf", form.Get("csrf"), "client_id", "c", "why", "fire", "@file", large, "then", "more")
			want := fmt.Sprintf("%s/loud/?sum=%x&by=%s&why=fire&then=more", b.prefix(), sha256.Sum256([]byte(large)), me)
			if p.status != 303 || p.header.Get("Location") != want {
				t.Errorf("%d %s\nwant %s\n%s", p.status, p.header.Get("Location"), want, p.body)
			}
		})
	}
}

func TestAFileThatIsNotTakenIsToldOfOnItsPage(t *testing.T) {
	h, _ := withLoud(t)
	b := newBrowser(t, newServer(t, h))
	_, form := b.open("/loud/").form(t)
	token := form.Get("csrf")
	another := "A" + token[1:]
	if another == token {
		another = "B" + token[1:]
	}
	for name, c := range map[string]struct {
		to     string
		fields []string
		header [2]string
		status int
		says   []string
	}{
		"no token":               {"/loud/upload", []string{"why", "fire", "@file", "x"}, [2]string{}, 403, []string{"Nothing was sent yet", `value="fire"`}},
		"another's token":        {"/loud/upload", []string{"csrf", another, "@file", "x"}, [2]string{}, 403, []string{"Nothing was sent yet"}},
		"a token after the file": {"/loud/upload", []string{"@file", "x", "csrf", token}, [2]string{}, 403, []string{"Nothing was sent yet"}},
		"no file":                {"/loud/upload", []string{"csrf", token, "why", "flood"}, [2]string{}, 422, []string{"Choose a file first.", `value="flood"`}},
		"another site's page":    {"/loud/upload", []string{"csrf", token, "@file", "x"}, [2]string{"Sec-Fetch-Site", "cross-site"}, 403, []string{"does not belong to this place"}},
		"too large":              {"/loud/upload", []string{"csrf", token, "@file", strings.Repeat("x", hub.MaxUpload+70<<10)}, [2]string{}, 413, []string{"At most 6 MB fit."}},
		"too large a large one":  {"/loud/large", []string{"csrf", token, "@file", strings.Repeat("x", 8<<20+70<<10)}, [2]string{}, 413, []string{"At most 8 MB fit."}},
		"too large a small one":  {"/loud/small", []string{"csrf", token, "@file", strings.Repeat("x", 70<<10)}, [2]string{}, 413, []string{"What was sent is far too large"}},
		"too large a field":      {"/loud/upload", []string{"csrf", token, "why", strings.Repeat("x", 70<<10), "@file", "x"}, [2]string{}, 400, []string{"not a readable form"}},
		"too many fields":        {"/loud/upload", append(strings.Split(strings.Repeat("a,b,", 136), ",")[:272], "@file", "x"), [2]string{}, 400, []string{"more than 128 fields"}},
		"to no page":             {"/loud/elsewhere", []string{"csrf", token, "@file", "x"}, [2]string{}, 422, []string{"It does not read.", "Go to the start page"}},
		"to a page of the hub":   {"/name", []string{"csrf", token, "@file", "x"}, [2]string{}, 415, []string{"plain forms only"}},
		"to an app's page":       {"/loud/", []string{"csrf", token, "@file", "x"}, [2]string{}, 415, []string{"plain forms only"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.header[0] != "" {
				b.header.Set(c.header[0], c.header[1])
				defer b.header.Del(c.header[0])
			}
			b.upload(c.to, c.fields...).want(t, c.status, c.says...)
		})
	}
	b.upload("/loud/half", "csrf", token, "@file", "x").want(t, 200, "half").wantNot(t, "<h1>")

	kind, body := files(t, "csrf", token, "@file", strings.Repeat("x", 1000))
	for what, cut := range map[string]string{"in the token": body[:strings.Index(body, token)+5], "in the file": body[:len(body)-80]} {
		b.header.Set("Content-Type", kind)
		p := b.ask(http.MethodPost, "/loud/upload", cut)
		if p.status != 400 {
			t.Errorf("broken off %s: %d\n%s", what, p.status, p.body)
		}
	}
	b.header.Set("Content-Type", "text/xml")
	b.ask(http.MethodPost, "/loud/upload", "<alert/>").want(t, 415, "This page takes forms only")
	b.header.Del("Content-Type")
	b.ask(http.MethodPost, "/loud/elsewhere", "csrf="+token).want(t, 422, "It does not read.")
	b.ask(http.MethodPost, "/loud/elsewhere", "csrf="+token+"&x="+strings.Repeat("x", 70<<10)).want(t, 413)
	b.ask(http.MethodPut, "/loud/upload", "csrf="+token).want(t, 405)
}

// An app says of a form of its own how much it brings.
func TestALargeFileIsTakenWhereAnAppTakesThem(t *testing.T) {
	h, _ := withLoud(t)
	b := newBrowser(t, newServer(t, h))
	_, form := b.open("/loud/").form(t)
	large := strings.Repeat("x", 8<<20)
	for to, want := range map[string]int{"/loud/large": http.StatusSeeOther, "/~es/loud/large": http.StatusSeeOther, "/loud/upload": http.StatusRequestEntityTooLarge} {
		if p := b.upload(to, "csrf", form.Get("csrf"), "@file", large); p.status != want {
			t.Errorf("%s: %d %s", to, p.status, p.body)
		}
	}
}

func TestRoutesThatNobodyCouldAskForStopTheServer(t *testing.T) {
	nothing := func(http.ResponseWriter, *http.Request, hub.Request) (string, error) { return "", nil }
	for _, patterns := range [][]string{{"/x"}, {"DELETE /x"}, {"GET x"}, {"GET other.example/x"}, {"GET /{"}, {"GET /{a}/x", "GET /x/{b}"}} {
		h, l := withLoud(t)
		l.routes = map[string]hub.Handler{}
		for _, p := range patterns {
			l.routes[p] = nothing
		}
		sessions, err := local.Open(t.TempDir()+"/local.db", local.Options{NoSync: true})
		if err == nil {
			_, err = server.New(server.Config{Hub: h, Sessions: sessions, Apps: h.apps, Community: town})
			if cerr := sessions.Close(); cerr != nil {
				t.Error(cerr)
			}
		}
		if err == nil || !strings.Contains(err.Error(), "app loud: its route") {
			t.Errorf("%q: %v", patterns, err)
		}
	}
}
