package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

type peopleLine struct {
	Name    string  `json:"name"`
	Clients int     `json:"clients"`
	Stalled int     `json:"stalled"` // connections beside them that come to nothing
	Seconds float64 `json:"seconds"`
	Reads   int     `json:"reads"`
	Posts   int     `json:"posts"`
	Errors  int     `json:"errors"`
	First   string  `json:"first_error,omitempty"`
	Read50  float64 `json:"read_p50_ms"`
	Read99  float64 `json:"read_p99_ms"`
	Post50  float64 `json:"post_p50_ms"`
	Post99  float64 `json:"post_p99_ms"`
	CPU     float64 `json:"cpu_percent"` // of one core, the hub's
	RSS     float64 `json:"rss_mb"`
	common
}

type depthLine struct {
	Name      string             `json:"name"`
	Messages  int                `json:"messages"`
	Residents int                `json:"residents"`
	P50       map[string]float64 `json:"p50_ms"` // by page
	P99       map[string]float64 `json:"p99_ms"`
	RSS       float64            `json:"rss_mb"`     // all of VmRSS
	Own       float64            `json:"rss_own_mb"` // of it what is not the database's file or the program's
	common
}

const (
	peopleSetup = "one lamppost process, HTTP over loopback, measured from the same processors; each client is a resident with a cookie and an address, " +
		"and every second or so reads the talk of the town, the list or the first page, or one time in ten sends the form (303: saved and synced to disk)"
	stalledSetup = peopleSetup + "; beside them connections from addresses of their own: a third has sent part of a header, a third part of a body, " +
		"a third is a live socket that nobody reads; what the hub closes is opened again"
	depthSetup = "one lamppost process, HTTP over loopback, one client, page after page; each page 100 times, gzip, with everything a reader gets"
)

// people measures a hub as a crowd meets it, and one that has seen a crowd for long.
func people(b *bench) error {
	program, err := b.lamppost()
	if err != nil {
		return err
	}
	return errors.Join(b.crowded(program), b.deep(program))
}

// crowded has many read and post, first alone, then beside those who waste the hub's time.
func (b *bench) crowded(program string) (err error) {
	t, err := foundTown(1)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, t.remove()) }()
	if err := t.fill(b.ctx, b.of(1000, 50)); err != nil {
		return err
	}
	p, _, err := launch(b.ctx, program, t.folders[0])
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, p.stop()) }()
	clients, idlers := b.of(200, 3), b.of(1000, 6)
	browsers, err := enroll(b.ctx, "http://"+p.http, clients)
	defer closeAll(browsers)
	if err != nil {
		return err
	}
	alone, err := b.visit(p, browsers)
	if err != nil {
		return err
	}
	alone.common = b.judged("read_p99_ms < 300, post_p99_ms < 1000, errors = 0", alone.Read99 < 300 && alone.Post99 < 1000 && alone.Errors == 0, peopleSetup)
	if err := b.out.Encode(alone); err != nil {
		return err
	}
	s, err := stall(b.ctx, p.http, idlers)
	if err != nil {
		return err
	}
	beside, err := b.visit(p, browsers)
	s.end()
	if err != nil {
		return err
	}
	beside.Stalled = idlers
	beside.common = b.judged("read_p99_ms and post_p99_ms at most double, errors = 0",
		beside.Read99 <= 2*alone.Read99 && beside.Post99 <= 2*alone.Post99 && beside.Errors == 0, stalledSetup)
	return b.out.Encode(beside)
}

// visit has all read and post for a minute.
func (b *bench) visit(p *process, browsers []*browser) (l peopleLine, err error) {
	lasting := b.lasting(time.Minute)
	before, err := fieldtest.UsageOf(p.cmd.Process.Pid)
	if err != nil {
		return l, err
	}
	began := time.Now()
	vs := visitAll(b.ctx, browsers, began.Add(lasting))
	took := time.Since(began)
	after, err := fieldtest.UsageOf(p.cmd.Process.Pid)
	if err != nil {
		return l, err
	}
	l = peopleLine{
		Name: "people", Clients: len(browsers), Seconds: seconds(took),
		CPU: rounded(100*float64(after.CPU-before.CPU)/float64(took), 1), RSS: rounded(float64(after.RSS)/1e6, 1),
	}
	var reads, posts []time.Duration
	for _, v := range vs {
		reads, posts = append(reads, v.reads...), append(posts, v.posts...)
		if l.Errors += v.failed; v.err != nil {
			l.First = v.err.Error()
		}
	}
	l.Reads, l.Posts = len(reads), len(posts)
	l.Read50, l.Read99 = millis(percentile(reads, 0.5)), millis(percentile(reads, 0.99))
	l.Post50, l.Post99 = millis(percentile(posts, 0.5)), millis(percentile(posts, 0.99))
	return l, nil
}

