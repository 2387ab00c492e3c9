package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// neighbor is a person with a browser, with scripts off.
type neighbor struct {
	base string // of the hub's pages
	http *http.Client
	csrf string // of the last form seen
	form string // its client_id
}

func newNeighbor(hostport string) *neighbor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it cannot fail without options
	}
	return &neighbor{
		base: "http://" + hostport,
		http: &http.Client{
			Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

var (
	csrfField   = regexp.MustCompile(`name="csrf" value="([^"]*)"`)
	clientField = regexp.MustCompile(`name="client_id" value="([^"]*)"`)
	wordTag     = regexp.MustCompile(`<li>([a-z-]+)</li>`)
	postTag     = regexp.MustCompile(`(?s)<li id="p-[0-9a-f]{16}/([^"]+)"><p class="by"><b class="who"><bdi>([^<]*)</bdi></b> <span class="tag">([^<]*)</span>.*?<p class="text"[^>]*>(.*?)</p>(.*?)</li>`)
	olderLink   = regexp.MustCompile(`rel="next" href="([^"]*)"`)
)

// get follows to a page and remembers its form.
func (n *neighbor) get(path string) (final, body string, err error) {
	for range 5 {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, n.base+path, nil)
		if err != nil {
			return "", "", err
		}
		status, body, to, err := n.do(req)
		switch {
		case err != nil:
			return "", "", err
		case status == http.StatusSeeOther:
			path, _, _ = strings.Cut(to, "#")
			continue
		case status != http.StatusOK:
			return "", "", fmt.Errorf("%s: %d\n%s", path, status, body)
		}
		n.csrf, n.form = field(csrfField, body), field(clientField, body)
		return path, body, nil
	}
	return "", "", errors.New("too many redirects")
}

func field(re *regexp.Regexp, body string) string {
	if m := re.FindStringSubmatch(body); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

func (n *neighbor) do(req *http.Request) (status int, body, to string, err error) {
	res, err := n.http.Do(req)
	if err != nil {
		return 0, "", "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, string(b), res.Header.Get("Location"), err
}

// send posts a form with the last token seen and returns where the answer
// leads. Without an error what was sent is acknowledged.
func (n *neighbor) send(path string, fields ...string) (to string, err error) {
	form := url.Values{"csrf": {n.csrf}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, n.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, to, err := n.do(req)
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("POST %s: %d\n%s", path, status, body)
	}
	return to, err
}

const town = "/messages/town"

// begin posts for the first time, under a name, and goes on to where the answer
// leads, so that the cookie counts from then on.
func (n *neighbor) begin(text, name string) error {
	if _, _, err := n.get(town); err != nil {
		return err
	}
	to, err := n.send(town, "client_id", n.form, "text", text, "name", name)
	if err != nil {
		return err
	}
	to, _, _ = strings.Cut(to, "#")
	_, _, err = n.get(to)
	return err
}

// post posts with the form of the last page.
func (n *neighbor) post(text string) error {
	if _, _, err := n.get(town); err != nil {
		return err
	}
	_, err := n.send(town, "client_id", n.form, "text", text)
	return err
}

// shown is a post on a page.
type shown struct{ id, name, tag, text, rest string }

// read is a page of town talk and the path of the older ones, if there are any.
func (n *neighbor) read(path string) (posts []shown, older string, err error) {
	_, body, err := n.get(path)
	for _, m := range postTag.FindAllStringSubmatch(body, -1) {
		posts = append(posts, shown{m[1], html.UnescapeString(m[2]), m[3], html.UnescapeString(m[4]), m[5]})
	}
	return posts, field(olderLink, body), err
}

// find is the post of a text on the newest page.
func (n *neighbor) find(text string) (p shown, ok bool, err error) {
	posts, _, err := n.read(town)
	for _, p := range posts {
		if p.text == text {
			return p, true, err
		}
	}
	return p, false, err
}
