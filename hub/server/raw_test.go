package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/server"
)

// street is a listener at whose other end are phones, not this machine.
type street struct{ net.Listener }

func (s street) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	return fromStreet{c}, err
}

// fromStreet is a connection from a phone.
type fromStreet struct{ net.Conn }

func (fromStreet) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 1, 0, 7), Port: 40000} }

// wire serves a hub that phones have just joined, and returns where.
func wire(t *testing.T) string {
	t.Helper()
	b, _ := joined(t)
	s, ok := b.h.(*server.Server)
	if !ok {
		t.Fatalf("a hub of type %T", b.h)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, street{ln}) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// says sends bytes over a connection of their own and returns what comes until the hub
// is silent or closes it.
func says(t *testing.T, at, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		return ""
	}
	// That there is no more to come is said when the answer has begun: earlier, it would
	// end the request. What is no whole request has no answer before.
	first := bufio.NewReader(c)
	if strings.Contains(request, "\n") {
		_, _ = first.Peek(1)
	}
	if w, ok := c.(*net.TCPConn); ok {
		_ = w.CloseWrite()
	}
	b, _ := io.ReadAll(first) // as far as it gets
	return string(b)
}

// TestRequestsThatNoBrowserMakes: each from a phone that has just come, over a socket.
func TestRequestsThatNoBrowserMakes(t *testing.T) {
	at := wire(t)
	const away, misdirected = "302 Found\r\n", "421 Misdirected Request\r\n"
	for name, c := range map[string]struct{ request, begins string }{
		"HTTP/1.0 without a host, a probe":   {"GET /generate_204 HTTP/1.0\r\n\r\n", "HTTP/1.0 " + away},
		"HTTP/1.0 without a host, a page":    {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 " + away},
		"HTTP/1.0 with our host":             {"GET / HTTP/1.0\r\nHost: lamppost.internal\r\n\r\n", "HTTP/1.0 200 OK\r\n"},
		"HTTP/1.1 without a host":            {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		"HTTP/0.9":                           {"GET /\r\n\r\n", "HTTP/1.1 400 "},
		"two hosts":                          {"GET / HTTP/1.1\r\nHost: lamppost.internal\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 400 "},
		"an empty host":                      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "HTTP/1.1 " + away},
		"a host of ten thousand dots":        {"GET / HTTP/1.1\r\nHost: " + strings.Repeat(".", 10_000) + "\r\n\r\n", "HTTP/1.1 " + away},
		"a host with a path":                 {"GET / HTTP/1.1\r\nHost: lamppost.internal/x\r\n\r\n", "HTTP/1.1 "},
		"a host that is half an address":     {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "HTTP/1.1 " + away},
		"a host with a blank":                {"GET / HTTP/1.1\r\nHost: lamppost.internal evil\r\n\r\n", "HTTP/1.1 400 "},
		"a host with a control character":    {"GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n", "HTTP/1.1 400 "},
		"a host with many ports":             {"GET / HTTP/1.1\r\nHost: lamppost.internal:80:80\r\n\r\n", "HTTP/1.1 " + away},
		"a host in capitals with a dot":      {"GET / HTTP/1.1\r\nHost: LAMPPOST.Internal.:80\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		"absolute form, a probe":             {"GET http://captive.apple.com/hotspot-detect.html HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		"absolute form without a path":       {"GET http://captive.apple.com HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		"absolute form, another host inside": {"GET http://evil.example/ HTTP/1.1\r\nHost: lamppost.internal\r\n\r\n", "HTTP/1.1 " + away},
		"absolute form, ours inside":         {"GET http://lamppost.internal/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		"absolute form, to be proxied":       {"GET http://192.168.1.1:8080/printer HTTP/1.1\r\nHost: 192.168.1.1:8080\r\n\r\n", "HTTP/1.1 " + away},
		"absolute form, with a user":         {"GET http://user:word@lamppost.internal/ HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 "},
		"asterisk":                           {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
		"asterisk to get":                    {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 "},
		"asterisk to get of ours":            {"GET * HTTP/1.1\r\nHost: lamppost.internal\r\n\r\n", "HTTP/1.1 404 "},
		"a tunnel":                           {"CONNECT www.example.org:443 HTTP/1.1\r\nHost: www.example.org:443\r\n\r\n", "HTTP/1.1 " + misdirected},
		"a tunnel to us":                     {"CONNECT lamppost.internal:443 HTTP/1.1\r\nHost: lamppost.internal:443\r\n\r\n", "HTTP/1.1 405 "},
		"a form for another host":            {"POST /stay HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 " + misdirected},
		"a method of its own":                {"PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 " + misdirected},
		"TLS":                                {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "HTTP/1.1 400 "},
		"HTTP/2 without more ado":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 "},
		"15 KiB of headers":                  {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 15<<10) + "\r\n\r\n", "HTTP/1.1 " + away},
		"24 KiB of headers":                  {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 24<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		"a target of 24 KiB":                 {"GET /" + strings.Repeat("a", 24<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 431 "},
		"a thousand headers":                 {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 1000) + "\r\n", "HTTP/1.1 " + away},
		"a folded header":                    {"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 "},
		"a length and chunks":                {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 "},
		"two lengths":                        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd", "HTTP/1.1 400 "},
		"a path that climbs":                 {"GET /../../etc/passwd HTTP/1.1\r\nHost: lamppost.internal\r\n\r\n", "HTTP/1.1 404 "},
		"a path that climbs, escaped":        {"GET /%2e%2e/generate_204 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 " + away},
		"a broken escape":                    {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		"an upgrade for another host":        {"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "HTTP/1.1 " + misdirected},
		"half a request, and then nothing":   {"GET / HTT", "HTTP/1.1 400 "},
		"nothing at all":                     {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := says(t, at, c.request)
			if !strings.HasPrefix(got, c.begins) || c.begins == "" && got != "" {
				t.Fatalf("%.200q, want %q", got, c.begins)
			}
			if strings.Contains(got, " 301 ") || strings.Contains(got, "Strict-Transport-Security") || strings.Contains(got, " 500 ") {
				t.Errorf("%.300q", got)
			}
			if strings.Contains(got, " 302 ") && !strings.Contains(got, "Location: http://lamppost.internal/\r\n") {
				t.Errorf("led elsewhere: %.300q", got)
			}
		})
	}
}

// TestManyRequestsInOneWrite: each is answered, in order, by what it asks.
func TestManyRequestsInOneWrite(t *testing.T) {
	at := wire(t)
	ask := func(host, path string) string {
		return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host)
	}
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	asked := []struct {
		host, path string
		status     int
	}{
		{"connectivitycheck.gstatic.com", "/generate_204", 302}, {"captive.apple.com", "/hotspot-detect.html", 200},
		{"lamppost.internal", "/", 200}, {"evil.example", "/api/v1/status", 421}, {"www.msftconnecttest.com", "/connecttest.txt", 302},
	}
	var all strings.Builder
	for range 3 {
		for _, a := range asked {
			all.WriteString(ask(a.host, a.path))
		}
	}
	if _, err := io.WriteString(c, all.String()); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	for i := range 3 * len(asked) {
		want := asked[i%len(asked)]
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != want.status {
			t.Errorf("answer %d, %s%s: %d, want %d", i, want.host, want.path, res.StatusCode, want.status)
		}
	}
}
