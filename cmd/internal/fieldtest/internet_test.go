package fieldtest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/miekg/dns"
)

// Where things are beyond a hub's uplink.
const (
	webAddr  = "93.184.215.14" // of www.example.org
	printer  = "192.168.7.9"   // in the fire station's LAN
	homePage = "the internet's page"
	bigSize  = 400_000 // bytes of /big
)

// uplink is a fire station's LAN with a printer and a router, and the internet behind
// that.
type uplink struct {
	*field
	hub    *netnstest.Port // in the LAN
	behind *netnstest.Port // of the router, to the internet

	internet *netnstest.Host
}

// publicServers are those by which hubs find out whether there is an internet.
var publicServers = []string{"1.1.1.1", "9.9.9.9", "8.8.8.8"}

// uplink lays a cable from the hub to a LAN that has the internet behind it. The cable
// is not plugged in yet.
func (f *field) uplink(h *fieldtest.Hub) *uplink {
	f.Helper()
	lan, line := f.bridge("lan"), f.bridge("line")
	u := &uplink{field: f, hub: f.plug(h, lan, "192.168.7.2/24")}
	f.machine(h.Host).does("ip", "route", "add", "default", "via", "192.168.7.1")
	h.Resolv = filepath.Join(f.dir, h.Label+".resolv.conf")
	f.ok(os.WriteFile(h.Resolv, []byte("nameserver 9.9.9.9\n"), 0o600))

	router := u.host("router")
	u.plugHost(router, lan, "192.168.7.1/24")
	u.behind = u.plugHost(router, line, "100.66.0.2/24")
	f.machine(router).does("sysctl", "-qw", "net.ipv4.ip_forward=1")
	f.machine(router).does("ip", "route", "add", "default", "via", "100.66.0.1")

	inkjet := u.host("printer")
	u.plugHost(inkjet, lan, printer+"/24")
	f.machine(inkjet).does("ip", "route", "add", "default", "via", "192.168.7.1")
	f.machine(inkjet).does("ip", "route", "add", "10.44.0.0/20", "via", "192.168.7.2") // it would answer
	for _, port := range []string{"80", "631", "9100"} {
		u.serve(inkjet, printer+":"+port, func(http.ResponseWriter, *http.Request) {})
	}

	internet := u.host("internet")
	u.internet = internet
	u.plugHost(internet, line, "100.66.0.1/24")
	f.machine(internet).does("ip", "route", "add", "192.168.7.0/24", "via", "100.66.0.2") // the router translates nothing
	for _, at := range append(slices.Clone(publicServers), webAddr) {
		f.machine(internet).does("ip", "address", "add", at+"/32", "dev", "lo")
	}
	for _, at := range publicServers {
		u.names(internet, at+":53")
		u.serve(internet, at+":443", func(http.ResponseWriter, *http.Request) {})
	}
	u.serve(internet, webAddr+":80", web)
	u.serve(internet, webAddr+":25", web)
	f.ok(u.hub.Cut(f.ctx))
	return u
}

func (u *uplink) host(name string) *netnstest.Host {
	u.Helper()
	h, err := u.net.Host(u.ctx, name)
	u.ok(err)
	return h
}

func (u *uplink) plugHost(h *netnstest.Host, b *netnstest.Bridge, addr string) *netnstest.Port {
	u.Helper()
	p, err := h.Plug(u.ctx, b, addr)
	u.ok(err)
	return p
}

// serve has a machine of the field serve pages until the test ends.
func (u *uplink) serve(h *netnstest.Host, at string, pages http.HandlerFunc) {
	u.Helper()
	l, err := h.Listen(u.ctx, "tcp", at)
	u.ok(err)
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: pages}}
	s.Start()
	u.Cleanup(s.Close)
}

// web is what the web server has, whatever host it is asked for.
func web(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host == "connectivitycheck.gstatic.com":
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == "/big":
		_, _ = io.WriteString(w, strings.Repeat("x", bigSize))
	default:
		_, _ = io.WriteString(w, homePage)
	}
}

// names has a machine answer for names until the test ends.
func (u *uplink) names(h *netnstest.Host, at string) {
	u.Helper()
	c, err := h.ListenPacket(u.ctx, "udp", at)
	u.ok(err)
	s := &dns.Server{PacketConn: c, Handler: dns.HandlerFunc(answerName)}
	ended := make(chan error, 1)
	go func() { ended <- s.ActivateAndServe() }()
	u.Cleanup(func() {
		_ = c.Close()
		if err := <-ended; err != nil { // its socket is closed
			u.Log(err)
		}
	})
}

// answerName knows the root, and what is below example.org and gstatic.com.
func answerName(w dns.ResponseWriter, q *dns.Msg) {
	asked := q.Question[0]
	m := new(dns.Msg).SetReply(q)
	leads := func(to string) {
		if asked.Qtype == dns.TypeA { // a second later it is old
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.ParseIP(to)})
		}
	}
	switch name := strings.ToLower(asked.Name); {
	case name == "." && asked.Qtype == dns.TypeSOA:
		m.Answer = append(m.Answer, &dns.SOA{
			Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 60}, Ns: "a.root-servers.net.", Mbox: "nstld.verisign-grs.com.",
		})
	case name == ".":
		m.Answer = append(m.Answer, &dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 60}, Ns: "a.root-servers.net."})
	case name == "printer.example.org.":
		leads(printer)
	case dns.IsSubDomain("example.org.", name), dns.IsSubDomain("gstatic.com.", name):
		leads(webAddr)
	default:
		m.SetRcode(q, dns.RcodeNameError)
	}
	if err := w.WriteMsg(m); err != nil {
		fmt.Fprintln(os.Stderr, "the internet's name server:", err)
	}
}