const (
	deepPosts     = 100_000
	deepResidents = 300
	deepEvery     = 2 * time.Second // so that all are of the town's three days
	farPage       = 1000
	onPage        = 25
	looks         = 100 // at each page
)

// deep looks into the talk of a town that has talked for long.
func (b *bench) deep(program string) (err error) {
	t, err := foundTownOf(1, deepResidents)
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, t.remove()) }()
	t.every, t.text = deepEvery, smalltalk
	n := b.of(deepPosts, 200)
	if err := t.fill(b.ctx, n); err != nil {
		return err
	}
	last := t.at
	p, _, err := launch(b.ctx, program, t.folders[0])
	if err != nil {
		return err
	}
	defer func() { joinErr(&err, p.stop()) }()
	back := min((farPage-1)*onPage, n/2)
	before := last - record.Time(back-1)*record.Time(deepEvery.Milliseconds())<<16
	l := depthLine{Name: "people_depth", Messages: n, Residents: deepResidents, P50: map[string]float64{}, P99: map[string]float64{}}
	met := true
	for _, page := range []struct{ name, path string }{
		{"first", "/messages/town"},
		{"page 1000", "/messages/town?before=" + strconv.FormatUint(uint64(before), 36) + "." + strings.Repeat("0", 16)},
		{"search", "/messages/search?q=" + word(vocabulary/2)},
		{"search two", "/messages/search?q=" + word(vocabulary/20) + "+" + word(vocabulary/10)},
		{"search frequent", "/messages/search?q=" + word(0)},
		{"search nowhere", "/messages/search?q=nowhere"},
		{"channels", "/messages/"},
		{"home", "/"},
	} {
		took, err := b.look(p, page.path)
		if err != nil {
			return fmt.Errorf("%s: %w", page.path, err)
		}
		l.P50[page.name], l.P99[page.name] = millis(percentile(took, 0.5)), millis(percentile(took, 0.99))
		met = met && l.P99[page.name] < 100
	}
	u, err := fieldtest.UsageOf(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	l.RSS, l.Own = rounded(float64(u.RSS)/1e6, 1), rounded(float64(u.Own)/1e6, 1)
	l.common = b.judged("each p99_ms < 100, rss_mb < 100", met && l.RSS < 100, depthSetup)
	return b.out.Encode(l)
}

// look asks for a page again and again.
func (b *bench) look(p *process, path string) (took []time.Duration, _ error) {
	for range b.of(looks, 2) {
		req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, "http://"+p.http+path, nil)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		res, err := fetch(&p.pages, req)
		if err != nil {
			return nil, err
		}
		if res.status != http.StatusOK || !strings.Contains(res.body, "<main") {
			return nil, fmt.Errorf("status %d", res.status)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// smalltalk is a text of some twenty everyday words, of which a few are frequent and
// many are rare.
func smalltalk(n int, at record.Time) string {
	r := rand.New(rand.NewPCG(uint64(n), uint64(at))) //nolint:gosec // a text to measure with
	words := make([]string, 12+r.IntN(16))
	for i := range words {
		words[i] = word(int(float64(vocabulary) * r.Float64() * r.Float64() * r.Float64()))
	}
	return strings.Join(words, " ")
}

// vocabulary is how many words neighbors use.
const vocabulary = 8000

// word is the n-th of them, made of syllables.
func word(n int) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var w strings.Builder
	for n += len(consonants) * len(vowels); n > 0; n /= len(consonants) * len(vowels) {
		s := n % (len(consonants) * len(vowels))
		w.WriteByte(consonants[s/len(vowels)])
		w.WriteByte(vowels[s%len(vowels)])
	}
	return w.String()
}
