package fieldtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/miekg/dns"
)

// comesWithin is how soon after the uplink a phone has the internet.
const comesWithin = 10 * time.Second

// openedHub is a hub with a Wi-Fi and an uplink that is not plugged in yet, and a
// phone that was let through.
func (f *field) openedHub(flags ...string) (*fieldtest.Hub, *uplink, *phone) {
	f.Helper()
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.wifi[h] = wifi
	u := f.uplink(h)
	f.found(h)
	f.machine(h.Host).does(h.Program, "portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--uplink", u.hub.Dev, "--pages", "8080")
	h.Flags = append(h.Flags, flags...)
	f.start(h)
	p := f.phone("phone", air)
	p.joins()
	p.stays()
	return h, u, p
}

// TestTheInternetComesToTheWiFi: with the uplink names and pages come through the hub,
// but nothing of the LAN that it is in; when it goes, in one way or another, what is
// known of names stays, and the local pages are there all the time.
func TestTheInternetComesToTheWiFi(t *testing.T) {
	t.Parallel()
	f := open(t)
	_, u, p := f.openedHub()
	p.looksUp("www.example.org", "SERVFAIL")
	local := p.loadsAgainAndAgain("http://lamppost.internal/", "10.44.0.1:80")

	f.ok(u.hub.Mend(f.ctx))
	p.hasInternet("the uplink is plugged in")

	for _, at := range []string{printer + ":80", printer + ":631", printer + ":9100", "192.168.7.1:80", webAddr + ":25", webAddr + ":853"} {
		p.isRefused(at)
	}
	p.looksUp("printer.example.org", "NOERROR") // and no address: a page from outside would reach it
	p.looksUp("lamppost.internal", "NOERROR 10.44.0.1")
	p.looksUp("connectivitycheck.gstatic.com", "NOERROR "+webAddr)
	p.looksUp("nothing.invalid", "NXDOMAIN")
	if got := p.asks("connectivitycheck.gstatic.com", "192.0.2.1", "/generate_204"); got != " 204 " { // it has the address still
		t.Errorf("Android, by the virtual address: %s", got)
	}

	f.ok(u.behind.Cut(f.ctx))
	p.losesInternet("nothing is behind the router")
	f.ok(u.behind.Mend(f.ctx))
	p.hasInternet("the router has its line again")
	f.ok(u.hub.Cut(f.ctx))
	p.losesInternet("the uplink is pulled out")

	slowest, err := local()
	f.ok(err)
	f.figure("all the time, the slowest local page came", slowest, time.Second)
	if slowest > time.Second {
		t.Errorf("a local page took %v", slowest)
	}
}

// TestAPhoneUsesUpItsBudget: it is cut from the internet, but not from the pages, and
// nobody else is.
func TestAPhoneUsesUpItsBudget(t *testing.T) {
	t.Parallel()
	f := open(t)
	h, u, p := f.openedHub("--budget", "1MB")
	f.ok(u.hub.Mend(f.ctx))
	p.hasInternet("the uplink is plugged in")
	begun := time.Now()
	for used := 0; used < 1_000_000; used += bigSize {
		if got := p.loads("http://www.example.org/big"); len(got) < bigSize {
			t.Fatalf("after %d bytes: %q", used, got)
		}
	}
	_, err := fieldtest.Await(f.ctx, 5*time.Second, 50*time.Millisecond, "the phone is cut off", func(ctx context.Context) (bool, error) {
		return strings.HasSuffix(p.loads("http://www.example.org/"), " 302 http://lamppost.internal/"), nil
	})
	f.ok(err)
	f.figure("since it began, the phone is cut off", time.Since(begun), 5*time.Second)
	p.isRefused(webAddr + ":443")
	if got := p.loads("http://lamppost.internal/"); !strings.HasSuffix(got, " 200 ") || !strings.Contains(got, "used up its share of the internet for today. It has a new one in 24 h") {
		t.Errorf("the page: %s", got)
	}
	f.post(f.person(h, "Ana"), 1, "still here")

	other := f.phone("other", p.air)
	other.joins()
	other.stays()
	other.hasInternet("another phone")
}

