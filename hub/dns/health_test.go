package dns_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	wire "github.com/miekg/dns"
)

func TestAServerThatFailsIsLeftAloneUntilItIsBack(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) { n.down[first] = true })
		if got := o.ask(t, "www.example.com"); got != "60 s: "+example {
			t.Errorf("with one of two: %s", got)
		}
		o.pass(16 * time.Second) // three checks
		o.internet.set(func(n *internet) { clear(n.asked) })
		for i := range 10 {
			began := time.Now()
			o.ask(t, fmt.Sprintf("a%d.example.com", i))
			if took := time.Since(began); took > 0 {
				t.Errorf("a question took %v", took)
			}
		}
		if n := len(o.asked[first]); n != 0 {
			t.Errorf("the one that is down was asked %d times", n)
		}
		o.internet.set(func(n *internet) { n.down[first], n.down[second] = false, true })
		o.pass(16 * time.Second) // two checks, and three
		if got := o.ask(t, "b.example.com"); got != "NOERROR SOA" {
			t.Errorf("after they changed places: %s", got)
		}
		if n := len(o.asked[first]); n != 1 {
			t.Errorf("the one that is back was asked %d times", n)
		}
		o.internet.set(func(n *internet) { n.down[first], n.down[second] = true, true })
		o.pass(16 * time.Second)
		began := time.Now()
		if got := o.ask(t, "b2.example.com"); got != "SERVFAIL" || time.Since(began) > 0 {
			t.Errorf("%s after %v, though both are known to be down", got, time.Since(began))
		}
		if err := o.forwarder.Try(t.Context()); err == nil {
			t.Error("both are down, and yet there is internet")
		}
		o.internet.set(func(n *internet) { clear(n.down) })
		if err := o.forwarder.Try(t.Context()); err != nil {
			t.Error(err)
		}
		o.pass(7 * time.Second) // to the next check, and to the one after it
		if got := o.ask(t, "c.example.com"); got != "NOERROR SOA" {
			t.Errorf("seven seconds after both came back: %s", got)
		}
	})
}

func TestAServerThatCannotSayIsNotTheLast(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) { n.code["bad.example.com. A"] = wire.RcodeServerFailure })
		if got := o.ask(t, "bad.example.com"); got != "SERVFAIL" {
			t.Error(got)
		}
		if len(o.asked[first]) == 0 || len(o.asked[second]) == 0 {
			t.Errorf("asked: %v", o.asked)
		}
	})
}

// For some names nobody answers, and any phone can ask for one after another: that is no
// reason to take the servers for gone, and other names go on to be found.
func TestNamesThatNobodyAnswersTakeNoServerDown(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) { n.mute = ".dead.example." })
		ctx, stop := context.WithCancel(t.Context())
		var asks sync.WaitGroup
		defer asks.Wait()
		defer stop()
		asks.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				asks.Go(func() { o.ask(t, fmt.Sprintf("a%d.dead.example", i)) })
				o.pass(50 * time.Millisecond)
			}
		})
		for i := range 80 {
			o.pass(250 * time.Millisecond)
			o.internet.set(func(n *internet) { n.zone[fmt.Sprintf("w%d.example.com. A", i)] = n.zone["www.example.com. A"][1:2] })
			began := time.Now()
			if got := o.ask(t, fmt.Sprintf("w%d.example.com", i)); strings.HasPrefix(got, "SERVFAIL") || time.Since(began) > 0 {
				t.Errorf("after %v another name gets %s, %v later", time.Duration(i)*250*time.Millisecond, got, time.Since(began))
			}
		}
		o.internet.set(func(n *internet) { n.down[first], n.down[second] = true, true })
		o.pass(4 * time.Second)
		for at, up := range o.forwarder.Servers() {
			if up {
				t.Errorf("%v is not known to be gone, four seconds after", at)
			}
		}
	})
}
