package messages

import (
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of what is taken for the same post.
const (
	againWithin = 10 * time.Minute
	againLooked = 100 // posts, the newest of the channel, among which the writer's is looked for
)

// again is hub.ErrAlready if a page's form holds what its sender has just posted: who goes
// back finds the text still in the form, under another client_id. Their newest post in
// the channel has to be the same and at most so old. A program knows by its client_id
// what it means.
func again(s hub.Snapshot, q hub.Request, b Body) error {
	if !q.Plain {
		return nil
	}
	now, _ := s.Now()
	looked := 0
	for it, err := range s.Newest(term(b.Channel), 0) {
		if err != nil {
			return fmt.Errorf("newest post of somebody: %w", err)
		}
		if looked++; looked > againLooked {
			break
		}
		if it.Author != q.Author {
			continue
		}
		was, err := read(it)
		if err != nil {
			return nil // another hub let it through
		}
		if now.Sub(it.Listed.Wall()).Abs() <= againWithin && was.Text == b.Text && was.Channel == b.Channel && was.Re.is(b.Re) {
			return hub.ErrAlready
		}
		return nil
	}
	return nil
}