// TestWhatIsListedIsReachedByItsName: probes are answered here, so that the phone stays,
// and all other names lead to where they do, which is refused where it is not listed.
func TestWhatIsListedIsReachedByItsName(t *testing.T) {
	t.Parallel()
	f := open(t)
	h, u, p := f.openedHub()
	f.ok(u.hub.Mend(f.ctx))
	p.hasInternet("the uplink is plugged in")
	f.machine(h.Host).does(h.Program, append(f.portalUp(h), "--uplink", u.hub.Dev, "--passes", "listed", "--allow", webAddr+"/32")...)
	_, err := fieldtest.Await(f.ctx, comesWithin, 200*time.Millisecond, "probes come to the hub", func(context.Context) (bool, error) {
		said, err := p.lookUp("connectivitycheck.gstatic.com", dns.TypeA)
		return said == "NOERROR 192.0.2.1" && err == nil, nil
	})
	f.ok(err)
	p.hasInternet("a list was given")
	p.looksUp("connectivitycheck.gstatic.com", "NOERROR 192.0.2.1")
	if got := p.asks("connectivitycheck.gstatic.com", "192.0.2.1", "/generate_204"); got != " 204 " {
		t.Errorf("Android: %s", got)
	}
	p.isRefused("9.9.9.9:80")
}

// hasInternet waits for names and pages of the internet.
func (p *phone) hasInternet(since string) {
	p.Helper()
	var last string
	begun := time.Now()
	took, err := fieldtest.Await(p.ctx, comesWithin, 100*time.Millisecond, since, func(context.Context) (bool, error) {
		name, err := p.lookUp(fmt.Sprintf("new-%d.example.org", time.Since(begun)), dns.TypeA) // which nobody remembers
		last = fmt.Sprint(name, err)
		if name != "NOERROR "+webAddr {
			return false, nil
		}
		last = p.loads("http://www.example.org/")
		return last == homePage+" 200 ", nil
	})
	if err != nil {
		p.Fatalf("%v; last: %s", err, last)
	}
	p.figure(since+": the internet is there", took, comesWithin)
}

// losesInternet waits until probes come to the hub again, and holds it meanwhile and after that to
// give old answers at once.
func (p *phone) losesInternet(since string) {
	p.Helper()
	begun := time.Now()
	slowest := time.Duration(0)
	old := func() {
		p.Helper()
		asked := time.Now()
		p.looksUp("www.example.org", "NOERROR "+webAddr)
		slowest = max(slowest, time.Since(asked))
	}
	_, err := fieldtest.Await(p.ctx, time.Minute, 500*time.Millisecond, since, func(context.Context) (bool, error) {
		old()
		said, err := p.lookUp("connectivitycheck.gstatic.com", dns.TypeA)
		return said == "NOERROR 192.0.2.1", err // probes come here again
	})
	p.ok(err)
	p.figure(since+": probes come to the hub again", time.Since(begun), time.Minute)
	old()
	p.looksUp("never-asked.example.org", "SERVFAIL")
	if slowest > 2*time.Second {
		p.Errorf("an old answer took %v", slowest)
	}
	p.figure("an old answer was there", slowest, 2*time.Second)
}

// loads fetches a page by its name, which the hub resolves.
func (p *phone) loads(url string, more ...string) string {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	args := append(slices.Clone(more), "-s", "-m", "10", "-b", p.jar, "-c", p.jar, "-w", " %{http_code} %{redirect_url}", url)
	out, err := p.host.CommandResolving(ctx, p.resolv, "curl", args...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s %v", out, err)
	}
	return string(out)
}

// isRefused holds a server to be out of reach, and the hub to say so at once.
func (p *phone) isRefused(at string) {
	p.Helper()
	best := time.Hour
	for range 3 { // other programs run as well
		ctx, cancel := context.WithTimeout(p.ctx, 3*time.Second)
		begun := time.Now()
		c, err := p.host.Dial(ctx, "tcp", at)
		cancel()
		if err == nil {
			p.ok(c.Close())
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			p.Errorf("%s: %v", at, err)
			return
		}
		best = min(best, time.Since(begun))
	}
	if best > 50*time.Millisecond {
		p.Errorf("%s is refused after %v", at, best)
	}
}

// loadsAgainAndAgain loads a page until the function that it returns is called, which
// tells how long the slowest took, and what went wrong.
func (p *phone) loadsAgainAndAgain(url, at string) (end func() (time.Duration, error)) {
	ctx, cancel := context.WithCancel(p.ctx)
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return p.host.Dial(ctx, network, at)
		},
	}}
	var (
		slowest time.Duration
		wrong   error
		loop    sync.WaitGroup
	)
	once := func() error {
		r, err := client.Get(url)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s %w", url, r.Status, err)
		}
		return nil
	}
	loop.Go(func() {
		for ctx.Err() == nil {
			begun := time.Now()
			if err := once(); err != nil {
				wrong = errors.Join(wrong, err)
				return
			}
			slowest = max(slowest, time.Since(begun))
			_ = fieldtest.Pause(ctx, 50*time.Millisecond) // until the end
		}
	})
	end = func() (time.Duration, error) {
		cancel()
		loop.Wait()
		return slowest, wrong
	}
	p.Cleanup(func() { _, _ = end() })
	return end
}
