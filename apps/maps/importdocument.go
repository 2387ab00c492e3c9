package maps

import (
	"context"
	"errors"
	"io"
	"net/url"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Receiver = App{}

// documentField names, in the form of a request with a document, the file that it waits in.
// No program can say it by itself.
const documentField = "document"

// ownList is what the list of places is called of which a program does not say that.
const ownList = "places"

// Documents are GeoJSON (RFC 7946 §12) where places are read.
func (a App) Documents() map[string]hub.Document {
	return map[string]hub.Document{placesPath: {Media: "application/geo+json", Most: a.desk.upload()}}
}

// Receive has a file of places wait while its request lasts. One of many places is read by the
// end of it.
func (a App) Receive(ctx context.Context, h hub.Host, q hub.Request, body io.Reader) (_ url.Values, leave func() error, err error) {
	var done *Version[Import]
	err = h.Read(ctx, func(s hub.Snapshot) (err error) {
		_, done, err = sending(s, q)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if done != nil {
		_, err := io.Copy(io.Discard, body)
		return url.Values{documentField: {""}}, nil, err
	}
	if err := a.tidy(ctx, h); err != nil {
		return nil, nil, err
	}
	if !q.Form.Has("list") {
		q.Form.Set("list", ownList)
	}
	it, err := a.desk.await(ownList+".geojson", q.Author.String(), body, a.desk.upload())
	if err != nil {
		return nil, nil, err
	}
	leave = func() error {
		a.desk.reads.drop(it.ID)
		return a.desk.inbox().Drop(it.ID)
	}
	with, _ := settingsOf(it)
	with.Format, with.Passing = exchange.GeoJSON, true
	if err := with.change(q); err != nil {
		return nil, leave, err
	}
	if err := a.desk.inbox().Set(it.ID, with); err != nil {
		return nil, leave, err
	}
	one, wrong, err := a.begin(ctx, h, q, it.ID)
	if one != nil {
		select {
		case <-one.done:
			wrong = one.err
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return url.Values{documentField: {it.ID}, "list": q.Form["list"]}, leave, errors.Join(err, wrong)
}

// forget throws away what a request has brought that did not end, as the machine stopped.
func (d *desk) forget() error {
	all, err := d.inbox().All()
	for _, it := range all {
		if with, _ := settingsOf(it); with.Passing {
			err = errors.Join(err, d.inbox().Drop(it.ID))
		}
	}
	return err
}

// documentOf is what would become of the document of a request.
func documentOf(s hub.Snapshot, q hub.Request) (*look, *plan, error) {
	l, err := lookingAt(s)
	if err != nil {
		return nil, nil, err
	}
	it, p, err := deskOf(s).planOf(l, q, q.Form.Get(documentField))
	if err != nil {
		return nil, nil, err
	}
	return l, p, deskOf(s).progress(l, it, p, q)
}

// takeDocument takes over what a program has sent as GeoJSON; with look it is only told what
// would change.
func takeDocument(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	id, done, err := sending(s, q)
	if err != nil || done != nil {
		return nil, err
	}
	l, p, err := documentOf(s, q)
	switch {
	case err != nil:
		return nil, err
	case p.wrong != nil:
		return nil, p.wrong
	case p.many && p.big == nil:
		return nil, &hub.Error{Code: hub.Conflict, Phrase: "Meanwhile something has changed here. Look at the list again, and press the button again if it is still right.", Program: "Meanwhile other lists have come. Send it again."}
	case q.Form.Get("look") != "" || p.changes(chosen(q)) == 0:
		return nil, nil
	}
	it := inbox.Item{ID: id, Name: p.List + ".geojson"}
	return l.draftsOf(q, it, p)
}

// changes is how many places would be said anew.
func (p *plan) changes(take func(id string) bool) (n int) {
	if b := p.big; b != nil {
		return b.new + b.changed + b.kept + b.gone
	}
	for _, s := range p.steps {
		if s.Verdict == exchange.Conflict && take(s.Entry.ID) {
			n++
		}
	}
	return n + p.of(exchange.New) + p.of(exchange.Changed)
}

// broughtInDocument is what became of the document of a request.
func broughtInDocument(s hub.Snapshot, q hub.Request) (any, error) {
	b, err := looking(s).brought(q)
	if err != nil {
		return nil, err
	}
	waits := q.Form.Get(documentField)
	if read := deskOf(s).reads.readOf(waits); read != nil {
		b.Plan = (&plan{many: true, big: read}).foretold()
		if b.Taken { // what was read before is as the file says by now
			b.Plan.Same += b.Plan.New + b.Plan.Changed
			b.Plan.New, b.Plan.Changed, b.Plan.Gone = 0, 0, 0
		}
		return b, nil
	}
	if waits == "" { // it was taken over before
		return b, nil
	}
	_, p, err := documentOf(s, q)
	if err != nil {
		return nil, err
	}
	b.Plan = p.foretold()
	return b, nil
}
