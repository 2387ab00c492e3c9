package hub

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code sorts what can go wrong by what the person can do about it. The server
// maps each to one HTTP status.
type Code int

// The codes.
const (
	Invalid     Code = iota + 1 // what was sent cannot be taken; the text says why
	NotFound                    // there is no such page or item
	Conflict                    // what is there meanwhile is something else
	Forbidden                   // this person may not
	TooMany                     // slow down, or no room left for this person
	Unavailable                 // the hub cannot store just now; reading goes on
)

// Error is one that a person is shown. It says what happened and what to do.
type Error struct {
	Code   Code
	Field  string // the form's field that it is about, if one
	Phrase Phrase
	Args   []any
	// Program is the same in English for the author of a program, who has no form and
	// no page; empty where Phrase does for both.
	Program string
	// Retry is for how long the same again is in vain; 0 where that is not known.
	Retry time.Duration
}

func (e *Error) Error() string { return e.Phrase.English(e.Args...) }

// ErrAlready is what Act returns of a Plain form with what its sender has just sent:
// nothing is written, and they are told.
var ErrAlready = errors.New("the same was sent already")

// Later says for how long the same again is in vain, where err is an Error.
func Later(wait time.Duration, err error) error {
	if told, ok := errors.AsType[*Error](err); ok {
		told.Retry = wait
	}
	return err
}

// Errorf makes an Error about a field; an empty field is about the whole.
func Errorf(code Code, field string, phrase Phrase, args ...any) error {
	return &Error{Code: code, Field: field, Phrase: phrase, Args: args}
}

// Phrase is something that people read, named by its English words: a format of
// package fmt. Pages say it in the reader's language, by the catalogues.
type Phrase string

// Said is a phrase with what is put into it. It may itself be put into another.
type Said struct {
	Phrase Phrase
	Args   []any
}

// String is it in English.
func (s Said) String() string { return s.Phrase.English(s.Args...) }

// Sentences follow each other, with a space between them.
type Sentences []Said

// String is them in English.
func (s Sentences) String() string { return s.In(Phrase.English) }

// In is them in another language.
func (s Sentences) In(say func(Phrase, ...any) string) string {
	all := make([]string, len(s))
	for i, one := range s {
		all[i] = say(one.Phrase, one.Args...)
	}
	return strings.Join(all, " ")
}

// English is the phrase as it stands.
func (p Phrase) English(args ...any) string {
	if len(args) == 0 {
		return strings.ReplaceAll(string(p), "%%", "%")
	}
	return fmt.Sprintf(string(p), args...)
}
