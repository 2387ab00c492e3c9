// Package capfetch fetches feeds of alerts from the internet, and nothing from anywhere
// else: whoever writes a feed, or its name server, might lead a hub to the devices in its
// own house.
//
// What is checked is the address that is really dialed, after names were resolved and at
// every redirect. No proxy is asked, and no cookie kept.
package capfetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// Bounds of what is asked.
const (
	MaxURL       = 500 // bytes of an address
	maxRedirects = 5
	patience     = 30 * time.Second // for all of one page
	maxHeader    = 64 << 10
)

// ErrPrivate is that an address is none of the internet.
var ErrPrivate = errors.New("its address is none of the internet, and nothing is fetched from elsewhere")

// Options are what tests change. The zero value is for the internet.
type Options struct {
	Allow func(netip.Addr) bool // nil: Public
	TLS   *tls.Config
}

// Client fetches pages.
type Client struct{ http http.Client }

// New makes a client.
func New(o Options) *Client {
	allow := o.Allow
	if allow == nil {
		allow = Public
	}
	dialer := net.Dialer{Timeout: patience / 2, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !allow(at.Addr().Unmap().WithZone("")) {
			return ErrPrivate
		}
		return nil
	}}
	return &Client{http: http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: o.TLS, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: maxHeader,
			MaxConnsPerHost: 4, MaxIdleConns: 4, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: patience / 2,
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			switch {
			case len(before) > maxRedirects:
				return fmt.Errorf("it leads on more than %d times", maxRedirects)
			case next.URL.Scheme == "http" && before[len(before)-1].URL.Scheme == "https":
				return errors.New("it leads from an encrypted connection to one that is not")
			}
			return Check(next.URL.String())
		},
	}}
}

// Check reports what is wrong with an address to fetch from.
func Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return fmt.Errorf("%q is no address of a feed; write it like https://alerts.example.org/feed.atom", address)
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%q: a feed is fetched by https, or by http", address)
	case len(address) > MaxURL:
		return fmt.Errorf("an address has at most %d bytes", MaxURL)
	case u.User != nil:
		return fmt.Errorf("%q: an address has no name and password in it, as everybody can read where a warning is from", u.Redacted())
	}
	return nil
}

// Mark is by which a server tells whether a page has changed.
type Mark struct{ ETag, Modified string }

// Page is what was fetched.
type Page struct {
	Body   []byte
	URL    string // where it was in the end
	Secure bool   // nobody on the way could change it
	Same   bool   // it has not changed since the mark; there is no Body
	Mark   Mark
}

// Get fetches a page of less than capxml.MaxBytes, unless it is as it was at a mark.
func (c *Client) Get(ctx context.Context, address string, since Mark) (Page, error) {
	if err := Check(address); err != nil {
		return Page{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Page{}, err
	}
	req.Header.Set("User-Agent", "lamppost (local services hub; https://github.com/lamppost-hub/lamppost)")
	req.Header.Set("Accept", "application/cap+xml, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9")
	if since.ETag != "" {
		req.Header.Set("If-None-Match", since.ETag)
	}
	if since.Modified != "" {
		req.Header.Set("If-Modified-Since", since.Modified)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Page{}, err
	}
	defer res.Body.Close()
	p := Page{URL: res.Request.URL.String(), Secure: strings.HasPrefix(address, "https:") && res.Request.URL.Scheme == "https"}
	switch res.StatusCode {
	case http.StatusNotModified:
		p.Same, p.Mark = true, since
		return p, nil
	case http.StatusOK:
	default:
		return p, fmt.Errorf("%s answers %q", address, res.Status)
	}
	p.Body, err = io.ReadAll(io.LimitReader(res.Body, capxml.MaxBytes))
	if err == nil && len(p.Body) >= capxml.MaxBytes {
		err = fmt.Errorf("%s is larger than %d MB", address, capxml.MaxBytes/1_000_000)
	}
	p.Mark = Mark{ETag: mark(res.Header.Get("ETag")), Modified: mark(res.Header.Get("Last-Modified"))}
	return p, err
}

func mark(s string) string {
	if len(s) > 200 {
		return ""
	}
	return s
}
