package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/server"
)

const townPath = "/api/v1/messages/town"

// program is somebody's program: it keeps no cookies.
func newProgram(t testing.TB, h http.Handler) *browser {
	b := newBrowser(t, h).withoutCookies()
	b.header.Set("Content-Type", "application/json")
	return b
}

// call makes one request; a body that is no string is marshalled.
func (b *browser) call(method, path string, body any) *page {
	b.t.Helper()
	text, is := body.(string)
	if !is && body != nil {
		enc, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		text = string(enc)
	}
	return b.ask(method, path, text)
}

type object = map[string]any

// object reads an answer.
func (p *page) object(t testing.TB, status int) object {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s: status %d, want %d\n%s", p.url, p.status, status, p.body)
	}
	var o object
	if err := json.Unmarshal([]byte(p.body), &o); err != nil {
		t.Fatalf("%s: %v\n%s", p.url, err, p.body)
	}
	return o
}

// problem reads an answer that is one, about a field, with words in its detail, and
// none that only somebody with a page before them understands.
func (p *page) problem(t testing.TB, status int, field, says string) {
	t.Helper()
	o := p.object(t, status)
	told, _ := o["field"].(string)
	detail, _ := o["detail"].(string)
	if p.header.Get("Content-Type") != "application/problem+json" || o["type"] != "about:blank" ||
		o["title"] != http.StatusText(status) || o["status"] != float64(status) || told != field || !strings.Contains(detail, says) {
		t.Errorf("%s: want %q about %q, got %s %v", p.url, says, field, p.header.Get("Content-Type"), o)
	}
	for _, word := range []string{"he form", "his form", "eload the page", "press Post"} {
		if strings.Contains(detail, word) {
			t.Errorf("%s: a program is told %q", p.url, detail)
		}
	}
}

func items(o object) (texts []string) {
	for _, it := range o["items"].([]any) {
		texts = append(texts, it.(object)["text"].(string))
	}
	return texts
}

func TestAProgramsFirstPostMakesAPerson(t *testing.T) {
	h := newFakeHub(t)
	b := newProgram(t, newServer(t, h))
	first := b.call("POST", townPath, object{"text": "Water at the school", "name": "Ana", "client_id": "c1"})
	o := first.object(t, 201)
	session := o["session"].(object)
	author := o["author"].(object)
	if o["text"] != "Water at the school" || o["client_id"] != "c1" || o["own"] != true || len(o["id"].(string)) != 64 || author["name"] != "Ana" || author["home"] != "Fire Station" {
		t.Errorf("%v", o)
	}
	if first.header.Get("Cache-Control") != "no-store" || len(strings.Fields(session["return_code"].(string))) != 6 {
		t.Errorf("%v %v", first.header, session)
	}

	b.header.Set("Authorization", "Bearer "+session["token"].(string))
	again := b.call("POST", townPath, object{"text": "Water at the school\n", "client_id": "c1"}).object(t, 200)
	if again["id"] != o["id"] || again["session"] != nil {
		t.Errorf("%v", again)
	}
	b.call("POST", townPath, object{"text": "another", "client_id": "c1"}).problem(t, 409, "text", "Under this client_id there is another post of yours")
	if second := b.call("POST", townPath, object{"text": "And bread", "client_id": "c2", "name": "Bo"}).object(t, 201); second["author"].(object)["name"] != "Ana" || second["session"] != nil {
		t.Errorf("%v", second)
	}
	if h.enrolled != 1 || h.writes != 2 {
		t.Errorf("%d people, %d posts", h.enrolled, h.writes)
	}

	list := b.call("GET", townPath, nil).object(t, 200)
	if got := strings.Join(items(list), ", "); got != "And bread, Water at the school" {
		t.Error(got)
	}
	reader := newProgram(t, b.h)
	for _, it := range reader.call("GET", townPath, nil).object(t, 200)["items"].([]any) {
		if it.(object)["own"] != false || it.(object)["time"] == nil {
			t.Errorf("%v", it)
		}
	}

	page := newBrowser(t, b.h) // the six words open the pages
	page.open("/return")
	page.send("code", session["return_code"].(string)).want(t, 200, "Welcome back", "Ana")
}

