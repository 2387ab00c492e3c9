package fieldtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
)

// spreading is how soon what coordinators say, and who is one, is so at the other end of
// a line.
const spreading = 2 * time.Second

// line is so many hubs of which each meets only the next one, on networks 10.1.0.0/24 and
// so on, and the community's root sheets. It runs.
func (f *field) line(n int) (hubs []*fieldtest.Hub, between []*netnstest.Bridge, last *netnstest.Port, sheets fieldtest.Sheets) {
	f.Helper()
	for i := range n {
		hubs = append(hubs, f.hub(fmt.Sprintf("Place %d", i+1)))
	}
	for i := range n - 1 {
		b := f.bridge(fmt.Sprintf("street%d", i+1))
		between = append(between, b)
		f.plug(hubs[i], b, fmt.Sprintf("10.%d.0.1/24", i+1))
		last = f.plug(hubs[i+1], b, fmt.Sprintf("10.%d.0.2/24", i+1))
		knows(hubs[i], fmt.Sprintf("10.%d.0.2", i+1))
	}
	sheets, err := fieldtest.FoundBySheets(filepath.Join(f.dir, "sheets.html"), 3, 2, hubs...)
	f.ok(err)
	f.start(hubs...)
	f.agree("started,", 15*time.Second, n, hubs...)
	f.linked(time.Second, hubs[n-1], hubs[n-2])
	return hubs, between, last, sheets
}

// browser is one on the hub's own machine.
func (f *field) browser(h *fieldtest.Hub) *fieldtest.Browser {
	f.Helper()
	b, err := h.AtBox()
	f.ok(err)
	f.Cleanup(b.Done)
	return b
}

// coordinators are so many at a hub's own machine, in the order of their cards, once all
// hubs know them.
func (f *field) coordinators(hubs []*fieldtest.Hub, sheets fieldtest.Sheets, n int) (all []*fieldtest.Browser, words []string) {
	f.Helper()
	words, err := hubs[0].Cards(f.ctx, sheets, n, "notices")
	f.ok(err)
	for _, w := range words {
		b := f.browser(hubs[0])
		f.ok(b.Enter(f.ctx, w, false))
		all = append(all, b)
	}
	f.agree("coordinators were named,", 15*time.Second, 0, hubs...)
	return all, words
}

// everyPage is one of each kind that a hub has.
func everyPage() []string {
	return []string{"/", "/messages/town", "/notices/", "/notices/archive", "/you", "/coordinators", "/return", "/no-such-page", "/kiosk"}
}

// tops waits until a sentence tops a page.
func (f *field) tops(b *fieldtest.Browser, path, sentence string, within time.Duration) {
	f.Helper()
	_, err := fieldtest.Await(f.ctx, within, 10*time.Millisecond, fmt.Sprintf("%q tops %s", sentence, path), func(ctx context.Context) (bool, error) {
		a, err := b.Get(ctx, path)
		if err != nil {
			return false, err
		}
		top, err := a.Top()
		return strings.Contains(top, sentence), err
	})
	f.ok(err)
}

// nowhere fails where a sentence is on a page of a hub.
func (f *field) nowhere(b *fieldtest.Browser, sentence string, more ...string) {
	f.Helper()
	for _, path := range append(everyPage(), more...) {
		a, err := b.Get(f.ctx, path)
		f.ok(err)
		if strings.Contains(a.Page, sentence) {
			f.Errorf("%q is on %s", sentence, path)
		}
	}
}

// hold holds times to the bound of their worst hundredth.
func (f *field) hold(what string, took []time.Duration, bound time.Duration) {
	f.Helper()
	f.figure(fmt.Sprintf("half of %d: %s", len(took), what), fieldtest.Percentile(took, 0.5), bound)
	p99 := fieldtest.Percentile(took, 0.99)
	f.figure(fmt.Sprintf("99 of 100: %s", what), p99, bound)
	if p99 > bound {
		f.Errorf("%s: too late: %v", what, slices.Sorted(slices.Values(took)))
	}
}

// Five hubs share the machine with nobody while they are measured.
func TestANoticeTopsEveryPageAtTheOtherEndOfALine(t *testing.T) {
	f := open(t)
	hubs, _, _, sheets := f.line(5)
	writers, _ := f.coordinators(hubs, sheets, 1)
	reader := f.browser(hubs[4])
	var took []time.Duration
	for i := range sized(100, 10) {
		sentence := fmt.Sprintf("Number %d of the notices.", i)
		path, released, err := writers[0].Write(f.ctx, sentence)
		f.ok(err)
		if !strings.HasPrefix(path, "/notices/n/") {
			t.Fatalf("what is released at the box itself is at %s", path)
		}
		for _, page := range everyPage() {
			f.tops(reader, page, sentence, 5*spreading)
		}
		took = append(took, time.Since(released))
		if i > 0 {
			continue
		}
		a, err := reader.Get(f.ctx, path)
		f.ok(err)
		if says := "From <bdi>Card 1</bdi> · checked by this place"; a.Status != http.StatusOK || !strings.Contains(a.Page, says) {
			t.Errorf("the notice's own page does not say %q: %s", says, a.Said())
		}
	}
	f.hold("a notice tops every page at the fifth hub", took, spreading)
}

