package maps_test

import (
	"context"
	"crypto/ed25519"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"golang.org/x/net/html"
)

// site is a hub's pages over what a moment holds.
type site struct {
	*moment
	http.Handler
	app   maps.App
	mu    sync.Mutex      // held while somebody looks at what is here
	looks int             // of handlers at what is here
	code  returncode.Code // of a coordinator
}

func (s *site) Read(_ context.Context, app record.App, f func(hub.Snapshot) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if app == "maps" {
		return f(s.moment)
	}
	other := *s.moment
	other.held = nil
	return f(&other)
}

func (s *site) Write(_ context.Context, _ record.App, as ed25519.PrivateKey, ds ...hub.Draft) (out []record.Record, _ error) {
	for _, d := range ds {
		out = append(out, s.sign(as, d, s.now))
	}
	return out, nil
}

func (*site) Enroll(context.Context, ed25519.PrivateKey, string) error { return nil }
func (*site) Rename(context.Context, ed25519.PrivateKey, string) error { return nil }

func (s *site) About() server.About {
	return server.About{Community: "Millbrook", Place: "Fire Station 4", ID: "k3f9a2", Now: s.now, Plausible: !s.unsure}
}

func newSite(t *testing.T, of ...maps.Options) *site {
	t.Helper()
	s := &site{moment: newMoment(t), code: returncode.New(nil), app: maps.New(of...)}
	s.say(roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(returncode.Key(s.code, s.founded.Community())), Label: "Kim", Area: "north", Roles: roster.Maps | roster.Notices | roster.Moderate})
	sessions, err := local.Open(filepath.Join(t.TempDir(), "local.db"), local.Options{Hub: key(station), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sessions.Close(); err != nil {
			t.Error(err)
		}
	})
	s.Handler, err = server.New(server.Config{Hub: s, Sessions: sessions, Apps: []hub.App{s.app}, Behind: func(record.App) hub.Host { return behind{s} }, Community: s.founded.Community()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// browser is one without scripts; at the hub's own machine if box.
type browser struct {
	t    *testing.T
	s    *site
	box  bool
	jar  map[string]string
	lang string
	at   *html.Node
	path string
}

func (s *site) browser(t *testing.T) *browser { return &browser{t: t, s: s, jar: map[string]string{}} }

// coordinator is a browser at the box in which Kim has entered their six words.
func (s *site) coordinator(t *testing.T) *browser {
	t.Helper()
	b := s.browser(t)
	b.box = true
	b.open("/return")
	b.send("/return", "code", s.code.Text())
	return b
}

func (b *browser) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.bring(method, target, kind, strings.NewReader(form.Encode()))
}

// bring asks with a body of some kind.
func (b *browser) bring(method, target, kind string, body io.Reader) *httptest.ResponseRecorder {
	b.t.Helper()
	target, _, _ = strings.Cut(target, "#")
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, body)
	host, from, to := "lamppost.internal", "192.168.1.20", "192.168.1.1"
	if b.box {
		host, from, to = "localhost:8080", "127.0.0.1", "127.0.0.1"
	}
	r.Host, r.RemoteAddr = host, net.JoinHostPort(from, "40000")
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(to), 80)))))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Accept-Language", b.lang)
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.jar[c.Name] = c.Value
	}
	if w.Code/100 == 3 {
		return b.ask(http.MethodGet, w.Header().Get("Location"), nil)
	}
	n, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.path = n, target
	return w
}

// open opens a page that is there.
func (b *browser) open(target string) {
	b.t.Helper()
	if w := b.ask(http.MethodGet, target, nil); w.Code != http.StatusOK {
		b.t.Fatalf("%s: %d: %s", target, w.Code, b.text())
	}
}

// send fills in the form of the page with an action that ends so, and has fields, and
// sends it. A field that is not in the form is its button.
func (b *browser) send(action string, fields ...string) (status int) {
	b.t.Helper()
	for n := range b.at.Descendants() {
		if n.Data != "form" || attr(n, "method") != "post" || !strings.HasSuffix(strings.SplitN(attr(n, "action"), "?", 2)[0], action) {
			continue
		}
		form, names := valuesIn(n), namesIn(n)
		if slices.ContainsFunc(fieldNames(fields), func(f string) bool { return !slices.Contains(names, f) }) {
			continue
		}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return b.ask(http.MethodPost, attr(n, "action"), form).Code
	}
	b.t.Fatalf("no form to %s with %v on %s: %s", action, fieldNames(fields), b.path, b.text())
	return 0
}

