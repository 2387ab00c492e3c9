package notices

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capfetch"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Bounds of what is fetched.
const (
	MaxFeeds     = 16
	feedEvery    = 2 * time.Minute
	feedLongest  = 30 * time.Minute // between two tries of a feed that fails
	linksATurn   = 50               // that are followed, of one feed
	triesOfALink = 3
	lookEvery    = time.Second // whether there is internet
	checkEvery   = 30 * time.Second
)

// Fetcher fetches pages of the internet.
type Fetcher interface {
	Get(ctx context.Context, address string, since capfetch.Mark) (capfetch.Page, error)
}

var (
	_ Fetcher    = (*capfetch.Client)(nil)
	_ hub.Runner = App{}
)

// feed is one feed that is fetched again and again.
type feed struct {
	url   string
	mark  capfetch.Mark
	next  time.Time
	fails int
	links map[string]link // of the entries that were there last time
}

// link is what became of an alert that an entry leads to.
type link struct {
	updated time.Time
	done    bool
	tries   int
}

// poller fetches feeds.
type poller struct {
	taker

	fetch  Fetcher
	log    *slog.Logger
	feeds  []*feed
	up     bool
	relays map[record.Author]string // whose warnings each may pass on, at the last turn; nil before the first
}

// Run fetches the feeds while there is internet, and checks the signatures of what comes.
func (a App) Run(ctx context.Context, h hub.Host) error {
	if a.desk == nil {
		return nil
	}
	a.desk.behind(h)
	p := a.poller(h)
	changed := h.Watch(ctx, relayed)
	look, check := time.NewTicker(lookEvery), time.NewTicker(checkEvery)
	defer look.Stop()
	defer check.Stop()
	for {
		p.turn(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			continue
		case <-changed:
		case <-check.C:
		}
		if err := a.desk.checkAll(ctx, h); err != nil && ctx.Err() == nil {
			p.log.Warn("signatures of warnings could not be checked", "err", err)
		}
	}
}

func (a App) poller(h hub.Host) *poller {
	p := &poller{taker: taker{a.desk, h}, fetch: a.desk.sources.Fetch, log: a.desk.sources.Log}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.fetch == nil {
		p.fetch = capfetch.New(capfetch.Options{})
	}
	for _, u := range a.desk.sources.Feeds[:min(len(a.desk.sources.Feeds), MaxFeeds)] {
		p.feeds = append(p.feeds, &feed{url: u})
	}
	return p
}

// turn fetches those feeds whose time has come: all, when the internet has.
func (p *poller) turn(ctx context.Context, now time.Time) {
	if len(p.feeds) == 0 {
		return
	}
	was := p.up
	if p.up = p.host.Online(); !p.up {
		return
	}
	if p.relaysChanged(ctx) {
		for _, f := range p.feeds {
			f.mark, f.links, f.next = capfetch.Mark{}, nil, now
		}
	}
	for _, f := range p.feeds {
		if !was {
			f.next, f.fails = now, 0
		}
		if f.next.After(now) || ctx.Err() != nil {
			continue
		}
		err := p.poll(ctx, f)
		f.again(now, err, rand.Float64())
		if err != nil && ctx.Err() == nil {
			p.log.Warn("a feed of warnings could not be fetched", "feed", f.url, "again", time.Until(f.next).Round(time.Second), "err", err)
		}
	}
}

// relaysChanged reports whether others may pass on warnings than at the last turn. Then
// what a feed holds is looked at once more, though it is the same: a warning that was
// here by a relay that may no more is here by nobody.
func (p *poller) relaysChanged(ctx context.Context) (changed bool) {
	now := map[record.Author]string{}
	err := p.host.Read(ctx, func(s hub.Snapshot) error {
		l := &look{s: s}
		for h := range s.Roster().Hubs() {
			if _, senders := l.relaying(h); s.Roster().Has(h, roster.Relay) {
				now[h] = strings.Join(senders, " ")
			}
		}
		return nil
	})
	if err != nil {
		p.log.Error("who passes on warnings could not be read", "err", err)
		return false
	}
	changed = p.relays != nil && !maps.Equal(p.relays, now)
	p.relays = now
	return changed
}

