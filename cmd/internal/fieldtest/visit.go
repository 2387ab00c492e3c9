package fieldtest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/miekg/dns"
)

// Arrival is what somebody meets whose phone joins the Wi-Fi: how long each step took.
type Arrival struct {
	Lease time.Duration   // from the first DHCP packet to the address
	Names []time.Duration // each query
	Pages []time.Duration // each page and probe
	Post  time.Duration   // until it was on the disk
}

// Guest is a phone with somebody who holds it.
type Guest struct {
	station *netnstest.Station
	client  *http.Client
	names   string     // the name server
	Addr    netip.Addr // from its lease
	Arrival
}

// NewGuest is one who has not joined yet.
func NewGuest(s *netnstest.Station) (*Guest, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	g := &Guest{station: s}
	g.client = &http.Client{
		Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: g.dial, MaxIdleConnsPerHost: 1},
	}
	return g, nil
}

// Done closes the phone's connections.
func (g *Guest) Done() { g.client.CloseIdleConnections() }

// Arrive joins, is led to the page, stays and posts.
func (g *Guest) Arrive(ctx context.Context) error {
	if err := g.Stay(ctx); err != nil {
		return err
	}
	page, err := g.load(ctx, home+"messages/town", http.StatusOK, "csrf")
	if err != nil {
		return err
	}
	g.Post, err = g.send(ctx, home+"messages/town", page, url.Values{
		"client_id": {"arrival-" + g.station.Dev}, "text": {"I am here with " + g.station.Dev},
	})
	return err
}

// Stay joins, is led to the page, and stays.
func (g *Guest) Stay(ctx context.Context) error {
	began := time.Now()
	if err := g.join(ctx); err != nil {
		return fmt.Errorf("its address: %w", err)
	}
	g.Lease = time.Since(began)
	for _, name := range []string{
		"connectivitycheck.gstatic.com", "www.google.com", "play.googleapis.com", "time.android.com", "mtalk.google.com", "lamppost.internal",
	} {
		began := time.Now()
		if _, err := g.lookUp(ctx, name); err != nil {
			return fmt.Errorf("the name %s: %w", name, err)
		}
		g.Names = append(g.Names, time.Since(began))
	}
	if _, err := g.load(ctx, "http://connectivitycheck.gstatic.com/generate_204", http.StatusFound, ""); err != nil {
		return err
	}
	page, err := g.load(ctx, home, http.StatusOK, "How to come back")
	if err != nil {
		return err
	}
	if _, err := g.send(ctx, home+"stay", page, url.Values{}); err != nil {
		return err
	}
	for _, next := range []struct {
		url    string
		status int
		says   string
	}{
		{home + "ok", http.StatusOK, "Done"},
		{"http://connectivitycheck.gstatic.com/generate_204", http.StatusNoContent, ""},
		{home, http.StatusOK, "How to come back"},
	} {
		if _, err := g.load(ctx, next.url, next.status, next.says); err != nil {
			return err
		}
	}
	return nil
}

// home is the page that phones are led to.
const home = "http://lamppost.internal/"

// IsStaying reports whether a phone that was let through still is, with the address
// that it has and without that anybody does anything.
func (g *Guest) IsStaying(ctx context.Context) error {
	_, err := g.load(ctx, "http://connectivitycheck.gstatic.com/generate_204", http.StatusNoContent, "")
	return err
}

// IsFree fails if a name of the internet leads to the hub, as for a phone that was not
// let through.
func (g *Guest) IsFree(ctx context.Context, name string) error {
	if at, err := g.lookUp(ctx, name); err == nil {
		return fmt.Errorf("%s leads to %s", name, at)
	}
	return nil
}

// dial resolves by the hub, as the phone's system does.
func (g *Guest) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	at, err := g.lookUp(ctx, host)
	if err != nil {
		return nil, err
	}
	return g.station.Dial(ctx, network, net.JoinHostPort(at, port))
}

