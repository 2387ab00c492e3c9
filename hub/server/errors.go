package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/lamppost-hub/lamppost/hub"
)

// statuses maps what can go wrong to HTTP.
var statuses = map[hub.Code]int{
	hub.Invalid:     http.StatusUnprocessableEntity,
	hub.NotFound:    http.StatusNotFound,
	hub.Conflict:    http.StatusConflict,
	hub.Forbidden:   http.StatusForbidden,
	hub.TooMany:     http.StatusTooManyRequests,
	hub.Unavailable: http.StatusServiceUnavailable,
}

// statusError is an error of HTTP's own kind, with words for a person
// or for the author of a program.
type statusError struct {
	status  int
	field   string
	said    hub.Said
	program string // the same for the author of a program; empty: as said
	retry   int    // seconds to wait; 0: the usual
}

func (e *statusError) Error() string { return e.said.String() }

func status(code int, phrase hub.Phrase, args ...any) error {
	return &statusError{status: code, said: hub.Said{Phrase: phrase, Args: args}}
}

// forPrograms is an error that only the author of a program reads, who is told it
// in English in every language. An empty field is about the whole.
func forPrograms(code int, field, format string, args ...any) error {
	return &statusError{status: code, field: field, said: hub.Said{Phrase: "%s", Args: []any{fmt.Sprintf(format, args...)}}}
}

// problem is an error as a person is told it.
type problem struct {
	status   int
	field    string
	said     hub.Said
	program  string // the same for the author of a program; empty: as said
	retry    int    // seconds to wait before the same again; 0: the usual
	internal error  // to log, where whoever looks after the hub has to do something
}

func trouble(code int, phrase hub.Phrase) problem {
	return problem{status: code, said: hub.Said{Phrase: phrase}}
}

// later says when to come again, where waiting helps.
func (p problem) later(h http.Header) {
	if p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(cmp.Or(p.retry, 30)))
	}
}

// explain finds the status and the words of an error.
func explain(err error) problem {
	var told *hub.Error
	var http1 *statusError
	switch {
	case errors.As(err, &told):
		if code, ok := statuses[told.Code]; ok {
			p := problem{status: code, field: told.Field, said: hub.Said{Phrase: told.Phrase, Args: told.Args}, program: told.Program, retry: int(math.Ceil(told.Retry.Seconds()))}
			if told.Code == hub.Unavailable { // who looks after the hub must know as well
				p.internal = err
			}
			return p
		}
	case errors.As(err, &http1):
		return problem{status: http1.status, field: http1.field, said: http1.said, program: http1.program, retry: http1.retry}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return trouble(http.StatusServiceUnavailable, "This took too long. Please try again in a minute.")
	}
	p := trouble(http.StatusInternalServerError, brokenText)
	p.internal = err
	return p
}

// brokenText is said of what only the log tells.
const brokenText hub.Phrase = "Something went wrong here. What was saved before is still saved. Please try again, and tell whoever looks after this place if it stays."

// heading heads the page of what went wrong: where nothing was to be sent, it does not speak of that.
func heading(status int, read bool) hub.Phrase {
	if status == http.StatusForbidden && read {
		status = http.StatusMethodNotAllowed
	}
	return titles[status]
}

// titles head the pages of what went wrong.
var titles = map[int]hub.Phrase{
	http.StatusBadRequest:            "That did not arrive in one piece",
	http.StatusForbidden:             "Not sent",
	http.StatusNotFound:              "Not found",
	http.StatusMethodNotAllowed:      "That does not work here",
	http.StatusRequestEntityTooLarge: "Too large",
	http.StatusUnsupportedMediaType:  "That does not work here",
	http.StatusMisdirectedRequest:    "Another address, please",
	http.StatusUnprocessableEntity:   "That does not fit",
	http.StatusTooManyRequests:       "Too much at once",
	http.StatusServiceUnavailable:    "Not now",
	http.StatusInternalServerError:   "Something went wrong",
}
