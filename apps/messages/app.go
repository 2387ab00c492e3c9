// Package messages is the neighbors' talk: short posts in channels, newest
// first. Anyone whom a hub vouches for may write.
package messages

import (
	"embed"
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/names"
	"github.com/lamppost-hub/lamppost/sync/record"
)

//go:embed templates/*.html catalog.*.toml openapi.yaml
var files embed.FS

// Bounds of a list.
const (
	pageLen  = 25  // posts on a page
	cardLen  = 5   // posts on the home page
	maxAhead = 10  // posts of a wrong clock shown on the first page
	counted  = 50  // answers to a post that are counted
	quoteLen = 100 // bytes of what is shown of the post that one answers

	maxAsked = 16 << 10 // bytes of a channel's name that is asked for: as many as a request has room for
)

// App is the talk.
type App struct{}

// New makes the app.
func New() App { return App{} }

// Manifest says what the app is.
func (App) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "messages", Title: "Talk", Class: record.Talk, TTL: 30,
		Check: check, Index: index, Listed: listed, Version: 4, Files: files,
		Marked: channels,
	}
}

// View shows the list of channels, or what the path leads to.
func (App) View(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	switch q.Path {
	case "":
		return front(s, q)
	case searchPath:
		m, err := searching(s, q)
		return hub.Page{Template: "search.html", Title: q.T("Search"), Model: m}, err
	}
	at, err := spotAt(q.Path)
	if err != nil {
		return hub.Page{}, err
	}
	before, err := parsePlace(q.Query.Get("before"))
	if err != nil {
		return hub.Page{}, err
	}
	switch {
	case at.page == editPage:
		m, err := editing(s, q, at)
		return hub.Page{Template: "edit.html", Title: q.T("Change your post"), Model: m}, err
	case at.page == reportPage:
		m, err := reporting(s, q, at)
		return hub.Page{Template: "complaint.html", Title: q.T("Report this post"), Model: m}, err
	case at.by != "":
		m, err := thread(s, q, at, before)
		return hub.Page{Template: "thread.html", Title: m.Channel.Title, Model: m, Topics: []hub.Term{term(at.channel), hub.Reached}}, err
	}
	return channelPage(s, q, at.channel, before)
}

// front is the list of channels, or the channel whose name its form was given.
func front(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	var m ListView
	var err error
	if q.Query.Has("name") {
		var name string
		if name, m, err = opening(s, q); name != "" {
			return channelPage(s, q, name, place{})
		}
	} else {
		m, err = list(s, q)
	}
	return hub.Page{Template: "channels.html", Title: q.T("Talk"), Model: m, Topics: []hub.Term{everything}}, err
}

func channelPage(s hub.Snapshot, q hub.Request, name string, before place) (hub.Page, error) {
	m, err := channel(s, q, name, before)
	p := hub.Page{Template: "channel.html", Title: m.Channel.Title, Model: m, Topics: []hub.Term{term(name), hub.Reached}}
	if !m.Paged {
		p.Mark = term(name)
	}
	return p, err
}

// Front is the card on the home page.
func (App) Front(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	m := Card{Town: describe(q, town)}
	for it, err := range s.Newest(everything, 0) {
		if err != nil {
			return hub.Page{}, fmt.Errorf("newest posts: %w", err)
		}
		if p, ok := whole(s, q, it); ok && !it.Ahead && !p.Hidden && p.Judged == "" {
			p.Text = shortened(p.Text)
			if m.Posts = append(m.Posts, p); len(m.Posts) == cardLen {
				break
			}
		}
	}
	return hub.Page{Template: "card.html", Title: q.T("Talk"), Model: m, Topics: []hub.Term{everything}}, nil
}

// channelAt is the channel of a path, cleaned.
func channelAt(path string) (string, error) {
	ch, err := hub.CleanLine("", path, maxAsked, maxAsked)
	if n := hub.Excess(ch, maxChannel, maxChannel); err == nil && n > 0 {
		return "", &hub.Error{
			Code:    hub.Invalid,
			Phrase:  "This name of a talk is too long by %d characters. Please shorten it.",
			Args:    []any{n},
			Program: fmt.Sprintf("The name of a channel has at most %d bytes of UTF-8; this one has %d.", maxChannel, len(ch)),
		}
	}
	if err != nil || hub.Blank(ch) || ch == "." || ch == ".." || ch == searchPath || strings.Contains(ch, "/") {
		return "", noSuchPage()
	}
	if names.OfficialTalk(ch) {
		return "", hub.Errorf(hub.Invalid, "", "A talk called “%s” would seem official. Choose another name, such as that of your street.", ch)
	}
	if err := names.OneAlphabet("", ch); err != nil {
		return "", err
	}
	return ch, nil
}
