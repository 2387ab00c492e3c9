package messages

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Reports of posts are kept for moderators.
const (
	reported       = hub.Term("reports") // the term of them all
	reportPrefix   = "report/"
	reportDigits   = 32
	maxReason      = 200 // characters
	maxReasonBytes = 800
)

// Complaint is what the record of a report holds. One person's reports of one post are
// one slot.
type Complaint struct {
	Post   string `cbor:"1,keyasint"`           // the slot's key
	Author []byte `cbor:"2,keyasint"`           // who wrote the post
	ID     []byte `cbor:"3,keyasint"`           // the version that was seen
	Reason string `cbor:"4,keyasint,omitempty"` // at most 200 characters
}

// ComplaintView is the page on which a post is reported.
type ComplaintView struct {
	Channel Channel `json:"channel"`
	Post    Post    `json:"post"`
	Done    bool    `json:"done"` // the reader has reported it
}

type reports = hub.Collection[Complaint]

// reportKey is the slot key of a report: 32 hex digits of SHA-256 of the author's
// key and the slot's key.
func reportKey(author []byte, post string) string {
	h := sha256.New()
	h.Write(author)
	h.Write([]byte(post))
	return reportPrefix + hex.EncodeToString(h.Sum(nil)[:reportDigits/2])
}

func isReport(key string) bool { return strings.HasPrefix(key, reportPrefix) }

func checkReport(r record.Record) error {
	if r.Withdrawn() {
		return nil
	}
	b, err := reports{}.Decode(r)
	if err != nil {
		return err
	}
	_, post := clientOf(b.Post)
	switch {
	case !post || len(b.Author) != len(record.Author{}) || len(b.ID) != len(record.ID{}):
		return errors.New("what is reported is no post")
	case r.Key != reportKey(b.Author, b.Post):
		return errors.New("the report's key belongs to another post")
	case len(b.Reason) > maxReasonBytes || utf8.RuneCountInString(b.Reason) > maxReason:
		return errors.New("the report's reason is too long")
	}
	return nil
}

// reporting is the page of a post that is to be reported.
func reporting(s hub.Snapshot, q hub.Request, at spot) (v ComplaintView, _ error) {
	it, found, err := post(s, at)
	if err != nil || !found {
		return v, cmp.Or(err, gone())
	}
	p, ok := whole(s, q, it)
	if !ok || p.Channel.Name != at.channel {
		return v, gone()
	}
	p.Text, p.Rest = fold(p.Text)
	v = ComplaintView{Channel: p.Channel, Post: p}
	v.Done, err = hasReported(s, q.Author, it.Record)
	return v, err
}

// report writes a person's report of a post; a second one writes nothing.
func report(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	it, found, err := post(s, at)
	switch {
	case err != nil:
		return nil, err
	case !found || it.Withdrawn():
		return nil, gone()
	case it.Author == q.Author:
		return nil, hub.Errorf(hub.Invalid, "", "This post is your own. You can take it back.")
	}
	reason, err := hub.CleanText("reason", q.Form.Get("reason"), maxReason, maxReasonBytes)
	if err != nil {
		return nil, err
	}
	if done, err := hasReported(s, q.Author, it.Record); done || err != nil {
		return nil, err
	}
	id := it.ID()
	d, err := reports{}.Draft(reportKey(it.Author[:], it.Key), Complaint{Post: it.Key, Author: it.Author[:], ID: id[:], Reason: reason})
	if err != nil {
		return nil, fmt.Errorf("encode a report: %w", err)
	}
	return []hub.Draft{d}, nil
}

// hasReported tells whether somebody has reported a post.
func hasReported(s hub.Snapshot, who record.Author, post record.Record) (bool, error) {
	it, found, err := latest(s, reportKey(post.Author[:], post.Key), who)
	return found && !it.Withdrawn(), err
}