func TestACoordinatorWhoIsRevokedSaysNothingAtTheOtherEndOfALine(t *testing.T) {
	f := open(t)
	hubs, _, _, sheets := f.line(5)
	writers, words := f.coordinators(hubs, sheets, sized(20, 3))
	near, far := f.browser(hubs[0]), f.browser(hubs[4])
	const badge = "writes official notices"
	sentence := func(i int) string { return fmt.Sprintf("Number %d of the notices.", i) }
	var paths []string
	for i, w := range writers {
		path, _, err := w.Write(f.ctx, sentence(i))
		f.ok(err)
		paths = append(paths, path)
		f.tops(far, "/notices/", sentence(i), 5*spreading)
	}
	before, err := far.Get(f.ctx, "/coordinators")
	f.ok(err)
	if !strings.Contains(before.Page, badge) {
		t.Fatalf("nobody may speak at the fifth hub: %s", before.Said())
	}
	// lost returns when a page last began to be asked for that showed the sentence on top,
	// and when the first had come that does not have it at all.
	lost := func(b *fieldtest.Browser, sentence string) (shown, gone time.Time, _ error) {
		_, err := fieldtest.Await(f.ctx, time.Minute, 10*time.Millisecond, "the notice is gone", func(ctx context.Context) (bool, error) {
			asked := time.Now()
			a, err := b.Get(ctx, "/notices/")
			if err != nil {
				return false, err
			}
			gone = time.Now()
			if strings.Contains(a.Page, sentence) {
				shown = asked
				return false, nil
			}
			return true, nil
		})
		return shown, gone, err
	}
	var took []time.Duration
	for i := len(writers) - 1; i >= 0; i-- { // each time of the notice that tops the pages
		type times struct {
			shown, gone time.Time
			err         error
		}
		here, there := make(chan times, 1), make(chan times, 1)
		for to, b := range map[chan times]*fieldtest.Browser{here: near, there: far} {
			go func() {
				shown, gone, err := lost(b, sentence(i))
				to <- times{shown, gone, err}
			}()
		}
		f.ok(hubs[0].Revoke(f.ctx, sheets, fmt.Sprintf("Card %d", i+1)))
		a, b := <-here, <-there
		f.ok(a.err, b.err)
		took = append(took, max(0, b.gone.Sub(a.shown)))
		f.nowhere(far, sentence(i), "/notices/archive", paths[i], "/api/v1/notices/current")
		if i > 0 {
			f.tops(far, "/", sentence(i-1), 5*spreading) // the next one is on top
		}
	}
	f.hold("the revoked coordinator's notice is on no page of the fifth hub", took, spreading)
	a, err := far.Get(f.ctx, "/notices/")
	f.ok(err)
	if top, err := a.Top(); err != nil || strings.TrimSpace(top) != "" {
		t.Errorf("when all are revoked there is still something on top: %s, %v", top, err)
	}
	a, err = far.Get(f.ctx, "/coordinators")
	f.ok(err)
	if strings.Contains(a.Page, badge) || !strings.Contains(a.Page, "Card 1") {
		t.Errorf("the page of who may speak: %s", a.Said())
	}
	if err := f.browser(hubs[4]).Enter(f.ctx, words[0], false); err == nil || !strings.Contains(err.Error(), "ended for good") {
		t.Errorf("at the fifth hub the words of a revoked card: %v", err)
	}
}

