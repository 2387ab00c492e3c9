package notices

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// relayKey is how the keys of alerts begin that a hub passes on: x/ and 32 hex digits.
const relayKey = "x/"

// Terms of relayed alerts: all, and by the day of their end.
const (
	relayed       = hub.Term("x")
	relayedEnding = "xu/"
)

// Bounds of a relayed alert's record.
const (
	maxSaid    = 700 // characters of a description, an instruction
	maxSaidB   = 2100
	maxTitle   = 160 // characters of a headline, an event, a sender's name
	maxTitleB  = 480
	maxRefs    = 64
	maxFeedURL = 500

	maxFromFeeds = 4 // feeds that are told
	idBytes      = 16
	claimLife    = 30 // days: of what a hub says that may not pass it on
	relayLife    = 60 // days: at least, of what it may
)

// assumedLife is how long an alert counts that does not say until when (CAP 1.2 §3.2.2
// leaves it to the reader).
const assumedLife = 24 * time.Hour

// Way is how an alert came to the hub that passes it on.
type Way uint8

// The ways.
const (
	ByHand  Way = 1 + iota // a file, by somebody at that hub
	ByHTTP                 // from a feed that anybody on the way could change
	ByHTTPS                // from a feed over an encrypted connection
)

// AlertName is which alert it is (CAP 1.2 §3.2.1).
type AlertName struct {
	_          struct{} `cbor:",toarray"`
	Sender     string
	Identifier string
	Sent       int64 // milliseconds since 1970
}

func nameOf(id capxml.ID) AlertName {
	return AlertName{Sender: id.Sender, Identifier: id.Identifier, Sent: id.Sent.UnixMilli()}
}

func (n AlertName) at() time.Time { return time.UnixMilli(n.Sent).UTC() }

func (n AlertName) id() capxml.ID {
	return capxml.ID{Sender: n.Sender, Identifier: n.Identifier, Sent: n.at()}
}

// hash names the alert in keys and references.
func (n AlertName) hash() []byte {
	sum := sha256.Sum256([]byte(n.id().Key()))
	return sum[:idBytes]
}

// key is where a hub's record of it is.
func (n AlertName) key() string { return relayKey + hex.EncodeToString(n.hash()) }

// Relayed is what the record of a relayed alert holds: what lists and the banner show.
// All that it says is in its original, the blob that the record names.
type Relayed struct {
	Name    AlertName `cbor:"1,keyasint"`
	Kind    Kind      `cbor:"2,keyasint"`
	Re      [][]byte  `cbor:"3,keyasint,omitempty"` // hashes of what it is about
	Holds   int64     `cbor:"4,keyasint,omitempty"` // until when that would have held
	Grade   Grade     `cbor:"5,keyasint"`
	From    int64     `cbor:"6,keyasint,omitempty"` // seconds since 1970; 0: at once
	Until   int64     `cbor:"7,keyasint,omitempty"` // 0: it does not say
	Words   []Words   `cbor:"8,keyasint"`           // of the worst there is in each language
	Areas   []Area    `cbor:"9,keyasint,omitempty"`
	Contact string    `cbor:"10,keyasint,omitempty"`
	By      string    `cbor:"11,keyasint,omitempty"` // what its sender is called
	Way     Way       `cbor:"12,keyasint"`
	Feeds   []string  `cbor:"13,keyasint,omitempty"` // addresses of the feeds it was in
	Pin     []byte    `cbor:"14,keyasint,omitempty"` // SHA-256 of the key by which the relay has checked its signature
	Signed  bool      `cbor:"15,keyasint,omitempty"` // it carries a signature
	Cut     bool      `cbor:"16,keyasint,omitempty"` // the original says more
	Hand    []byte    `cbor:"17,keyasint,omitempty"` // key of who put it in by hand; empty at the box's own keyboard
}

type relayedBodies = hub.Collection[Relayed]

// ends is from when on the alert changes nothing any more.
func (b Relayed) ends() int64 { return max(b.until().Unix(), b.Holds) }

// until is when it ends, if only by assumption.
func (b Relayed) until() time.Time {
	if b.Until != 0 {
		return time.Unix(b.Until, 0).UTC()
	}
	return max64(b.From, b.Name.at().Unix()).Add(assumedLife)
}

