package notices

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// How the keys begin, by what stands there.
const (
	noticeKey   = "n/" // a notice, by its author
	signKey     = "s/" // a second signature, or its author's word that none is waited for
	draftKey    = "d/" // a notice that is not released
	questionKey = "q/"
	answerKey   = "a/"
	patternKey  = "t/" // a template of the community's own
	countKey    = "c/" // the highest number that a hub has given, by its letters in hex
)

// Lives, in days.
const (
	life     = record.MaxTTL // of notices: the archive
	talkLife = 30            // of drafts and questions
)

// Bounds of a notice. All of it together stays within record.MaxBody.
const (
	maxText    = 500 // characters of a sentence, an advice, a question, an answer
	maxTextB   = 1500
	maxHead    = 80 // characters of a headline
	maxHeadB   = 240
	maxLine    = 120 // characters of an area in words, a contact
	maxLineB   = 360
	maxWords   = 8 // languages
	maxClient  = 64
	maxClears  = 20 // notices that one all clear ends
	maxLang    = 16
	maxLetters = 24                   // bytes
	longest    = 400 * 24 * time.Hour // that a notice may hold
)

// Terms: of all notices, by the day of their end, by number, of drafts, questions,
// answers and templates.
const (
	every     = hub.Term("n")
	endings   = "u/"
	numbered  = "no/"
	drafted   = hub.Term("d")
	questions = hub.Term("q")
	answers   = hub.Term("a")
	patterns  = hub.Term("t")
	signed    = hub.Term("s")
)

// Ref names what somebody has written here.
type Ref = hub.Ref

// Words are what a notice says in one language.
type Words struct {
	_      struct{} `cbor:",toarray"`
	Lang   string   `json:"lang"`        // BCP 47
	Head   string   `json:"headline"`    // empty where the template has one
	Text   string   `json:"description"` // the sentence
	Advice string   `json:"instruction"` // empty where the template has one
}

// Body is what the record of a notice holds.
type Body struct {
	Letters  string  `cbor:"1,keyasint,omitempty"` // of the place that gave the number; none while it is a draft
	Count    uint32  `cbor:"2,keyasint,omitempty"`
	Kind     Kind    `cbor:"3,keyasint"`
	Re       *Ref    `cbor:"4,keyasint,omitempty"` // what it updates or cancels
	Holds    int64   `cbor:"5,keyasint,omitempty"` // until when that would have held
	Grade    Grade   `cbor:"6,keyasint"`
	From     int64   `cbor:"7,keyasint,omitempty"` // seconds since 1970; 0: at once
	Until    int64   `cbor:"8,keyasint"`
	Template string  `cbor:"9,keyasint,omitempty"` // one of the program's
	Words    []Words `cbor:"10,keyasint"`          // the author's own first
	Area     *Area   `cbor:"11,keyasint,omitempty"`
	Contact  string  `cbor:"12,keyasint,omitempty"`
	Clears   []Ref   `cbor:"13,keyasint,omitempty"` // of an all clear: what is cancelled with it
}

// Signature is what stands at s/: another coordinator signs a notice, or its author
// says that it is to hold without.
type Signature struct {
	Re   Ref    `cbor:"1,keyasint"`
	Hash []byte `cbor:"2,keyasint"` // SHA-256 of the body that was seen
}

// Draft is what stands at d/: a notice to be, or that the draft of that id is discarded.
type Draft struct {
	Body    *Body `cbor:"1,keyasint,omitempty"`
	Discard bool  `cbor:"2,keyasint,omitempty"`
}

type (
	bodies     = hub.Collection[Body]
	signatures = hub.Collection[Signature]
	drafts     = hub.Collection[Draft]
)

// encoded is a body as it is signed: deterministic CBOR (RFC 8949 §4.2.1).
func encoded(v any) ([]byte, error) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	b, err := mode.Marshal(v)
	if err == nil && len(b) > record.MaxBody {
		err = hub.Errorf(hub.Invalid, "text", "All this together is too long for one notice. Please shorten it, or leave out a language.")
	}
	return b, err
}

// draftOf is a record to be.
func draftOf(key string, class record.Class, ttl record.Days, v any) (hub.Draft, error) {
	b, err := encoded(v)
	return hub.Draft{Key: key, Class: class, TTL: ttl, Body: b}, err
}

// index files a record under what lists go by.
func index(r record.Record) []hub.Term {
	if r.Withdrawn() {
		return nil
	}
	switch prefix, _ := split(r.Key); prefix {
	case noticeKey:
		b, err := bodies{}.Decode(r)
		if err != nil {
			return nil
		}
		return []hub.Term{every, ending(b.ends()), numbered + hub.Term(b.number())}
	case signKey:
		return []hub.Term{signed}
	case draftKey:
		return []hub.Term{drafted}
	case questionKey:
		return []hub.Term{questions}
	case answerKey:
		return []hub.Term{answers}
	case patternKey:
		return []hub.Term{patterns}
	case relayKey:
		return relayTerms(r)
	}
	return nil
}

// ending is the term of what ends at a moment.
func ending(unix int64) hub.Term { return hub.Term(fmt.Sprintf("%s%06x", endings, max(unix, 0)/86400)) }

// ends is from when on the notice changes nothing any more.
func (b Body) ends() int64 { return max(b.Until, b.Holds) }

