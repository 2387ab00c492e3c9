package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/miekg/dns"
)

// Public servers that are asked: large ones, run by different people, by address, so
// that no name server of the place has to work.
var (
	resolvers = []string{"1.1.1.1:53", "9.9.9.9:53", "8.8.8.8:53", "[2620:fe::fe]:53"}
	secure    = []string{"1.1.1.1:443", "9.9.9.9:443", "8.8.8.8:443", "[2620:fe::fe]:443"}
)

// probe is where Android asks the same.
const probe = "http://connectivitycheck.gstatic.com/generate_204"

// ErrPortal is that something on the way answers in the internet's place: until
// somebody signs in there, nothing else gets through.
var ErrPortal = errors.New("a sign-in page is in the way")

// Usual returns a watch of three means that do not depend on one another: a name server
// of the internet answers, a server lets us connect, and a page comes by name.
func Usual(log *slog.Logger) *Watch {
	w := NewWatch(log, Resolving(resolvers...), Connecting(secure...), Loading(probe))
	w.way = routed
	return w
}

// routed is nil if the machine knows a way to the internet at all, which costs next to
// nothing to find out: nothing is sent.
func routed(ctx context.Context) error {
	var errs []error
	for _, server := range []string{resolvers[0], resolvers[len(resolvers)-1]} { // of IPv4 and of IPv6
		c, err := new(net.Dialer).DialContext(ctx, "udp", server)
		if err == nil {
			return c.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Resolving asks name servers ("host:port") for the zone that only the internet's
// root has; one good answer is enough.
func Resolving(servers ...string) Means {
	return Means{Name: "name servers", Try: func(ctx context.Context) error {
		return firstOf(ctx, servers, func(ctx context.Context, server string) error {
			q := new(dns.Msg).SetQuestion(".", dns.TypeSOA)
			r, _, err := new(dns.Client).ExchangeContext(ctx, q, server)
			if err != nil {
				return err
			}
			for _, rr := range r.Answer {
				if soa, ok := rr.(*dns.SOA); ok && r.Rcode == dns.RcodeSuccess && soa.Ns == "a.root-servers.net." {
					return nil
				}
			}
			return fmt.Errorf("%s does not know the root zone", server)
		})
	}}
}

// Connecting connects with servers ("host:port") over TCP; one that accepts is enough.
func Connecting(servers ...string) Means {
	return Means{Name: "connections", Try: func(ctx context.Context) error {
		return firstOf(ctx, servers, func(ctx context.Context, server string) error {
			c, err := new(net.Dialer).DialContext(ctx, "tcp", server)
			if err != nil {
				return err
			}
			return c.Close()
		})
	}}
}

// Loading loads a page that answers 204 and nothing else, by name and without
// encryption, which a portal on the way would answer in its own way.
func Loading(url string) Means {
	return Means{Name: "a page", Try: func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		t := &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 16 << 10}
		defer t.CloseIdleConnections()
		r, err := t.RoundTrip(req) // follows nothing
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if _, err := io.CopyN(io.Discard, r.Body, 1); r.StatusCode != http.StatusNoContent || !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %s answers %d", ErrPortal, url, r.StatusCode)
		}
		return nil
	}}
}

// stagger is between two servers that are asked the same: the second is only for
// when the first is slow.
const stagger = 500 * time.Millisecond

// firstOf tries servers one after the other without waiting for slow ones, and returns
// nil at the first that is good.
func firstOf(ctx context.Context, servers []string, try func(context.Context, string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan error, len(servers))
	var errs []error
	begun := 0
	next := time.NewTimer(0)
	defer next.Stop()
	for len(errs) < len(servers) {
		select {
		case <-ctx.Done():
			return errors.Join(append(errs, ctx.Err())...)
		case <-next.C:
			if begun < len(servers) {
				server := servers[begun]
				go func() { answers <- try(ctx, server) }()
				begun++
				next.Reset(stagger)
			}
		case err := <-answers:
			if err == nil {
				return nil
			}
			errs = append(errs, err)
			next.Reset(0)
		}
	}
	return errors.Join(errs...)
}
