package messages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// States of a post that another one answers.
const (
	stateHere      = "here"
	stateWithdrawn = "withdrawn"
	stateUnknown   = "unknown" // it has not arrived, or has expired
)

type (
	// ThreadView is a page of one post and of what was answered, in order.
	ThreadView struct {
		Channel  Channel `json:"channel"`
		Post     *Post   `json:"post,omitempty"` // nil: it was taken back
		Path     string  `json:"-"`
		Re       string  `json:"re"` // the post's Ref
		Replies  []Post  `json:"replies"`
		Earlier  string  `json:"earlier,omitempty"` // ?before= of what was answered before
		Paged    bool    `json:"paged"`             // not the newest answers
		NeedName bool    `json:"need_name"`
		MayHide  bool    `json:"-"` // the reader can hide people
		Judge    string  `json:"-"` // path of the page where the reader can hide it from all; empty: they may not
	}
	// EditView is the page on which a post is changed or taken back.
	EditView struct {
		Channel Channel `json:"channel"`
		Post    Post    `json:"post"`
		Text    string  `json:"text"` // all of it
	}
)

// Path is where the post and its answers stand.
func (p Post) Path() string { return threadPath(p.Channel, p.By.Key, p.ClientID) }

// Anchor names the post on a page. Anybody can take a client_id that another has
// used, so the author is part of it.
func (p Post) Anchor() string { return "p-" + p.By.Key[:byLen] + "/" + p.ClientID }

func threadPath(ch Channel, author, client string) string {
	return ch.Path + "/" + author[:byLen] + "/" + client
}

// thread is one post with its answers, the oldest of them first.
func thread(s hub.Snapshot, q hub.Request, at spot, before place) (v ThreadView, _ error) {
	it, found, err := post(s, at)
	if err != nil {
		return v, err
	}
	if !found {
		return v, gone()
	}
	re := refTo(it.Author, at.client)
	under := re.term(hash(at.channel))
	v = ThreadView{
		Channel: describe(q, at.channel), Re: re.String(), Paged: before.set(),
		NeedName: s.Person(q.Author).Name == "", MayHide: q.Reader != nil,
	}
	v.Path = threadPath(v.Channel, it.Author.String(), at.client)
	v.Judge = judge(s, q, it)
	if p, ok := whole(s, q, it); ok && p.Channel.Name == at.channel {
		v.Post = &p
	}
	l, err := part(s, q, under, at.channel, before, pageLen)
	if v.Post == nil && len(l.posts)+len(l.ahead) == 0 && err == nil {
		err = gone()
	}
	v.Replies, v.Earlier = folded(append(l.ahead, l.posts...)), cmp.Or(l.further, l.older)
	slices.Reverse(v.Replies)
	for i := range v.Replies {
		v.Replies[i].Re = nil // it stands above
	}
	return v, err
}

// editing is the page of one's own post. Whose change was not taken as they are not signed
// in here has it shown again: it holds what everybody can read.
func editing(s hub.Snapshot, q hub.Request, at spot) (v EditView, _ error) {
	if q.Writer != (record.Author{}) {
		q.Author = q.Writer
	}
	it, err := own(s, q, at)
	if err != nil {
		return v, err
	}
	p, ok := whole(s, q, it)
	if !ok || p.Channel.Name != at.channel {
		return v, gone()
	}
	v = EditView{Channel: p.Channel, Text: p.Text, Post: p}
	v.Post.Text, v.Post.Rest = fold(p.Text)
	return v, nil
}

// post is the newest version of the post that a path names, taken back or not.
func post(s hub.Snapshot, at spot) (top hub.Item, found bool, _ error) {
	key, err := keyOf(at.channel, at.client)
	if err != nil {
		return top, false, err
	}
	for it, err := range s.Slots(key) {
		if err != nil {
			return top, false, fmt.Errorf("slots of a post: %w", err)
		}
		if at.of(it.Author) {
			return latest(s, key, it.Author)
		}
	}
	return top, false, nil
}

// quote is what is shown of the post that one answers.
func quote(s hub.Snapshot, ch Channel, re *Ref) (*Quote, error) {
	author := re.author()
	v := &Quote{Author: author.String(), ClientID: re.Client, State: stateUnknown}
	it, found, err := latest(s, ch.Hash+"/"+re.Client, author)
	if err != nil || !found {
		return v, err
	}
	v.State = stateWithdrawn
	if it.Withdrawn() {
		return v, nil
	}
	b, err := read(it)
	if err != nil || b.Channel != ch.Name {
		v.State = stateUnknown
		return v, nil //nolint:nilerr // another hub let it through
	}
	v.State, v.Name, v.Text, v.Judged = stateHere, s.Person(author).Name, beginning(b.Text), it.Hidden != ""
	if v.Judged {
		v.Text = ""
	}
	v.Path = threadPath(ch, v.Author, v.ClientID)
	return v, nil
}

// beginning is the first line of a text, or as much of it as a quote has room for.
func beginning(text string) string {
	line, rest, _ := strings.Cut(text, "\n")
	if len(line) > quoteLen {
		line, rest = line[:wordEnd(line, quoteLen)], "more"
	}
	if rest != "" {
		line += " …"
	}
	return line
}

// answers counts what stands under a post's term.
func answers(s hub.Snapshot, under hub.Term) (n int, _ error) {
	type who struct {
		key    string
		author record.Author
	}
	seen := map[who]bool{} // under several ttls it is one post
	for it, err := range s.Newest(under, 0) {
		if err != nil {
			return n, fmt.Errorf("answers to a post: %w", err)
		}
		if one := (who{it.Key, it.Author}); !seen[one] {
			seen[one] = true
			if n++; n == counted {
				break
			}
		}
	}
	return n, nil
}
