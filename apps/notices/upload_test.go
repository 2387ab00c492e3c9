package notices_test

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// uploads sends a form with a file.
func (p *place) uploads(q hub.Request, file string) (to string, err error) {
	p.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	must(p.T, m.WriteField("csrf", "x"))
	f, err := m.CreateFormFile("file", "storm.cap")
	must(p.T, err)
	_, err = f.Write([]byte(file))
	must(p.T, errors.Join(err, m.Close()))
	r := httptest.NewRequestWithContext(p.Context(), http.MethodPost, "/import", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return p.app.Routes(p)["POST /import"](httptest.NewRecorder(), r, q)
}

func TestOnlyWhoMaySignHerePutsAWarningIn(t *testing.T) {
	tw := openTown(t, 1)
	tw.is(1)
	tw.lets(0, "wx")
	h, ana := tw.hubs[0], tw.coordinator("ana")
	storm := alert{}.xml(tw)
	for name, c := range map[string]struct {
		who  record.Author
		here bool
		file string
		says string
		code hub.Code
	}{
		"nobody":          {record.Author{}, true, storm, "Only coordinators put in warnings", hub.Forbidden},
		"a neighbor":      {simnet.Author("bob"), true, storm, "Only coordinators put in warnings", hub.Forbidden},
		"from plain http": {ana, false, storm, "This cannot be signed from here", hub.Forbidden},
		"no file":         {ana, true, "", "Choose a file first.", hub.Invalid},
		"too large":       {ana, true, strings.Repeat("x", 5_000_000), "This file is too large for a warning. At most 5 MB fit.", hub.Invalid},
		"no alert":        {ana, true, "<html/>", "this is a web page, not an alert", hub.Invalid},
		"a broken one":    {ana, true, strings.Replace(storm, "Severe", "Awful", 1), `alert/info[1]/severity: it is one of`, hub.Invalid},
		"one for systems": {ana, true, alert{kind: "Ack", refs: "wx,a0@+0"}.xml(tw), "0 of 1 warnings were taken. One was not: alert/msgType: Ack", hub.Invalid},
		"an empty feed":   {ana, true, `<rss version="2.0"><channel><title>t</title></channel></rss>`, "There is no warning in this file.", hub.Invalid},
	} {
		_, err := h.uploads(hub.Request{Author: c.who, Official: c.here}, c.file)
		told, ok := errors.AsType[*hub.Error](err)
		if !ok || told.Code != c.code || !strings.Contains(told.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.shows("", "")
	to, err := h.uploads(hub.Request{Author: ana, Official: true}, storm)
	if err != nil || !strings.HasPrefix(to, "/notices/x/") {
		t.Fatalf("%q %v", to, err)
	}
	h.shows("Storm comes", "")
	if again, err := h.uploads(hub.Request{Author: ana, Official: true}, storm); err != nil || again != to {
		t.Errorf("again: %q %v", again, err)
	}
	if to, err := h.uploads(hub.Request{Author: ana, Official: true}, `<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><distributionStatus>Exercise</distributionStatus><contentObject><xmlContent><embeddedXMLContent>`+
		alert{id: "e", head: "Drill"}.xml(tw)+`</embeddedXMLContent></xmlContent></contentObject></EDXLDistribution>`); err != nil || to == "" {
		t.Fatal(err)
	}
	if m := h.list(); heads(m.Active) != "Storm comes; Drill" || !m.Active[1].Grade.Practice() {
		t.Errorf("a drill is not shown as one: %+v", m.Active)
	}
}
