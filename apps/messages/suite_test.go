package messages_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/apptest"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func channelOf(n int) string { return []string{"town", "Maple Street", "café"}[n%3] }

func TestTheTalkIsTheSameAtEveryHub(t *testing.T) {
	// about is a form for the n-th post, as its author finds it.
	about := func(field, text string) apptest.Change {
		return func(s hub.Snapshot, a record.Author, n int) (hub.Request, error) {
			q := hub.Request{Path: channelOf(n), Author: a, Query: url.Values{"limit": {"100"}}}
			v, err := messages.New().Answer(s, q)
			if err != nil {
				return q, err
			}
			for _, p := range v.(messages.Posts).Items {
				if p.Mine && p.ClientID == fmt.Sprintf("id-%d", n) {
					q.Form = url.Values{"client_id": {p.ClientID}, field: {p.ID}, "text": {text}}
					return q, nil
				}
			}
			return q, fmt.Errorf("there is no post %d", n)
		}
	}
	reply := func(_ hub.Snapshot, a record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: channelOf(n), Form: url.Values{
			"text": {"and another thing"}, "client_id": {fmt.Sprintf("re-%d", n)}, "re": {fmt.Sprintf("%s/id-%d", a, n)},
		}}, nil
	}
	apptest.Run(t, apptest.Suite{
		App: messages.New(),
		Act: func(n int) hub.Request {
			return hub.Request{
				Path: channelOf(n),
				Form: url.Values{"text": {fmt.Sprintf("post %d 👩\u200d🚒", n)}, "client_id": {fmt.Sprintf("id-%d", n)}},
			}
		},
		Views:   []hub.Request{{}, {Path: "town"}, {Path: "Maple Street"}, {Path: "cafe\u0301"}},
		Changes: []apptest.Change{about("edits", "changed"), reply, about("withdraws", ""), about("edits", "changed otherwise")},
	})
}
