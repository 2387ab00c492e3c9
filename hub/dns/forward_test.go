package dns_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	wire "github.com/miekg/dns"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

var (
	first  = netip.MustParseAddrPort("192.0.2.53:53")
	second = netip.MustParseAddrPort("198.51.100.53:53")
)

// internet is the name servers out there.
type internet struct {
	mu    sync.Mutex
	down  map[netip.AddrPort]bool            // time out
	delay time.Duration                      // before an answer
	mute  string                             // how names end that time out everywhere
	zone  map[string][]string                // records, by name and type: "www.example.com. A"
	code  map[string]int                     // other than NOERROR
	asked map[netip.AddrPort][]wire.Question // but for health checks
}

func newInternet() *internet {
	return &internet{
		down: map[netip.AddrPort]bool{}, code: map[string]int{}, asked: map[netip.AddrPort][]wire.Question{},
		zone: map[string][]string{
			"www.example.com. A":     {"www.example.com. 60 IN CNAME web.example.com.", "web.example.com. 60 IN A 93.184.215.14", "other.example. 60 IN A 93.184.215.15"},
			probe + ". A":            {probe + ". 300 IN A 17.253.109.201"},
			"printer.example.com. A": {"printer.example.com. 60 IN A 192.168.1.9", "printer.example.com. 60 IN A 93.184.215.16"},
		},
	}
}

func (n *internet) set(change func(*internet)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

func (n *internet) count() (all int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, q := range n.asked {
		all += len(q)
	}
	return all
}

func (n *internet) exchange(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error) {
	var q, m wire.Msg
	if err := q.Unpack(packet); err != nil {
		return nil, err
	}
	n.mu.Lock()
	isDown, delay := n.down[server] || n.mute != "" && strings.HasSuffix(strings.ToLower(q.Question[0].Name), n.mute), n.delay
	what := strings.ToLower(q.Question[0].Name) + " " + wire.TypeToString[q.Question[0].Qtype]
	texts, code := n.zone[what], n.code[what]
	if q.Question[0].Name != "." {
		n.asked[server] = append(n.asked[server], q.Question[0])
	}
	n.mu.Unlock()
	if isDown {
		delay = time.Hour
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(delay):
	}
	m.SetReply(&q)
	m.Rcode = code
	for _, text := range texts {
		rr, err := wire.NewRR(text)
		if err != nil {
			return nil, err
		}
		m.Answer = append(m.Answer, rr)
	}
	if len(texts) == 0 {
		soa, err := wire.NewRR("com. 900 IN SOA . . 1 2 3 4 60")
		if err != nil {
			return nil, err
		}
		m.Ns = []wire.RR{soa}
	}
	return m.Pack()
}

// online is a place whose clients are Open, with an internet of its own.
type online struct {
	place
	*internet
	forwarder *dns.Forwarder
}

// connected runs what a test does at a place with internet, in a time of its own.
func connected(t *testing.T, do func(t *testing.T, o *online), change ...func(*dns.ForwardConfig)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		o := unstarted(t, change...)
		done := make(chan error, 1)
		go func() { done <- o.forwarder.Run(ctx) }()
		synctest.Wait()
		do(t, o)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// unstarted is such a place whose forwarder does not run yet.
func unstarted(t *testing.T, change ...func(*dns.ForwardConfig)) *online {
	t.Helper()
	cfg := dns.ForwardConfig{Upstreams: []netip.AddrPort{first, second}, Own: []netip.Prefix{served}, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&cfg)
	}
	f, err := dns.NewForwarder(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := &online{place: place{street: &street{}}, internet: newInternet(), forwarder: f}
	f.Through(o.exchange)
	scfg := config(t, o.street)
	scfg.Forwarder = f
	if o.Server, err = dns.New(scfg); err != nil {
		t.Fatal(err)
	}
	o.street.set(dns.Open)
	return o
}

// ask is what a client hears, with the TTL of the first record before it.
func (o *online) ask(t testing.TB, name string, change ...func(*wire.Msg)) string {
	t.Helper()
	reply := o.Whole(t.Context(), query(name, wire.TypeA, change...), phone)
	var m wire.Msg
	if err := m.Unpack(reply); err == nil && len(m.Answer) > 0 {
		return fmt.Sprintf("%d s: %s", m.Answer[0].Header().Ttl, said(reply))
	}
	return said(reply)
}

// pass lets time go by, in the time of the test's own.
func (o *online) pass(d time.Duration) { time.Sleep(d) }

const example = "NOERROR CNAME web.example.com. A 93.184.215.14"

func TestANameIsAskedOnceAndRemembered(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		if got := o.ask(t, "WWW.example.com"); got != "60 s: "+example {
			t.Error(got)
		}
		o.pass(20 * time.Second)
		if got := o.ask(t, "www.example.com"); got != "40 s: "+example {
			t.Error(got)
		}
		if n := o.count(); n != 1 {
			t.Errorf("%d questions went out", n)
		}
		o.pass(41 * time.Second)
		if got := o.ask(t, "www.example.com"); got != "60 s: "+example {
			t.Error(got)
		}
	})
}

