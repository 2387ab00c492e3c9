package fieldtest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

// Crowd is many hubs of one community, on two switches with a cable between them.
type Crowd struct {
	Hubs []*Hub

	cable  *netnstest.Cable
	towns  []*Town
	people []*Person
	held   int // at least so many records at each
}

// perHub is how many made-up posts a hub of a crowd has residents for.
const perHub = 2 * perPerson

// NewCrowd makes n hubs that do not run yet, the first half on one switch. Each
// but the first knows one address, that of the one before it.
func NewCrowd(ctx context.Context, net *netnstest.Net, program, dir string, n int) (*Crowd, error) {
	east, err := net.Bridge(ctx, "east")
	if err != nil {
		return nil, err
	}
	west, err := net.Bridge(ctx, "west")
	if err != nil {
		return nil, err
	}
	c := &Crowd{}
	if c.cable, err = east.Cable(ctx, west); err != nil {
		return nil, err
	}
	for i := range n {
		name := fmt.Sprintf("place%d", i+1)
		host, err := net.Host(ctx, name)
		if err != nil {
			return c, err
		}
		at := east
		if i >= n/2 {
			at = west
		}
		if _, err := host.Plug(ctx, at, fmt.Sprintf("10.1.0.%d/24", i+1)); err != nil {
			return c, err
		}
		h := &Hub{
			Label: fmt.Sprintf("Place %d", i+1), Program: program, Host: host,
			Folder: filepath.Join(dir, name), Log: filepath.Join(dir, name+".log"),
		}
		if i > 0 {
			h.Flags = []string{"--peer", fmt.Sprintf("10.1.0.%d:%s", i, SyncPort)}
		}
		c.Hubs = append(c.Hubs, h)
	}
	if _, err := Found(c.Hubs...); err != nil {
		return c, err
	}
	err = c.settle(ctx)
	return c, err
}

// settle gives each hub residents who will write.
func (c *Crowd) settle(ctx context.Context) error {
	for _, h := range c.Hubs {
		t, err := NewTown(h, perHub)
		if err != nil {
			return err
		}
		vouches, err := t.Vouches()
		if err == nil {
			err = Fill(ctx, h, vouches...)
		}
		if err != nil {
			return err
		}
		c.towns = append(c.towns, t)
		c.people = append(c.people, h.Person("Somebody at "+h.Label))
		c.held += len(vouches) + 1 // the hub's certificate
	}
	return nil
}

// Acquaint starts all hubs at the same time, and returns how long it takes until
// each knows of all the others that they are up.
func (c *Crowd) Acquaint(ctx context.Context, within time.Duration) (time.Duration, error) {
	begun := time.Now()
	if err := StartAll(ctx, c.Hubs...); err != nil {
		return 0, err
	}
	known := make([]int, len(c.Hubs))
	_, err := Await(ctx, within-time.Since(begun), pollEvery(c.Hubs), "all know all", func(ctx context.Context) (bool, error) {
		for i, h := range c.Hubs {
			s, err := h.Console().Status(ctx)
			if err != nil {
				return false, err
			}
			up := map[string]bool{}
			for _, m := range s.Members {
				up[m.Label] = true
			}
			if known[i] = len(up); known[i] < len(c.Hubs)-1 {
				return false, nil
			}
		}
		return true, nil
	})
	if errors.Is(err, ErrLate) {
		err = fmt.Errorf("%w; others known: %d", err, known)
	}
	return time.Since(begun), err
}

// Agree waits until all hold the same, and all that was written here.
func (c *Crowd) Agree(ctx context.Context, within time.Duration) (time.Duration, error) {
	return Equal(ctx, within, c.held, c.Hubs...)
}

// Welcome has one person at each hub post for the first time: it is then that a
// key is made for them, which is slow on purpose.
func (c *Crowd) Welcome(ctx context.Context) error {
	for _, p := range c.people {
		if _, err := p.Post(ctx, "the first"); err != nil {
			return err
		}
		c.held++
	}
	return nil
}

