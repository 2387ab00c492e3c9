package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

type postsLine struct {
	Name    string  `json:"name"`
	Clients int     `json:"clients"`
	Seconds float64 `json:"seconds"`
	Posts   int     `json:"posts"`
	Errors  int     `json:"errors"`
	PerSec  float64 `json:"posts_per_s"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	common
}

const postsSetup = "1 hub in this process, HTTP over loopback; each client is a resident with a cookie and an address, and sends the form again " +
	"as soon as the last is answered (303: saved and synced to disk); counted at the end in the hub's set"

// most is how many posts a client sends: its quota holds its name besides.
const most = 490

// posts measures durable posts over HTTP by the form that people use.
func posts(b *bench) error {
	for _, clients := range []int{1, max(2, b.of(200, 2))} {
		l, err := postsBy(b, clients)
		if err != nil {
			return fmt.Errorf("%d clients: %w", clients, err)
		}
		if err := b.out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func postsBy(b *bench, clients int) (l postsLine, err error) {
	t, err := foundTown(1)
	if err != nil {
		return l, err
	}
	defer func() { joinErr(&err, t.remove()) }()
	h, err := start(b.ctx, t.folders[0])
	if err != nil {
		return l, err
	}
	defer stopAll(&err, h)
	browsers, err := enroll(b.ctx, "http://"+h.HTTPAddr(), clients)
	defer closeAll(browsers)
	if err != nil {
		return l, err
	}
	before, err := h.Store().Moment(0)
	if err != nil {
		return l, err
	}
	began := time.Now()
	until := began.Add(b.lasting(10 * time.Second))
	var wg sync.WaitGroup
	for _, c := range browsers {
		wg.Go(func() { c.postUntil(b.ctx, until) })
	}
	wg.Wait()
	took := time.Since(began)
	after, err := h.Store().Moment(0)
	if err != nil {
		return l, err
	}
	l = postsLine{Name: "posts", Clients: clients, Seconds: seconds(took), common: b.plain(postsSetup)}
	var all []time.Duration
	var first error
	for _, c := range browsers {
		all = append(all, c.took...)
		l.Errors += c.failed
		if c.err != nil {
			first = c.err
		}
	}
	if l.Posts = len(all); l.Posts == 0 {
		return l, fmt.Errorf("no post was saved: %w", first)
	}
	if n := after.Digests[record.Talk].Count - before.Digests[record.Talk].Count; n < uint64(l.Posts) {
		return l, fmt.Errorf("%d posts were acknowledged and %d are there", l.Posts, n)
	}
	l.PerSec = rounded(float64(l.Posts)/took.Seconds(), 1)
	l.P50, l.P99 = millis(percentile(all, 0.5)), millis(percentile(all, 0.99))
	return l, nil
}

// enroll makes residents, two at a time: deriving a key is made to be slow.
func enroll(ctx context.Context, hub string, n int) ([]*browser, error) {
	bs, errs := make([]*browser, n), make([]error, n)
	var wg sync.WaitGroup
	turn := make(chan struct{}, 2)
	for i := range bs {
		turn <- struct{}{}
		wg.Go(func() {
			defer func() { <-turn }()
			bs[i], errs[i] = join(ctx, hub, i)
		})
	}
	wg.Wait()
	return bs, errors.Join(errs...)
}

// browser is one resident's, at the talk of the town.
type browser struct {
	client *http.Client
	page   string
	csrf   string
	serial string
	took   []time.Duration
	failed int
	err    error
	sent   int // by again
}

// join opens the page, posts for the first time, which makes a resident, and
// follows to the page on which the cookie has come back.
func join(ctx context.Context, hub string, i int) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	// Of its own: the hub bounds what one address may do at once.
	addr := &net.TCPAddr{IP: net.IPv4(127, 1, byte(i>>8), byte(i&0xff))}
	c := &browser{
		page: hub + "/messages/town", serial: fmt.Sprintf("c%d", i),
		client: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{
			DialContext: (&net.Dialer{LocalAddr: addr}).DialContext, MaxIdleConnsPerHost: 1,
		}},
	}
	if err := c.open(ctx); err != nil {
		return c, err
	}
	res, err := c.send(ctx, 0)
	if err != nil {
		return c, err
	}
	if res.status != http.StatusOK || !strings.Contains(res.body, "Yours. Saved") {
		return c, fmt.Errorf("the first post of client %d: status %d", i, res.status)
	}
	if err := c.open(ctx); err != nil {
		return c, err
	}
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// closeAll closes connections; of those who could not join there are none.
func closeAll(bs []*browser) {
	for _, c := range bs {
		if c != nil {
			c.client.CloseIdleConnections()
		}
	}
}

// open reads the form's token from the page.
func (c *browser) open(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.page, nil)
	if err != nil {
		return err
	}
	res, err := c.do(req)
	if err != nil {
		return err
	}
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(res.body)
	if token == nil {
		return fmt.Errorf("the page has no form: status %d", res.status)
	}
	c.csrf = html.UnescapeString(token[1])
	return nil
}

// send fills in the form.
func (c *browser) send(ctx context.Context, n int) (reply, error) {
	form := url.Values{
		"csrf": {c.csrf}, "client_id": {fmt.Sprintf("%s-%d", c.serial, n)},
		"text": {fmt.Sprintf("Post %d of %s: %s", n, c.serial, strings.Repeat("water and blankets ", 10))},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.page, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(req)
}

type reply struct {
	status int
	body   string
	to     string // where it leads
}

func (c *browser) do(req *http.Request) (reply, error) { return fetch(c.client, req) }

// fetch makes a request and reads the answer to its end.
func fetch(client *http.Client, req *http.Request) (reply, error) {
	res, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	return reply{res.StatusCode, string(body), res.Header.Get("Location")}, err
}

// postUntil sends the form again and again.
func (c *browser) postUntil(ctx context.Context, end time.Time) {
	for n := 1; n < most && time.Now().Before(end); n++ {
		began := time.Now()
		res, err := c.send(ctx, n)
		switch {
		case err != nil:
			c.failed++
			c.err = err
		case res.status != http.StatusSeeOther:
			c.failed++
			c.err = fmt.Errorf("status %d", res.status)
		default:
			c.took = append(c.took, time.Since(began))
		}
	}
}