func TestAFirstPostSentAgainWithItsKeyMakesOnePerson(t *testing.T) {
	h := newFakeHub(t)
	b := newProgram(t, newServer(t, h))
	b.header.Set("Idempotency-Key", strings.Repeat("k", 20))
	body := object{"text": "hello", "client_id": "c1"}
	one, two := b.call("POST", townPath, body).object(t, 201), b.call("POST", townPath, body).object(t, 200)
	if one["id"] != two["id"] || one["session"].(object)["token"] != two["session"].(object)["token"] {
		t.Errorf("%v\n%v", one, two)
	}
	thief := newProgram(t, b.h)
	thief.addr = "192.168.1.66"
	thief.header.Set("Idempotency-Key", strings.Repeat("k", 20))
	if o := thief.call("POST", townPath, body).object(t, 201); o["session"].(object)["token"] == one["session"].(object)["token"] {
		t.Error("another address gets the session")
	}
	b.header.Del("Idempotency-Key")
	b.call("POST", townPath, body).object(t, 201)
	if h.enrolled != 3 {
		t.Errorf("%d people", h.enrolled)
	}
	for _, bad := range []string{"short", strings.Repeat("k", 129)} {
		b.header.Set("Idempotency-Key", bad)
		b.call("POST", townPath, body).problem(t, 400, "", "random secret")
	}
}

func TestThePagesSessionIsTheProgramsToo(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	page := newBrowser(t, s)
	page.open("/messages/town")
	page.send("text", "from the page", "name", "Ana")
	page.header.Set("Content-Type", "application/json")
	page.header.Set("Origin", "http://lamppost.internal")
	o := page.call("POST", townPath, object{"text": "from its script", "client_id": "c"}).object(t, 201)
	if o["author"].(object)["name"] != "Ana" || o["session"] != nil {
		t.Errorf("%v", o)
	}

	sheet := newBrowser(t, s).withoutCookies()
	sheet.open("/messages/town")
	sheet.send("text", "from a sheet", "name", "Bo")
	prefix := sheet.prefix()
	sheet.header.Set("Content-Type", "application/json")
	if o := sheet.call("POST", prefix+townPath, object{"text": "from its script", "client_id": "c"}).object(t, 201); o["author"].(object)["name"] != "Bo" {
		t.Errorf("%v", o)
	}
	other := newProgram(t, s)
	other.addr = "192.168.1.99"
	other.call("GET", prefix+townPath, nil).problem(t, 401, "", "opens no session")
	if h.enrolled != 2 {
		t.Errorf("%d people", h.enrolled)
	}
}

func TestATokenThatOpensNothingIsRefused(t *testing.T) {
	h := newFakeHub(t)
	b := newProgram(t, newServer(t, h))
	for _, header := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer " + strings.Repeat("A", 43), "Basic YTpi", "x", "Bearer \x00\xff", "Bearer " + strings.Repeat("A", 9000)} {
		for _, method := range []string{"GET", "POST"} {
			b.header.Set("Authorization", header)
			p := b.call(method, townPath, object{"text": "hello", "client_id": "c"})
			p.problem(t, 401, "", "oken")
			if !strings.HasPrefix(p.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("%q: %v", header, p.header)
			}
		}
	}
	b.header.Del("Authorization")
	b.header.Set("Cookie", "lp_k3f9a2=garbage")
	if o := b.call("POST", townPath, object{"text": "hello", "client_id": "c"}).object(t, 201); o["session"] == nil {
		t.Errorf("%v", o)
	}
}

