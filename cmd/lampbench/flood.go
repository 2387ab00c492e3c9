package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/miekg/dns"
)

type floodLine struct {
	Name    string  `json:"name"`
	Phones  int     `json:"phones"`
	Seconds float64 `json:"seconds"`
	Flood   float64 `json:"flood_per_s"` // that were sent
	Queries int     `json:"queries"`     // of the others
	Errors  int     `json:"errors"`
	First   string  `json:"first_error,omitempty"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
	CPU     float64 `json:"cpu_percent"` // of one core, the hub's
	common
}

const (
	floodSetup = "one lamppost run --portal --dns in a network namespace; one phone sends as many queries a second as it says, from an address that is slowed as usual; " +
		"others, each with an address of its own, look a name up ten times a second; all share the same processors"
	floodRate   = 20_000 // queries a second
	floodPhones = 20
	lookUpEvery = 100 * time.Millisecond
	lookUpTime  = 2 * time.Second // then it counts as lost
)

// flood has one phone ask without end while others ask now and then.
func (b *bench) flood(w *wifi) error {
	phones := b.of(floodPhones, 2)
	conns := make([]net.Conn, 0, phones+1)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for i := range phones + 1 {
		h, err := w.host(b.ctx, fmt.Sprintf("phone%d", i), fmt.Sprintf("10.1.0.%d", floodFrom+i))
		if err != nil {
			return err
		}
		conn, err := h.Dial(b.ctx, "udp", hubAt+":"+namesPort)
		if err != nil {
			return err
		}
		conns = append(conns, conn)
	}
	lasting := b.lasting(20 * time.Second)
	ctx, cancel := context.WithTimeout(b.ctx, lasting)
	defer cancel()
	l := floodLine{Name: "dns_flood", Phones: phones, Seconds: seconds(lasting)}
	sent := 0
	var all sync.WaitGroup
	all.Go(func() { sent = pour(ctx, conns[0]) })
	askers := make([]asker, phones)
	for i := range askers {
		all.Go(func() { askers[i].ask(ctx, conns[1+i]) })
	}
	_, cpu, err := takes(b.ctx, w.hub.PID(), lasting)
	all.Wait()
	if err != nil {
		return err
	}
	var took []time.Duration
	for _, a := range askers {
		took = append(took, a.took...)
		if l.Errors += a.failed; a.err != nil {
			l.First = a.err.Error()
		}
	}
	l.Flood, l.Queries, l.CPU = rounded(float64(sent)/lasting.Seconds(), 0), len(took), rounded(100*cpu, 1)
	l.P50, l.P99, l.Max = millis(percentile(took, 0.5)), millis(percentile(took, 0.99)), millis(percentile(took, 1))
	l.common = b.judged("flood_per_s >= 20000, p99_ms < 20, errors = 0", l.Flood >= 0.999*floodRate && l.P99 < 20 && l.Errors == 0, floodSetup)
	return b.out.Encode(l)
}

// pour sends queries until the end, and returns how many.
func pour(ctx context.Context, conn net.Conn) (sent int) {
	packet, err := new(dns.Msg).SetQuestion("connectivitycheck.gstatic.com.", dns.TypeA).Pack()
	if err != nil {
		return 0
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); ; {
		select {
		case <-ctx.Done():
			return sent
		case <-tick.C:
		}
		for due := int(time.Since(began).Seconds() * floodRate); sent < due; sent++ {
			if _, err := conn.Write(packet); err != nil && ctx.Err() == nil {
				continue // a full buffer is a packet that was lost
			}
		}
	}
}

// asker is what one phone has met.
type asker struct {
	took   []time.Duration
	failed int
	err    error // the last
}

func (a *asker) ask(ctx context.Context, conn net.Conn) {
	if pause(ctx, time.Duration(rand.Float64()*float64(lookUpEvery))) != nil { //nolint:gosec // a rhythm
		return
	}
	tick := time.NewTicker(lookUpEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		took, err := lookUp(conn, "captive.apple.com.", lookUpTime)
		if err != nil {
			a.failed, a.err = a.failed+1, err
			took = lookUpTime
		}
		a.took = append(a.took, took)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}
