package hub

import (
	"iter"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Judged is an App with posts that people report and moderators judge.
type Judged interface {
	// Reports yields what people have reported of posts that are here, the latest
	// report first. Whoever asks says when it is enough.
	Reports(Snapshot, Request) iter.Seq2[Report, error]
	// Case is what stands under a slot's key by an author; a NotFound where no post does.
	Case(_ Snapshot, _ Request, key string, author record.Author) (Case, error)
}

type (
	// Report is one person's of one post.
	Report struct {
		Case

		By     record.Author
		At     record.Time
		Reason string // may be empty
	}
	// Case is a post, as moderators judge it.
	Case struct {
		Item

		Where string // what it stands in, in the reader's language
		Path  string // of this hub, escaped
		Text  string // all of it
	}
)
