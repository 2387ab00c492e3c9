package dns_test

import (
	"fmt"
	"testing"
	"time"

	wire "github.com/miekg/dns"
)

// RFC 9520: who asks again for a name that nobody answers hears so at once, for a while.
func TestThatNobodyAnswersForANameIsRememberedShortly(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		const name = "a.dead.example"
		hear := func(want string, least, most time.Duration) {
			t.Helper()
			began := time.Now()
			if got, took := o.ask(t, name), time.Since(began); got != want || took < least || took > most {
				t.Errorf("%s after %v, want %s", got, took, want)
			}
		}
		o.internet.set(func(n *internet) { n.mute = ".dead.example." })
		hear("SERVFAIL", time.Second, 4*time.Second)
		asked := o.count()
		o.pass(4 * time.Second)
		hear("SERVFAIL", 0, 0)
		if n := o.count(); n != asked {
			t.Errorf("%d more questions went out", n-asked)
		}
		o.internet.set(func(n *internet) { n.mute = ""; n.zone[name+". A"] = []string{name + ". 60 IN A 93.184.215.14"} })
		o.pass(2 * time.Second)
		hear("60 s: NOERROR A 93.184.215.14", 0, 0)
	})
}

// Names that nobody answers take no room from what is known.
func TestWhatNobodyAnsweredIsBounded(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.ask(t, "www.example.com")
		for i := range 1000 {
			name := fmt.Sprintf("n%d.example", i)
			o.internet.set(func(n *internet) { n.code[name+". A"] = wire.RcodeServerFailure })
			o.ask(t, name)
		}
		if answers, bytes := o.forwarder.Dead(); bytes > 128<<10 || answers < 100 {
			t.Errorf("%d dead names in %d bytes", answers, bytes)
		}
		if answers, _ := o.forwarder.Remembered(); answers != 1 {
			t.Errorf("%d answers are remembered", answers)
		}
	})
}
