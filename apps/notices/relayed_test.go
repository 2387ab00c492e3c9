package notices_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/captest"
	"github.com/lamppost-hub/lamppost/hub"
)

// imports puts a file in at a hub's console.
func (p *place) imports(raw string) (said string, _ error) {
	p.Helper()
	var out bytes.Buffer
	err := p.app.Commands()["import"].Run(p.Context(), p, []string{"-"}, strings.NewReader(raw), &out)
	return out.String(), err
}

// view is a page of the app.
func (p *place) view(path string) (page hub.Page, err error) {
	p.Helper()
	err = p.Read(p.Context(), func(s hub.Snapshot) error {
		page, err = p.app.View(s, hub.Request{Path: path, Lang: "en"})
		return err
	})
	return page, err
}

// list is what the hub shows.
func (p *place) list() notices.ListView {
	p.Helper()
	page, err := p.view("")
	must(p.T, err)
	m, ok := page.Model.(notices.ListView)
	if !ok {
		p.Fatalf("a list of type %T", page.Model)
	}
	return m
}

// top is the headline in the banner; empty if there is none.
func (p *place) top() (head string) {
	p.Helper()
	must(p.T, p.Read(p.Context(), func(s hub.Snapshot) error {
		page, err := p.app.Banner(s, hub.Request{Lang: "en"})
		if m, ok := page.Model.(notices.BannerView); ok {
			head = m.Worst.Head
		}
		return err
	}))
	return head
}

// get asks one of the app's own handlers.
func (p *place) get(path string) (*http.Response, []byte, error) {
	p.Helper()
	mux, failed := http.NewServeMux(), error(nil)
	for pattern, h := range p.app.Routes(p) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { _, failed = h(w, r, hub.Request{Lang: "en"}) })
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(p.Context(), http.MethodGet, path, nil))
	res := w.Result()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(p.T, err)
	return res, body, failed
}

// Every real alert is passed on as it came, and its page has each field; what is none is
// refused for what is wrong with it.
func TestRealAlertsArePassedOnWhole(t *testing.T) {
	dir := captest.Corpora(t)
	files, err := os.ReadDir(dir)
	must(t, err)
	taken := 0
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		t.Run(file.Name(), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, file.Name()))
			must(t, err)
			tw := openTown(t, 1)
			h := tw.hubs[0]
			said, err := h.imports(string(raw))
			if file.Name() == "invalid_xmlns.cap" {
				if err == nil || !strings.HasPrefix(err.Error(), "alert: its namespace is urn:oasis:names:tc:emergency:cap:1.2 ") || len(h.list().Claims) > 0 {
					t.Errorf("%v: %s", err, said)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			taken++
			path := pathIn(t, said)
			page, err := h.view(path)
			must(t, err)
			m, ok := page.Model.(notices.RelayedView)
			if !ok || m.Pending {
				t.Fatalf("%T, pending: %v", page.Model, m.Pending)
			}
			shown := map[string]int{}
			for _, part := range m.Whole {
				for _, l := range part.Lines {
					shown[l.Name+"="+normal(l.Value)]++
				}
			}
			for _, want := range leaves(t, raw) {
				if shown[want] == 0 {
					t.Errorf("the page does not say %q", want)
				}
				shown[want]--
			}
			res, body, err := h.get("/cap/" + strings.TrimPrefix(path, "x/") + ".cap")
			must(t, err)
			if !bytes.Equal(body, raw) || res.Header.Get("Content-Type") != "application/cap+xml" {
				t.Errorf("%d bytes of %d, %v", len(body), len(raw), res.Header)
			}
			again, err := h.imports(string(raw))
			if err != nil || !strings.Contains(again, ": known already\n") {
				t.Errorf("%v: %s", err, again)
			}
		})
	}
	if taken < 6 {
		t.Errorf("only %d alerts were taken", taken)
	}
}

// pathIn is the path of the page that an import tells, below the app's.
func pathIn(t *testing.T, said string) string {
	t.Helper()
	_, rest, ok := strings.Cut(said, "page: /notices/")
	if !ok {
		t.Fatalf("it tells no page: %s", said)
	}
	path, _, _ := strings.Cut(rest, "\n")
	return path
}

