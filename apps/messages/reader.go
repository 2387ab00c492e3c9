package messages

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// maxNew is up to how many posts are counted that are new to a reader.
const maxNew = 25

// unseen counts the posts of a channel that came since the reader's last look at it,
// without their own and those of people whom they hide: at most one more than
// maxNew, and none in a channel that they never looked at.
func unseen(s hub.Snapshot, q hub.Request, name string) (n int, _ error) {
	seen := record.Time(q.Seen(term(name)).Last)
	if seen == 0 {
		return 0, nil
	}
	for it, err := range s.Newest(term(name), 0) {
		if err != nil {
			return 0, fmt.Errorf("what is new in a channel: %w", err)
		}
		if it.Listed <= seen {
			break
		}
		if it.Ahead || it.Author == q.Author || q.Hides(it.Author) {
			continue
		}
		if n++; n > maxNew {
			break
		}
	}
	return n, nil
}

// divide marks, of a part of a channel, the newest post that the reader had seen
// before this visit, if there are newer ones of others.
func divide(q hub.Request, name string, posts []Post) {
	before := record.Time(q.Seen(term(name)).Before)
	if before == 0 {
		return
	}
	news := false
	for i := range posts {
		if posts[i].listed <= before {
			posts[i].Seen = news
			return
		}
		news = news || !posts[i].Mine
	}
}
