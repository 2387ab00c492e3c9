package maps

import (
	"fmt"
	"iter"
	"net/url"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var _ hub.Judged = App{}

// judge is the path of the hub's page where a moderator judges what somebody has seen;
// empty for everybody else.
func judge(s hub.Snapshot, q hub.Request, v Seen) string {
	if !reader(q) || !hub.May(s.Roster(), q.Author, roster.Moderate) {
		return ""
	}
	return "/judge?" + url.Values{"app": {"maps"}, "key": {v.item.Key}, "author": {v.item.Author.String()}}.Encode()
}

// Reports yields what was reported of what people say they have seen, the latest first.
func (a App) Reports(s hub.Snapshot, q hub.Request) iter.Seq2[hub.Report, error] {
	return func(yield func(hub.Report, error) bool) {
		for it, err := range s.Newest(complaints, 0) {
			if err != nil {
				yield(hub.Report{}, fmt.Errorf("reports of what was seen: %w", err))
				return
			}
			b, ok := bodyOf[Complaint](it)
			if !ok {
				continue // another hub let it through
			}
			r := hub.Report{By: it.Author, At: it.Time}
			if r.Case, err = a.Case(s, q, seenKey+b.Re.ID, b.Re.By()); err != nil {
				continue // it is gone
			}
			if r.Reason, err = hub.CleanText("", b.Reason, maxWords, maxWordsB); err != nil {
				r.Reason = ""
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Case is what an author has seen, under a slot's key; nothing else here is a neighbor's
// own words.
func (App) Case(s hub.Snapshot, q hub.Request, key string, author record.Author) (c hub.Case, _ error) {
	prefix, id := split(key)
	if prefix != seenKey || !hub.ValidID(id) {
		return c, noSuchSeen()
	}
	_, v, err := seenAt(s, q, author.String(), id)
	if err != nil {
		return c, err
	}
	text := q.T(v.What.Words())
	for _, more := range []string{v.Name, v.Words} {
		if more != "" {
			text += "\n" + more
		}
	}
	return hub.Case{Item: v.item, Where: q.T("What neighbors have seen"), Path: v.Path, Text: text}, nil
}

// ComplainView is the page on which something seen is reported to moderators.
type ComplainView struct {
	Seen
	Done bool // the reader has reported it
}

func complaining(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	_, v, err := seenAt(s, q, at.by, at.id)
	if err != nil {
		return hub.Page{}, err
	}
	m := ComplainView{Seen: v}
	m.Done, err = hasComplained(s, q, v)
	return hub.Page{Template: "complaint.html", Title: q.T("Report this post"), Model: m}, err
}

// complain writes a person's report of something seen; a second one writes nothing.
func complain(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	_, v, err := seenAt(s, q, at.by, at.id)
	if err != nil {
		return nil, err
	}
	if v.Mine {
		return nil, hub.Errorf(hub.Invalid, "", "This post is your own. You can take it back.")
	}
	reason, err := hub.CleanText("reason", q.Form.Get("reason"), maxWords, maxWordsB)
	if err != nil {
		return nil, err
	}
	if done, err := hasComplained(s, q, v); done || err != nil {
		return nil, err
	}
	return draftsOf(complaintKey+v.ref.Short(), record.Talk, askLife, Complaint{Re: v.ref, Reason: reason})
}

func hasComplained(s hub.Snapshot, q hub.Request, v Seen) (bool, error) {
	it, found, err := newestOf(s, complaintKey+v.ref.Short(), q.Author.String())
	return found && reader(q) && !it.Withdrawn(), err
}
