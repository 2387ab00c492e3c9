package main

import (
	"errors"
	"os"
	"time"
)

type startupLine struct {
	Name    string    `json:"name"`
	Records int       `json:"records"`
	Seconds float64   `json:"seconds"`
	All     []float64 `json:"all_seconds"`
	common
}

type idleLine struct {
	Name    string  `json:"name"`
	Records int     `json:"records"`
	Seconds float64 `json:"seconds"`
	RSS     float64 `json:"rss_mb"` // millions of bytes, the program's text in memory too
	CPU     float64 `json:"cpu_percent_of_a_core"`
	common
}

type sizeLine struct {
	Name string  `json:"name"`
	Size float64 `json:"program_mb"`
	common
}

const (
	startupSetup = "one lamppost process, its files in the page cache; from the start of the process until the talk's page has come whole with 200"
	idleSetup    = "one lamppost process after it has served one page, alone on its machine's loopback, membership and multicast on, nobody there"
)

// startup measures the program as it lies on the disk, as it starts, and as it
// then does nothing, with few records and with many.
func startup(b *bench) error {
	program, err := b.lamppost()
	if err != nil {
		return err
	}
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	size := sizeLine{Name: "size", Size: rounded(float64(info.Size())/1e6, 1), common: b.plain("the static program, as built")}
	if err := b.out.Encode(size); err != nil {
		return err
	}
	for _, n := range []int{0, b.of(50_000, 100)} {
		if err := startupWith(b, program, n); err != nil {
			return err
		}
	}
	return nil
}

func startupWith(b *bench, program string, n int) (err error) {
	t, err := foundTown(1)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, t.remove()) }()
	if err := t.fill(b.ctx, n); err != nil {
		return err
	}
	var rs results
	for i := range b.runs {
		p, took, err := launch(b.ctx, program, t.folders[0])
		if err != nil {
			return err
		}
		rs = append(rs, result{took: took})
		if i == b.runs-1 {
			err = b.rest(p, n)
		}
		if err := errors.Join(err, p.stop()); err != nil {
			return err
		}
	}
	l := startupLine{Name: "startup", Records: n, Seconds: seconds(rs.median().took), All: rs.seconds()}
	l.common = b.judged("seconds < 2", l.Seconds < 2, startupSetup)
	return b.out.Encode(l)
}

// rest tells what a hub takes while nothing happens.
func (b *bench) rest(p *process, n int) error {
	if err := pause(b.ctx, b.lasting(5*time.Second)); err != nil {
		return err
	}
	lasting := b.lasting(time.Minute)
	rss, cpu, err := p.idle(b.ctx, lasting)
	if err != nil {
		return err
	}
	l := idleLine{Name: "idle", Records: n, Seconds: seconds(lasting), RSS: rounded(float64(rss)/1e6, 1), CPU: rounded(100*cpu, 2)}
	l.common = b.plain(idleSetup)
	return b.out.Encode(l)
}
