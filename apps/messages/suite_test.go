package messages_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/apptest"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
)

func TestTheTalkIsTheSameAtEveryHub(t *testing.T) {
	channels := []string{"town", "Maple Street", "café"}
	apptest.Run(t, apptest.Suite{
		App: messages.New(),
		Act: func(n int) hub.Request {
			return hub.Request{
				Path: channels[n%len(channels)],
				Form: url.Values{"text": {fmt.Sprintf("post %d 👩\u200d🚒", n)}, "client_id": {fmt.Sprintf("id-%d", n)}},
			}
		},
		Views: []hub.Request{{}, {Path: "town"}, {Path: "Maple Street"}, {Path: "cafe\u0301"}},
	})
}