func TestWhatIsNoGoodObjectIsRefusedWithTheReason(t *testing.T) {
	h := newFakeHub(t)
	b := newProgram(t, newServer(t, h))
	deep := strings.Repeat("[", 20000) + strings.Repeat("]", 20000)
	for name, c := range map[string]struct {
		body   string
		header http.Header
		status int
		field  string
		says   string
	}{
		"nothing":                 {body: "", status: 400, says: "not JSON"},
		"blanks":                  {body: " \n", status: 400, says: "not JSON"},
		"half":                    {body: `{"text":"hello"`, status: 400, says: "not JSON"},
		"two":                     {body: `{"text":"a","client_id":"c"}{}`, status: 400, says: "not JSON"},
		"trailing comma":          {body: `{"text":"a","client_id":"c",}`, status: 400, says: "not JSON"},
		"single quotes":           {body: `{'text':'a'}`, status: 400, says: "not JSON"},
		"comment":                 {body: `{"text":"a"/**/}`, status: 400, says: "not JSON"},
		"control in a string":     {body: "{\"text\":\"a\nb\"}", status: 400, says: "not JSON"},
		"byte order mark":         {body: "\ufeff{}", status: 400, says: "not JSON"},
		"invalid UTF-8":           {body: "{\"text\":\"caf\xe9\",\"client_id\":\"c\"}", status: 400, says: "not UTF-8"},
		"UTF-16":                  {body: "{\x00}\x00", status: 400, says: "not JSON"},
		"deep nesting":            {body: `{"text":` + deep + `}`, status: 400, says: "not JSON"},
		"nesting":                 {body: `{"text":{"text":{"text":"a"}}}`, status: 422, field: "text", says: "takes text"},
		"array":                   {body: `[{"text":"a"}]`, status: 422, says: "one JSON object"},
		"null":                    {body: `null`, status: 422, says: "one JSON object"},
		"text":                    {body: `"text"`, status: 422, says: "one JSON object"},
		"number as text":          {body: `{"text":1,"client_id":"c"}`, status: 422, field: "text", says: "takes text"},
		"huge number":             {body: `{"client_id":1` + strings.Repeat("0", 5000) + `}`, status: 422, field: "client_id", says: "takes text"},
		"huge exponent":           {body: `{"client_id":1e999999}`, status: 422, field: "client_id", says: "takes text"},
		"null as name":            {body: `{"text":"a","client_id":"c","name":null}`, status: 422, field: "name", says: "takes text"},
		"true as text":            {body: `{"text":true}`, status: 422, field: "text", says: "takes text"},
		"array as text":           {body: `{"text":["a","b"]}`, status: 422, field: "text", says: "takes text"},
		"unknown field":           {body: `{"text":"a","client_id":"c","official":"yes"}`, status: 422, field: "official", says: "no field"},
		"a field in another case": {body: `{"Text":"a","client_id":"c"}`, status: 422, field: "Text", says: "no field"},
		"the form's token":        {body: `{"text":"a","client_id":"c","csrf":"x"}`, status: 422, field: "csrf", says: "no field"},
		"long unknown field":      {body: `{"` + strings.Repeat("x", 9000) + `":"a"}`, status: 422, field: strings.Repeat("x", 40) + "…", says: "no field"},
		"a field twice":           {body: `{"text":"a","text":"b","client_id":"c"}`, status: 422, field: "text", says: "given twice"},
		"a field twice, escaped":  {body: `{"text":"a","\u0074ext":"b","client_id":"c"}`, status: 422, field: "text", says: "given twice"},
		"no text":                 {body: `{"client_id":"c"}`, status: 422, field: "text", says: "text is missing"},
		"empty text":              {body: `{"text":" ","client_id":"c"}`, status: 422, field: "text", says: "text is missing"},
		"no client_id":            {body: `{"text":"a"}`, status: 422, field: "client_id", says: "names one post of yours"},
		"client_id with a slash":  {body: `{"text":"a","client_id":"a/b"}`, status: 422, field: "client_id", says: "names one post of yours"},
		"2,001 characters":        {body: `{"text":"` + strings.Repeat("é", 2001) + `","client_id":"c"}`, status: 422, field: "text", says: "2001 characters"},
		"NUL":                     {body: `{"text":"a\u0000b","client_id":"c"}`, status: 422, field: "text", says: "U+0000"},
		"official name":           {body: `{"text":"a","client_id":"c","name":"Official Bob"}`, status: 422, field: "name", says: "official"},
		"over 64 KiB":             {body: `{"text":"` + strings.Repeat("x", 64<<10) + `"}`, status: 413, says: "far too large"},
		"a form":                  {body: "text=a", header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, status: 415, says: "Content-Type"},
		"text/plain":              {body: `{}`, header: http.Header{"Content-Type": {"text/plain"}}, status: 415, says: "Content-Type"},
		"no content type":         {body: `{}`, header: http.Header{"Content-Type": nil}, status: 415, says: "Content-Type"},
		"application/jsonp":       {body: `{}`, header: http.Header{"Content-Type": {"application/jsonp"}}, status: 415, says: "Content-Type"},
		"broken content type":     {body: `{}`, header: http.Header{"Content-Type": {"application/json;="}}, status: 415, says: "Content-Type"},
		"latin1":                  {body: `{}`, header: http.Header{"Content-Type": {"application/json; charset=iso-8859-1"}}, status: 415, says: "UTF-8"},
		"gzip":                    {body: `{}`, header: http.Header{"Content-Encoding": {"gzip"}}, status: 415, says: "compressed"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newProgram(t, b.h)
			for k, v := range c.header {
				b.header[k] = v
			}
			b.ask("POST", townPath, c.body).problem(t, c.status, c.field, c.says)
		})
	}
	if h.writes != 0 || h.enrolled != 0 {
		t.Errorf("%d posts, %d people", h.writes, h.enrolled)
	}
	for id, good := range map[string]string{
		"plain": "application/json", "charset": "application/json; charset=UTF-8", "case": "Application/JSON",
	} {
		b.header.Set("Content-Type", good)
		b.call("POST", townPath, ` {"text":"a\u00e9\ud83d\ude00\ud800","client_id":"`+id+`"} `).want(t, 201, "aé😀\ufffd")
	}
}

