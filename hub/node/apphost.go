package node

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// appHost is the hub behind one of its apps.
type appHost struct {
	hub *Node
	app record.App
}

var _ hub.Host = appHost{}

// behindApp is what an app's own handlers, work and commands may ask of the hub.
func (n *Node) behindApp(app record.App) hub.Host { return appHost{n, app} }

func (b appHost) Read(ctx context.Context, f func(hub.Snapshot) error) error {
	return b.hub.Read(ctx, b.app, f)
}

func (b appHost) Write(ctx context.Context, ds ...hub.Draft) ([]record.Record, error) {
	rs, err := b.hub.desk.Write(ctx, b.hub.manifest(b.app), b.hub.conf.Folder.Key, ds...)
	if err == nil {
		b.hub.measure.Wrote(string(b.app), len(rs))
	}
	return rs, err
}

func (b appHost) Watch(ctx context.Context, terms ...hub.Term) <-chan struct{} {
	topics := make([]server.Topic, len(terms))
	for i, t := range terms {
		topics[i] = server.Topic{App: b.app, Term: t}
	}
	changed, told := b.hub.feed.Watch(ctx, topics...), make(chan struct{}, 1)
	go func() {
		defer close(told)
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			select {
			case told <- struct{}{}:
			default: // not received yet
			}
		}
	}()
	return told
}

func (b appHost) Blobs() hub.Blobs {
	if b.hub.blobs == nil {
		return noBlobs{}
	}
	return shelf{b.hub}
}

func (b appHost) Online() bool { return b.hub.internet() == gateway.Up }

// noBlobs is for a hub whose folder for them does not read.
type noBlobs struct{}

func (noBlobs) Put(context.Context, io.Reader, int64) (record.Blob, error) {
	return record.Blob{}, hub.Errorf(hub.Unavailable, "", "This place keeps no attachments.")
}

func (noBlobs) Open(context.Context, [32]byte) (io.ReadSeekCloser, error) {
	return nil, hub.Errorf(hub.NotFound, "", "This place keeps no attachments.")
}

// runApps has apps do what they do by themselves. An app that fails stops doing that, and
// nothing else stops.
func (n *Node) runApps(start func(name string, run func(context.Context) error)) {
	for _, a := range n.conf.Apps {
		r, ok := a.(hub.Runner)
		if !ok {
			continue
		}
		name := a.Manifest().Name
		start(string(name), func(ctx context.Context) error {
			if err := runApp(ctx, r, n.behindApp(name)); err != nil && ctx.Err() == nil {
				n.log.Error("what an app does by itself has ended", "app", name, "err", err)
			}
			return nil
		})
	}
}

func runApp(ctx context.Context, r hub.Runner, own hub.Host) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("panic: %v\n%s", what, debug.Stack())
		}
	}()
	return r.Run(ctx, own)
}

// appVerbs are the verbs of apps at the console.
func (n *Node) appVerbs() map[string]map[string]control.AppVerb {
	all := map[string]map[string]control.AppVerb{}
	for _, a := range n.conf.Apps {
		c, ok := a.(hub.Commander)
		if !ok {
			continue
		}
		name := a.Manifest().Name
		verbs := map[string]control.AppVerb{}
		for verb, do := range c.Commands() {
			verbs[verb] = control.AppVerb{Most: do.Most, Run: func(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
				return do.Run(ctx, n.behindApp(name), args, in, out)
			}}
		}
		all[string(name)] = verbs
	}
	return all
}
