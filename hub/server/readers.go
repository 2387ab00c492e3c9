package server

import (
	"fmt"
	"net/http"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Readers keeps what belongs to one reader alone: hub/local's Local.
type Readers interface {
	Seen(who record.Author, app record.App, list hub.Term) hub.Seen
	// See does not wait for the disk.
	See(who record.Author, app record.App, list hub.Term, now hub.Mark)
	Hides(who, other record.Author) bool
	Hidden(who record.Author) []record.Author // the latest first
	SetHidden(who, other record.Author, hidden bool) error
}

// reader is what is kept for whoever asks something of an app.
type reader struct {
	kept Readers
	who  record.Author
	app  record.App
}

func (r reader) Seen(list hub.Term) hub.Seen     { return r.kept.Seen(r.who, r.app, list) }
func (r reader) Hides(other record.Author) bool  { return r.kept.Hides(r.who, other) }
func (r reader) see(list hub.Term, now hub.Mark) { r.kept.See(r.who, r.app, list, now) }

// keeps reports whether anything is kept for whoever asks: guests are many people
// under one key.
func (s *Server) keeps(v *visit) bool {
	if v.session == nil || s.cfg.Readers == nil {
		return false
	}
	guest, err := s.isGuest(v)
	return err == nil && !guest
}

// seen notes, of a page that an app has made of a moment, what the reader has seen
// with it.
func seen(v *visit, snap hub.Snapshot, q hub.Request, p hub.Page) error {
	r, ok := q.Reader.(reader)
	if !ok || p.Mark == "" || v.r.Method == http.MethodHead {
		return nil
	}
	newest, err := newestOf(snap, p.Mark)
	if err == nil {
		r.see(p.Mark, hub.Mark{Newest: hub.Cursor(newest), Came: snap.Latest()})
	}
	return err
}

// maxPassed bounds how many items of a wrong clock are passed over.
const maxPassed = 100

// newestOf is the time of a list's newest item that is not of a clock that runs
// ahead; 0 where there is none.
func newestOf(snap hub.Snapshot, list hub.Term) (record.Time, error) {
	n := 0
	for it, err := range snap.Newest(list, 0) {
		if err != nil {
			return 0, fmt.Errorf("newest of a list: %w", err)
		}
		if !it.Ahead {
			return it.Listed, nil
		}
		if n++; n == maxPassed {
			break
		}
	}
	return 0, nil
}
