package main

import (
	"fmt"
	"time"
)

// tail is how long bytes are counted on after the digests are equal: until the
// last acknowledgements and states have passed.
const tail = 1500 * time.Millisecond

type catchupLine struct {
	Name      string    `json:"name"`
	Records   int       `json:"records"`
	Authors   int       `json:"authors"`
	Seconds   float64   `json:"seconds"`
	All       []float64 `json:"all_seconds"`
	CPU       float64   `json:"cpu_seconds"` // of both hubs, on all cores
	PerSecond int       `json:"records_per_s"`
	Wire      int64     `json:"wire_bytes"`
	Encoded   int64     `json:"encoded_bytes"`
	Ratio     float64   `json:"wire_over_encoded"`
	common
	Rates rates `json:"live_rates"`
}

const catchupSetup = "2 hubs in this process, libp2p over loopback through a counting proxy; " +
	"the new hub knows the community and no resident; from the first dial to equal digests, all signatures verified, all synced to disk"

// catchup lets a new hub take over what another holds.
func catchup(b *bench) error {
	for _, full := range []int{10_000, 50_000} {
		n := b.of(full, 250)
		l := catchupLine{Name: "catchup", Records: n, Authors: residents}
		var rs results
		for range b.runs {
			r, err := catchupOnce(b, n)
			if err != nil {
				return err
			}
			rs = append(rs, r)
		}
		m := rs.median()
		l.Seconds, l.All, l.CPU = seconds(m.took), rs.seconds(), seconds(m.cpu)
		l.Wire, l.Encoded, l.Ratio = m.wire, m.encoded, ratio(m.wire, m.encoded)
		l.PerSecond = int(float64(n) / m.took.Seconds())
		l.Rates = ratesInUse()
		if full == 50_000 {
			l.common = b.judged("seconds < 6 and wire_over_encoded <= 1.10", l.Seconds < 6 && l.Ratio <= 1.10, catchupSetup)
		} else {
			l.common = b.judged("wire_over_encoded <= 1.10", l.Ratio <= 1.10, catchupSetup)
		}
		if err := b.out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func catchupOnce(b *bench, n int) (r result, err error) {
	t, err := foundTown(2)
	if err != nil {
		return r, err
	}
	defer func() { joinErr(&err, t.remove()) }()
	if err := t.fill(b.ctx, n); err != nil {
		return r, err
	}
	from, err := start(b.ctx, t.folders[0])
	if err != nil {
		return r, err
	}
	defer stopAll(&err, from)
	to, err := start(b.ctx, t.folders[1])
	if err != nil {
		return r, err
	}
	defer stopAll(&err, to)
	w, err := newWire(from.SyncAddrs()[0])
	if err != nil {
		return r, err
	}
	defer w.close()
	if r.encoded, err = held(from); err != nil {
		return r, err
	}
	began, cpu := time.Now(), used()
	if err := to.Host().AddPeer(w.addr()); err != nil {
		return r, err
	}
	if err := equal(b.ctx, n, from, to); err != nil {
		return r, fmt.Errorf("take over %d records: %w", n, err)
	}
	r.took, r.cpu = time.Since(began), used()-cpu
	err = pause(b.ctx, b.lasting(tail))
	r.wire = w.passed.Load()
	return r, err
}

// held is how many bytes the records of a hub's set are.
func held(h *site) (n int64, _ error) {
	for at := uint64(0); ; {
		es, err := h.Store().Since(at, batch)
		if err != nil || len(es) == 0 {
			return n, err
		}
		ns := make([]uint64, len(es))
		for i, e := range es {
			ns[i] = e.Arrival
		}
		at = ns[len(ns)-1]
		encs, err := h.Store().Load(ns...)
		if err != nil {
			return n, err
		}
		for _, enc := range encs {
			n += int64(len(enc))
		}
	}
}