func max64(a, b int64) time.Time { return time.Unix(max(a, b), 0).UTC() }

// relayTerms files a relayed alert under what lists go by.
func relayTerms(r record.Record) []hub.Term {
	b, err := relayedBodies{}.Decode(r)
	if err != nil {
		return nil
	}
	return []hub.Term{relayed, relayedEnding + ending(b.ends())[len(endings):]}
}

// checkRelayed holds a record against the format of a relayed alert.
func checkRelayed(r record.Record, rest string) error {
	if r.Class != record.Notice && r.Class != record.Talk {
		return errors.New("what is passed on is of class notice, or talk")
	}
	b, err := relayedBodies{}.Decode(r)
	if err != nil {
		return err
	}
	if hex.EncodeToString(b.Name.hash()) != rest {
		return errors.New("the alert's key belongs to another one")
	}
	if len(r.Blobs) != 1 {
		return errors.New("an alert that is passed on names its original")
	}
	return b.check()
}

func (b Relayed) check() error {
	return errors.Join(b.Name.check(), b.checkTimes(), b.checkSource(), b.checkTexts(), b.checkPlaces(), b.Grade.check())
}

func (n AlertName) check() error {
	const most = 500 // bytes, as package capxml has it
	for _, s := range []string{n.Sender, n.Identifier} {
		if s == "" || len(s) > most || strings.ContainsAny(s, "\r\n") {
			return errors.New("an alert has a sender and an identifier, of one line each")
		}
	}
	if n.Sent < 0 || n.at().Year() > lastYear {
		return errors.New("an alert was sent at a time")
	}
	return nil
}

const lastYear = 2200

func (b Relayed) checkTimes() error {
	end := time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for _, t := range []int64{b.Holds, b.From, b.Until} {
		if t < 0 || t > end {
			return fmt.Errorf("an alert's times are between 1970 and %d", lastYear)
		}
	}
	return nil
}

func (b Relayed) checkSource() error {
	switch {
	case kindName(b.Kind) == "":
		return errors.New("an alert is an alert, an update or a cancellation")
	case b.Way < ByHand || b.Way > ByHTTPS || len(b.Feeds) > maxFromFeeds || (b.Way == ByHand) != (len(b.Feeds) == 0):
		return errors.New("an alert came in one of three ways, and from a feed if not by hand")
	case len(b.Hand) != 0 && (len(b.Hand) != len(record.Author{}) || b.Way != ByHand):
		return errors.New("who puts in an alert by hand is named by their key")
	case len(b.Pin) != 0 && len(b.Pin) != sha256.Size:
		return errors.New("a key's fingerprint has 32 bytes")
	}
	for _, f := range b.Feeds {
		if f == "" || !fit(f, maxFeedURL, maxFeedURL) {
			return errors.New("a feed has an address")
		}
	}
	return nil
}

func (b Relayed) checkTexts() error {
	if len(b.Words) < 1 || len(b.Words) > maxWords {
		return fmt.Errorf("an alert is in one to %d languages", maxWords)
	}
	if !fit(b.By, maxTitle, maxTitleB) || !fit(b.Contact, maxLine, maxLineB) {
		return errors.New("a line of an alert is too long or holds what is not shown")
	}
	for _, w := range b.Words {
		if !validLang(w.Lang) || !fit(w.Head, maxTitle, maxTitleB) || !fit(w.Text, maxSaid, maxSaidB) || !fit(w.Advice, maxSaid, maxSaidB) {
			return errors.New("a text of an alert is too long or holds what is not shown")
		}
	}
	return nil
}

func (b Relayed) checkPlaces() error {
	if len(b.Re) > maxRefs || len(b.Areas) > maxShapes {
		return errors.New("an alert is about too much for a record")
	}
	for _, re := range b.Re {
		if len(re) != idBytes {
			return errors.New("an alert is named by 16 bytes")
		}
	}
	for _, a := range b.Areas {
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}

func kindName(k Kind) string { return at(kinds[:], k).Name }

// about reports whether an alert names another one.
func (b Relayed) about(other AlertName) bool {
	for _, re := range b.Re {
		if bytes.Equal(re, other.hash()) {
			return true
		}
	}
	return false
}
