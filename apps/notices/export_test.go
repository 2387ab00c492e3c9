package notices

import (
	"context"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// CheckAll checks the originals that are here, as Run does now and then.
func (a App) CheckAll(ctx context.Context, h hub.Host) error { return a.desk.checkAll(ctx, h) }

// Poller fetches the feeds when it is told what time it is.
func (a App) Poller(h hub.Host) func(context.Context, time.Time) { return a.poller(h).turn }

// Key is where a hub's record of an alert is.
func (b Relayed) Key() string { return b.Name.key() }
