package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	thinking = time.Second // at most, on the average, between an answer and the next request
	postsOf  = 10          // of so many requests one is a post
)

// visitor is what one client of a crowd has met.
type visitor struct {
	reads, posts []time.Duration
	failed       int
	err          error // the last
}

// visitAll has each client read and post until the end.
func visitAll(ctx context.Context, browsers []*browser, end time.Time) []*visitor {
	vs := make([]*visitor, len(browsers))
	think := min(thinking, time.Until(end)/20)
	var all sync.WaitGroup
	for i, c := range browsers {
		vs[i] = &visitor{}
		all.Go(func() { vs[i].visit(ctx, c, end, think, rand.New(rand.NewPCG(uint64(i), 1))) }) //nolint:gosec // a rhythm
	}
	all.Wait()
	return vs
}

func (v *visitor) visit(ctx context.Context, c *browser, end time.Time, mean time.Duration, r *rand.Rand) {
	root := strings.TrimSuffix(c.page, "/messages/town")
	for n := r.IntN(postsOf); ; n++ {
		think := time.Duration(2 * r.Float64() * float64(mean))
		if left := time.Until(end); left <= think {
			return
		}
		if pause(ctx, think) != nil {
			return
		}
		began := time.Now()
		if n%postsOf == 0 {
			if err := c.again(ctx); err != nil {
				v.fail(fmt.Errorf("a post: %w", err))
				continue
			}
			v.posts = append(v.posts, time.Since(began))
			continue
		}
		page := []string{c.page, c.page, root + "/messages/", root + "/"}[r.IntN(4)]
		if err := c.read(ctx, page); err != nil {
			v.fail(fmt.Errorf("%s: %w", page, err))
			continue
		}
		v.reads = append(v.reads, time.Since(began))
	}
}

func (v *visitor) fail(err error) {
	v.failed++
	v.err = err
}

// again posts one more text.
func (c *browser) again(ctx context.Context) error {
	c.sent++
	res, err := c.send(ctx, c.sent)
	if err == nil && res.status != http.StatusSeeOther {
		err = fmt.Errorf("status %d", res.status)
	}
	return err
}

// read opens a page.
func (c *browser) read(ctx context.Context, page string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return err
	}
	res, err := c.do(req)
	if err == nil && (res.status != http.StatusOK || !strings.Contains(res.body, "</html>")) {
		err = fmt.Errorf("status %d", res.status)
	}
	return err
}
