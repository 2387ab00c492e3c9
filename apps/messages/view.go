package messages

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
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
		Edited    time.Time `json:"edited,omitzero"`
		Uncertain bool      `json:"uncertain"` // written where the time was not known
		Text      string    `json:"text"`      // all of it; on a page as much as is shown at first
		Rest      string    `json:"rest,omitempty"`
		Re        *Quote    `json:"re,omitempty"`
		Replies   int       `json:"replies"`             // at most counted
		Reached   int       `json:"reached"`             // other places known to hold it
		ReachedAt time.Time `json:"reached_at,omitzero"` // when the last of them was learned of; zero: not known

		Judged hub.Phrase `json:"hidden,omitempty"` // why a moderator has hidden it from all; empty if none has

		ForReader
	}
	// ForReader is what a post is to whoever asked for it.
	ForReader struct {
		Mine   bool `json:"own"`
		Hidden bool `json:"-"` // they hide who wrote it
		Seen   bool `json:"-"` // what stands above it is new to them
		New    bool `json:"-"` // it came since their last visit, and stands below that
		listed record.Time
	}
	// Quote is the post that one answers, in short.
	Quote struct {
		Author   string `json:"author"` // key, hex
		ClientID string `json:"client_id"`
		State    string `json:"state"` // one of the states
		Name     string `json:"name,omitempty"`
		Text     string `json:"text,omitempty"` // its beginning
		Path     string `json:"-"`
		Hidden   bool   `json:"-"`                // the reader hides who wrote it
		Judged   bool   `json:"hidden,omitempty"` // a moderator has hidden it from all
	}
	// ChannelView is a page of one channel, newest first.
	ChannelView struct {
		Channel  Channel `json:"channel"`
		Posts    []Post  `json:"posts"`
		Ahead    []Post  `json:"ahead,omitempty"`   // written by a clock that was wrong; on the first page only
		Older    string  `json:"older,omitempty"`   // ?before= of the next page
		Further  string  `json:"further,omitempty"` // ?before= of what comes after Ahead, and of all else
		Paged    bool    `json:"paged"`             // not the newest page
		NeedName bool    `json:"need_name"`         // the reader has no name yet
		Writing  bool    `json:"-"`                 // the reader came to write

		Similar []Channel `json:"similar,omitempty"` // with posts, while this has none: perhaps they are meant
		Late    []Late    `json:"-"`                 // came since the reader's last visit, and stands on older pages
	}
	// Card is what the home page shows.
	Card struct {
		Town  Channel `json:"town"`
		Posts []Post  `json:"posts"`
	}
)

func describe(q hub.Request, channel string) Channel { return channelOf(channel).in(q) }

// channelOf is a channel as it is called in every language.
func channelOf(name string) Channel {
	slug := url.PathEscape(name)
	return Channel{Name: name, Title: name, Path: "/messages/" + slug, Slug: slug, Hash: hash(name)}
}

// in is the channel for a reader: the town's has a title in each language.
func (c Channel) in(q hub.Request) Channel {
	if c.IsTown() {
		c.Title = q.T("Town talk")
	}
	return c
}

// channel is one page. Posts of a clock that runs ahead would stand on top for
// ever: on the first page they come last.
func channel(s hub.Snapshot, q hub.Request, name string, before place) (ChannelView, error) {
	v := ChannelView{Channel: describe(q, name), Paged: before.set(), NeedName: s.Person(q.Author).Name == "", Writing: q.Query.Get("write") != ""}
	l, err := part(s, q, term(name), name, before, pageLen)
	v.Posts, v.Ahead, v.Older, v.Further = folded(l.posts), folded(l.ahead), l.older, l.further
	divide(q, name, v.Posts)
	if err == nil {
		most := maxLate
		if v.Paged {
			most = 0 // the newest page tells of them
		}
		v.Late, err = late(s, q, name, most, v.Posts, v.Ahead)
	}
	if err == nil && !v.Paged && len(v.Posts)+len(v.Ahead) == 0 {
		v.Similar, err = similar(s, q, name)
	}
	return v, err
}

// listing is a part of a list of posts.
type listing struct {
	posts, ahead   []Post
	older, further string // where what comes after posts begins, and what comes after ahead
}

// part is up to limit posts of a channel that stand under a term, from a place on;
// with the newest come those of a clock that runs ahead, of which there are more from
// further on.
func part(s hub.Snapshot, q hub.Request, under hub.Term, ch string, before place, limit int) (l listing, _ error) {
	var last, lastAhead place
	for it, err := range s.Newest(under, before.cursor()) {
		if err != nil {
			return listing{}, fmt.Errorf("posts of a channel: %w", err)
		}
		here := placeOf(it)
		if before.set() && !here.olderThan(before) {
			continue
		}
		p, ok := whole(s, q, it)
		switch {
		case !ok || p.Channel.Name != ch:
		case it.Ahead && !before.set() && len(l.ahead) == maxAhead:
			l.further = lastAhead.String()
		case it.Ahead && !before.set():
			l.ahead, lastAhead = append(l.ahead, p), here
		case len(l.posts) == limit:
			l.older = last.String()
			return l, nil
		default:
			l.posts, last = append(l.posts, p), here
		}
	}
	return l, nil
}