func TestWhatIsAskedAsAHubStartsWaitsUntilItCanBeAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		o := unstarted(t)
		heard := make(chan string, 1)
		go func() { heard <- o.ask(t, "www.example.com") }()
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- o.forwarder.Run(ctx) }()
		if got := <-heard; got != "60 s: "+example {
			t.Error(got)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAForwarderThatNeverRunsHoldsNobodyForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := unstarted(t).ask(t, "www.example.com"); got != "SERVFAIL" {
			t.Error(got)
		}
	})
}

func TestManyWhoAskTheSameAreOneQuestion(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) { n.delay = 500 * time.Millisecond })
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if got := o.ask(t, "www.example.com"); got != "60 s: "+example {
					t.Error(got)
				}
			})
		}
		all.Wait()
		if n := o.count(); n != 1 {
			t.Errorf("%d questions went out", n)
		}
	})
}

// Whoever asks is told that the internet is back within five seconds of the hub's
// knowing: no answer of before holds for longer.
func TestRow40AProbeIsForwardedWhenTheInternetIsBack(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.street.set(dns.Accepted)
		if got := o.ask(t, probe); got != "5 s: "+toVirtual {
			t.Errorf("without internet: %s", got)
		}
		o.street.set(dns.Open)
		if got := o.ask(t, probe); got != "5 s: NOERROR A 17.253.109.201" {
			t.Errorf("with it: %s", got)
		}
	})
}

// Where some networks alone are reached, names lead there, and a phone that looks whether
// it is online stays.
func TestNamesLeadToWhatIsListed(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.street.set(dns.Listed)
		for name, want := range map[string]string{
			"www.example.com": "60 s: " + example, probe: "5 s: " + toVirtual,
			"dns.msftncsi.com": "5 s: NOERROR A 131.107.255.255", "lamppost.internal": "5 s: NOERROR A 127.0.0.53",
		} {
			if got := o.ask(t, name); got != want {
				t.Errorf("%s: %s", name, got)
			}
		}
		o.street.set(dns.Accepted)
		if got := o.ask(t, "www.example.com"); got != "60 s: "+example {
			t.Errorf("the internet goes: %s", got)
		}
	})
}

// The internet goes, and the hub does not know yet: a phone that looks whether it is
// online stays.
func TestAProbeThatCannotBeAskedForLeadsToTheHub(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.ask(t, probe)
		o.pass(6 * time.Minute) // it is old now
		o.internet.set(func(n *internet) { n.down[first], n.down[second] = true, true })
		for name, want := range map[string]string{
			probe:                           "5 s: " + toVirtual,
			"connectivitycheck.gstatic.com": "5 s: " + toVirtual, // never asked for before
			"dns.msftncsi.com":              "5 s: NOERROR A 131.107.255.255",
			"new.example.com":               "SERVFAIL",
		} {
			began := time.Now()
			if got := o.ask(t, name); got != want {
				t.Errorf("%s: %s", name, got)
			}
			if took := time.Since(began); took > 1800*time.Millisecond && want != "SERVFAIL" {
				t.Errorf("%s took %v", name, took)
			}
		}
		o.internet.set(func(n *internet) { clear(n.down) })
		o.pass(time.Minute)
		if got := o.ask(t, probe); got != "5 s: NOERROR A 17.253.109.201" {
			t.Errorf("when it is back: %s", got)
		}
	})
}