// lookUp asks the name server for an address, three times at most.
func (g *Guest) lookUp(ctx context.Context, name string) (string, error) {
	conn, err := g.station.Dial(ctx, "udp", g.names)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	q := new(dns.Msg).SetQuestion(name+".", dns.TypeA)
	var m *dns.Msg
	for range 3 {
		if m, _, err = (&dns.Client{Timeout: time.Second}).ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: conn}); err == nil {
			break
		}
	}
	if err != nil {
		return "", err
	}
	for _, rr := range m.Answer {
		if a, ok := rr.(*dns.A); ok {
			return a.A.String(), nil
		}
	}
	return "", errors.New(dns.RcodeToString[m.Rcode])
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// load fetches a page and notes how long that took.
func (g *Guest) load(ctx context.Context, url string, status int, says string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	began := time.Now()
	page, err := g.fetch(req, status)
	if err == nil && !strings.Contains(page, says) {
		err = fmt.Errorf("%s does not say %q: %s", url, says, page)
	}
	g.Pages = append(g.Pages, time.Since(began))
	return page, err
}

// send fills in the form of a page and returns how long that took.
func (g *Guest) send(ctx context.Context, to, page string, form url.Values) (time.Duration, error) {
	token := csrf.FindStringSubmatch(page)
	if token == nil {
		return 0, fmt.Errorf("%s: there is no form: %s", to, page)
	}
	form.Set("csrf", html.UnescapeString(token[1]))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	began := time.Now()
	_, err = g.fetch(req, http.StatusSeeOther)
	return time.Since(began), err
}

func (g *Guest) fetch(req *http.Request, status int) (string, error) {
	res, err := g.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode != status {
		err = fmt.Errorf("%s: %s, not %d: %.300s", req.URL, res.Status, status, body)
	}
	return string(body), err
}

// join gets an address and uses it.
func (g *Guest) join(ctx context.Context) error {
	ack, at, err := g.lease(ctx)
	if err != nil {
		return err
	}
	router, servers := ack.Router(), ack.DNS()
	if len(router) == 0 || len(servers) == 0 {
		return fmt.Errorf("a lease without a router or a name server: %s", ack.Summary())
	}
	g.Addr, g.names = at, net.JoinHostPort(servers[0].String(), "53")
	bits, _ := ack.SubnetMask().Size()
	via, _ := netip.AddrFromSlice(router[0].To4())
	return g.station.Configure(netip.PrefixFrom(at, bits), via)
}

// Renew asks for an address again, as a phone that comes back, and returns it.
func (g *Guest) Renew(ctx context.Context) (netip.Addr, error) {
	_, at, err := g.lease(ctx)
	return at, err
}

// lease gets an address by DHCP.
func (g *Guest) lease(ctx context.Context) (ack *dhcpv4.DHCPv4, at netip.Addr, _ error) {
	conn, err := g.station.ListenPacket(ctx, "udp4", ":68")
	if err != nil {
		return nil, at, err
	}
	defer func() { _ = conn.Close() }()
	discover, err := dhcpv4.NewDiscovery(g.station.MAC)
	if err != nil {
		return nil, at, err
	}
	offer, err := exchange(conn, discover, dhcpv4.MessageTypeOffer)
	if err != nil {
		return nil, at, err
	}
	request, err := dhcpv4.NewRequestFromOffer(offer)
	if err != nil {
		return nil, at, err
	}
	if ack, err = exchange(conn, request, dhcpv4.MessageTypeAck); err != nil {
		return nil, at, err
	}
	at, ok := netip.AddrFromSlice(ack.YourIPAddr.To4())
	if !ok {
		err = fmt.Errorf("a lease without an address: %s", ack.Summary())
	}
	return ack, at, err
}

var errNoLease = errors.New("nobody gives out addresses")

// exchange sends a packet to all, up to five times as phones do, and waits for the
// answer of some kind to it.
func exchange(conn net.PacketConn, m *dhcpv4.DHCPv4, want dhcpv4.MessageType) (*dhcpv4.DHCPv4, error) {
	buf := make([]byte, 1500)
	for range 5 {
		if err := broadcast(conn, m); err != nil {
			return nil, err
		}
		if err := conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			return nil, err
		}
		for {
			n, _, err := conn.ReadFrom(buf)
			if err != nil {
				break // the time is over: once more
			}
			if r, err := dhcpv4.FromBytes(buf[:n]); err == nil && r.TransactionID == m.TransactionID && r.MessageType() == want {
				return r, nil
			}
		}
	}
	return nil, errNoLease
}

// broadcast sends a packet to whoever gives out addresses.
func broadcast(conn net.PacketConn, m *dhcpv4.DHCPv4) error {
	_, err := conn.WriteTo(m.ToBytes(), &net.UDPAddr{IP: net.IPv4bcast, Port: 67})
	return err
}
