package main

import (
	"errors"
	"os"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

type fieldLine struct {
	Name    string  `json:"name"`
	Hubs    int     `json:"hubs"`
	Known   float64 `json:"known_seconds"` // from the start of all until each knows all
	Posts   int     `json:"posts"`
	P50     float64 `json:"to_all_p50_ms"`
	P99     float64 `json:"to_all_p99_ms"`
	Max     float64 `json:"to_all_max_ms"`
	Apart   float64 `json:"apart_seconds"`
	News    int     `json:"news_a_side"`
	Heal    float64 `json:"heal_seconds"`
	Idle    float64 `json:"idle_seconds"`
	RSS     float64 `json:"idle_rss_mb_max"`
	CPU     float64 `json:"idle_cpu_percent_max"` // of one core
	Network int64   `json:"idle_network_bytes_a_minute_max"`
	Links   int     `json:"links_max"`
	Told    float64 `json:"idle_own_bytes_a_minute_a_link_max"` // over Lamppost's own protocols
	common
}

const fieldSetup = "20 lamppost processes, each in a network namespace of its own, on two bridges with a cable between; each knows one address, membership and multicast on; " +
	"5 posts a second, each from the sending until the last hub has it on disk; the cable cut, written to on both sides, mended; idle figures are the worst hub's, network bytes with all headers, both ways"

// machines has something measured in network namespaces and a folder of its own, with
// the program to be measured. Both are gone afterwards.
func (b *bench) machines(run func(net *netnstest.Net, dir, program string) error) (err error) {
	program, err := b.lamppost()
	if err != nil {
		return err
	}
	net, err := netnstest.New(b.ctx)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, net.Close()) }()
	dir, err := os.MkdirTemp("", "lampbench-")
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, os.RemoveAll(dir)) }()
	return run(net, dir, program)
}

// field measures twenty hubs as processes of their own.
func field(b *bench) error {
	return b.machines(func(net *netnstest.Net, dir, program string) (err error) {
		c, err := fieldtest.NewCrowd(b.ctx, net, program, dir, b.of(20, 4))
		if err != nil {
			return err
		}
		defer func() { joinErr(&err, c.Stop()) }()
		l, err := b.crowd(c)
		return errors.Join(err, b.out.Encode(l))
	})
}

// crowd has the hubs meet, write, part, heal and rest.
func (b *bench) crowd(c *fieldtest.Crowd) (l fieldLine, err error) {
	l = fieldLine{Name: "field", Hubs: len(c.Hubs), Posts: b.of(200, 5), News: b.of(1_000, 20)}
	apart, idle := b.lasting(time.Minute), b.lasting(time.Minute)
	known, err := c.Acquaint(b.ctx, patience)
	if err != nil {
		return l, err
	}
	if err := c.Welcome(b.ctx); err != nil {
		return l, err
	}
	if _, err := c.Agree(b.ctx, patience); err != nil {
		return l, err
	}
	spread, err := c.Spread(b.ctx, l.Posts, 200*time.Millisecond)
	if err != nil {
		return l, err
	}
	healed, err := c.Split(b.ctx, l.News, apart, patience)
	if err != nil {
		return l, err
	}
	if _, err := c.Settle(b.ctx); err != nil {
		return l, err
	}
	rests, err := c.Idle(b.ctx, idle)
	if err != nil {
		return l, err
	}
	for _, r := range rests {
		l.RSS, l.CPU = max(l.RSS, rounded(float64(r.RSS)/1e6, 1)), max(l.CPU, rounded(100*r.CPU, 2))
		l.Network, l.Links = max(l.Network, int64(float64(r.Network)/idle.Minutes())), max(l.Links, r.Links)
		l.Told = max(l.Told, rounded(float64(r.Ours)/idle.Minutes()/float64(max(1, r.Links)), 0))
	}
	l.Known, l.Apart, l.Heal, l.Idle = seconds(known), seconds(apart), seconds(healed), seconds(idle)
	l.P50, l.P99, l.Max = millis(percentile(spread, 0.5)), millis(percentile(spread, 0.99)), millis(percentile(spread, 1))
	met := l.Known < 10 && l.P99 < 1000 && l.Heal < 15 && l.RSS < 45 && l.CPU < 0.5 && l.Told < 1000
	l.common = b.judged("known_seconds < 10, to_all_p99_ms < 1000, heal_seconds < 15, idle_rss_mb_max < 45, idle_cpu_percent_max < 0.5, idle_own_bytes_a_minute_a_link_max < 1000", met, fieldSetup)
	return l, nil
}
