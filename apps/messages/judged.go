package messages

import (
	"fmt"
	"iter"
	"net/url"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var _ hub.Judged = App{}

// judge is the path of the hub's page where a moderator judges a post; empty for
// everybody else.
func judge(s hub.Snapshot, q hub.Request, it hub.Item) string {
	if q.Author == (record.Author{}) || it.Withdrawn() || !hub.May(s.Roster(), q.Author, roster.Moderate) {
		return ""
	}
	return "/judge?" + url.Values{"app": {string(it.App)}, "key": {it.Key}, "author": {it.Author.String()}}.Encode()
}

// Reports yields what was reported of posts that are here, the latest report first.
func (a App) Reports(s hub.Snapshot, q hub.Request) iter.Seq2[hub.Report, error] {
	return func(yield func(hub.Report, error) bool) {
		for it, err := range s.Newest(reported, 0) {
			if err != nil {
				yield(hub.Report{}, fmt.Errorf("reports of posts: %w", err))
				return
			}
			b, err := reports{}.Decode(it.Record)
			if err != nil {
				continue // another hub let it through
			}
			r := hub.Report{By: it.Author, At: it.Time}
			if r.Case, err = a.Case(s, q, b.Post, record.Author(b.Author)); err != nil {
				continue // it is gone
			}
			if r.Reason, err = hub.CleanText("", b.Reason, maxReason, maxReasonBytes); err != nil {
				r.Reason = ""
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Case is the post under a slot's key by an author.
func (App) Case(s hub.Snapshot, q hub.Request, key string, author record.Author) (c hub.Case, _ error) {
	if _, ok := clientOf(key); !ok {
		return c, gone()
	}
	it, found, err := latest(s, key, author)
	if err != nil {
		return c, err
	}
	if !found || it.Withdrawn() {
		return c, gone()
	}
	b, err := read(it)
	if err != nil {
		return c, gone()
	}
	ch := b.where.in(q)
	return hub.Case{Item: it, Where: ch.Title, Path: threadPath(ch, author.String(), b.client), Text: b.Text}, nil
}
