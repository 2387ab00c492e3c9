package server_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestAFileMayTakeItsTime: a large one over the edge of a Wi-Fi comes in for longer than
// a form may, and not for ever.
func TestAFileMayTakeItsTime(t *testing.T) {
	for name, c := range map[string]struct {
		to    string
		size  int
		every time.Duration // for each of 20 parts
		stops int           // after which nothing comes any more; 0: all comes
		taken bool
	}{
		"a minute":                          {to: "upload", size: 1 << 20, every: 3 * time.Second, taken: true},
		"three minutes":                     {to: "upload", size: 5 << 20, every: 9 * time.Second},
		"a large one, five minutes":         {to: "large", size: 7 << 20, every: 15 * time.Second, taken: true},
		"a large one, seven minutes":        {to: "large", size: 7 << 20, every: 21 * time.Second},
		"a large one, of which little came": {to: "large", size: 1 << 20, every: 9 * time.Second},
		"a large one that stops":            {to: "large", size: 7 << 20, every: time.Second, stops: 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, _ := withLoud(t)
				p, s := newPipes(), newServer(t, h)
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- s.Serve(ctx, p) }()
				phone := http.Client{
					Transport:     &http.Transport{DialContext: p.dial, DisableKeepAlives: true},
					CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
				}
				res, err := phone.Get("http://lamppost.internal/loud/")
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				_, form := (&page{body: string(b)}).form(t)
				kind, body := files(t, "csrf", form.Get("csrf"), "@file", strings.Repeat("x", c.size))
				r, w := io.Pipe()
				var writer sync.WaitGroup
				writer.Go(func() {
					n := 0
					for part := range parted(body, 20) {
						if n++; n > c.stops && c.stops > 0 {
							return // and the connection stays open
						}
						<-time.After(c.every)
						if _, err := io.WriteString(w, part); err != nil {
							return // nobody reads it any more
						}
					}
					_ = w.Close()
				})
				res, err = phone.Post("http://lamppost.internal/loud/"+c.to, kind, r)
				_ = r.Close()
				writer.Wait()
				taken := err == nil && res.StatusCode == http.StatusSeeOther
				if taken != c.taken {
					t.Errorf("taken: %v (%v)", taken, err)
				}
				if err == nil {
					_ = res.Body.Close()
				}
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// parted is a text in n parts.
func parted(text string, n int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(text[i*len(text)/n : (i+1)*len(text)/n]) {
				return
			}
		}
	}
}
