package apps

import (
	"fmt"
	"log/slog"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/capfetch"
	"github.com/lamppost-hub/lamppost/apps/notices/cappin"
)

// OfWarnings is the name of the app that passes on warnings of others.
const OfWarnings = "notices"

// MaxKey is how large the file of a key is at most, in bytes.
const MaxKey = cappin.MaxFile

// Keys is the folder of the keys by which signatures of warnings are checked.
type Keys = cappin.Folder

// Warnings is where warnings of others come from.
type Warnings struct {
	Feeds []string // addresses
	Keys  Keys
	Log   *slog.Logger
}

// Check reports what is wrong with the feeds.
func (w Warnings) Check() error {
	if len(w.Feeds) > notices.MaxFeeds {
		return fmt.Errorf("%d of them; at most %d are fetched", len(w.Feeds), notices.MaxFeeds)
	}
	for _, f := range w.Feeds {
		if err := capfetch.Check(f); err != nil {
			return err
		}
	}
	return nil
}

func (w Warnings) sources() notices.Sources {
	s := notices.Sources{Feeds: w.Feeds, Log: w.Log}
	if w.Keys != "" {
		s.Pins = w.Keys.All
	}
	return s
}
