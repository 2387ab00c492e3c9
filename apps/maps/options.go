package maps

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/apps/maps/streets"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/paulmach/orb"
)

// Options are what the machine gives the app that it runs on. The zero ones give nothing:
// then there is no map, and all else works.
type Options struct {
	// Folder is where the street maps lie, *.pmtiles, the pictures drawn of them, and files
	// with places until somebody has looked at them. It is made if it is not there, once
	// the app has a hub behind it. Empty: none.
	Folder string
	// Disk is how many bytes of the folder's disk are free, and how many it has. Nil: not
	// asked.
	Disk func() (free, total uint64, err error)
	// Upload is how many bytes a file with places may have; 0 = feature.MaxFileBytes.
	Upload int64
	// At is where this place stands while no coordinator has said so, written as people
	// write places; see grid.Parse. Empty: not known.
	At string
	// Areas are what others draw on the map, such as the areas of notices, as hub.Layerer
	// has it: GeoJSON features (RFC 7946), of which "title" and "path" among the properties
	// say what it is and where on this hub more of it is said. Nil: none.
	Areas func(hub.Snapshot, hub.Request) iter.Seq2[json.RawMessage, error]
	// Ferry is how street maps come from other hubs, and go to them. It is asked as soon as
	// the app has a hub behind it, and again when it runs if it gave nil. Nil, or one that
	// gives nil: they do not.
	Ferry func(hub.Host) Ferry
	Log   *slog.Logger // nil: nothing is logged
}

// Check reports what is wrong with the options.
func (o Options) Check() error {
	_, err := o.home()
	return err
}

// home is where this place stands while no coordinator has said so; nil: not known.
func (o Options) home() (*place.Point, error) {
	if o.At == "" {
		return nil, nil
	}
	found, err := grid.Parse(o.At, orb.Point{})
	if err != nil {
		return nil, err
	}
	p := place.FromOrb(found.Point)
	return &p, nil
}

// desk is what the app has besides records: where this place stands, and its street maps.
// A nil one has nothing.
type desk struct {
	Options

	stands  *place.Point
	opening sync.Once
	broken  error // why there are no street maps although there is a folder for them
	streets atomic.Pointer[streets.Streets]
	waiting *inbox.Box // files with places that nobody has decided upon yet; nil without a folder
	stacked *indexes   // of lists of places that came as one
	reads   *jobs      // of files with many places
	meeting sync.Mutex // held while it gets to know the other hubs
	others  atomic.Pointer[others]
}

func newDesk(o Options) *desk {
	d := &desk{Options: o, stacked: newIndexes(), reads: newJobs()}
	d.Log = cmp.Or(d.Log, slog.New(slog.DiscardHandler))
	d.stands, _ = o.home() // what is wrong with it Check says
	if o.Folder != "" {
		d.waiting = inbox.New(filepath.Join(o.Folder, "inbox"), nil)
	}
	return d
}

// open opens the street maps, once there is a hub behind the app: a program that only
// asks a running hub must not touch what that one works on.
func (d *desk) open() error {
	if d == nil || d.Folder == "" {
		return nil
	}
	d.opening.Do(func() {
		if err := d.forget(); err != nil {
			d.Log.Error("what a request has left cannot be cleared away", "folder", d.Folder, "error", err)
		}
		s, err := streets.Open(streets.Config{Folder: d.Folder, Disk: d.Disk, Log: d.Log})
		if err != nil {
			d.broken = err
			return
		}
		d.streets.Store(s)
	})
	return d.broken
}

// maps are the street maps; nil where there are none.
func (d *desk) maps() *streets.Streets {
	if d == nil {
		return nil
	}
	return d.streets.Load()
}

// run checks street maps as they come, fetches those of others and gives them what is here.
func (d *desk) run(ctx context.Context, h hub.Host) error {
	if err := d.open(); err != nil {
		return err
	}
	s := d.maps()
	if s == nil {
		return nil
	}
	defer s.Close()
	d.meet(h)
	away := d.away()
	if away == nil {
		return s.Run(ctx)
	}
	var all sync.WaitGroup
	all.Go(func() { away.fetcher.Run(ctx) })
	all.Go(func() { d.lend(ctx, h, away.ferry) })
	err := s.Run(ctx)
	all.Wait()
	return err
}

// seeing is a moment of the store, with what the desk knows besides.
type seeing struct {
	hub.Snapshot
	desk *desk
}

func (a App) sees(s hub.Snapshot) hub.Snapshot { return seeing{s, a.desk} }

// deskOf is the desk of a moment; nil for none.
func deskOf(s hub.Snapshot) *desk {
	if with, ok := s.(seeing); ok {
		return with.desk
	}
	return nil
}

// upload is how many bytes a file with places may have.
func (d *desk) upload() int64 {
	if d == nil {
		return feature.MaxFileBytes
	}
	return cmp.Or(d.Upload, feature.MaxFileBytes)
}

var _ hub.Uploader = App{}

// Uploads are how many bytes files bring: a street map as many as there may ever be of all.
func (a App) Uploads() map[string]int64 {
	return map[string]int64{"POST /" + importPath: a.desk.upload(), "POST /" + extractsPath: shelf.DefaultMost}
}

var (
	_ hub.Runner = App{}
	_ hub.Router = App{}
)

// Run works until its context ends.
func (a App) Run(ctx context.Context, h hub.Host) error {
	if a.desk == nil || a.desk.Folder == "" {
		return nil
	}
	done, read := make(chan error), make(chan struct{})
	go func() { done <- a.desk.run(ctx, h) }()
	go func() {
		defer close(read)
		a.desk.reads.run(ctx, a.desk, h)
	}()
	if err := a.desk.stacked.run(ctx, h, filepath.Join(a.desk.Folder, layersFolder), a.desk.Options); err != nil {
		a.desk.Log.Error("lists of places cannot be kept here", "err", err)
	}
	<-read
	return <-done
}

// layersFolder is where the indexes of layers are, within the folder.
const layersFolder = "layers"

// errNoFolder is for whoever asks for street maps where there is no room for them.
func errNoFolder() error {
	return errors.New("this hub has no folder for street maps")
}
