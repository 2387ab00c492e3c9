package fieldtest

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

// Browser is somebody's browser with scripts off, who uses it on one of the machines.
type Browser struct {
	base   string // scheme and host, for the cookies
	named  string // as which it asks for the host
	client *http.Client
}

// NewBrowser is one on a machine, for the pages at an address, such as 10.1.0.1:8080,
// which it asks for by a name, such as localhost:8080, whether that leads there or not.
func NewBrowser(on *netnstest.Host, address, name string) (*Browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Browser{base: "http://" + address, named: name, client: &http.Client{
		Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return on.Dial(ctx, network, address)
		}},
	}}, nil
}

// AtBox is a browser on the hub's own machine.
func (h *Hub) AtBox() (*Browser, error) { return NewBrowser(h.Host, pages, "localhost:8080") }

// Done closes the browser's connections.
func (b *Browser) Done() { b.client.CloseIdleConnections() }

// Answer is a page, or where it leads.
type Answer struct {
	Status int
	To     string
	Page   string
}

func (b *Browser) do(ctx context.Context, method, path string, form url.Values) (a Answer, err error) {
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return a, err
	}
	req.Host = b.named
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return Answer{res.StatusCode, res.Header.Get("Location"), string(body)}, err
}

// maxTurns is how often a browser is led on.
const maxTurns = 5

// Get fetches a page, also one that says what is wrong, and follows where it leads.
func (b *Browser) Get(ctx context.Context, path string) (Answer, error) {
	for range maxTurns {
		a, err := b.do(ctx, http.MethodGet, path, nil)
		if err != nil || a.Status != http.StatusSeeOther {
			return a, err
		}
		path, _, _ = strings.Cut(a.To, "#")
	}
	return Answer{}, fmt.Errorf("%s leads in a circle", path)
}

var clientID = regexp.MustCompile(`name="client_id" value="([^"]+)"`)

// Send fetches the page of a form and sends the form to where the page is. It returns what
// the hub says to that.
func (b *Browser) Send(ctx context.Context, path string, form url.Values) (Answer, error) {
	page, err := b.Get(ctx, path)
	if err != nil {
		return page, err
	}
	return b.SendFrom(ctx, page, path, form)
}

// SendFrom sends a form with what is hidden in a page, wherever that form leads.
func (b *Browser) SendFrom(ctx context.Context, page Answer, path string, form url.Values) (Answer, error) {
	token := csrf.FindStringSubmatch(page.Page)
	if token == nil {
		return page, fmt.Errorf("there is no form at %s: %s", path, page.Said())
	}
	form.Set("csrf", html.UnescapeString(token[1]))
	if id := clientID.FindStringSubmatch(page.Page); id != nil {
		form.Set("client_id", html.UnescapeString(id[1]))
	}
	return b.do(ctx, http.MethodPost, path, form)
}

// Enter signs in with six words; sure has them taken where one is warned not to enter them.
func (b *Browser) Enter(ctx context.Context, words string, sure bool) error {
	form := url.Values{"code": {words}}
	if sure {
		form.Set("sure", "yes")
	}
	a, err := b.Send(ctx, "/return", form)
	if err != nil {
		return err
	}
	if a.Status != http.StatusSeeOther {
		return fmt.Errorf("six words open nothing: %s", a.Said())
	}
	_, err = b.Get(ctx, a.To) // from there on the cookie counts
	return err
}

// Write fills in the form of a notice and returns the path of the notice, or of the draft
// that it became, and when the hub said so.
func (b *Browser) Write(ctx context.Context, text string) (path string, at time.Time, _ error) {
	const form = "/notices/new?t=boil-water"
	a, err := b.Send(ctx, form, url.Values{"t": {"boil-water"}, "text": {text}})
	at = time.Now()
	if err != nil {
		return "", at, err
	}
	path, _, _ = strings.Cut(a.To, "#")
	path, _, _ = strings.Cut(path, "?")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(path, "/notices/") {
		return "", at, fmt.Errorf("a notice is not taken: %s", a.Said())
	}
	return path, at, nil
}

var (
	block   = regexp.MustCompile(`<(/?)div\b[^>]*>`)
	problem = regexp.MustCompile(`<p class="problem"[^>]*>([^<]*)`)
	content = regexp.MustCompile(`(?s)<main\b.*</main>`)
)

// Top is what tops a page: what is said above every page or, where the page says as much by
// itself, the first notice on it. It is empty where no notice holds.
func (a Answer) Top() (string, error) {
	above, page, found := inside(a.Page, `<div id="banner"`)
	if !found {
		return "", fmt.Errorf("there is no place for what tops every page: %s", a.Said())
	}
	if strings.TrimSpace(above) == "" {
		above, _, _ = inside(page, `<div class="word`)
	}
	return above, nil
}

// inside is what stands in the first block of a page that begins so, and what follows it.
func inside(page, begins string) (in, after string, found bool) {
	_, rest, _ := strings.Cut(page, begins)
	_, rest, _ = strings.Cut(rest, ">")
	depth := 1
	for _, at := range block.FindAllStringSubmatchIndex(rest, -1) {
		if depth++; at[2] < at[3] { // it ends one
			depth -= 2
		}
		if depth == 0 {
			return rest[:at[0]], rest[at[1]:], true
		}
	}
	return "", "", false
}

// Said is in short what a page says: what is wrong with a form, else what stands on it.
func (a Answer) Said() string {
	if m := problem.FindStringSubmatch(a.Page); m != nil {
		return fmt.Sprintf("%d %s", a.Status, html.UnescapeString(m[1]))
	}
	if m := content.FindString(a.Page); m != "" {
		return fmt.Sprintf("%d %s", a.Status, m)
	}
	return fmt.Sprintf("%d %s %.2000s", a.Status, a.To, a.Page)
}
