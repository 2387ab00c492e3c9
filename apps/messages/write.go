package messages

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var _ hub.Returner = App{}

// Act writes to the channel that the path names, from a form's fields:
//
//   - text, client_id and perhaps re, the Ref of a post: a new post. The same
//     ones again write nothing. With sure, "yes", it may begin a channel that looks
//     like another.
//
//   - text, client_id and edits, the id of the record to replace.
//
//   - client_id and withdraws, the id of the record to take back.
//
//   - reason, on a post's page for that: a report of it.
//
// Below a post's own path its client_id stands for the form's.
func (App) Act(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	at, err := spotAt(q.Path)
	if err != nil {
		return nil, err
	}
	switch {
	case at.page == reportPage:
		return report(s, q, at)
	case q.Form.Has("withdraws"):
		return withdraw(s, q, at)
	case q.Form.Has("edits") || at.page == editPage:
		return edit(s, q, at)
	}
	return write(s, q, at)
}

// Return leads from the page of a change to what was changed.
func (App) Return(q hub.Request) string {
	at, err := spotAt(q.Path)
	if err != nil || at.page == "" {
		return ""
	}
	ch := describe(q, at.channel)
	switch {
	case at.page == reportPage:
		return "" // which says that it is done
	case q.Form.Has("withdraws"):
		return ch.Path + "?done=withdrawn"
	}
	return threadPath(ch, at.by, at.client) + "?done=changed"
}

// write makes a new post.
func write(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	re, err := answered(s, q, at)
	if err != nil {
		return nil, err
	}
	text, err := textOf(q, re)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(at.channel, q.Form.Get("client_id"))
	if err != nil {
		return nil, err
	}
	if re != nil && re.is(refTo(q.Author, q.Form.Get("client_id"))) {
		return nil, &hub.Error{
			Code: hub.Invalid, Field: "re",
			Phrase:  noAnswer,
			Program: "A post does not answer itself: re names the post that this one is to become.",
		}
	}
	there, found, err := latest(s, key, q.Author)
	if err != nil {
		return nil, err
	}
	if found {
		if b, err := (bodies{}).Decode(there.Record); err == nil && b.Text == text && b.Channel == at.channel && b.Re.is(re) {
			return nil, nil
		}
		return nil, &hub.Error{
			Code: hub.Conflict, Field: "text",
			Phrase:  "From this form you have already posted another text, which stays. To post this one as well, press Post again.",
			Program: "Under this client_id there is another post of yours, or one that was taken back, and it stays so. To post this one as well, send it with a new client_id.",
		}
	}
	if err := again(s, q, Body{Channel: at.channel, Text: text, Re: re}); err != nil {
		return nil, err
	}
	if err := begins(s, q, at.channel); err != nil {
		return nil, err
	}
	return draft(key, Body{Channel: at.channel, Text: text, Re: re})
}

// answered is the post that a new one answers: the form's, else the path's.
func answered(s hub.Snapshot, q hub.Request, at spot) (*Ref, error) {
	re, err := parseRef(q.Form.Get("re"))
	if err != nil || re != nil || at.by == "" {
		return re, err
	}
	it, found, err := post(s, at)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, gone()
	}
	return refTo(it.Author, at.client), nil
}

// edit replaces a post's text.
func edit(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	it, err := own(s, q, at)
	if err != nil {
		return nil, err
	}
	b, err := bodies{}.Decode(it.Record)
	if err != nil { // it was taken back, or another hub let it through
		return nil, gone()
	}
	text, err := textOf(q, b.Re)
	if err != nil || text == b.Text {
		return nil, err
	}
	if q.Form.Get("edits") != it.ID().String() {
		return nil, &hub.Error{
			Code: hub.Conflict, Field: "text",
			Phrase:  "You have changed this post meanwhile, perhaps on another device. If yours is to stand, press Save again.",
			Program: "The post was changed meanwhile. Read it again, and send its present id in edits if your text is to replace it.",
		}
	}
	b.Text = text
	if b.First == 0 {
		b.First = uint64(it.Time)
	}
	return draft(it.Key, b)
}

// withdraw takes a post back.
func withdraw(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	it, err := own(s, q, at)
	switch {
	case err != nil || it.Withdrawn():
		return nil, err
	case q.Form.Get("withdraws") != it.ID().String():
		return nil, &hub.Error{
			Code:    hub.Conflict,
			Phrase:  "You have changed this post meanwhile, perhaps on another device. Look at it, and take it back then.",
			Program: "The post was changed meanwhile. Read it again, and send its present id in withdraws.",
		}
	}
	return []hub.Draft{{Key: it.Key}}, nil
}

// own is the post of the writer's that is to be changed.
func own(s hub.Snapshot, q hub.Request, at spot) (it hub.Item, err error) {
	if at.by != "" && !at.of(q.Author) || q.Author == (record.Author{}) {
		return it, hub.Errorf(hub.Forbidden, "", "Only whoever wrote a post can change it or take it back. If that is you, enter your six words first.")
	}
	client := at.client
	if client == "" {
		client = q.Form.Get("client_id")
	}
	key, err := keyOf(at.channel, client)
	if err != nil {
		return it, err
	}
	it, found, err := latest(s, key, q.Author)
	if err == nil && !found {
		err = gone()
	}
	return it, err
}

func gone() error {
	return hub.Errorf(hub.NotFound, "", "This post is not here. Perhaps it was taken back, or it has not arrived yet.")
}

// textOf is the form's text, cleaned.
func textOf(q hub.Request, re *Ref) (string, error) {
	most := maxBytes
	if re != nil {
		most = maxReply
	}
	text, err := hub.CleanText("text", q.Form.Get("text"), maxChars, most)
	switch blank := err == nil && hub.Blank(text); {
	case blank && q.Form.Has("edits"):
		return "", &hub.Error{
			Code: hub.Invalid, Field: "text",
			Phrase:  "Write something first, then press Save. If the post is to go away, take it back below.",
			Program: "The text is missing, or nothing in it can be seen. To take the post back, send its id in withdraws.",
		}
	case blank:
		return "", &hub.Error{
			Code: hub.Invalid, Field: "text",
			Phrase:  "Write something first, then press Post.",
			Program: "The text is missing, or nothing in it can be seen.",
		}
	}
	return text, err
}

func draft(key string, b Body) ([]hub.Draft, error) {
	d, err := bodies{}.Draft(key, b)
	if err != nil {
		return nil, fmt.Errorf("encode a post: %w", err)
	}
	return []hub.Draft{d}, nil
}