// Spread has these people post in turn, n times, and returns for each post how
// long it takes from the sending until the last hub has it on disk.
func (c *Crowd) Spread(ctx context.Context, n int, every time.Duration) ([]time.Duration, error) {
	var all sync.WaitGroup
	took, errs := make([]time.Duration, n), make([]error, n)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := range n {
		begun := time.Now()
		key, err := c.people[i%len(c.people)].Post(ctx, fmt.Sprintf("to all %d", i))
		if err != nil {
			all.Wait()
			return nil, err
		}
		all.Go(func() { took[i], errs[i] = Reached(ctx, key, begun, c.Hubs...) })
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	all.Wait()
	c.held += n
	return took, errors.Join(errs...)
}

// Reached is how long after begun the last of these hubs has a post.
func Reached(ctx context.Context, key string, begun time.Time, hubs ...*Hub) (time.Duration, error) {
	const within = 20 * time.Second
	errs := make([]error, len(hubs))
	var all sync.WaitGroup
	for i, h := range hubs {
		all.Go(func() {
			missing, err := h.Console().Await(ctx, "messages", within, key)
			if err == nil && len(missing) > 0 {
				err = fmt.Errorf("%s does not have %s: %w", h.Label, key, ErrLate)
			}
			errs[i] = err
		})
	}
	all.Wait()
	return time.Since(begun), errors.Join(errs...)
}

// Split cuts the cable, has so many posts written on each side, waits, mends it,
// and returns how long it takes until all hold the same.
func (c *Crowd) Split(ctx context.Context, posts int, apart, within time.Duration) (time.Duration, error) {
	if err := c.cable.Cut(ctx); err != nil {
		return 0, err
	}
	each := 2 * posts / len(c.Hubs)
	for i, h := range c.Hubs {
		rs, err := c.towns[i].Posts(each)
		if err == nil {
			err = Send(ctx, h, rs...)
		}
		if err != nil {
			return 0, err
		}
	}
	if err := Pause(ctx, apart); err != nil {
		return 0, err
	}
	half := len(c.Hubs) / 2
	for _, side := range [][]*Hub{c.Hubs[:half], c.Hubs[half:]} {
		if _, err := Equal(ctx, within, c.held+half*each, side...); err != nil {
			return 0, fmt.Errorf("on one side: %w", err)
		}
	}
	switch now, err := statuses(ctx, c.Hubs); {
	case err != nil:
		return 0, err
	case same(now, 0):
		return 0, errors.New("the cut cable carries: this shows nothing")
	}
	c.held += len(c.Hubs) * each
	begun := time.Now()
	if err := c.cable.Mend(ctx); err != nil {
		return 0, err
	}
	_, err := c.Agree(ctx, within)
	return time.Since(begun), err
}

// Settle waits until the hubs have said how far the news have got, and have the
// links that they keep.
func (c *Crowd) Settle(ctx context.Context) (time.Duration, error) {
	const (
		telling = 90 * time.Second // that is told, and links too many are ended, after a minute
		told    = 75 * time.Second // what was told before all had come to rest is told again, a minute later
		linked  = 25 * time.Second // links are ended one in 20 s
		within  = 6 * time.Minute
	)
	type point struct {
		arrival uint64
		links   int
	}
	begun, last := time.Now(), make([]point, len(c.Hubs))
	spoke, moved := begun, begun
	return Await(ctx, within, time.Second, "all come to rest", func(ctx context.Context) (bool, error) {
		now, err := statuses(ctx, c.Hubs)
		if err != nil {
			return false, err
		}
		for i, s := range now {
			p := point{s.Log.Arrival, len(Linked(s))}
			if p.arrival != last[i].arrival {
				spoke = time.Now()
			}
			if p.links != last[i].links {
				moved = time.Now()
			}
			last[i] = p
		}
		return time.Since(begun) >= telling && time.Since(spoke) >= told && time.Since(moved) >= linked, nil
	})
}

// Idle is what each hub takes of its machine over a time in which nothing happens.
func (c *Crowd) Idle(ctx context.Context, lasting time.Duration) ([]Rest, error) {
	return Idle(ctx, lasting, c.Hubs...)
}

// Stop ends all hubs and the people's connections.
func (c *Crowd) Stop() error {
	for _, p := range c.people {
		p.Done()
	}
	errs := make([]error, len(c.Hubs))
	var all sync.WaitGroup
	for i, h := range c.Hubs {
		all.Go(func() { errs[i] = h.Stop() })
	}
	all.Wait()
	return errors.Join(errs...)
}