// again says when a feed is fetched next; chance is from 0 to 1, so that not all hubs
// come at once.
func (f *feed) again(now time.Time, err error, chance float64) {
	wait := feedEvery
	if err != nil {
		wait = min(feedEvery<<min(f.fails, 8), feedLongest)
		f.fails++
	} else {
		f.fails = 0
	}
	f.next = now.Add(time.Duration(float64(wait) * (0.85 + 0.3*chance)))
}

// poll fetches a feed, and what it leads to.
func (p *poller) poll(ctx context.Context, f *feed) error {
	page, err := p.fetch.Get(ctx, f.url, f.mark)
	if err != nil || page.Same {
		return err
	}
	from := origin{way: ByHTTP, feed: public(f.url)}
	if page.Secure {
		from.way = ByHTTPS
	}
	if err := p.page(ctx, f.url, page.Body, from); err != nil {
		return err
	}
	b, err := capxml.Parse(page.Body)
	if err != nil {
		return err
	}
	rest, err := p.follow(ctx, f, page, b.Links)
	if err == nil && !rest {
		f.mark = page.Mark // else it is read again
	}
	return err
}

// page takes what is in a page.
func (p *poller) page(ctx context.Context, at string, raw []byte, from origin) error {
	all, err := p.take(ctx, raw, from)
	taken := 0
	for _, r := range all {
		switch r.Outcome {
		case Taken:
			taken++
		case Refused, Ignored:
			p.log.Info("a warning of a feed was not taken", "at", at, "alert", r.Name, "what", r.Outcome, "rule", r.Rule)
		}
	}
	if taken > 0 {
		p.log.Info("warnings were taken from a feed", "at", at, "warnings", taken)
	}
	return err
}

// follow fetches the alerts that a feed leads to; rest is that some are left for the next
// turn.
func (p *poller) follow(ctx context.Context, f *feed, page capfetch.Page, links []capxml.Link) (rest bool, _ error) {
	base, err := url.Parse(page.URL)
	if err != nil {
		return false, err
	}
	now := make(map[string]link, len(links))
	turn := 0
	for _, one := range links {
		at, err := base.Parse(one.URL)
		if err != nil {
			continue
		}
		address := at.String()
		l, was := f.links[address]
		if !was || !l.updated.Equal(one.Updated) {
			l = link{updated: one.Updated}
		}
		switch {
		case l.done:
		case turn >= linksATurn:
			rest = true
		default:
			turn++
			if err := p.fetchOne(ctx, address, page.Secure, public(f.url)); err != nil {
				if ctx.Err() != nil {
					return true, ctx.Err()
				}
				l.tries++
				l.done = l.tries >= triesOfALink
				p.log.Info("a warning that a feed leads to could not be fetched", "at", address, "err", err)
			} else {
				l.done = true
			}
			rest = rest || !l.done
		}
		now[address] = l
	}
	f.links = now
	return rest, nil
}

// fetchOne takes one alert that a feed leads to.
func (p *poller) fetchOne(ctx context.Context, address string, secure bool, feed string) error {
	page, err := p.fetch.Get(ctx, address, capfetch.Mark{})
	if err != nil {
		return err
	}
	from := origin{way: ByHTTP, feed: feed}
	if secure && page.Secure {
		from.way = ByHTTPS
	}
	err = p.page(ctx, address, page.Body, from)
	var no *capxml.Refusal
	if errors.As(err, &no) {
		p.log.Info("a warning of a feed was not taken", "at", address, "what", Refused, "rule", no.Error())
		return nil // it will not get better
	}
	return err
}

// public is a feed's address as everybody may know it: what is behind the question mark may
// be a secret of the hub's.
func public(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}
