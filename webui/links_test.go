package webui

import (
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/webui/catalog"
)

// hosts are those of a hub that is read at lamppost.internal.
var hosts = []string{"lamppost.internal", "192.168.1.1", "[fd00::1]:8080"}

// linked is what becomes a link in a text, and where each leads.
func linked(text string) (all []string) {
	for p := range pieces(text, hosts) {
		if p.link != "" {
			all = append(all, p.text+" "+p.link)
		}
	}
	return all
}

func TestAddressesOfHubsBecomeLinks(t *testing.T) {
	for text, want := range map[string]string{
		"http://lamppost.internal/":                       "http://lamppost.internal/ /",
		"see http://lamppost.internal.":                   "http://lamppost.internal /",
		"(http://lamppost.internal/messages/town)":        "http://lamppost.internal/messages/town /messages/town",
		"http://lamppost.internal/messages/a(b), please":  "http://lamppost.internal/messages/a(b) /messages/a(b)",
		"HTTP://Lamppost.Internal/messages/":              "HTTP://Lamppost.Internal/messages/ /messages/",
		"http://lamppost.internal:80/messages/":           "http://lamppost.internal:80/messages/ /messages/",
		"http://lamppost.internal/messages/town?q=a&b=c!": "http://lamppost.internal/messages/town?q=a&b=c /messages/town?b=c&q=a",
		"http://lamppost.internal/messages/town#p-1":      "http://lamppost.internal/messages/town#p-1 /messages/town#p-1",
		"http://lamppost.internal/messages/Érables…":      "http://lamppost.internal/messages/Érables /messages/%C3%89rables",
		"看 http://lamppost.internal/messages/街。":          "http://lamppost.internal/messages/街 /messages/%E8%A1%97",
		"انظر http://lamppost.internal/messages/town؟":    "http://lamppost.internal/messages/town /messages/town",
		"“http://school.internal/messages/town”":          "http://school.internal/messages/town http://school.internal/messages/town",
		"http://192.168.1.1/you":                          "http://192.168.1.1/you /you",
		"http://[fd00::1]:8080/you":                       "http://[fd00::1]:8080/you /you",
		"http://lamppost.internal/?x=\"><b>":              "http://lamppost.internal/?x= /?x=",
		`http://lamppost.internal/\evil.example`:          "http://lamppost.internal/ /",
	} {
		if got := strings.Join(linked(text), " | "); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	if got := linked("http://lamppost.internal/a http://lamppost.internal/b\nhttp://hill-school.internal/"); len(got) != 3 {
		t.Errorf("%q", got)
	}
}

func TestEverythingElseStaysText(t *testing.T) {
	for _, text := range []string{
		"", "http://", "https://lamppost.internal/", "http:lamppost.internal", "//lamppost.internal/", "lamppost.internal", "www.lamppost.internal",
		"javascript:alert(1)", "javascript://lamppost.internal/%0aalert(1)", "data:text/html,http", "ftp://lamppost.internal/", "xhttp://lamppost.internal/", "éhttp://lamppost.internal/",
		"http://example.com/", "http://lamppost.internal.example.com/", "http://example.com/http://lamppost.internal", "http://lamppost.internal@example.com/", "http://a:b@lamppost.internal/",
		`http://lamppost.internal\@example.com/`[:24] + "@example.com/", "http://lamppost.internal:81/", "http://lamppost.internal:8080/", "http://a.b.internal/", "http://-a.internal/", "http://.internal/", "http://internal/",
		"http://аpple.internal/", "http://192.168.1.2/", "http://192.168.1.1:8080/", "http://lamppost%2einternal/", "http://lamppost.internal/%zz", "http://localhost/", "http://127.0.0.1/",
		"http://lamppost.internal/~TOKEN/messages/", "http://lamppost.internal/~es/", "http://lamppost.internal/kiosk", "http://lamppost.internal//kiosk", "http://lamppost.internal/%6biosk", "http://lamppost.internal/%7Ees/", "http://lamppost.internal/" + strings.Repeat("a", 500),
	} {
		if got := linked(text); len(got) > 0 {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// One tap would sign somebody out, or change their language.
func TestNoDetourLeadsToAPageThatLinksMustNotOpen(t *testing.T) {
	for _, path := range []string{
		"/kiosk", "/kiosk/", "/kiosk?stay=1", "/kiosk#a", "//kiosk", "///kiosk", "/%6b%69osk", "/~ar/", "/~ar/messages/town", "/%7ear/", "//~ar/", "/%7Ear/..",
		"/x/../kiosk", "/./kiosk", "/x/.././kiosk", "/../kiosk", "/x/./../kiosk", "/x/../~ar/messages/", "/messages/town/../../~ar/",
		"/%2e%2e/kiosk", "/%2E%2E/kiosk", "/%2e/kiosk", "/.%2e/kiosk", "/%2e./kiosk", "/x/%2e%2e/kiosk", "/x/%2E./~ar/", "/x/..?a=b", "/x/%2e%2e#a",
		"/%2fkiosk", "/x/..%2fkiosk", "/x%2f..%2fkiosk", "/x%2F%2e%2e/kiosk", "/%2e%2e%2fkiosk", "/%2f~ar/", "/messages%2ftown",
		"/%5ckiosk", "/x/..%5Ckiosk", "/%5C~ar/", "/x/%5c..%5c..%5ckiosk", "/x//../kiosk", "/x//kiosk", "/messages//town",
		"/%00kiosk", "/ki%0aosk", "/%09kiosk", "/x/.%0d./kiosk", "/x/%7f", "/x/%c2%85",
	} {
		for _, host := range []string{"lamppost.internal", "LAMPPOST.internal:80", "192.168.1.1", "school.internal"} {
			for _, text := range []string{scheme + host + path, "HTTP://" + host + path + ", see?"} {
				if got := linked(text); len(got) > 0 {
					t.Errorf("%s: %q", text, got)
				}
			}
		}
	}
	for text, want := range map[string]string{ // what stands before a backslash is not the way elsewhere
		`http://lamppost.internal/x\..\..\kiosk`: "http://lamppost.internal/x /x",
		`http://lamppost.internal\kiosk`:         "http://lamppost.internal /",
		"http://lamppost.internal/x\t/../kiosk":  "http://lamppost.internal/x /x",
		"http://lamppost.internal/messages/a..b": "http://lamppost.internal/messages/a..b /messages/a..b",
		"http://lamppost.internal/messages/...":  "http://lamppost.internal/messages/ /messages/",
		"http://lamppost.internal/messages/~a":   "http://lamppost.internal/messages/~a /messages/~a",
		"http://lamppost.internal/kiosks":        "http://lamppost.internal/kiosks /kiosks",
	} {
		if got := strings.Join(linked(text), " | "); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestALinkStandsApartAndKeepsTheSession(t *testing.T) {
	f := &Frame{Lang: &catalog.Language{}, Prefix: "/~es~TOKEN", Here: Here{Hosts: hosts}}
	want := template.HTML(`&lt;b&gt; <a href="/~es~TOKEN/messages/town?q=a&amp;r=1" rel="ugc nofollow"><bdi dir="ltr">http://lamppost.internal/messages/town?q=a&amp;r=1</bdi></a>, <a href="http://school.internal/" rel="ugc nofollow"><bdi dir="ltr">http://school.internal</bdi></a>!`)
	if got := f.Text("<b> http://lamppost.internal/messages/town?q=a&r=1, http://school.internal!"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

var (
	whole = regexp.MustCompile(`^(?:[^<>"]|<a href="[^<>"]*" rel="ugc nofollow"><bdi dir="ltr">[^<>"]*</bdi></a>)*$`)
	href  = regexp.MustCompile(`href="([^"]*)"`)
)

// browsers take these for dots and slashes (WHATWG URL §4.4).
var browsers = strings.NewReplacer("%2e", ".", "%2E", ".", `\`, "/")

// visited is the path that a hub is asked for when somebody opens a link, without the slashes
// around it: resolved as browsers do, then decoded.
func visited(base *url.URL, link string) string {
	path, _, _ := strings.Cut(link, "#")
	path, _, _ = strings.Cut(path, "?")
	to, err := base.Parse(browsers.Replace(path))
	if err != nil {
		return "kiosk" // nobody can say
	}
	return strings.Trim(to.Path, "/")
}

func FuzzPieces(f *testing.F) {
	for _, s := range []string{"see http://lamppost.internal/a(b)?c=d#e.", "http://x.internal//a\\b", "http://[fd00::1]:8080/", "http://lamppost.internal/%2f%2fevil/", "http://lamppost.internal/x/%2E./kiosk", "http://lamppost.internal/x/..%5c~ar/?a", "hTTp://lamppost.internal:80/\u202e"} {
		f.Add(s)
	}
	base, err := url.Parse("http://lamppost.internal/messages/town")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var all strings.Builder
		for p := range pieces(text, hosts) {
			all.WriteString(p.text)
			if p.link == "" {
				continue
			}
			to, err := base.Parse(p.link)
			if err != nil || to.Scheme != "http" || to.User != nil {
				t.Fatalf("%q leads to %q: %v", p.text, p.link, err)
			}
			label, ours := strings.CutSuffix(to.Host, ".internal")
			if !ours || !isLabel(label) || strings.ContainsAny(p.link, "\\\" \t\r\n<>") || strings.HasPrefix(p.link, "//") {
				t.Fatalf("%q leads to %q", p.text, p.link)
			}
			if at := visited(base, p.link); at == "kiosk" || strings.HasPrefix(at, "~") {
				t.Fatalf("%q leads to %q, which opens /%s", p.text, p.link, at)
			}
		}
		if all.String() != text {
			t.Fatalf("%q became %q", text, all.String())
		}
		html := string((&Frame{Here: Here{Hosts: hosts}}).Text(text))
		if !whole.MatchString(html) {
			t.Fatalf("%q became %s", text, html)
		}
		for _, m := range href.FindAllStringSubmatch(html, -1) {
			if !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "http://") || strings.HasPrefix(m[1], "//") {
				t.Fatalf("%q links to %s", text, m[1])
			}
		}
	})
}
