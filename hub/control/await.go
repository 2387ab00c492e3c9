package control

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// MaxAwait is how long one call waits.
const MaxAwait = 20 * time.Second

// Awaited are keys of an app's slots, and how long they are waited for.
type Awaited struct {
	App    string   `json:"app"`
	Keys   []string `json:"keys"`
	Within int64    `json:"within_ms"` // at most MaxAwait
}

// Await waits until all of an app's keys are in slots of the hub's set, up to
// within and MaxAwait. It returns those that are not.
func (c *Client) Await(ctx context.Context, app record.App, within time.Duration, keys ...string) ([]string, error) {
	var out Keys
	err := c.Call(ctx, "await", Awaited{string(app), keys, min(within, MaxAwait).Milliseconds()}, &out)
	return out.Keys, err
}
