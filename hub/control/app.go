package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"
)

// AppVerb is one verb of an app.
type AppVerb struct {
	Most int64 // bytes that it is given to read; 0 = DefaultMost
	// Run answers at out, and ends with its context.
	Run func(ctx context.Context, args []string, in io.Reader, out io.Writer) error
}

// DefaultMost is how many bytes a verb of an app is given to read that names no bound.
const DefaultMost = 64 << 20

// Desk is what can be asked and told at a hub's console.
type Desk struct {
	Verbs map[string]Verb
	Apps  map[string]map[string]AppVerb // by app and verb: POST /app/APP/VERB?arg=…, whose bodies are what the verb reads and writes
}

// An app's verb has answered in full if its answer ends with one of these trailers
// (RFC 9110 §6.5): what has failed, escaped as in a query, or nothing.
const (
	failedTrailer = "Lamppost-Failed"
	doneTrailer   = "Lamppost-Done"
)

// apps serves the verbs of apps.
type apps struct {
	verbs   map[string]map[string]AppVerb
	serving context.Context //nolint:containedctx // with which each ends, as its own request outlives the hub's stop
	log     *slog.Logger
	running chan struct{} // holds one for each that runs
}

// maxRunning is how many verbs of apps run at once.
const maxRunning = 16

func newApps(ctx context.Context, verbs map[string]map[string]AppVerb, log *slog.Logger) *apps {
	return &apps{verbs: verbs, serving: ctx, log: log, running: make(chan struct{}, maxRunning)}
}

// drain waits until none runs, and lets none begin.
func (a *apps) drain() {
	for range maxRunning {
		a.running <- struct{}{}
	}
}

func (a *apps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	app, verb := r.PathValue("app"), r.PathValue("verb")
	do, ok := a.verbs[app][verb]
	switch {
	case len(a.verbs[app]) == 0:
		answer(w, nil, badRequest{fmt.Errorf("there is nothing named %q here that takes commands", app)})
		return
	case !ok:
		answer(w, nil, badRequest{fmt.Errorf("%s has no command %q here", app, verb)})
		return
	}
	select {
	case a.running <- struct{}{}:
		defer func() { <-a.running }()
	default:
		answer(w, nil, errors.New("too many commands run already, or the hub stops; try again"))
		return
	}
	c := http.NewResponseController(w)
	for _, err := range []error{c.EnableFullDuplex(), c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{})} {
		if err != nil {
			answer(w, nil, err)
			return
		}
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(a.serving, cancel)()
	w.Header().Set("Trailer", failedTrailer+", "+doneTrailer)
	w.Header().Set("Content-Type", "application/octet-stream")
	out := &flushed{w, c}
	_, err := out.Write(nil) // whoever asked is to know that it has begun
	if err == nil {
		err = a.run(ctx, do, r.URL.Query()["arg"], http.MaxBytesReader(nil, r.Body, cmp.Or(do.Most, DefaultMost)), out)
	}
	if err != nil {
		w.Header().Set(failedTrailer, url.QueryEscape(err.Error()))
		return
	}
	w.Header().Set(doneTrailer, "yes")
}

func (a *apps) run(ctx context.Context, do AppVerb, args []string, in io.Reader, out io.Writer) (err error) {
	defer func() {
		if what := recover(); what != nil {
			a.log.Error("a command of an app panicked", "panic", fmt.Sprint(what), "stack", string(debug.Stack()))
			err = errors.New("it broke; the hub's log says where")
		}
	}()
	return do.Run(ctx, args, in, out)
}

// flushed sends on at once what is written.
type flushed struct {
	w io.Writer
	c *http.ResponseController
}

func (f *flushed) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if err == nil {
		err = f.c.Flush()
	}
	return n, err
}

// Command has an app of the hub do what a verb says, which reads in and writes to out
// while it works; in may be nil. It ends with ctx.
func (c *Client) Command(ctx context.Context, app, verb string, args []string, in io.Reader, out io.Writer) error {
	ask := "http://control/app/" + url.PathEscape(app) + "/" + url.PathEscape(verb) + "?" + url.Values{"arg": args}.Encode()
	if len(ask) > maxAsk {
		return fmt.Errorf("that is too long for a command line: put it into a file")
	}
	if in == nil {
		in = http.NoBody
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, ask, in)
	if err != nil {
		return err
	}
	long := http.Client{Transport: c.http.Transport} // takes as long as it takes
	res, err := long.Do(req)
	if err != nil {
		return unasked(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return refusal(res)
	}
	if _, err := io.Copy(out, res.Body); err != nil {
		return fmt.Errorf("the hub's answer broke off: %w", err)
	}
	if failed := res.Trailer.Get(failedTrailer); failed != "" {
		if text, err := url.QueryUnescape(failed); err == nil {
			failed = text
		}
		return errors.New(failed)
	}
	if res.Trailer.Get(doneTrailer) == "" {
		return errors.New("the hub's answer broke off; nobody knows whether it was done")
	}
	return nil
}

// maxAsk bounds the first line of such a request, in bytes.
const maxAsk = 6 << 10
