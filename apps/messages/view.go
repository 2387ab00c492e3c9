package messages

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

type (
	// Channel is one talk.
	Channel struct {
		Name  string `json:"name"`
		Title string `json:"title"`
		Path  string `json:"path"` // of this hub, escaped
		Slug  string `json:"-"`    // the name, escaped
		Hash  string `json:"hash"`
	}
	// Who wrote something.
	Who struct {
		Key  string `json:"key"` // hex
		Tag  string `json:"tag"`
		Name string `json:"name"` // may be empty
		Home string `json:"home"` // the hub that speaks for them; may be empty
	}
	// Post is one post, for a page and for programs.
	Post struct {
		ID        string    `json:"id"` // of the record, hex
		ClientID  string    `json:"client_id"`
		Channel   Channel   `json:"-"`
		By        Who       `json:"author"`
		At        time.Time `json:"time,omitzero"` // zero: implausibly ahead
		Uncertain bool      `json:"uncertain"`     // written where the time was not known
		Text      string    `json:"text"`          // all of it; on a page as much as is shown at first
		Rest      string    `json:"rest,omitempty"`
		Mine      bool      `json:"own"`
		Reached   int       `json:"reached"`             // other places known to hold it
		ReachedAt time.Time `json:"reached_at,omitzero"` // when the last of them was learned of; zero: not known
	}
	// ChannelView is a page of one channel, newest first.
	ChannelView struct {
		Channel  Channel `json:"channel"`
		Posts    []Post  `json:"posts"`
		Ahead    []Post  `json:"ahead,omitempty"` // written by a clock that was wrong; on the first page only
		Older    string  `json:"older,omitempty"` // ?before= of the next page
		Paged    bool    `json:"paged"`           // not the newest page
		NeedName bool    `json:"need_name"`       // the reader has no name yet
	}
	// ListView is the list of channels, most recently used first.
	ListView struct {
		Rows []Row `json:"channels"`
	}
	// Row is a channel with its newest post.
	Row struct {
		Channel Channel `json:"channel"`
		Newest  *Post   `json:"newest,omitempty"`
	}
	// Card is what the home page shows.
	Card struct {
		Town  Channel `json:"town"`
		Posts []Post  `json:"posts"`
	}
)

func describe(q hub.Request, channel string) Channel {
	c := Channel{Name: channel, Title: channel, Path: "/messages/" + url.PathEscape(channel), Slug: url.PathEscape(channel), Hash: hash(channel)}
	if channel == town {
		c.Title = q.T("Town talk")
	}
	return c
}

// channel is one page. Posts of a clock that runs ahead would stand on top for
// ever: on the first page they come last.
func channel(s hub.Snapshot, q hub.Request, name string, before hub.Cursor) (ChannelView, error) {
	v := ChannelView{Channel: describe(q, name), Paged: before != 0, NeedName: s.Person(q.Author).Name == ""}
	var last record.Time // of what is on the page
	tied := 0
	for it, err := range s.Newest(term(name), before) {
		if err != nil {
			return v, fmt.Errorf("posts of a channel: %w", err)
		}
		p, ok := show(s, q, it)
		if !ok || p.Channel.Name != name {
			continue
		}
		if it.Ahead && !v.Paged {
			if len(v.Ahead) < maxAhead {
				v.Ahead = append(v.Ahead, p)
			}
			continue
		}
		if len(v.Posts) >= pageLen {
			// The cursor has no room for a second post of the same time.
			if it.Time != last || tied == maxTied {
				v.Older = strconv.FormatUint(uint64(last), 36)
				break
			}
			tied++
		}
		v.Posts = append(v.Posts, p)
		last = it.Time
	}
	return v, nil
}

// list finds the channels among the newest posts; the town's is always there.
func list(s hub.Snapshot, q hub.Request) (ListView, error) {
	var v ListView
	seen, n := map[string]bool{}, 0
	for it, err := range s.Newest(everything, 0) {
		if err != nil {
			return v, fmt.Errorf("newest posts: %w", err)
		}
		if n++; n > scanned {
			break
		}
		if it.Ahead || seen[it.Key[:min(len(it.Key), hashLen)]] {
			continue
		}
		if p, ok := show(s, q, it); ok {
			seen[p.Channel.Hash] = true
			v.Rows = append(v.Rows, Row{Channel: p.Channel, Newest: &p})
		}
	}
	if !seen[hash(town)] {
		v.Rows = append([]Row{{Channel: describe(q, town)}}, v.Rows...)
	}
	return v, nil
}

// show is a record as a page shows it, long texts folded; false as for whole.
func show(s hub.Snapshot, q hub.Request, it hub.Item) (Post, bool) {
	p, ok := whole(s, q, it)
	p.Text, p.Rest = fold(p.Text)
	return p, ok
}

// whole is a record as it is shown; false if it is not fit for that, or if its
// author has since replaced it under another ttl.
func whole(s hub.Snapshot, q hub.Request, it hub.Item) (Post, bool) {
	if check(it.Record) != nil {
		return Post{}, false
	}
	if top, found, err := latest(s, it.Key, it.Author); err != nil || found && top.ID() != it.ID() {
		return Post{}, false
	}
	b, err := bodies{}.Decode(it.Record)
	if err != nil {
		return Post{}, false
	}
	ch, err := channelAt(b.Channel) // another hub may be less strict
	if err != nil || ch != b.Channel {
		return Post{}, false
	}
	text, err := hub.CleanText("", b.Text, maxChars, maxBytes)
	if err != nil {
		return Post{}, false
	}
	who := s.Person(it.Author)
	client, _ := clientOf(it.Key)
	p := Post{
		ID: it.ID().String(), ClientID: client, Channel: describe(q, ch),
		By:        Who{Key: it.Author.String(), Tag: it.Author.Tag(), Name: who.Name, Home: who.Home},
		Uncertain: it.Ahead || it.TTL == record.MaxTTL, // what a hub signs that does not know the time
		Text:      text, Mine: it.Author == q.Author,
		Reached: max(0, it.Holders-1), ReachedAt: it.Learned,
	}
	if !it.Ahead {
		p.At = it.Time.Wall()
	}
	return p, true
}

// latest is an author's newest record of one key, over all ttls.
func latest(s hub.Snapshot, key string, author record.Author) (top hub.Item, found bool, _ error) {
	for it, err := range s.Slots(key) {
		if err != nil {
			return top, false, fmt.Errorf("slots of a post: %w", err)
		}
		if it.Author != author {
			continue
		}
		if id, best := it.ID(), top.ID(); !found || cmp.Or(cmp.Compare(it.Time, top.Time), bytes.Compare(id[:], best[:])) > 0 {
			top, found = it, true
		}
	}
	return top, found, nil
}

// Bounds of what of a long post is shown at first.
const (
	foldLines = 12
	foldBytes = 500
)

// fold cuts a long text in two, at the end of a line or of a word if one is near.
func fold(text string) (head, rest string) {
	at, lines := 0, 0
	for line := range strings.Lines(text) {
		if lines++; lines > foldLines || at+len(line) > foldBytes {
			break
		}
		at += len(line)
	}
	if len(text)-at < foldBytes/4 && strings.Count(text[at:], "\n") < foldLines/4 {
		return text, "" // hardly more to come
	}
	if at == 0 { // one long line
		at = foldBytes
		for !utf8.RuneStart(text[at]) {
			at--
		}
		if i := strings.LastIndexByte(text[:at], ' '); i > at/2 {
			at = i
		}
	}
	return strings.TrimRight(text[:at], "\n "), strings.TrimLeft(text[at:], "\n")
}