// A hub that was cut off when a coordinator was revoked hears of it before any of the
// messages that were written before and after, and before another's notice.
func TestAHubThatWasCutOffHearsOfARevocationBeforeAnyMessage(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, _, cable, sheets := f.line(3)
	first, cut := hubs[0], hubs[2]
	writers, _ := f.coordinators(hubs, sheets, 2)
	ana, reader := f.person(first, "Ana"), f.browser(cut)
	f.post(ana, 1, "before")
	const wrong = "This is not so."
	_, _, err := writers[0].Write(f.ctx, wrong)
	f.ok(err)
	f.tops(reader, "/", wrong, 5*spreading)
	f.agree("all that was before,", 15*time.Second, 0, hubs...)

	f.ok(cable.Cut(f.ctx))
	f.linked(time.Minute, hubs[1], first)
	n := sized(450, 100) // nobody has room for more than 500
	keys := f.post(ana, n, "while cut off, before")
	f.ok(first.Revoke(f.ctx, sheets, "Card 1"))
	_, _, err = writers[1].Write(f.ctx, "This is so.")
	f.ok(err)
	keys = append(keys, f.post(f.person(first, "Ben"), n, "while cut off, after")...)
	f.agree("the others,", 15*time.Second, 0, first, hubs[1])
	f.tops(reader, "/", wrong, spreading) // it does not know

	classes := func(h *fieldtest.Hub) (trust string, rest uint64) {
		s, err := h.Console().Status(f.ctx)
		f.ok(err)
		for _, c := range s.Set[1:] {
			rest += c.Records
		}
		return s.Set[0].Digest, rest
	}
	known, _ := classes(first)
	before, held := classes(cut)
	if before == known {
		t.Fatal("it was not cut off: this shows nothing")
	}
	f.ok(cable.Rate(f.ctx, "256kbit")) // so that much is seen of the order
	f.ok(cable.Mend(f.ctx))
	mended := time.Now()
	var heard, came time.Duration
	samples := 0
	_, err = fieldtest.Await(f.ctx, 2*time.Minute, 2*time.Millisecond, "all has come", func(ctx context.Context) (bool, error) {
		trust, rest := classes(cut)
		if trust == known && heard == 0 {
			heard = time.Since(mended)
		}
		if rest <= held {
			return false, nil // nothing else has come: the wrong notice's going is no news
		}
		if came == 0 {
			came = time.Since(mended)
		}
		samples++
		if trust != known {
			t.Fatal("something else came before the news that the coordinator is revoked")
		}
		a, err := reader.Get(ctx, "/notices/")
		if err != nil {
			return false, err
		}
		if strings.Contains(a.Page, wrong) {
			t.Fatal("messages have come, and the revoked coordinator's notice is still shown")
		}
		missing, err := cut.Console().Missing(ctx, "messages", keys)
		return len(missing) == 0, err
	})
	f.ok(err)
	f.figure("mended, the revocation is known", heard, healing)
	f.Logf("the first of anything else was seen after %v; %d times something had come and not all", came.Round(time.Millisecond), samples)
	if samples < 10 {
		t.Errorf("something was seen to have come only %d times: this shows nothing", samples)
	}
}

var releases = regexp.MustCompile(`name="releases" value="([0-9a-f]+)"`)

// A phone in the Wi-Fi, whose holder knows a coordinator's six words and whatever name a
// request can be given, makes a draft at most.
func TestAPhoneInTheWiFiReleasesNothing(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, between, _, sheets := f.line(3)
	writers, words := f.coordinators(hubs, sheets, 1)
	phone, err := f.net.Host(f.ctx, "phone")
	f.ok(err)
	_, err = phone.Plug(f.ctx, between[0], "10.1.0.9/24")
	f.ok(err)
	reader := f.browser(hubs[2])
	const sentence = "Written by a phone in the Wi-Fi."
	var drafts []string
	for _, name := range []string{"10.1.0.1:8080", "localhost:8080", "127.0.0.1:8080"} {
		b, err := fieldtest.NewBrowser(phone, "10.1.0.1:8080", name)
		f.ok(err)
		t.Cleanup(b.Done)
		if err := b.Enter(f.ctx, words[0], false); err == nil || !strings.Contains(err.Error(), "These six words are official") {
			t.Errorf("as %s nobody is warned: %v", name, err)
		}
		f.ok(b.Enter(f.ctx, words[0], true))
		path, _, err := b.Write(f.ctx, sentence)
		f.ok(err)
		at := strings.Replace(path, "/notices/n/", "/notices/d/", 1)
		drafts = append(drafts, at)
		seen, err := writers[0].Get(f.ctx, at) // at the box: there the button is
		f.ok(err)
		id := releases.FindStringSubmatch(seen.Page)
		if id == nil {
			t.Fatalf("as %s it is no draft: %s", name, seen.Said())
		}
		page, err := b.Get(f.ctx, "/notices/new?t=boil-water")
		f.ok(err)
		a, err := b.SendFrom(f.ctx, page, at, url.Values{"releases": {id[1]}})
		f.ok(err)
		if a.Status != http.StatusForbidden || !strings.Contains(a.Page, "cannot be signed from here") {
			t.Errorf("as %s it releases its draft: %s", name, a.Said())
		}
	}
	f.agree("the drafts", 15*time.Second, 0, hubs...)
	f.nowhere(reader, sentence, append(drafts, "/api/v1/notices/current")...)

	seen, err := writers[0].Get(f.ctx, drafts[0])
	f.ok(err)
	a, err := writers[0].SendFrom(f.ctx, seen, drafts[0], url.Values{"releases": {releases.FindStringSubmatch(seen.Page)[1]}})
	released := time.Now()
	f.ok(err)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("at the box itself the draft is not released: %s", a.Said())
	}
	f.tops(reader, "/", sentence, 5*spreading)
	f.figure("released at the box itself, it tops the pages of the third hub", time.Since(released), spreading)
}
