package gateway_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/gateway"
	"github.com/miekg/dns"
)

// nameServer answers on loopback and returns its address.
func nameServer(t *testing.T, answer func(q, r *dns.Msg)) string {
	t.Helper()
	c, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: c, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		r := new(dns.Msg).SetReply(q)
		answer(q, r)
		_ = w.WriteMsg(r)
	})}
	ended := make(chan error, 1)
	go func() { ended <- s.ActivateAndServe() }()
	t.Cleanup(func() {
		_ = c.Close()
		if err := <-ended; err != nil { // its socket is closed
			t.Log(err)
		}
	})
	return c.LocalAddr().String()
}

func root(_, r *dns.Msg) {
	r.Answer = append(r.Answer, &dns.SOA{
		Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 60},
		Ns:  "a.root-servers.net.", Mbox: "nstld.verisign-grs.com.",
	})
}

// everything is what a captive portal's name server says.
func everything(q, r *dns.Msg) {
	r.Answer = append(r.Answer, &dns.A{
		Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}, A: net.IPv4(192, 0, 2, 1),
	})
}

// nobody is an address at which nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func try(t *testing.T, m gateway.Means) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return m.Try(ctx)
}

func TestNameServers(t *testing.T) {
	good, captive := nameServer(t, root), nameServer(t, everything)
	if err := try(t, gateway.Resolving(nobody(t), captive, good)); err != nil {
		t.Errorf("the third of them knows the root: %v", err)
	}
	if err := try(t, gateway.Resolving(captive)); err == nil {
		t.Error("one that answers everything passes for the internet's")
	}
}

func TestConnections(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := try(t, gateway.Connecting(nobody(t), l.Addr().String())); err != nil {
		t.Errorf("the second of them accepts: %v", err)
	}
	if err := try(t, gateway.Connecting(nobody(t), nobody(t))); err == nil {
		t.Error("nobody accepts, and that passes")
	}
}

func TestAPage(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"nothing, as it should be": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, nil},
		"a way to a sign-in page":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/sign-in", http.StatusFound) }, gateway.ErrPortal},
		"a sign-in page":           {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Welcome")) }, gateway.ErrPortal},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			if err := try(t, gateway.Loading(s.URL+"/generate_204")); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if err := try(t, gateway.Loading("http://"+nobody(t)+"/generate_204")); err == nil || errors.Is(err, gateway.ErrPortal) {
		t.Errorf("nobody there: %v", err)
	}
}
