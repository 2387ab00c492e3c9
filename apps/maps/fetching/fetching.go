// Package fetching takes a street map in from other hubs of the community, as long as that
// takes: it asks those that say they have it, one after the other, goes on where the last
// one broke off, and waits while none can be reached.
package fetching

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/shelf"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// How long nothing is tried.
const (
	firstWait   = 5 * time.Second
	longestWait = 2 * time.Minute
	avoided     = time.Hour // a hub that gave another file than it said
)

// maxLies is of how many files, each of one hub, that is remembered.
const maxLies = 64

type (
	// Shelf takes files in.
	Shelf interface {
		Fetch(context.Context, shelf.Upload, shelf.Source) (shelf.Extract, error)
		Parts() ([]shelf.Part, error)
		GiveUp(sum [32]byte) error
	}
	// Ferry brings files from other hubs.
	Ferry interface {
		// Linked are the hubs that can be asked now.
		Linked() []record.Author
		// Open gives the bytes of a file that a hub has, from an offset on.
		Open(ctx context.Context, of record.Author, sum [32]byte, size, at int64) (io.ReadCloser, error)
	}
	// Holders are the hubs that say that they have a file now, the best first.
	Holders func(ctx context.Context, sum [32]byte) ([]record.Author, error)
)

// Order is a file that is to be fetched.
type Order struct {
	Name string
	Size int64
	Sum  [32]byte
}

// State is how an order stands.
type State int

// The states.
const (
	Coming  State = iota + 1 // from a hub
	Waiting                  // no hub that has it can be reached, or gives it
	Done
	Stopped // by somebody
	Failed
)

// Status is how an order stands.
type Status struct {
	Order

	State State
	From  record.Author // of one that is Coming
	Have  int64         // bytes that are here
	File  string        // of one that is Done: its name here
	Why   error         // of a Failed one: a hub.Error where people can do something about it
}

// Active reports whether it is not at its end.
func (s Status) Active() bool { return s.State == Coming || s.State == Waiting }

// Fetcher fetches one file at a time. It is safe for concurrent use.
type Fetcher struct {
	shelf   Shelf
	ferry   Ferry
	holders Holders
	log     *slog.Logger
	orders  chan struct{}
	now     func() time.Time

	mu      sync.Mutex
	status  *Status // of the last order; nil: there was none
	cancel  context.CancelFunc
	stopped bool
	changed chan struct{} // closed at the next change of the state

	lies map[lie]time.Time // until when; of Run alone
}

// lie is what a hub has given that is another file than its hash says.
type lie struct {
	of  record.Author
	sum [32]byte
}

// New makes one that fetches nothing before Run.
func New(s Shelf, f Ferry, h Holders, log *slog.Logger) *Fetcher {
	return &Fetcher{shelf: s, ferry: f, holders: h, log: log, orders: make(chan struct{}, 1), now: time.Now, changed: make(chan struct{}), lies: map[lie]time.Time{}}
}

// Status is how the last order stands; false if there was none since the start.
func (f *Fetcher) Status() (Status, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.status == nil {
		return Status{}, false
	}
	return *f.status, true
}

// Changed is closed once the state is another one. How much is here changes without.
func (f *Fetcher) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Begin has a file fetched. What is under way already is that already; something else is a
// TooMany.
func (f *Fetcher) Begin(o Order) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.status != nil && f.status.Active() {
		if f.status.Sum == o.Sum {
			return nil
		}
		return hub.Errorf(hub.TooMany, "", "Another map file is being fetched just now. Stop that first, or wait until it is here.")
	}
	f.status, f.stopped = &Status{Order: o, State: Waiting}, false
	f.stir()
	select {
	case f.orders <- struct{}{}:
	default: // the last one was stopped before it began
	}
	return nil
}

// Stop ends the fetching of a file, for now. What has come of it stays. It reports whether
// it was under way.
func (f *Fetcher) Stop(sum [32]byte) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.status == nil || !f.status.Active() || f.status.Sum != sum {
		return false
	}
	if f.stopped = true; f.cancel != nil {
		f.cancel()
	}
	return true
}

// stir tells of another state. f.mu is held.
func (f *Fetcher) stir() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// say changes the status, and tells of it where its state is another one.
func (f *Fetcher) say(change func(*Status)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := *f.status
	if change(f.status); was.State != f.status.State || was.From != f.status.From {
		f.stir()
	}
}

// Run fetches what Begin asks for, until the context ends.
func (f *Fetcher) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.orders:
		}
		o, own, ok := f.take(ctx)
		if !ok {
			continue
		}
		f.fetch(own, o)
		f.mu.Lock()
		f.cancel()
		f.cancel = nil
		f.mu.Unlock()
	}
}

// take begins an order; false if it was stopped before.
func (f *Fetcher) take(ctx context.Context) (o Order, own context.Context, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		f.status.State = Stopped
		f.stir()
		return o, ctx, false
	}
	own, f.cancel = context.WithCancel(ctx)
	return f.status.Order, own, true
}