// leaves lists what an alert says, straight from its tree.
func leaves(t *testing.T, raw []byte) (all []string) {
	t.Helper()
	doc := etree.NewDocument()
	must(t, doc.ReadFromBytes(raw))
	var down func(el *etree.Element)
	down = func(el *etree.Element) {
		kids := el.ChildElements()
		text := normal(el.Text())
		switch {
		case el.Tag == "Signature":
		case el.SelectElement("valueName") != nil:
			all = append(all, el.Tag+"="+normal(el.SelectElement("valueName").Text()+" = "+el.SelectElement("value").Text()))
		case el.Tag == "references":
			for _, one := range strings.Fields(el.Text()) {
				all = append(all, "references="+normal(one))
			}
		case len(kids) == 0 && text != "":
			all = append(all, el.Tag+"="+text)
		}
		if el.SelectElement("valueName") == nil && el.Tag != "Signature" {
			for _, kid := range kids {
				down(kid)
			}
		}
	}
	down(doc.Root())
	return all
}

// normal is a text with single blanks, UTC as CAP writes it, and numbers without zeros
// at their ends.
func normal(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		parts := strings.Split(w, ",")
		for k, p := range parts {
			if at, err := time.Parse(time.RFC3339, p); err == nil {
				parts[k] = at.UTC().Format(time.RFC3339)
			}
			var f float64
			if n, err := fmt.Sscanf(p+"|", "%f|", &f); n == 1 && err == nil && strings.Contains(p, ".") {
				parts[k] = fmt.Sprint(f)
			}
		}
		words[i] = strings.Join(parts, ",")
	}
	return strings.Join(words, " ")
}

// alert is a made-up one. Times are minutes after the hub's clock at the start.
type alert struct {
	sender, id, kind, status, refs, head, severity string
	sent, ends                                     int // minutes; ends 0: it does not say
}

func (a alert) xml(tw *town) string {
	when := func(minutes int) string {
		return tw.hubs[0].start().Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05-07:00")
	}
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	refs, ends := "", ""
	for _, r := range strings.Fields(a.refs) {
		name, minutes, _ := strings.Cut(r, "@+")
		var n int
		_, _ = fmt.Sscan(minutes, &n)
		refs += " " + name + "," + when(n)
	}
	if refs != "" {
		refs = "<references>" + refs + "</references>"
	}
	if a.ends != 0 {
		ends = "<expires>" + when(a.ends) + "</expires>"
	}
	return `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>` + or(a.id, "a1") + `</identifier><sender>` + or(a.sender, "wx") +
		`</sender><sent>` + when(a.sent) + `</sent><status>` + or(a.status, "Actual") + `</status><msgType>` + or(a.kind, "Alert") +
		`</msgType><scope>Public</scope>` + refs + `<info><language>en-US</language><category>Met</category><event>Storm</event><urgency>Immediate</urgency><severity>` + or(a.severity, "Severe") +
		`</severity><certainty>Observed</certainty>` + ends + `<senderName>Weather Service</senderName><headline>` + or(a.head, "Storm comes") +
		`</headline><area><areaDesc>North</areaDesc></area></info></alert>`
}

// A file may be of 5 MB; what every phone loads is a page of it.
func TestThePageOfAVeryLongAlertIsShort(t *testing.T) {
	tw := openTown(t, 1)
	h := tw.hubs[0]
	said, err := h.imports(strings.Replace(alert{}.xml(tw), "<area>", "<description>"+strings.Repeat("água ", 700_000)+"</description><area>", 1))
	must(t, err)
	page, err := h.view(pathIn(t, said))
	must(t, err)
	m, ok := page.Model.(notices.RelayedView)
	size := 0
	for _, part := range m.Whole {
		for _, l := range part.Lines {
			size += len(l.Value)
		}
	}
	last := m.Whole[len(m.Whole)-1].Lines
	if !ok || !m.Short || size < 50_000 || size > 120_000 || !strings.HasSuffix(last[len(last)-1].Value, "…") {
		t.Errorf("%d bytes, shortened: %v", size, m.Short)
	}
}

func (p *place) start() time.Time {
	return p.world.Town.Founding.Time.Wall().Add(time.Hour).Truncate(time.Second)
}
