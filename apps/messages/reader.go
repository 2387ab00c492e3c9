package messages

import (
	"fmt"
	"iter"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of what is new to a reader.
const (
	maxNew    = 25  // up to how many posts are counted
	maxLooked = 200 // posts, the latest to come, among which what is new is looked for
	maxLate   = 5   // posts of older pages that are shown to have come late
)

// Late is a post that came long after it was written, in short.
type Late struct {
	Name, Text, Path string
	At               time.Time // zero: implausibly ahead
}

// unseen counts the posts of a channel that came here since the reader's last look
// at it, whatever their times say, without their own, those of people whom they
// hide, and those that moderators have hidden: at most one more than maxNew, and none in a channel that they never looked at.
func unseen(s hub.Snapshot, q hub.Request, name string) (n int, _ error) {
	seen := q.Seen(term(name)).Last
	if seen == (hub.Mark{}) {
		return 0, nil
	}
	for _, err := range news(s, q, name, seen) {
		if err != nil {
			return 0, fmt.Errorf("what is new in a channel: %w", err)
		}
		if n++; n > maxNew {
			break
		}
	}
	return n, nil
}

// news yields what others, whom the reader does not hide, posted in a channel and came
// after a look at it, but for what moderators have hidden. Where it is not known what had come by then, it is what stands
// above what was the newest.
func news(s hub.Snapshot, q hub.Request, name string, seen hub.Mark) iter.Seq2[hub.Item, error] {
	return func(yield func(hub.Item, error) bool) {
		all, known := s.Came(term(name), seen.Came)
		if !known {
			all = s.Newest(term(name), 0)
		}
		looked := 0
		for it, err := range all {
			if err != nil {
				yield(it, err)
				return
			}
			if looked++; looked > maxLooked || !known && it.Listed <= record.Time(seen.Newest) {
				return
			}
			if it.Author == q.Author || q.Hides(it.Author) || it.Hidden != "" || !known && it.Ahead {
				continue
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// divide marks, of a part of a channel, the newest post that the reader had seen
// before this visit, if there are newer ones of others.
func divide(q hub.Request, name string, posts []Post) {
	before := record.Time(q.Seen(term(name)).Before.Newest)
	if before == 0 {
		return
	}
	above := false
	for i := range posts {
		if posts[i].listed <= before {
			posts[i].Seen = above
			return
		}
		above = above || !posts[i].Mine
	}
}

// late marks, of parts of a channel, the posts that came since the reader's last visit
// though they stand where they had been by then, or come from a clock that was wrong.
// It returns those that stand in none of the parts, at most so many.
func late(s hub.Snapshot, q hub.Request, name string, most int, parts ...[]Post) (elsewhere []Late, _ error) {
	before := q.Seen(term(name)).Before
	if before.Came == (hub.Arrival{}) {
		return nil, nil
	}
	at := map[string]*Post{}
	for _, posts := range parts {
		for i := range posts {
			at[posts[i].ID] = &posts[i]
		}
	}
	for it, err := range news(s, q, name, before) {
		if err != nil {
			return nil, fmt.Errorf("what came late in a channel: %w", err)
		}
		if it.Listed > record.Time(before.Newest) && !it.Ahead {
			continue
		}
		if p := at[it.ID().String()]; p != nil {
			p.New = true
		} else if len(elsewhere) < most {
			if p, ok := whole(s, q, it); ok && p.Channel.Name == name {
				elsewhere = append(elsewhere, Late{Name: p.By.Name, Text: beginning(p.Text), Path: p.Path(), At: p.At})
			}
		}
	}
	return elsewhere, nil
}
