package messages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Ref names a post of a channel: the slot, whatever stands in it.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Author []byte   // of 32 bytes
	Client string
}

func refTo(a record.Author, client string) *Ref { return &Ref{Author: a[:], Client: client} }

func (r *Ref) valid() bool {
	return len(r.Author) == len(record.Author{}) && validClient(r.Client)
}

// author is who wrote it. The Ref has to be valid.
func (r *Ref) author() record.Author { return record.Author(r.Author) }

func (r *Ref) is(o *Ref) bool {
	if r == nil || o == nil {
		return r == o
	}
	return bytes.Equal(r.Author, o.Author) && r.Client == o.Client
}

// term is what the answers to it are filed under, in a channel of this hash.
func (r *Ref) term(channel string) hub.Term {
	h := sha256.New()
	h.Write(r.Author)
	h.Write([]byte(channel + "/" + r.Client))
	return hub.Term("r/" + hex.EncodeToString(h.Sum(nil)[:hashLen/2]))
}

// String is it in a form and for programs: the author in hex, "/", the client_id.
func (r *Ref) String() string { return hex.EncodeToString(r.Author) + "/" + r.Client }

// parseRef reads what String wrote; nil for an empty one.
func parseRef(s string) (*Ref, error) {
	if s == "" {
		return nil, nil
	}
	author, client, _ := strings.Cut(s, "/")
	key, err := hex.DecodeString(author)
	if r := (&Ref{Author: key, Client: client}); err == nil && r.valid() {
		return r, nil
	}
	return nil, &hub.Error{
		Code: hub.Invalid, Field: "re",
		Phrase:  noAnswer,
		Program: "A post is named by its author's key, a slash and its client_id.",
	}
}

// noAnswer is said of a form that does not name the post that it answers.
const noAnswer hub.Phrase = "The form came without the post that this answers. Go back to that post and answer it again."

// byLen is how many hex digits of an author's key stand in a path.
const byLen = 16

// spot is what a path leads to: a channel, a post in it, or what can be done
// about a post.
type spot struct {
	channel string
	by      string // first digits of the author's key; empty for the channel itself
	client  string
	page    string // "", or one of pages
}

// What can be done about a post.
const (
	editPage   = "edit"
	reportPage = "report"
)

// spotAt reads a path: channel, channel/by/client, channel/by/client/page.
func spotAt(path string) (at spot, err error) {
	parts := strings.Split(path, "/")
	if at.channel, err = channelAt(parts[0]); err != nil || len(parts) == 1 {
		return at, err
	}
	if len(parts) == 4 {
		at.page, parts = parts[3], parts[:3]
		if at.page != editPage && at.page != reportPage {
			return at, noSuchPage()
		}
	}
	if len(parts) != 3 || len(parts[1]) != byLen || !validClient(parts[2]) {
		return at, noSuchPage()
	}
	if _, err := hex.DecodeString(parts[1]); err != nil {
		return at, noSuchPage()
	}
	at.by, at.client = parts[1], parts[2]
	return at, nil
}

func noSuchPage() error { return hub.Errorf(hub.NotFound, "", "There is no such talk here.") }

// of reports whether the spot's post is of this author.
func (at spot) of(a record.Author) bool { return strings.HasPrefix(a.String(), at.by) }
