// Package control is a hub's console: a unix socket in its data folder over
// which the user who owns the folder, and nobody else, asks how the hub stands
// and tells it what to do. The protocol is HTTP with JSON bodies: POST /VERB
// with what the verb takes, answered by what it gives. An answer of 400 or 500
// has the body {error}.
//
// Which verbs there are is the hub's: Serve is handed them. The types of those
// that every hub has are here. Verbs of apps read and write as they work.
package control

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Verb is one thing that a hub can be asked or told. Its input has not been
// looked at.
type Verb func(ctx context.Context, in json.RawMessage) (out any, err error)

// Handle makes a Verb of a function. Input that is not an In is refused.
func Handle[In, Out any](f func(context.Context, In) (Out, error)) Verb {
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			return nil, badRequest{fmt.Errorf("what was sent is not what this takes: %w", err)}
		}
		return f(ctx, in)
	}
}

// Nothing is what a verb takes or gives that takes or gives nothing.
type Nothing struct{}

type (
	// Status is how a hub stands. Its times are by the hub's clock as it is when it is
	// asked: what lies between one and Clock.Now is how long ago it was, whatever the
	// clock was set to since.
	Status struct {
		Community string   `json:"community"`
		Place     string   `json:"place"`
		ID        string   `json:"id"`                 // the hub's key in hex
		HTTP      string   `json:"http,omitempty"`     // host:port of the pages
		Official  string   `json:"official,omitempty"` // address of the pages over HTTPS, on which coordinators sign
		Sync      []string `json:"sync"`               // host:port for other hubs
		Internet  string   `json:"internet"`           // up, down or unknown
		Clock     Clock    `json:"clock"`
		Set       []Class  `json:"set"` // by class, the most urgent first
		Log       Log      `json:"log"`
		Links     []Link   `json:"links"`
		Members   []Member `json:"members"` // other hubs that are up, whether linked or not

		Program  Program          `json:"program"`
		Apps     []App            `json:"apps"` // by name
		Disk     Disk             `json:"disk"`
		Blobs    Blobs            `json:"blobs"`
		Hubs     []Hub            `json:"hubs"`     // the others, by label
		Warnings []doctor.Finding `json:"warnings"` // the worst first
	}
	// Clock is the hub's time, and whether it may be relied on.
	Clock struct {
		Now       time.Time `json:"now"`
		Plausible bool      `json:"plausible"`
		Why       string    `json:"why"` // who says so; "none"
	}
	// Class is one class of records in the hub's set.
	Class struct {
		Name    string `json:"name"`
		Records uint64 `json:"records"`
		Digest  string `json:"digest"` // equal sets have equal ones, in hex
	}
	// Log is where the hub's log of changes ends: under one epoch the number never
	// falls, and no epoch comes twice. Peers ask for what followed such a place.
	Log struct {
		Epoch   string `json:"epoch"`   // 16 hex digits, drawn at each opening of the store
		Arrival uint64 `json:"arrival"` // the last number given to a change of the set
	}
	// Link is a link with another hub, or an address that has none.
	Link struct {
		Peer    string    `json:"peer,omitempty"` // its key in hex; empty where nobody has answered yet
		Label   string    `json:"label,omitempty"`
		Addr    string    `json:"addr"`
		Since   time.Time `json:"since,omitzero"` // zero where there is no link
		Equal   bool      `json:"equal"`          // both ends held the same when they last said
		Waiting int       `json:"waiting"`        // records that wait to be sent
		Behind  Behind    `json:"behind"`
		Dialled bool      `json:"dialled,omitempty"` // by this hub; else the other came in
		Heard   time.Time `json:"heard,omitzero"`    // when the other end last said something
		Problem string    `json:"problem,omitempty"`
	}
)

// Up reports whether it is a link.
func (l Link) Up() bool { return !l.Since.IsZero() }

// Records is how many records the hub's set has.
func (s Status) Records() (n uint64) {
	for _, c := range s.Set {
		n += c.Records
	}
	return n
}

type (
	// Peer names a hub by its key in hex.
	Peer struct {
		Peer string `json:"peer"`
	}
	// Keys are keys of an app's slots.
	Keys struct {
		App  string   `json:"app,omitempty"`
		Keys []string `json:"keys"`
	}
	errorBody struct {
		Error string `json:"error"`
	}
)

// Author is the key that is named.
func (p Peer) Author() (a record.Author, err error) {
	b, err := hex.DecodeString(p.Peer)
	if err != nil || len(b) != len(a) {
		return a, badRequest{fmt.Errorf("peer is not a hub's key: %d hexadecimal digits", 2*len(a))}
	}
	return record.Author(b), nil
}

// Bounds of a request.
const (
	maxBody    = 4 << 20
	maxTime    = 30 * time.Second
	shutWithin = time.Second
)

// Serve answers at ln until ctx ends, and returns when no verb of an app runs any more.
// It closes ln.
func Serve(ctx context.Context, ln net.Listener, desk Desk, log *slog.Logger) error {
	a := newApps(ctx, desk.Apps, log)
	defer a.drain()
	srv := &http.Server{
		Handler: handler(desk.Verbs, a), ReadTimeout: maxTime, WriteTimeout: maxTime, IdleTimeout: maxTime, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return httpserve.Until(ctx, srv, ln, shutWithin)
}

// badRequest is an error of whoever asked.
type badRequest struct{ error }

// BadRequest marks what a verb returns as an error of whoever asked.
func BadRequest(err error) error { return badRequest{err} }

func handler(verbs map[string]Verb, a *apps) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /app/{app}/{verb}", a)
	for name, do := range verbs {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
			if err != nil {
				answer(w, nil, badRequest{err})
				return
			}
			out, err := do(r.Context(), in)
			answer(w, out, err)
		})
	}
	return mux
}

func answer(w http.ResponseWriter, v any, err error) {
	code := http.StatusOK
	if err != nil {
		code, v = http.StatusInternalServerError, errorBody{err.Error()}
		if _, ok := errors.AsType[badRequest](err); ok {
			code = http.StatusBadRequest
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}