// split takes a key apart: how it begins, and the rest.
func split(key string) (prefix, rest string) {
	if len(key) < 2 {
		return "", key
	}
	return key[:2], key[2:]
}

// check holds a record against the format of what its key says it is.
func check(r record.Record) error {
	prefix, rest := split(r.Key)
	switch prefix {
	case noticeKey:
		return errors.Join(official(r, rest), unless(r.Withdrawn(), func() error { return checkNotice(r) }))
	case answerKey:
		return errors.Join(classed(r), unless(r.Withdrawn(), func() error { return checkAnswer(r, rest) }))
	case signKey:
		return errors.Join(classed(r), unless(r.Withdrawn(), func() error { return checkSignature(r, rest) }))
	case patternKey:
		return errors.Join(official(r, rest), unless(r.Withdrawn(), func() error { return checkPattern(r) }))
	case relayKey:
		return unless(r.Withdrawn(), func() error { return checkRelayed(r, rest) })
	case draftKey:
		return errors.Join(named(rest), unless(r.Withdrawn(), func() error { return checkDraft(r) }))
	case questionKey:
		return errors.Join(named(rest), unless(r.Withdrawn(), func() error { return checkQuestion(r) }))
	case countKey:
		return unless(r.Withdrawn(), func() error { return checkCount(r, rest) })
	}
	return errors.New("nothing of the notices has a key like this")
}

func unless(no bool, f func() error) error {
	if no {
		return nil
	}
	return f()
}

func named(id string) error {
	if !hub.ValidID(id) {
		return errors.New("an id is 1 to 64 of a-z A-Z 0-9 . _ -")
	}
	return nil
}

func classed(r record.Record) error {
	if r.Class != record.Notice {
		return errors.New("only what is of class notice is official")
	}
	return nil
}

func official(r record.Record, id string) error { return errors.Join(classed(r), named(id)) }

func checkNotice(r record.Record) error {
	b, err := bodies{}.Decode(r)
	if err != nil {
		return err
	}
	if err := b.check(); err != nil {
		return err
	}
	at := r.Time.Wall()
	switch {
	case !validLetters(b.Letters) || b.Count == 0 || b.Count > maxCount:
		return errors.New("a notice has a number")
	case !time.Unix(b.Until, 0).After(at) || time.Unix(b.Until, 0).Sub(at) > longest:
		return errors.New("a notice ends after it was written, and within 400 days")
	case b.Holds < 0 || time.Unix(b.Holds, 0).Sub(at) > longest:
		return errors.New("what a notice replaces ends within 400 days")
	}
	return nil
}

// check holds a body against what is true of drafts as well.
func (b Body) check() error {
	if at(kinds[:], b.Kind).Name == "" {
		return errors.New("a notice is an alert, an update or a cancellation")
	}
	if (b.Kind == Alert) != (b.Re == nil) || b.Re != nil && !b.Re.Valid() {
		return errors.New("an update and a cancellation, and nothing else, name what they are about")
	}
	if err := b.Grade.check(); err != nil {
		return err
	}
	if b.From != 0 && b.From >= b.Until || b.From < 0 || b.Until <= 0 {
		return errors.New("a notice begins before it ends")
	}
	if len(b.Words) < 1 || len(b.Words) > maxWords || len(b.Template) > maxClient {
		return fmt.Errorf("a notice is in one to %d languages", maxWords)
	}
	for _, w := range b.Words {
		if err := w.check(); err != nil {
			return err
		}
	}
	if b.Template == "" && b.Kind == Alert && hub.Blank(b.Words[0].Head) && hub.Blank(b.Words[0].Text) {
		return errors.New("the notice says nothing")
	}
	if len(b.Clears) > maxClears || slices.ContainsFunc(b.Clears, func(r Ref) bool { return !r.Valid() }) {
		return fmt.Errorf("an all clear is about at most %d notices", maxClears)
	}
	if !fit(b.Contact, maxLine, maxLineB) {
		return errors.New("the contact of a notice is too long")
	}
	if b.Area != nil {
		return b.Area.check()
	}
	return nil
}

func (w Words) check() error {
	switch {
	case !validLang(w.Lang):
		return errors.New("a language is named as BCP 47 does")
	case !fit(w.Head, maxHead, maxHeadB), !fit(w.Text, maxText, maxTextB), !fit(w.Advice, maxText, maxTextB):
		return errors.New("a text of a notice is too long")
	}
	return nil
}

// fit reports whether a text is within bounds and clean.
func fit(s string, chars, size int) bool {
	if len(s) > size || utf8.RuneCountInString(s) > chars {
		return false
	}
	clean, err := hub.CleanText("", s, chars, size)
	return err == nil && clean == s
}

func validLang(code string) bool {
	return len(code) >= 2 && len(code) <= maxLang && strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func checkSignature(r record.Record, rest string) error {
	v, err := signatures{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !v.Re.Valid() || v.Re.Short() != rest:
		return errors.New("the signature's key belongs to another notice")
	case len(v.Hash) != sha256.Size:
		return errors.New("a signature has the hash of what it signs")
	}
	return nil
}

func checkDraft(r record.Record) error {
	v, err := drafts{}.Decode(r)
	switch {
	case err != nil:
		return err
	case v.Discard == (v.Body != nil):
		return errors.New("a draft holds a notice, or discards one")
	case v.Body != nil:
		return v.Body.check()
	}
	return nil
}