// show is a record as a page shows it, long texts folded; false as for whole.
func show(s hub.Snapshot, q hub.Request, it hub.Item) (Post, bool) {
	p, ok := whole(s, q, it)
	p.Text, p.Rest = fold(p.Text)
	return p, ok
}

func folded(posts []Post) []Post {
	for i := range posts {
		posts[i].Text, posts[i].Rest = fold(posts[i].Text)
	}
	return posts
}

// whole is a record as it is shown; false if it is not fit for that, or if its
// author has since replaced it under another ttl.
func whole(s hub.Snapshot, q hub.Request, it hub.Item) (Post, bool) {
	if top, found, err := latest(s, it.Key, it.Author); err != nil || found && top.ID() != it.ID() {
		return Post{}, false
	}
	b, err := read(it)
	if err != nil {
		return Post{}, false
	}
	p := Post{
		ID: b.id, ClientID: b.client, Channel: b.where.in(q), By: whoIs(s, it.Author),
		Uncertain: it.Ahead || it.TTL == record.MaxTTL, // what a hub signs that does not know the time
		Text:      b.Text,
		Reached:   max(0, it.Holders-1), ReachedAt: it.Learned, Judged: hub.Phrase(it.Hidden),
		ForReader: ForReader{Mine: it.Author == q.Author, Hidden: q.Hides(it.Author), listed: it.Listed},
	}
	if !it.Ahead {
		p.At = it.Listed.Wall()
		if b.First != 0 {
			p.Edited = it.Time.Wall()
		}
	}
	if b.Re != nil {
		if p.Re, err = quote(s, p.Channel, b.Re); err != nil {
			return Post{}, false
		}
		p.Re.Hidden = q.Hides(b.Re.author())
	}
	p.Replies, err = answers(s, b.answers)
	return p, err == nil
}

// Whole is all of the post, to be compared.
func (p Post) Whole() any {
	var re Quote
	if p.Re != nil {
		re = *p.Re
	}
	p.Re = nil
	return [2]any{p, re}
}

// IsTown reports whether it is the talk that every hub has.
func (c Channel) IsTown() bool { return c.Name == town }

// content is what a record holds of a post, whoever looks at it.
type content struct {
	Body

	id, client string
	where      Channel
	answers    hub.Term // what they are filed under
	err        error    // it is not fit to be shown
}

// read is the content of a record that is fit to be shown.
func read(it hub.Item) (*content, error) {
	c := hub.Made(it, contentOf)
	return c, c.err
}

// contentOf cleans a post's text once more: another hub may be less strict.
func contentOf(r record.Record) *content {
	c := &content{}
	if c.err = check(r); c.err != nil {
		return c
	}
	if c.Body, c.err = (bodies{}).Decode(r); c.err != nil {
		return c
	}
	if ch, err := channelAt(c.Body.Channel); err != nil || ch != c.Body.Channel {
		c.err = fmt.Errorf("the name of a channel is not clean: %w", err)
		return c
	}
	c.Text, c.err = hub.CleanText("", c.Text, maxChars, maxBytes)
	c.client, _ = clientOf(r.Key)
	c.id, c.where = r.ID().String(), channelOf(c.Body.Channel)
	c.answers = refTo(r.Author, c.client).term(c.where.Hash)
	return c
}

func whoIs(s hub.Snapshot, a record.Author) Who {
	who := s.Person(a)
	return Who{Key: a.String(), Tag: a.Tag(), Name: who.Name, Home: who.Home}
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

// shortened is what the home page shows of a text: where it is cut, it says so.
func shortened(text string) string {
	if len(text) <= foldBytes {
		return text
	}
	return strings.TrimRight(text[:wordEnd(text, foldBytes)], "\n ") + " …"
}

// wordEnd is where a text longer than that is cut to have at most so many bytes: at the
// end of a word if one is near.
func wordEnd(text string, most int) int {
	at := most
	for !utf8.RuneStart(text[at]) {
		at--
	}
	if i := strings.LastIndexAny(text[:at], " \n"); i > at/2 {
		at = i
	}
	return at
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
		at = wordEnd(text, foldBytes)
	}
	return strings.TrimRight(text[:at], "\n "), strings.TrimLeft(text[at:], "\n")
}
