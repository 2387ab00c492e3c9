package notices_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/apptest"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestTheOfficialWordIsTheSameAtEveryHub(t *testing.T) {
	form := func(n int) url.Values {
		return url.Values{
			"t": {[]string{"boil-water", "road", "other"}[n%3]}, "text": {fmt.Sprintf("sentence %d 👩\u200d🚒", n)}, "client_id": {fmt.Sprintf("id-%d", n)},
			"life": {"72"},
		}
	}
	id := func(a record.Author, n int) string { return fmt.Sprintf("%s/id-%d", a, n) }
	cancel := func(_ hub.Snapshot, a record.Author, n int) (hub.Request, error) {
		return hub.Request{
			Path: fmt.Sprintf("n/%s/id-%d", a.String()[:16], n),
			Form: url.Values{"cancels": {id(a, n)}, "text": {"it is mended"}, "client_id": {fmt.Sprintf("no-%d", n)}},
		}, nil
	}
	update := func(_ hub.Snapshot, a record.Author, n int) (hub.Request, error) {
		f := form(n)
		f.Set("updates", id(a, n))
		f.Set("text", "it is worse")
		f.Set("client_id", fmt.Sprintf("up-%d", n))
		return hub.Request{Path: "new", Form: f}, nil
	}
	apptest.Run(t, apptest.Suite{
		App:     notices.New(),
		Roles:   roster.Notices,
		Act:     func(n int) hub.Request { return hub.Request{Path: "new", Form: form(n)} },
		Views:   []hub.Request{{}, {Path: "archive"}, {Path: "questions"}},
		Changes: []apptest.Change{cancel, update, update, cancel},
	})
}

func TestQuestionsAreTheSameAtEveryHub(t *testing.T) {
	answer := func(_ hub.Snapshot, a record.Author, n int) (hub.Request, error) {
		return hub.Request{
			Path: fmt.Sprintf("questions/%s/id-%d", a.String()[:16], n),
			Form: url.Values{"verdict": {"false"}, "text": {fmt.Sprintf("no %d", n)}},
		}, nil
	}
	otherwise := func(_ hub.Snapshot, a record.Author, n int) (hub.Request, error) {
		return hub.Request{
			Path: fmt.Sprintf("questions/%s/id-%d", a.String()[:16], n),
			Form: url.Values{"verdict": {"true"}, "text": {"yes"}},
		}, nil
	}
	apptest.Run(t, apptest.Suite{
		App:   notices.New(),
		Roles: roster.Notices,
		Act: func(n int) hub.Request {
			return hub.Request{Path: "questions", Form: url.Values{"text": {fmt.Sprintf("is it true %d?", n)}, "client_id": {fmt.Sprintf("id-%d", n)}}}
		},
		Views:   []hub.Request{{Path: "questions"}},
		Changes: []apptest.Change{answer, otherwise},
	})
}
