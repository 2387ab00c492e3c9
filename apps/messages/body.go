package messages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Limits of a post. With a channel's name of 64 bytes a body stays within
// record.MaxBody, whatever else it holds.
const (
	maxChars   = 2000
	maxBytes   = 4000
	maxReply   = 3900 // bytes of one that answers another
	maxChannel = 64   // bytes
	maxClient  = 64
	hashLen    = 16 // hex digits of a channel's hash
)

// town is the channel that every hub has.
const town = "town"

// Terms: of all posts, and how those of channels begin.
const (
	everything = hub.Term("all")
	channels   = hub.Term("c/")
)

// Body is what a post's record holds.
type Body struct {
	Channel string `cbor:"1,keyasint"`           // NFC, at most 64 bytes
	Text    string `cbor:"2,keyasint"`           // NFC, at most 2,000 characters and 4,000 bytes
	Re      *Ref   `cbor:"3,keyasint,omitempty"` // the post that it answers, in the same channel
	First   uint64 `cbor:"4,keyasint,omitempty"` // record.Time of the first version; 0: this is it
}

type bodies = hub.Collection[Body]

// hash is the first 16 hex digits of SHA-256 of a channel's NFC name.
func hash(channel string) string {
	sum := sha256.Sum256([]byte(channel))
	return hex.EncodeToString(sum[:hashLen/2])
}

func term(channel string) hub.Term { return channels + hub.Term(hash(channel)) }

// keyOf is the slot key of a post: the channel's hash, "/", the client_id.
func keyOf(channel, clientID string) (string, error) {
	if !validClient(clientID) {
		return "", &hub.Error{
			Code: hub.Invalid, Field: "client_id",
			Phrase:  "The form did not arrive whole. What you wrote is still here. Please send it again.",
			Program: "A client_id names one post of yours, and is 1 to 64 of a-z A-Z 0-9 . _ -; make a new one for each post, and repeat it only to send the same post again.",
		}
	}
	return hash(channel) + "/" + clientID, nil
}

func validClient(id string) bool {
	return len(id) <= maxClient && record.ValidKey(id) && !strings.Contains(id, "/")
}

// clientOf is the client_id in a slot key of the right shape.
func clientOf(key string) (string, bool) {
	if len(key) < hashLen+2 || key[hashLen] != '/' || !validClient(key[hashLen+1:]) {
		return "", false
	}
	return key[hashLen+1:], true
}

// index files a post under its channel, under all, under the post that it answers,
// and under its words.
func index(r record.Record) []hub.Term {
	if isReport(r.Key) && !r.Withdrawn() {
		return []hub.Term{reported}
	}
	if _, ok := clientOf(r.Key); !ok || r.Withdrawn() {
		return nil
	}
	terms := []hub.Term{channels + hub.Term(r.Key[:hashLen]), everything}
	b, err := bodies{}.Decode(r)
	if err != nil {
		return terms
	}
	if b.Re != nil && b.Re.valid() {
		terms = append(terms, b.Re.term(r.Key[:hashLen]))
	}
	at := r.Time
	if b.First != 0 {
		at = min(at, record.Time(b.First))
	}
	return append(terms, wordTerms(at, b.Text)...)
}

// listed is when a post was first written: what is changed stays where it stood.
func listed(r record.Record) record.Time {
	if isReport(r.Key) {
		return 0
	}
	b, err := bodies{}.Decode(r)
	if err != nil {
		return 0
	}
	return record.Time(b.First)
}

// check holds a record against the format of a post, or of a report.
func check(r record.Record) error {
	if isReport(r.Key) {
		return checkReport(r)
	}
	client, ok := clientOf(r.Key)
	if !ok {
		return errors.New("the key of a post is its channel's hash, a slash and a client_id")
	}
	if r.Withdrawn() {
		return nil
	}
	b, err := bodies{}.Decode(r)
	if err != nil {
		return err
	}
	switch {
	case hash(b.Channel) != r.Key[:hashLen]:
		return errors.New("the post's key belongs to another channel")
	case len(b.Channel) > maxChannel:
		return fmt.Errorf("a channel's name has at most %d bytes", maxChannel)
	case len(b.Text) > maxBytes || utf8.RuneCountInString(b.Text) > maxChars:
		return errors.New("the post's text is too long")
	case hub.Blank(b.Text):
		return errors.New("the post has no text")
	case b.Re != nil && !b.Re.valid():
		return errors.New("what the post answers is no post")
	case b.Re != nil && b.Re.Client == client && b.Re.author() == r.Author:
		return errors.New("the post answers itself")
	case b.First > uint64(r.Time):
		return errors.New("the post was changed before it was written")
	}
	return nil
}
