package maps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/fetching"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
)

// tellEvery is how often a terminal hears how far a map has come.
const tellEvery = 5 * time.Second

// commandFetch shows the street maps of others, or fetches one of them.
func (a App) commandFetch(ctx context.Context, h hub.Host, args []string, _ io.Reader, out io.Writer) error {
	away := a.desk.away()
	switch {
	case a.desk.maps() == nil:
		return errNoFolder()
	case away == nil:
		return errors.New("this hub fetches no street maps from others")
	case len(args) > 1:
		return errors.New("name one street map, as lamppost maps fetch shows it, or say stop")
	case len(args) == 1 && args[0] == "stop":
		return a.desk.stopAny(out)
	}
	var found []offer
	err := h.Read(ctx, func(s hub.Snapshot) (err error) {
		found, err = offers(s, away.ferry.Self(), away.ferry.Linked(), nil)
		return err
	})
	if err != nil {
		return err
	}
	if len(args) == 0 {
		a.desk.showOffers(found, out)
		return nil
	}
	o, err := meant(found, args[0])
	if err != nil {
		return err
	}
	if err := away.fetcher.Begin(fetching.Order{Name: a.desk.free(o.LentMap), Size: o.Size, Sum: o.sum()}); err != nil {
		return err
	}
	return a.desk.follow(ctx, h, o, out)
}

// meant is the one street map that is meant: by the name of its file, or by how its hash
// begins.
func meant(all []offer, what string) (o offer, _ error) {
	var some []offer
	for _, o := range all {
		if called(what, o.Name, o.Sum) {
			some = append(some, o)
		}
	}
	switch len(some) {
	case 0:
		return o, fmt.Errorf("no other place says that it has %q; lamppost maps fetch shows what there is", what)
	case 1:
		return some[0], nil
	}
	return o, fmt.Errorf("there are %d street maps called %q; name one by the first digits behind its name, as lamppost maps fetch shows them", len(some), what)
}

// showOffers shows what others have, and what has come of it.
func (d *desk) showOffers(found []offer, out io.Writer) {
	if len(found) == 0 {
		fmt.Fprintln(out, "No other place says that it has a street map.")
	}
	files, err := d.maps().Extracts()
	if err != nil {
		fmt.Fprintf(out, "Which street maps are here cannot be read: %v\n", err)
	}
	parts, err := d.maps().Parts()
	if err != nil {
		fmt.Fprintf(out, "What has come of street maps cannot be read: %v\n", err)
	}
	linked := d.away().ferry.Linked()
	for _, o := range found {
		b := o.bound()
		fmt.Fprintf(out, "%s %x (%d bytes): zoom %d to %d, %.4f,%.4f to %.4f,%.4f, %s; at %s", o.Name, o.Sum[:6], o.Size, o.Zooms[0], o.Zooms[1],
			b.Min.Lat(), b.Min.Lon(), b.Max.Lat(), b.Max.Lon(), o.Credit, strings.Join(o.labels, ", "))
		at := slices.IndexFunc(parts, func(p shelf.Part) bool { return p.Sum == o.sum() })
		whole := slices.ContainsFunc(files, func(e shelf.Extract) bool { return e.State == shelf.Ready && e.Sum == o.sum() })
		switch {
		case whole:
			fmt.Fprint(out, "; it is here")
		case at >= 0:
			fmt.Fprintf(out, "; %d bytes are here", parts[at].Have)
		}
		if !whole && !slices.Contains(linked, o.of[0]) {
			fmt.Fprint(out, "; it cannot be reached just now")
		}
		fmt.Fprintln(out)
	}
}

// stopAny stops what is under way.
func (d *desk) stopAny(out io.Writer) error {
	s, ordered := d.away().fetcher.Status()
	if !ordered || !d.away().fetcher.Stop(s.Sum) {
		return errors.New("no street map is being fetched")
	}
	fmt.Fprintf(out, "%s is no longer fetched. What has come of it stays: fetch it again to go on.\n", s.Name)
	return nil
}

// follow tells how far a street map has come until it is here, cannot be, is stopped, or
// nobody listens any more.
func (d *desk) follow(ctx context.Context, h hub.Host, o offer, out io.Writer) error {
	f := d.away().fetcher
	for {
		changed := f.Changed()
		s, _ := f.Status()
		switch {
		case s.Sum != o.sum() || s.State == fetching.Stopped:
			return errors.New("it was stopped. What has come of it stays: fetch it again to go on")
		case s.State == fetching.Failed:
			return s.Why
		case s.State == fetching.Done:
			fmt.Fprintf(out, "%s is here.\n", s.File)
			return nil
		case s.State == fetching.Waiting:
			fmt.Fprintf(out, "%d of %d bytes are here. It goes on as soon as a place that has it can be reached.\n", s.Have, s.Size)
		default:
			fmt.Fprintf(out, "%d of %d bytes are here. It comes from %s.\n", s.Have, s.Size, labelOf(ctx, h, s))
		}
		tell := time.NewTimer(tellEvery)
		select {
		case <-ctx.Done():
			tell.Stop()
			return ctx.Err()
		case <-changed:
		case <-tell.C:
		}
		tell.Stop()
	}
}

// labelOf is what the hub is called that a street map comes from.
func labelOf(ctx context.Context, h hub.Host, of fetching.Status) string {
	label := of.From.Tag()
	_ = h.Read(ctx, func(s hub.Snapshot) error { // else its key says it
		if c, ok := s.Roster().Hub(of.From); ok {
			label = c.Label
		}
		return nil
	})
	return label
}
