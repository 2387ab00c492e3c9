// Package messages is the neighbors' talk: short posts in channels, newest
// first. Anyone whom a hub vouches for may write.
package messages

import (
	"embed"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

//go:embed templates/*.html catalog.*.toml openapi.yaml
var files embed.FS

// Bounds of a list.
const (
	pageLen  = 25  // posts on a page
	cardLen  = 5   // posts on the home page
	scanned  = 500 // newest posts among which channels are looked for
	maxTied  = 25  // posts a page takes beyond its length because they have its last one's time
	maxAhead = 10  // posts of a wrong clock shown on the first page
)

// App is the talk.
type App struct{}

// New makes the app.
func New() App { return App{} }

// Manifest says what the app is.
func (App) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "messages", Title: "Talk", Class: record.Talk, TTL: 30,
		Check: check, Index: index, Version: 1, Files: files,
	}
}

// View shows the list of channels, or the channel that the path names.
func (App) View(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	if q.Path == "" {
		m, err := list(s, q)
		return hub.Page{Template: "channels.html", Title: q.T("Talk"), Model: m, Topics: []hub.Term{everything}}, err
	}
	ch, err := channelAt(q.Path)
	if err != nil {
		return hub.Page{}, err
	}
	before, err := cursor(q.Query)
	if err != nil {
		return hub.Page{}, err
	}
	m, err := channel(s, q, ch, before)
	return hub.Page{Template: "channel.html", Title: m.Channel.Title, Model: m, Topics: []hub.Term{term(ch), hub.Reached}}, err
}

// Act writes one post to the channel that the path names, from the form's
// fields text and client_id. The same client_id and text again write nothing.
func (App) Act(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	ch, err := channelAt(q.Path)
	if err != nil {
		return nil, err
	}
	text, err := hub.CleanText("text", q.Form.Get("text"), maxChars, maxBytes)
	if err != nil {
		return nil, err
	}
	if hub.Blank(text) {
		return nil, &hub.Error{
			Code: hub.Invalid, Field: "text",
			Phrase:  "Write something first, then press Post.",
			Program: "The text is missing, or nothing in it can be seen.",
		}
	}
	key, err := keyOf(ch, q.Form.Get("client_id"))
	if err != nil {
		return nil, err
	}
	there, found, err := latest(s, key, q.Author)
	if err != nil {
		return nil, err
	}
	if found {
		if p, err := (bodies{}).Decode(there.Record); err == nil && p.Text == text && p.Channel == ch {
			return nil, nil
		}
		return nil, &hub.Error{
			Code: hub.Conflict, Field: "text",
			Phrase:  "From this form you have already posted another text, which stays. To post this one as well, press Post again.",
			Program: "Under this client_id there is another post of yours, or one that was taken back, and it stays so. To post this one as well, send it with a new client_id.",
		}
	}
	d, err := bodies{}.Draft(key, Body{Channel: ch, Text: text})
	if err != nil {
		return nil, fmt.Errorf("encode a post: %w", err)
	}
	return []hub.Draft{d}, nil
}

// Front is the card on the home page.
func (App) Front(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	m := Card{Town: describe(q, town)}
	for it, err := range s.Newest(everything, 0) {
		if err != nil {
			return hub.Page{}, fmt.Errorf("newest posts: %w", err)
		}
		if p, ok := show(s, q, it); ok && !it.Ahead {
			if m.Posts = append(m.Posts, p); len(m.Posts) == cardLen {
				break
			}
		}
	}
	return hub.Page{Template: "card.html", Title: q.T("Talk"), Model: m, Topics: []hub.Term{everything}}, nil
}

// channelAt is the channel of a path, cleaned.
func channelAt(path string) (string, error) {
	ch, err := hub.CleanLine("", path, maxChannel, maxChannel)
	if err != nil || hub.Blank(ch) || ch == "." || ch == ".." || strings.Contains(ch, "/") {
		return "", hub.Errorf(hub.NotFound, "", "There is no such talk here.")
	}
	return ch, nil
}

// cursor reads ?before=, where the page begins.
func cursor(q url.Values) (hub.Cursor, error) {
	v := q.Get("before")
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(v, 36, 64)
	if err != nil {
		return 0, hub.Errorf(hub.Invalid, "before", "This link to older posts is damaged. Go back to the newest ones.")
	}
	return hub.Cursor(n), nil
}
