package notices_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices/captest"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// What the community says itself is here as it was signed: nobody passes it on, changed.
func TestTheCommunitysOwnAlertsAreNotPassedOn(t *testing.T) {
	tw := openTown(t, 1)
	tw.is(1)
	h := tw.hubs[0]
	id := h.world.Town.Founding.Community()
	said, err := h.imports(alert{sender: fmt.Sprintf("lamppost-%x@lamppost.internal", id[:8])}.xml(tw))
	if !strings.Contains(fmt.Sprint(said, err), "alert/sender: this is the community's own") {
		t.Errorf("%v: %s", err, said)
	}
	h.shows("", "")
}

// writes has a coordinator write a notice.
func (p *place) writes(who string, form url.Values) (path string) {
	p.Helper()
	author := simnet.Author(who)
	q := hub.Request{Path: "new", Form: form, Author: author, Official: true, Place: "Fire Station", Lang: "en"}
	if p := form.Get("path"); p != "" {
		q.Path = p
	}
	var ds []hub.Draft
	must(p.T, p.Read(p.Context(), func(s hub.Snapshot) (err error) {
		ds, err = p.app.Act(s, q)
		return err
	}))
	own, ofHub := hub.Apart(ds)
	_, err := p.Write(p.Context(), ofHub...)
	must(p.T, err)
	_, err = p.desk.Write(p.Context(), p.app.Manifest(), simnet.Key(who), own...)
	must(p.T, err)
	p.settle()
	return "n/" + author.String()[:16] + "/" + form.Get("client_id")
}

func valid(t *testing.T, raw []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cap")
	must(t, os.WriteFile(file, raw, 0o600))
	if out, err := captest.Lint(t, file); err != nil {
		t.Errorf("%v: %s\n%s", err, out, raw)
	}
}

func TestNoticesGoOutInAllTheirLanguages(t *testing.T) {
	tw := openTown(t, 1)
	h := tw.hubs[0]
	ana := tw.coordinator("ana")
	boil := h.writes("ana", url.Values{
		"t": {"boil-water"}, "text": {"North of Main <Street> & beyond"}, "client_id": {"one"}, "area": {"North"}, "point": {"44.47, -73.21"}, "radius": {"1.5"},
		"polygon": {"44,-73 44,-72 45,-72"}, "contact": {"555-0100"}, "text_es": {"Al norte"},
	})
	free := h.writes("ana", url.Values{"t": {"other"}, "text": {"Chess at noon"}, "client_id": {"two"}, "status": {"Exercise"}})
	var cancel string
	{
		cancel = h.writes("ana", url.Values{"path": {boil}, "cancels": {ana.String() + "/one"}, "text": {"mended"}, "client_id": {"three"}})
	}
	read := func(path string) *capxml.Alert {
		t.Helper()
		res, raw, err := h.get("/cap/" + strings.TrimPrefix(path, "n/") + ".cap")
		must(t, err)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/cap+xml" {
			t.Fatalf("%s: %v", res.Status, res.Header)
		}
		valid(t, raw)
		b, err := capxml.Parse(raw)
		must(t, err)
		if len(b.Alerts[0].Remarks) > 0 {
			t.Errorf("it breaks a rule: %v", b.Alerts[0].Remarks)
		}
		return b.Alerts[0].Alert
	}
	a := read(boil)
	if len(a.Infos) != 7 || a.Note == "" || !strings.HasPrefix(a.Sender, "lamppost-") || a.MsgType != capxml.New {
		t.Errorf("%+v", a)
	}
	said := map[string]string{}
	for _, i := range a.Infos {
		said[i.Language] = i.Headline + " / " + i.Description + " / " + i.SenderName
		if len(i.Areas) != 1 || i.Areas[0].Circles[0].String() != "44.47,-73.21 1.5" || i.Areas[0].Polygons[0].String() != "44,-73 44,-72 45,-72 44,-73" || i.Expires.IsZero() || i.Contact != "555-0100" {
			t.Errorf("%+v", i)
		}
	}
	if said["en"] != "Boil your water / North of Main <Street> & beyond / ana, fire district" || !strings.HasSuffix(said["es"], " / Al norte / ana, fire district") || strings.HasPrefix(said["es"], "Boil") || strings.HasPrefix(said["ar"], "Boil") {
		t.Errorf("%q", said)
	}
	if b := read(free); b.Status != capxml.Exercise || len(b.Infos) != 1 {
		t.Errorf("%+v", b)
	}
	if c := read(cancel); c.MsgType != capxml.Cancel || len(c.References) != 1 || !c.References[0].Same(a.ID) {
		t.Errorf("%+v", c)
	}
	if _, _, err := h.get("/cap/" + strings.TrimPrefix(boil, "n/") + "x.cap"); err == nil {
		t.Error("there is a file of no notice")
	}
}

func TestTheFeedListsWhatHolds(t *testing.T) {
	tw := openTown(t, 1)
	h := tw.hubs[0]
	tw.coordinator("ana")
	tw.is(1)
	tw.lets(0, "wx")
	mine := h.writes("ana", url.Values{"t": {"road"}, "text": {"Bridge"}, "client_id": {"one"}})
	h.takes(alert{head: "Storm comes"}, alert{id: "x", sender: "no", head: "Rumor"}, alert{id: "t", status: "Test", head: "Try"})
	res, raw, err := h.get("/feed.atom")
	must(t, err)
	b, err := capxml.Parse(raw)
	must(t, err)
	var all []string
	for _, l := range b.Links {
		all = append(all, l.Title)
		u, err := url.Parse(l.URL)
		must(t, err)
		if _, body, err := h.get(strings.TrimPrefix(u.Path, "/notices")); err != nil || !strings.Contains(string(body), "<alert ") {
			t.Errorf("%s: %v", l.URL, err)
		}
	}
	if got := fmt.Sprint(all); got != "[Storm comes Road closed PRACTICE, not real: Try]" || !strings.HasSuffix(b.Links[1].URL, strings.TrimPrefix(mine, "n/")+".cap") {
		t.Errorf("%s", raw)
	}
	mark := res.Header.Get("ETag")
	again := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/feed.atom", nil)
	again.Header.Set("If-None-Match", mark)
	w := httptest.NewRecorder()
	if _, err := h.app.Routes(h)["GET /feed.atom"](w, again, hub.Request{Lang: "en"}); err != nil || w.Code != http.StatusNotModified || mark == "" {
		t.Errorf("%d %v, mark %q", w.Code, err, mark)
	}
}