// fetch goes on until a file is here, cannot be, or the context ends.
func (f *Fetcher) fetch(ctx context.Context, o Order) {
	c := &coming{Fetcher: f, order: o, givers: map[record.Author]bool{}}
	if parts, err := f.shelf.Parts(); err == nil {
		for _, p := range parts {
			if p.Sum == o.Sum && p.Size == o.Size && p.Have > 0 {
				c.givers[record.Author{}] = true // somebody, before
				f.say(func(s *Status) { s.Have = p.Have })
			}
		}
	}
	wait := firstWait
	for {
		had := c.have()
		file, err := c.round(ctx)
		switch {
		case ctx.Err() != nil:
			f.say(func(s *Status) { s.State, s.From = Stopped, record.Author{} })
			return
		case file != "":
			f.say(func(s *Status) { s.State, s.From, s.Have, s.File = Done, record.Author{}, o.Size, file })
			return
		case err != nil:
			f.log.Warn("a map file could not be fetched from other places", "file", o.Name, "err", err)
			f.say(func(s *Status) { s.State, s.From, s.Why = Failed, record.Author{}, err })
			return
		}
		if c.have() != had {
			wait = firstWait
		}
		f.say(func(s *Status) { s.State, s.From = Waiting, record.Author{} })
		pause(ctx, wait)
		wait = min(2*wait, longestWait)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// coming is one order that is under way.
type coming struct {
	*Fetcher

	order  Order
	givers map[record.Author]bool // of what is here; the zero one stands for an earlier try
	single bool                   // what several gave was wrong: one has to give all
}

func (c *coming) have() int64 {
	s, _ := c.Status()
	return s.Have
}

// round asks each hub that can be asked once. It is the name of the file that is here then,
// or an error that asking again does not help against; neither if it is to be tried again.
func (c *coming) round(ctx context.Context) (file string, _ error) {
	all, err := c.holders(ctx, c.order.Sum)
	if err != nil {
		return "", err
	}
	linked := c.ferry.Linked()
	all = slices.DeleteFunc(slices.Clone(all), func(a record.Author) bool { return !slices.Contains(linked, a) })
	avoid := 0
	for _, of := range all {
		if c.now().Before(c.lies[lie{of, c.order.Sum}]) {
			avoid++
			continue
		}
		e, err := c.from(ctx, of)
		switch {
		case err == nil:
			return e.Name, nil
		case ctx.Err() != nil:
			return "", ctx.Err()
		case errors.Is(err, shelf.ErrOther):
			c.blame(of)
			avoid++
		default:
			if told, is := errors.AsType[*hub.Error](err); is {
				return "", told
			}
			c.log.Info("a map file does not come from another place for now", "file", c.order.Name, "peer", of.Tag(), "err", err)
		}
	}
	if avoid > 0 && avoid == len(all) && !c.single {
		return "", hub.Errorf(hub.Invalid, "", "What came was not the map file that other places say they have, so it was not kept. Fetch it again later, or bring it here in another way.")
	}
	return "", nil
}

// blame notes that what came is another file. Who gave all of it is not asked for it again
// for a while; where several did, one has to give all of it next.
func (c *coming) blame(last record.Author) {
	if len(c.givers) == 1 && c.givers[last] {
		c.avoid(lie{last, c.order.Sum})
		c.single = false
	} else {
		c.single = true
	}
	clear(c.givers)
	c.say(func(s *Status) { s.Have = 0 })
}

// avoid has a hub not asked for a file for a while. The lie that is the oldest is forgotten
// where there are too many.
func (f *Fetcher) avoid(l lie) {
	now := f.now()
	maps.DeleteFunc(f.lies, func(_ lie, until time.Time) bool { return !now.Before(until) })
	for len(f.lies) >= maxLies {
		var first lie
		for one, until := range f.lies {
			if first == (lie{}) || until.Before(f.lies[first]) {
				first = one
			}
		}
		delete(f.lies, first)
	}
	f.lies[l] = now.Add(avoided)
}

// from fetches of one hub until it is whole or the hub gives no more.
func (c *coming) from(ctx context.Context, of record.Author) (shelf.Extract, error) {
	if c.single && len(c.givers) > 0 && !c.givers[of] {
		if err := c.shelf.GiveUp(c.order.Sum); err != nil {
			return shelf.Extract{}, err
		}
		clear(c.givers)
	}
	u := shelf.Upload{Name: c.order.Name, Size: c.order.Size, Sum: c.order.Sum}
	return c.shelf.Fetch(ctx, u, func(ctx context.Context, at int64) (io.ReadCloser, error) {
		r, err := c.ferry.Open(ctx, of, c.order.Sum, c.order.Size, at)
		if err != nil {
			return nil, err
		}
		c.givers[of] = true
		if at == 0 { // what others gave is not there any more
			clear(c.givers)
			c.givers[of] = true
		}
		c.say(func(s *Status) { s.State, s.From, s.Have = Coming, of, at })
		return &counted{r, c}, nil
	})
}

// counted tells how much has come.
type counted struct {
	io.ReadCloser

	of *coming
}

func (r *counted) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	r.of.say(func(s *Status) { s.Have += int64(n) })
	return n, err
}