func TestOwnAndSpecialNamesDoNotLeaveTheHub(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		for _, name := range []string{
			"lamppost.internal", "nobody.internal", "printer.local", "1.0.0.10.in-addr.arpa", "_dns.resolver.arpa", "a.home.arpa", "localhost",
		} {
			o.ask(t, name)
		}
		o.ask(t, "www.example.com", func(m *wire.Msg) { m.Question[0].Qtype = wire.TypeANY })
		o.ask(t, "www.example.com", func(m *wire.Msg) { m.RecursionDesired = false })
		if n := o.count(); n != 0 {
			t.Errorf("%d questions went out: %v", n, o.asked)
		}
	})
}

func TestD29AnOldAnswerWhenTheServersAreGone(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.ask(t, "www.example.com")
		o.pass(2 * time.Minute)
		o.internet.set(func(n *internet) { n.down[first], n.down[second] = true, true })
		const stale = "30 s: " + example + " OPT EDE 3"
		began := time.Now()
		if got := o.ask(t, "www.example.com", edns(1232)); got != stale {
			t.Error(got)
		}
		if took := time.Since(began); took > 1800*time.Millisecond {
			t.Errorf("took %v", took)
		}
		o.pass(10 * time.Second)
		began = time.Now()
		if got := o.ask(t, "www.example.com", edns(1232)); got != stale || time.Since(began) > 0 {
			t.Errorf("the next who asks waits %v for %s", time.Since(began), got)
		}
		if got := o.ask(t, "new.example.com", edns(1232)); got != "SERVFAIL OPT EDE 23" {
			t.Error(got)
		}
		o.street.set(dns.Accepted)
		if got := o.ask(t, "www.example.com", edns(1232)); got != stale {
			t.Errorf("without internet: %s", got)
		}
		if got := o.ask(t, "new.example.com"); got != "SERVFAIL" {
			t.Errorf("without internet: %s", got)
		}
		if got := o.ask(t, probe); got != "5 s: "+toVirtual {
			t.Errorf("without internet: %s", got)
		}
		o.pass(10 * time.Minute)
		if got := o.ask(t, "www.example.com", edns(1232)); got != "SERVFAIL OPT EDE 23" {
			t.Errorf("after the longest time: %s", got)
		}
	}, func(c *dns.ForwardConfig) { c.MaxStale = 10 * time.Minute })
}

// Who has just heard that there is no newer answer does not ask again for a while.
func TestAnOldAnswerIsGivenAtOnceAfterAFailure(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.ask(t, "www.example.com")
		o.pass(time.Minute)
		o.internet.set(func(n *internet) { n.code["www.example.com. A"] = wire.RcodeServerFailure; clear(n.asked) })
		for range 3 {
			if got := o.ask(t, "www.example.com"); got != "30 s: "+example {
				t.Error(got)
			}
		}
		if n := o.count(); n != 4 { // both servers, twice
			t.Errorf("%d questions went out", n)
		}
		o.internet.set(func(n *internet) { clear(n.code) })
		o.pass(30 * time.Second)
		if got := o.ask(t, "www.example.com"); got != "60 s: "+example {
			t.Errorf("half a minute later: %s", got)
		}
	})
}

func TestThatANameIsMissingIsNotRepeatedWithoutInternet(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) { n.code["gone.example.com. A"] = wire.RcodeNameError })
		for range 2 {
			if got := o.ask(t, "gone.example.com"); got != "NXDOMAIN SOA" {
				t.Error(got)
			}
		}
		if n := o.count(); n != 1 {
			t.Errorf("%d questions went out", n)
		}
		o.pass(61 * time.Second) // the SOA record's minimum
		o.ask(t, "gone.example.com")
		if n := o.count(); n != 2 {
			t.Errorf("%d questions went out after the answer's end", n)
		}
		o.street.set(dns.Accepted)
		if got := o.ask(t, "gone.example.com"); got != "SERVFAIL" {
			t.Errorf("without internet: %s", got)
		}
	})
}