func TestAnotherSitesPageCannotPost(t *testing.T) {
	h := newFakeHub(t)
	page := newBrowser(t, newServer(t, h))
	page.open("/messages/town")
	page.send("text", "hello")
	page.header.Set("Content-Type", "application/json")
	for name, header := range map[string]http.Header{
		"foreign Origin":            {"Origin": {"http://evil.example"}},
		"Origin null":               {"Origin": {"null"}},
		"another port":              {"Origin": {"http://lamppost.internal:81"}},
		"no host":                   {"Origin": {"http://"}},
		"broken":                    {"Origin": {"http://a b%"}},
		"Sec-Fetch-Site cross-site": {"Sec-Fetch-Site": {"cross-site"}},
		"Sec-Fetch-Site same-site":  {"Sec-Fetch-Site": {"same-site"}},
		"the two differ":            {"Sec-Fetch-Site": {"same-origin"}, "Origin": {"http://evil.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range header {
				page.header[k] = v
				t.Cleanup(func() { page.header.Del(k) })
			}
			p := page.call("POST", townPath, object{"text": "forged", "client_id": "c"})
			p.problem(t, 403, "", "does not belong to this place")
			for k := range p.header {
				if strings.HasPrefix(k, "Access-Control-") {
					t.Error(k)
				}
			}
		})
	}
	page.header.Set("Access-Control-Request-Method", "POST")
	if p := page.call("OPTIONS", townPath, nil); p.status != 405 || p.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("%d %v", p.status, p.header)
	}
	if h.writes != 1 {
		t.Errorf("%d posts", h.writes)
	}
}

