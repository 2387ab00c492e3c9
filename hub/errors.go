package hub

import "fmt"

// Code sorts what can go wrong by what the person can do about it. The server
// maps each to one HTTP status.
type Code int

// The codes.
const (
	Invalid     Code = iota + 1 // what was sent cannot be taken; the text says why
	NotFound                    // there is no such page or item
	Conflict                    // the same client_id stands for another text
	Forbidden                   // this person may not
	TooMany                     // slow down, or no room left for this person
	Unavailable                 // the hub cannot store just now; reading goes on
)

// Error is one that a person is shown. Text says what happened and what to do.
type Error struct {
	Code  Code
	Field string // the form's field that it is about, if one
	Text  string
	// Program is the same for the author of a program, who has no form and no page;
	// empty where Text does for both.
	Program string
}

func (e *Error) Error() string { return e.Text }

// Errorf makes an Error about a field; an empty field is about the whole.
func Errorf(code Code, field, format string, args ...any) error {
	return &Error{Code: code, Field: field, Text: fmt.Sprintf(format, args...)}
}
