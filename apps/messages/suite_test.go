package messages_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/apptest"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
)

func TestMessagesPassTheSuite(t *testing.T) {
	apptest.Run(t, apptest.Suite{
		App: messages.New(),
		Act: func(n int) hub.Request {
			return hub.Request{Path: "town", Form: url.Values{
				"text": {fmt.Sprintf("text %d", n)}, "client_id": {fmt.Sprintf("c%d", n)},
			}}
		},
		Views: []hub.Request{{}, {Path: "town"}},
	})
}
