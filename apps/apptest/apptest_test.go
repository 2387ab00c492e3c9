package apptest_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/apptest"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var texts hub.Collection[string]

// signs is a small app whose newest sign tops every page, and all of which are printed.
type signs struct {
	asked map[string]int // by what was asked for
}

func (signs) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "signs", Class: record.Talk, TTL: 7, Version: 1,
		Check: func(r record.Record) error { _, err := texts.Decode(r); return err },
		Index: func(record.Record) []hub.Term { return []hub.Term{"all"} },
	}
}

func newest(s hub.Snapshot, most int) (out []string, _ error) {
	for it, err := range s.Newest("all", 0) {
		if err != nil || len(out) == most {
			return out, err
		}
		text, err := texts.Decode(it.Record)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// View shows nothing: what is seen of a sign is seen on other pages.
func (a signs) View(hub.Snapshot, hub.Request) (hub.Page, error) { return hub.Page{}, nil }

func (a signs) Act(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	id := q.Form.Get("client_id")
	for it, err := range s.Slots(id) {
		if err != nil || it.Author == q.Author {
			return nil, err
		}
	}
	d, err := texts.Draft(id, q.Form.Get("text"))
	return []hub.Draft{d}, err
}

func (a signs) Banner(s hub.Snapshot, _ hub.Request) (hub.Page, error) {
	a.asked["banner"]++
	m, err := newest(s, 1)
	return hub.Page{Template: "banner.html", Model: m}, err
}

func (a signs) Print(s hub.Snapshot, _ hub.Request) (hub.Page, error) {
	a.asked["print"]++
	m, err := newest(s, 100)
	return hub.Page{Template: "print.html", Model: m}, err
}

// What an app says on the pages of others is held to what its own are held to: nothing
// but that is to be seen of this app.
func TestTheBannerAndTheCardOnPaperAreTheSameEverywhere(t *testing.T) {
	app := signs{asked: map[string]int{}}
	apptest.Run(t, apptest.Suite{
		App: app,
		Act: func(n int) hub.Request {
			return hub.Request{Form: url.Values{"client_id": {"n" + strconv.Itoa(n)}, "text": {"sign " + strconv.Itoa(n)}}}
		},
		Views: []hub.Request{{}},
	})
	if app.asked["banner"] == 0 || app.asked["print"] == 0 {
		t.Errorf("asked for: %v", app.asked)
	}
}