func TestTheCacheStaysWithinItsBytes(t *testing.T) {
	const size = 64 << 10
	connected(t, func(t *testing.T, o *online) {
		for i := range 1000 {
			name := fmt.Sprintf("n%d.example.", i)
			o.internet.set(func(n *internet) { n.zone[name+" A"] = []string{name + " 60 IN A 93.184.215.1"} })
			o.ask(t, name)
			if _, used := o.forwarder.Remembered(); used > size {
				t.Fatalf("%d bytes after %d names", used, i+1)
			}
		}
		asked := o.count()
		o.ask(t, "n999.example")
		if o.count() != asked {
			t.Error("the newest is not remembered")
		}
		o.ask(t, "n0.example")
		if o.count() != asked+1 {
			t.Error("the oldest still is")
		}
	}, func(c *dns.ForwardConfig) { c.CacheBytes = size })
}

func TestLongAnswersAreShortenedForTheClient(t *testing.T) {
	connected(t, func(t *testing.T, o *online) {
		o.internet.set(func(n *internet) {
			for i := range 100 {
				n.zone["long.example. A"] = append(n.zone["long.example. A"], fmt.Sprintf("long.example. 60 IN A 93.184.215.%d", i))
			}
		})
		for limit, change := range map[int]func(*wire.Msg){512: func(*wire.Msg) {}, 600: edns(600), 1232: edns(4096)} {
			reply := o.Whole(t.Context(), query("long.example", wire.TypeA, change), phone)
			var m wire.Msg
			if err := m.Unpack(reply); err != nil || !m.Truncated || len(reply) > limit || len(reply) < limit/2 {
				t.Errorf("%d bytes for %d, TC %v, %v", len(reply), limit, m.Truncated, err)
			}
		}
	})
}

func TestOneClientDoesNotTakeAllThatWaits(t *testing.T) {
	f := forwarding(t, silent(t))
	p := open(t, func(c *dns.Config) { c.Forwarder = f })
	p.set(dns.Open)
	conn, err := net.Dial("udp", p.at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range 200 {
		write(t, conn, query(fmt.Sprintf("n%d.example", i), wire.TypeA))
	}
	for end := time.Now().Add(patience); p.Counts().Dropped < 200-24; {
		if got := said(p.send(t, query("lamppost.internal", wire.TypeA), patience)); got != "NOERROR A 127.0.0.53" {
			t.Fatalf("an own name meanwhile: %s", got)
		}
		if time.Now().After(end) {
			t.Fatalf("all but 24 should have been dropped: %+v", p.Counts())
		}
	}
}

func TestAForwarderThatCannotWorkIsRefused(t *testing.T) {
	for what, change := range map[string]func(*dns.ForwardConfig){
		"too many servers": func(c *dns.ForwardConfig) { c.Upstreams = slices.Repeat(c.Upstreams, dns.MaxUpstreams+1) },
		"no port":          func(c *dns.ForwardConfig) { c.Upstreams = []netip.AddrPort{netip.AddrPortFrom(phone, 0)} },
		"no log":           func(c *dns.ForwardConfig) { c.Log = nil },
		"a name":           func(c *dns.ForwardConfig) { c.AllowPrivate = []string{"a..b"} },
		"a check":          func(c *dns.ForwardConfig) { c.Check = ".." },
		"a cache":          func(c *dns.ForwardConfig) { c.CacheBytes = -1 },
	} {
		cfg := dns.ForwardConfig{Upstreams: []netip.AddrPort{first}, Log: slog.New(slog.DiscardHandler)}
		change(&cfg)
		if _, err := dns.NewForwarder(cfg); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
	f, err := dns.NewForwarder(dns.ForwardConfig{Upstreams: []netip.AddrPort{first}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetUpstreams([]netip.AddrPort{first, {}}); err == nil {
		t.Error("no address: accepted later")
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("over"))
	if err := f.Run(ctx); err != nil {
		t.Error(err)
	}
}
