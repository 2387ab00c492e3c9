// Package control is a hub's console: a unix socket in its data folder over
// which the user who owns the folder, and nobody else, asks how the hub stands
// and cuts or mends its links. The protocol is HTTP with JSON bodies:
//
//	GET  /status          → Status
//	POST /block   {peer}  cuts the link with a peer and keeps it from coming back
//	POST /unblock {peer}  ends that
//	POST /missing {app, keys} → {keys}: those that are in no slot of the hub's set
//
// An answer of 400 or 500 has the body {error}.
package control

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Hub is what the console asks of the hub behind it.
type Hub interface {
	Status() (Status, error)
	Block(peer record.Author)
	Unblock(peer record.Author)
	Missing(app record.App, keys []string) ([]string, error)
}

type (
	// Status is how a hub stands.
	Status struct {
		Community string   `json:"community"`
		Place     string   `json:"place"`
		ID        string   `json:"id"`             // the hub's key in hex
		HTTP      string   `json:"http,omitempty"` // host:port of the pages
		Sync      []string `json:"sync"`           // host:port for other hubs
		Clock     Clock    `json:"clock"`
		Set       []Class  `json:"set"` // by class, the most urgent first
		Links     []Link   `json:"links"`
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
	// Link is a link with another hub, or an address that has none.
	Link struct {
		Peer    string    `json:"peer,omitempty"` // its key in hex; empty where nobody has answered yet
		Label   string    `json:"label,omitempty"`
		Addr    string    `json:"addr"`
		Since   time.Time `json:"since,omitzero"` // zero where there is no link
		Equal   bool      `json:"equal"`          // both ends held the same when they last said
		Waiting int       `json:"waiting"`        // records that wait to be sent
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
	peerBody struct {
		Peer string `json:"peer"`
	}
	keysBody struct {
		App  string   `json:"app,omitempty"`
		Keys []string `json:"keys"`
	}
	errorBody struct {
		Error string `json:"error"`
	}
)

// Bounds of a request.
const (
	maxBody    = 4 << 20
	maxTime    = 30 * time.Second
	shutWithin = time.Second
)

// Serve answers at ln until ctx ends. It closes ln.
func Serve(ctx context.Context, ln net.Listener, h Hub, log *slog.Logger) error {
	srv := &http.Server{
		Handler: handler(h), ReadTimeout: maxTime, WriteTimeout: maxTime, IdleTimeout: maxTime, MaxHeaderBytes: 8 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-serving.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutWithin)
		defer cancel()
		err := srv.Shutdown(end)
		if err != nil {
			err = srv.Close()
		}
		stopped <- err
	}()
	err := srv.Serve(ln)
	cancel()
	if stopErr := <-stopped; errors.Is(err, http.ErrServerClosed) {
		return stopErr
	}
	return err
}

// badRequest is an error of whoever asked.
type badRequest struct{ error }

func handler(h Hub) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		s, err := h.Status()
		answer(w, s, err)
	})
	onPeer := func(do func(record.Author)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			peer, err := readPeer(w, r)
			if err == nil {
				do(peer)
			}
			answer(w, struct{}{}, err)
		}
	}
	mux.HandleFunc("POST /block", onPeer(h.Block))
	mux.HandleFunc("POST /unblock", onPeer(h.Unblock))
	mux.HandleFunc("POST /missing", func(w http.ResponseWriter, r *http.Request) {
		var in, out keysBody
		err := read(w, r, &in)
		if err == nil {
			out.Keys, err = h.Missing(record.App(in.App), in.Keys)
		}
		answer(w, out, err)
	})
	return mux
}

func readPeer(w http.ResponseWriter, r *http.Request) (a record.Author, err error) {
	var in peerBody
	if err := read(w, r, &in); err != nil {
		return a, err
	}
	b, err := hex.DecodeString(in.Peer)
	if err != nil || len(b) != len(a) {
		return a, badRequest{fmt.Errorf("peer is not a hub's key: %d hexadecimal digits", 2*len(a))}
	}
	return record.Author(b), nil
}

func read(w http.ResponseWriter, r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badRequest{fmt.Errorf("the request's body is not what was expected: %w", err)}
	}
	return nil
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
