package dns_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

// working runs what a test does while the place's jobs are done.
func (o *online) working(t *testing.T, do func()) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	do()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// flood asks for names that nobody answers, so many a second of each phone, until ctx ends.
func (o *online) flood(ctx context.Context, phones, perSecond int) {
	for i := 0; ctx.Err() == nil; i++ {
		for p := range phones {
			from := netip.AddrFrom4([4]byte{127, 3, 0, byte(p + 1)})
			o.Later(query(fmt.Sprintf("a%d.p%d.dead.example", i, p), wire.TypeA), from, func([]byte) {})
		}
		o.pass(time.Second / time.Duration(perSecond))
	}
}

// Some phones ask for names that nobody answers, one after another. What another asks is
// answered, the first time: each name in its turn, and a page's names all at once.
func TestNamesThatNobodyAnswersStarveNoOtherPhone(t *testing.T) {
	for _, c := range []struct{ phones, perSecond, atOnce int }{
		{1, 50, 20}, {3, 10, 20}, {3, 50, 20}, {3, 50, 1}, {10, 50, 20}, {10, 50, 1}, {30, 50, 20},
	} {
		t.Run(fmt.Sprintf("%d phones, %d a second, %d names at once", c.phones, c.perSecond, c.atOnce), func(t *testing.T) {
			connected(t, func(t *testing.T, o *online) {
				const names = 20
				o.internet.set(func(n *internet) {
					n.mute, n.delay = ".dead.example.", 50*time.Millisecond
					for i := range names {
						name := fmt.Sprintf("w%d.example.com.", i)
						n.zone[name+" A"] = []string{name + " 60 IN A 93.184.215.14"}
					}
				})
				o.working(t, func() {
					ctx, stop := context.WithCancel(t.Context())
					var all sync.WaitGroup
					all.Go(func() { o.flood(ctx, c.phones, c.perSecond) })
					o.pass(7 * time.Second)
					answered := 0
					for i := 0; i < names; i += c.atOnce {
						heard := make(chan string, c.atOnce)
						for n := range c.atOnce {
							o.Later(query(fmt.Sprintf("w%d.example.com", i+n), wire.TypeA), phone, func(reply []byte) { heard <- said(reply) })
						}
						o.pass(2 * time.Second)
						for range len(heard) {
							if got := <-heard; got == "NOERROR A 93.184.215.14" {
								answered++
							} else {
								t.Errorf("a new name: %s", got)
							}
						}
					}
					if answered < names {
						t.Errorf("%d of %d new names were answered within 2 s each", answered, names)
					}
					stop()
					all.Wait()
				})
			})
		})
	}
}

// However many ask, what waits is bounded, and when they end it is as if they had never been.
func TestWhatWaitsIsBounded(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) { n.mute = ".dead.example." })
		o.working(t, func() {
			for i := range 4000 { // each from an address of its own
				from := netip.AddrFrom4([4]byte{127, 4, byte(i >> 8), byte(i)})
				o.Later(query(fmt.Sprintf("a%d.dead.example", i), wire.TypeA), from, func([]byte) {})
			}
			if n := o.Counts().Dropped; n != 4000-dns.Places-dns.MaxWaiting {
				t.Errorf("%d were dropped of 4000", n)
			}
			o.pass(time.Minute)
			if clients, waiting, free := o.Jobs(); clients != 0 || waiting != 0 || free != dns.Places {
				t.Errorf("%d clients are left, %d wait, %d places are free", clients, waiting, free)
			}
		})
	})
}
