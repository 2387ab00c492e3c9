package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

type healLine struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind"` // "new" or "edited"
	Records int       `json:"records"`
	News    int       `json:"news_a_side"`
	Seconds float64   `json:"seconds"`
	All     []float64 `json:"all_seconds"`
	CPU     float64   `json:"cpu_seconds"` // of both hubs, on all cores
	Wire    int64     `json:"wire_bytes"`
	Encoded int64     `json:"encoded_bytes"`
	Ratio   float64   `json:"wire_over_encoded"`
	common
	Rates rates `json:"live_rates"`
}

const healSetup = "2 hubs in this process, libp2p over loopback through a counting proxy; linked, equal, cut, written to on both sides, mended; " +
	"from the mending (a new connection) to equal digests"

// joinErr is deferred: it adds what an ending says.
func joinErr(err *error, more error) { *err = errors.Join(*err, more) }

// heal cuts two hubs that hold the same, writes on both sides and mends.
func heal(b *bench) (err error) {
	n, news := b.of(50_000, 500), b.of(500, 20)
	t, err := foundTown(2)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, t.remove()) }()
	if err := t.fill(b.ctx, n); err != nil {
		return err
	}
	if err := t.copyRecords(0, 1); err != nil {
		return err
	}
	one, err := start(b.ctx, t.folders[0])
	if err != nil {
		return err
	}
	defer stopAll(&err, one)
	w, err := newWire(one.SyncAddrs()[0])
	if err != nil {
		return err
	}
	defer w.close()
	two, err := start(b.ctx, t.folders[1], w.addr())
	if err != nil {
		return err
	}
	defer stopAll(&err, two)
	p := &pair{b: b, town: t, one: one, two: two, wire: w, posts: n}
	if err := p.know(); err != nil {
		return err
	}
	for _, kind := range []string{"new", "edited"} {
		l := healLine{Name: "heal", Kind: kind, News: news}
		if err := p.measure(&l); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		if err := b.out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// pair is two hubs that are cut and mended.
type pair struct {
	b        *bench
	town     *town
	one, two *site
	wire     *wire
	posts    int
}

// know waits until both have been linked for long enough to know each other's log.
func (p *pair) know() error {
	if err := equal(p.b.ctx, p.posts, p.one, p.two); err != nil {
		return err
	}
	if err := acquainted(p.b.ctx, p.one, p.two); err != nil {
		return err
	}
	return acquainted(p.b.ctx, p.two, p.one)
}

func (p *pair) measure(l *healLine) error {
	var rs results
	for i := range p.b.runs {
		r, err := p.once(l.Kind, i*2*l.News, l.News)
		if err != nil {
			return err
		}
		rs = append(rs, r)
	}
	m := rs.median()
	l.Records, l.Rates = p.posts, ratesInUse()
	l.Seconds, l.All, l.CPU = seconds(m.took), rs.seconds(), seconds(m.cpu)
	l.Wire, l.Encoded, l.Ratio = m.wire, m.encoded, ratio(m.wire, m.encoded)
	l.common = p.b.judged("seconds < 1 and wire_over_encoded <= 1.25", l.Seconds < 1 && l.Ratio <= 1.25, healSetup)
	return nil
}

// once cuts, writes news on both sides, edits of the posts from on or new ones,
// mends, and measures.
func (p *pair) once(kind string, from, news int) (r result, err error) {
	p.one.Host().Block(p.two.self)
	p.two.Host().Block(p.one.self)
	for i, h := range []*site{p.one, p.two} {
		fabricate := p.town.posts
		if kind == "edited" {
			fabricate = func(n int) ([]record.Record, error) { return p.town.edits(from+i*news, n) }
		} else {
			p.posts += news
		}
		rs, err := fabricate(news)
		if err == nil {
			err = write(p.b.ctx, h.Store(), rs)
		}
		if err != nil {
			return r, err
		}
		r.encoded += int64(encoded(rs))
	}
	if err := pause(p.b.ctx, p.b.lasting(tail)); err != nil {
		return r, err
	}
	before := p.wire.passed.Load()
	p.one.Host().Unblock(p.two.self)
	began, cpu := time.Now(), used()
	p.two.Host().Unblock(p.one.self)
	if err := equal(p.b.ctx, p.posts, p.one, p.two); err != nil {
		return r, err
	}
	r.took, r.cpu = time.Since(began), used()-cpu
	err = pause(p.b.ctx, p.b.lasting(tail))
	r.wire = p.wire.passed.Load() - before
	return r, err
}
