package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// clerk is a coordinator's browser at the hub's own machine.
type clerk struct {
	client *http.Client
	at     string
}

// clerk signs a coordinator in, with their six words.
func (a *atlas) clerk(ctx context.Context) (*clerk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(a.http)
	if err != nil {
		return nil, err
	}
	c := &clerk{at: "http://localhost:" + port, client: &http.Client{
		Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, a.http) // whatever localhost is here
		}},
	}}
	hidden, err := c.hidden(ctx, "/return")
	if err != nil {
		return c, err
	}
	hidden.Set("code", a.officer.Text())
	to, err := c.post(ctx, "/return", "application/x-www-form-urlencoded", strings.NewReader(hidden.Encode()))
	if err != nil {
		return c, fmt.Errorf("six words open nothing: %w", err)
	}
	_, err = c.page(ctx, to) // from there on the cookie counts
	return c, err
}

// page is a page, and where it leads to.
func (c *clerk) page(ctx context.Context, path string) (string, error) {
	for range 5 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.at+path, nil)
		if err != nil {
			return "", err
		}
		res, err := c.client.Do(req)
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return "", err
		}
		switch res.StatusCode {
		case http.StatusOK:
			return string(body), nil
		case http.StatusSeeOther:
			path, _, _ = strings.Cut(res.Header.Get("Location"), "#")
		default:
			return "", fmt.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
	return "", fmt.Errorf("%s leads in a circle", path)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// hiddenIn is what the forms of a page send without anybody filling them in.
func hiddenIn(page string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

func (c *clerk) hidden(ctx context.Context, path string) (url.Values, error) {
	page, err := c.page(ctx, path)
	if err != nil {
		return nil, err
	}
	form := hiddenIn(page)
	if form.Get("csrf") == "" {
		return nil, fmt.Errorf("%s has no form", path)
	}
	return form, nil
}

// post sends a form, and is where that leads.
func (c *clerk) post(ctx context.Context, path, kind string, body io.Reader) (to string, _ error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at+path, body)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", kind)
	res, err := fetch(c.client, req)
	if err != nil {
		return "", err
	}
	if res.status != http.StatusSeeOther {
		return "", fmt.Errorf("%s is not taken: status %d", path, res.status)
	}
	return res.to, nil
}

// take looks at what a file that waits would change, and takes it over.
func (c *clerk) take(ctx context.Context, waits string) error {
	var form url.Values
	err := await(ctx, 50*time.Millisecond, func() (bool, error) {
		page, err := c.page(ctx, waits)
		form = hiddenIn(page)
		return strings.Contains(page, "Take over") && form.Get("plan") != "", err
	})
	if err != nil {
		return fmt.Errorf("the file is not read: %w", err)
	}
	_, err = c.post(ctx, waits, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return err
}

// send sends the file by the page, and is the path of where it waits.
func (c *clerk) send(ctx context.Context, file string) (waits string, err error) {
	form, err := c.hidden(ctx, "/maps/import")
	if err != nil {
		return "", err
	}
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { joinErr(&err, in.Close()) }()
	from, to := io.Pipe()
	w := multipart.NewWriter(to)
	go func() {
		var err error
		for name := range form {
			err = errors.Join(err, w.WriteField(name, form.Get(name)))
		}
		part, e := w.CreateFormFile("file", filepath.Base(file))
		if err = errors.Join(err, e); err == nil {
			_, err = io.Copy(part, in)
		}
		to.CloseWithError(errors.Join(err, w.Close()))
	}()
	waits, err = c.post(ctx, "/maps/import", w.FormDataContentType(), from)
	waits, _, _ = strings.Cut(waits, "?")
	waits, _, _ = strings.Cut(waits, "#")
	return waits, errors.Join(err, from.Close())
}