func TestPathsAndMethodsThatAreNotThere(t *testing.T) {
	h := newFakeHub(t)
	h.apps = append(h.apps, named{"mute"})
	b := newProgram(t, newServer(t, h))
	for _, path := range []string{
		"/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/status", "/api/v1/nothing", "/api/v1/status/", "/api/v1/mute/x", "/api/v1//messages/town",
		"/api/v1/messages", "/api/v1/messages/", "/api/v1/messages/a/b", "/api/v1/messages/a%2Fb", "/api/v1/messages/town/", "/api/v1/messages/%00",
	} {
		for _, method := range []string{"GET", "POST"} {
			b.call(method, path, object{"text": "a", "client_id": "c"}).problem(t, 404, "", "")
		}
	}
	b.call("GET", "/api/v1/messages/"+strings.Repeat("a", 65), nil).problem(t, 422, "", "at most 64 bytes of UTF-8; this one has 65")
	for path, allow := range map[string]string{"/api/v1/status": "GET, HEAD", "/api/v1/live": "GET, HEAD", townPath: "GET, HEAD, POST"} {
		for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			p := b.call(method, path, nil)
			p.problem(t, 405, "", allow)
			if p.header.Get("Allow") != allow {
				t.Errorf("%s %s: Allow %q", method, path, p.header.Get("Allow"))
			}
		}
	}
	b.call("POST", "/api/v1/status", nil).problem(t, 405, "", "GET, HEAD")
	for _, path := range []string{"/api/v1/status", townPath, "/api/v1/nothing"} {
		get, head := b.call("GET", path, nil), b.call("HEAD", path, nil)
		if head.status != get.status || head.size != 0 || head.header.Get("Content-Type") != get.header.Get("Content-Type") || head.header.Get("Content-Length") == "" {
			t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
		}
	}
	b.host = "evil.example"
	b.call("GET", "/api/v1/status", nil).problem(t, 421, "", "not under that name")
	if h.writes+h.enrolled != 0 {
		t.Errorf("%d posts, %d people", h.writes, h.enrolled)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	b := newProgram(t, newServer(t, newFakeHub(t)))
	for _, path := range []string{"/api/v1/status", townPath, "/api/v1/nothing", "/api/v1/live"} {
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			"Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "",
		} {
			if got := b.call("GET", path, nil).header.Get(header); got != want {
				t.Errorf("%s: %s is %q", path, header, got)
			}
		}
	}
	b.header.Set("Accept", "text/html;q=0.1, */*;q=0")
	b.call("GET", "/api/v1/status", nil).object(t, 200)
}

func TestTheStatus(t *testing.T) {
	h := newFakeHub(t)
	h.about.Version, h.about.Internet = "1.2.3", server.Down
	h.about.Neighbors = append(h.about.Neighbors, server.Neighbor{Label: "Mill"})
	b := newProgram(t, newServer(t, h))
	const want = `{"community":"Millbrook","place":"Fire Station","version":"1.2.3","time":"2026-11-22T18:42:00Z","plausible":true,"internet":"down",` +
		`"neighbors":[{"label":"Harbor Clinic","linked":true,"heard":"2026-11-22T18:42:00Z"},{"label":"Hill School","linked":false,"heard":"2026-11-22T15:42:00Z"},{"label":"Mill","linked":false}]}`
	if p := b.call("GET", "/api/v1/status", nil); strings.TrimSpace(p.body) != want {
		t.Errorf("%s", p.body)
	}
	h.about.Neighbors, h.about.Plausible = nil, false
	b.call("GET", "/api/v1/status", nil).want(t, 200, `"plausible":false`, `"neighbors":[]`)
}

func TestNewPeopleByProgramsAreLimited(t *testing.T) {
	h := newFakeHub(t)
	b := newProgram(t, newServer(t, h, func(c *server.Config) { c.Newcomers = local.NewNewcomers(1) }))
	b.call("POST", townPath, object{"text": "one", "client_id": "c1"}).object(t, 201)
	p := b.call("POST", townPath, object{"text": "two", "client_id": "c2"})
	p.problem(t, 429, "", "Try again in")
	if s, err := strconv.Atoi(p.header.Get("Retry-After")); err != nil || s < 60 || s > 3600 {
		t.Errorf("the text says minutes, and Retry-After %q", p.header.Get("Retry-After"))
	}
	page := newBrowser(t, b.h) // pages and programs count together
	page.open("/messages/town")
	page.send("text", "three").want(t, 429, "Try again in")
}