func fieldNames(fields []string) (all []string) {
	for i := 0; i < len(fields); i += 2 {
		all = append(all, fields[i])
	}
	return all
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func namesIn(form *html.Node) (all []string) {
	for n := range form.Descendants() {
		if name := attr(n, "name"); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// valuesIn is what a form sends as it stands.
func valuesIn(form *html.Node) url.Values {
	v := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "textarea":
			v.Add(name, strings.TrimPrefix(textOf(n), "\n"))
		case n.Data == "select":
			for o := range n.Descendants() {
				if o.Data == "option" && has(o, "selected") {
					v.Set(name, attr(o, "value"))
				}
			}
			if !v.Has(name) {
				v.Set(name, "")
			}
		case n.Data == "input" && (attr(n, "type") != "checkbox" && attr(n, "type") != "radio" || has(n, "checked")):
			v.Add(name, attr(n, "value"))
		}
	}
	return v
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func (b *browser) main() *html.Node {
	for n := range b.at.Descendants() {
		if n.Data == "main" {
			return n
		}
	}
	return b.at
}

// text is what stands on the page, with single blanks.
func (b *browser) text() string { return strings.Join(strings.Fields(textOf(b.main())), " ") }

func (b *browser) says(all ...string) {
	b.t.Helper()
	for _, s := range all {
		if !strings.Contains(b.text(), s) {
			b.t.Errorf("%s does not say %q: %s", b.path, s, b.text())
		}
	}
}

func (b *browser) saysNot(all ...string) {
	b.t.Helper()
	for _, s := range all {
		if strings.Contains(b.text(), s) {
			b.t.Errorf("%s says %q: %s", b.path, s, b.text())
		}
	}
}

// links are where the page's own part leads.
func (b *browser) links() (all []string) {
	for n := range b.main().Descendants() {
		if n.Data == "a" {
			all = append(all, attr(n, "href"))
		}
	}
	return all
}

// link is the first that begins so.
func (b *browser) link(prefix string) string {
	b.t.Helper()
	for _, l := range b.links() {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	b.t.Fatalf("%s leads nowhere that begins %s: %v", b.path, prefix, b.links())
	return ""
}

func TestAShelterIsOpenedCountedAndFoundWithoutAScript(t *testing.T) {
	s := newSite(t)
	kim, ann := s.coordinator(t), s.browser(t)
	ann.open("/maps/")
	ann.says("Nobody has put a place here yet.", "Nobody has said yet where this place is.")
	ann.saysNot("Open a shelter")

	kim.open("/maps/here")
	if code := kim.send("/maps/here", "points", "44.47"); code != 422 {
		t.Error(code)
	}
	kim.says("one number only")
	kim.send("/maps/here", "points", "44.47 -73.21")
	kim.says("Changed.", "The nearest to Fire Station 4 first.")

	kim.open(kim.link("/maps/open"))
	if code := kim.send("/maps/open", "title", "Hill School", "points", "-173.2, 44.4", "most", "many"); code != 422 {
		t.Error(code)
	}
	kim.says("If these are longitude and latitude, write 44.40000, -173.20000.")
	if got := valuesIn(kim.form("/maps/open")); got.Get("title") != "Hill School" || got.Get("points") != "-173.2, 44.4" {
		t.Errorf("what was typed is lost: %v", got)
	}
	kim.send("/maps/open", "title", "Hill School", "points", "44.48, -73.2", "most", "3")
	kim.says("Hill School", "Shelter", "Now open", "1.4 km (0.8 miles) north-east", "by Kim, north", "Room for 3 people in an evacuation")
	place := kim.path
	if got, err := url.Parse(kim.link("/notices/new")); err != nil || got.Query().Get("t") != "shelter" || got.Query().Get("text") != "Hill School is open, with room for 3 people." || got.Query().Get("point") != "44.48,-73.2" {
		t.Errorf("%v %v", got, err)
	}

	ann.open("/maps/")
	ann.says("1. Hill School", "Now open", "north-east")
	ann.open(ann.link(place))
	ann.saysNot("You have counted", "Take it off the map", "Let them count")
	ann.send("/count", "text", "the one with the dog")
	ann.says("You have asked to count here.")
	kim.open(place)
	kim.says("the one with the dog")
	kim.send("/count", "allow", valuesIn(kim.formWith("allow")).Get("allow"))
	ann.open(place)
	for range 2 {
		ann.send("/count", "add", "1")
	}
	ann.says("You have counted 2 here.", "2 people there · room for about 1 more")
	ann.send("/count", "number", "5")
	ann.says("5 people there · 2 more than it holds")
	if code := ann.send("/count", "number", "lots"); code != 422 {
		t.Error(code)
	}
	ann.says("A count is a number")
	kim.open(place)
	kim.send("/count", "recount", "2")
	kim.says("2 people there")
	s.now = s.now.Add(time.Minute)
	ann.open(place)
	ann.send("/count", "add", "-1")
	ann.says("1 person there", "Counted anew by Kim, north")
	kim.open(place)
	kim.send("/status", "status", "full")
	kim.says("Changed.", "Full")
	ann.open("/maps/?room=yes")
	ann.says("Nothing here is like that.")
	kim.open(place)
	kim.send("/edit", "gone", "yes")
	kim.says("It is no more")
	ann.open("/maps/")
	ann.says("Nobody has put a place here yet.")
	ann.open(place)
	ann.says("It is no more by Kim, north")
}

func (b *browser) form(action string) *html.Node {
	b.t.Helper()
	for n := range b.at.Descendants() {
		if n.Data == "form" && strings.HasSuffix(attr(n, "action"), action) {
			return n
		}
	}
	b.t.Fatalf("no form to %s on %s", action, b.path)
	return nil
}

func (b *browser) formWith(field string) *html.Node {
	b.t.Helper()
	for n := range b.at.Descendants() {
		if n.Data == "form" && slices.Contains(namesIn(n), field) {
			return n
		}
	}
	b.t.Fatalf("no form with %s on %s", field, b.path)
	return nil
}

func TestWhatANeighborHasSeenIsConfirmedByACoordinator(t *testing.T) {
	s := newSite(t)
	kim, ann, bob := s.coordinator(t), s.browser(t), s.browser(t)
	s.place(maria, "x", "shelter", "Hill School", "44,-73")
	s.do(maria, "p/x/status", "client_id", "s", "status", "open", "offers", "beds")
	ann.open("/maps/p/x")
	ann.open(ann.link("/maps/report"))
	ann.says("About Hill School")
	if code := ann.send("/maps/report", "text", "no bed is free"); code != 422 {
		t.Error(code)
	}
	ann.says("Choose one of these first.")
	ann.send("/maps/report", "what", "full", "text", "no bed is free")
	ann.says("It is full", "Not confirmed", "nobody else has said so", "no bed is free", "Yes, take it back")
	report := ann.path
	bob.open(report)
	bob.send(report, "saw", "yes")
	bob.says("1 other saw it too, at one place", "You saw it too.")
	bob.open("/maps/")
	bob.says("1 report, not confirmed", "It is full · Hill School")
	kim.open(report)
	kim.says("It is true Full")
	kim.send(report, "confirms", valuesIn(kim.formWith("confirms")).Get("confirms"))
	kim.says("Confirmed by Kim, north")
	kim.open("/maps/p/x")
	kim.says("Full", "Beds")
	bob.open("/maps/")
	bob.saysNot("report, not confirmed")

	// Elsewhere it becomes a place of its own.
	bob.open("/maps/report")
	if code := bob.send("/maps/report", "what", "road", "text", " "); code != 422 {
		t.Error(code)
	}
	bob.says("the street and the nearest corner are enough")
	bob.send("/maps/report", "what", "road", "text", "Bridge Street at the mill", "points", "44.1,-73.1")
	report = bob.path
	kim.open(report)
	kim.open(kim.link("/maps/new?from="))
	if v := valuesIn(kim.formWith("title")); v.Get("kind") != "road" || v.Get("title") != "Bridge Street at the mill" || v.Get("points") != "44.1,-73.1" {
		t.Errorf("%v", v)
	}
	kim.send("/maps/new", "title", "Bridge Street")
	kim.says("Bridge Street", "Closed road")
	ann.open("/maps/")
	ann.says("Keep away from", "Bridge Street")
	ann.open(report)
	ann.says("Confirmed", "The place on the map")
	bob.open(report)
	bob.send(report, "withdraws", "yes")
	bob.says("Taken back.")
	if w := ann.ask(http.MethodGet, report, nil); w.Code != 404 {
		t.Error(w.Code)
	}
}

func TestWhoTakesOverAnothersWordSeesWhatStands(t *testing.T) {
	s := newSite(t)
	kim := s.coordinator(t)
	s.place(maria, "x", "shelter", "Hill School", "44,-73", "hours", "day")
	b := s.moment.copyOf()
	for i, m := range []*moment{s.moment, b} {
		m.now = m.now.Add(time.Duration(i+1) * time.Minute)
		m.do([]byte{maria, tom}[i], "p/x/edit", "client_id", "e", "kind", "shelter", "title", "Hill School", "points", "44,-73", "hours", []string{"night", "noon"}[i])
		m.do([]byte{maria, tom}[i], "p/x/status", "client_id", "s", "status", []string{"full", "open"}[i])
	}
	exchange(s.moment, b)
	s.now = b.now
	kim.open("/maps/p/x")
	kim.says("Also reported by Maria Ortiz, fire district · 1 min ago Hours: night", "How it stands: Full")
	kim.open(kim.link("/maps/p/x/edit?from="))
	kim.says("So it stands now Hours: noon")
	if got := valuesIn(kim.formWith("hours")).Get("hours"); got != "night" {
		t.Errorf("the form begins with %q", got)
	}
	kim.send("/edit", "hours", "day and night")
	kim.open(kim.link("/maps/p/x/status?from="))
	kim.says("So it stands now How it stands: Now open")
	kim.send("/status", "status", "full")
	kim.says("Full", "Hours: day and night")
	kim.saysNot("Also reported")
}

func TestEveryPageReadsInEveryLanguage(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	kim := s.coordinator(t)
	s.do(maria, "here", "client_id", "h", "points", "44,-73")
	s.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44.1,-73", "most", "80", "everyday", "40", "langs", "en ar uk", "pets", "no", "stepfree", "yes", "contact", "desk", "hours", "all day", "about", "Gym")
	s.place(maria, "r", "road", "Main Street", "44,-73 44.1,-73.1")
	b := s.moment.copyOf()
	for i, m := range []*moment{s.moment, b} {
		who := []byte{maria, tom}[i]
		m.do(who, "p/x/edit", "client_id", "e", "kind", "shelter", "title", "School", "points", "44.1,-73", "hours", []string{"day", ""}[i])
		m.do(who, "p/x/status", "client_id", "s", "status", []string{"full", "filling"}[i], "offers", "beds", "needs", "fuel")
		m.do(who, "p/x/count", "client_id", "c", "recount", []string{"90", "8"}[i])
	}
	exchange(s.moment, b)
	s.do(ann, "report", "client_id", "o", "what", "full", "place", "x", "text", "no room")
	s.do(tom, "report", "client_id", "o2", "what", "road", "points", "44,-73")
	s.do(maria, "o/"+author(tom).String()[:16]+"/o2", "client_id", "v", "dismisses", "yes")
	seen := "/maps/o/" + author(ann).String()[:16] + "/o"
	kim.bringFile("a.csv", "id,name,type,lat,lon,status\n1,Gym,shelter,44.2,-73,open\n")
	kim.send(kim.path)
	taken, _, _ := strings.Cut(kim.path, "?")
	kim.bringFile("a.csv", "id,name,type,lat,lon,status,x\n1,Gym,shelter,44.2,-73,full,\n2,Hill,tent,-73,44,busy,y\n3,,,44,-73,,\n,School,shelter,44.1,-73,,\n")
	waits := kim.path
	pages := []string{
		taken, waits, "/maps/import", "/maps/export", "/maps/export?kind=water",
		"/maps/", "/maps/?near=Hill", "/maps/?near=x", "/maps/p/x", "/maps/p/r", "/maps/new", "/maps/open", "/maps/here", "/maps/report", "/maps/report?place=x", "/maps/p/x/edit", "/maps/p/x/status",
		"/maps/o", seen, seen + "/report", "/", "/print", "/print/new",
		"/maps/map", "/maps/map?pick=1", "/maps/map?point=44.05,-73", "/maps/map?point=nowhere", "/maps/map?near=x", "/maps/extracts",
	}
	english := map[string]string{}
	for _, lang := range []string{"en", "es", "fr", "ht", "vi", "ar", "zh-Hans"} {
		for who, b := range map[string]*browser{"kim": kim, "a neighbor": s.browser(t)} {
			b.lang = lang
			for _, page := range pages {
				w := b.ask(http.MethodGet, page, nil)
				if staff := slices.Contains([]string{"/maps/new", "/maps/open", "/maps/here", "/maps/p/x/edit", "/maps/p/x/status", "/maps/import", waits}, page); w.Code != http.StatusOK && (w.Code != http.StatusForbidden || who == "kim" || !staff) {
					t.Errorf("%s in %s for %s: %d: %s", page, lang, who, w.Code, b.text())
				}
				if text := b.text(); lang == "en" {
					english[who+page] = text
				} else if text == english[who+page] {
					t.Errorf("%s in %s is in English", page, lang)
				}
				if strings.Contains(b.text(), "%!") || strings.Contains(b.text(), "ZgotmplZ") {
					t.Errorf("%s in %s: %s", page, lang, b.text())
				}
			}
		}
	}
}