func TestWhatTheHubCannotDoIsAProblem(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"disk full":      {hub.Errorf(hub.Unavailable, "", "The disk of this place is full."), 503, "disk of this place is full"},
		"conflict":       {&hub.Error{Code: hub.Conflict, Phrase: "Reload the page.", Program: "Read it again."}, 409, "Read it again."},
		"quota":          {hub.Errorf(hub.TooMany, "", "You have posted 500 things."), 429, "500 things"},
		"something else": {errors.New("b+tree on fire"), 500, "Something went wrong here"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFakeHub(t)
			var log bytes.Buffer
			b := newProgram(t, newServer(t, h, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }))
			h.failWrite = c.err
			p := b.call("POST", townPath, object{"text": "hello", "client_id": "c"}).wantNot(t, "b+tree")
			p.problem(t, c.status, "", c.says)
			if want := c.status / 500; c.status != 503 && strings.Count(log.String(), "level=ERROR") != want {
				t.Errorf("logged:\n%s", log.String())
			}
		})
	}
}

func TestNoSecretOfAProgramGetsIntoTheLog(t *testing.T) {
	var log bytes.Buffer
	b := newProgram(t, newServer(t, newFakeHub(t), func(c *server.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}))
	session := b.call("POST", townPath, object{"text": "hello", "client_id": "c"}).object(t, 201)["session"].(object)
	b.header.Set("Authorization", "Bearer "+session["token"].(string))
	b.call("GET", townPath, nil)
	noWords(t, log.String(), session["return_code"].(string))
	if token := session["token"].(string); strings.Contains(log.String(), token) {
		t.Errorf("%q is in the log:\n%s", token, log.String())
	}
}

func TestPagingGoesThroughEverythingOnce(t *testing.T) {
	h := newFakeHub(t)
	key := h.neighbor(1, "Ana")
	for i := range 60 {
		h.about.Now = evening.Add(time.Duration(i/20) * time.Minute)
		h.seq = 0 // twenty of one moment
		h.post(t, key, "town", string(rune('A'+i)), string(rune('A'+i%26))+string(rune('a'+i/26)))
	}
	b := newProgram(t, newServer(t, h))
	seen, pages := map[string]bool{}, 0
	for path := townPath + "?limit=7"; path != ""; pages++ {
		o := b.call("GET", path, nil).object(t, 200)
		for _, it := range o["items"].([]any) {
			id := it.(object)["id"].(string)
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		}
		path = ""
		if next, ok := o["next"].(string); ok {
			path = townPath + "?limit=7&before=" + next
		}
	}
	if len(seen) != 60 || pages != 9 {
		t.Errorf("%d posts on %d pages", len(seen), pages)
	}
	for q, field := range map[string]string{
		"limit=0": "limit", "limit=101": "limit", "limit=-1": "limit", "limit=x": "limit", "limit=99999999999999999999": "limit",
		"before=x": "before", "before=1": "before", "before=1.00": "before", "before=0.0000000000000000": "before",
		"before=zzzzzzzzzzzzz.0000000000000000": "before", "before=" + strings.Repeat("1", 9000): "before",
	} {
		b.call("GET", townPath+"?"+q, nil).problem(t, 422, field, "")
	}
	if got := items(b.call("GET", townPath+"?limit=100&unknown=1", nil).object(t, 200)); len(got) != 60 {
		t.Errorf("%d posts", len(got))
	}
}

func TestWhatWasWrittenAsNobodyOrAnotherIsNotTakenFromWhoeverIsSignedIn(t *testing.T) {
	h := newFakeHub(t)
	b := newProgram(t, newServer(t, h))
	session := b.call("POST", townPath, object{"text": "hello", "client_id": "a", "name": "Bo"}).object(t, 201)["session"].(object)
	b.header.Set("Authorization", "Bearer "+session["token"].(string))
	for _, as := range []string{"", strings.Repeat("ab", 32)} {
		b.header.Set("Lamppost-Author", as)
		b.call("POST", townPath, object{"text": "not Bo's words", "client_id": "b"}).problem(t, 401, "", "somebody else")
	}
	b.header.Del("Lamppost-Author")
	b.call("POST", townPath, object{"text": "Bo's words", "client_id": "b"}).object(t, 201)
}
