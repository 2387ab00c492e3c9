package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// hubClock is a hub's clock that is not kept for the next start.
type hubClock struct{ *clock.Clock }

func (c hubClock) SetTime(t time.Time) (was clock.Account, err error) {
	was = c.Account()
	c.Evidence(clock.Operator, "", t)
	return was, nil
}

// newClock is a clock that nobody has confirmed, on a machine that shows evening.
func newClock() hubClock {
	started := time.Now()
	return hubClock{clock.New(clock.Config{Floor: record.At(founded), Now: func() time.Time { return evening.Add(time.Since(started)) }})}
}

// uncertainServer is a hub that does not know what time it is.
func uncertainServer(t *testing.T) (hubClock, *server.Server) {
	h, c := newFakeHub(t), newClock()
	h.about.Plausible = false
	return c, newServer(t, h, func(cfg *server.Config) { cfg.Clock = c })
}

func TestEverybodySeesTheTimeAndWhoSaysSo(t *testing.T) {
	c, s := uncertainServer(t)
	b := newBrowser(t, s)
	b.open("/").want(t, 200, `<a href="/clock">About the time here</a>`)
	b.open("/clock").want(t, 200, "Nobody has confirmed yet", "Sunday, 22 November 2026, 18:42", "The clock in this box").wantNot(t, "Set the time</button>")
	c.Evidence(clock.Phones, "a", evening)
	c.Evidence(clock.Hubs, "a", evening)
	c.Evidence(clock.Hubs, "b", evening.AddDate(1, 0, 0))
	c.Evidence(clock.Hubs, "c", evening.AddDate(2, 0, 0))
	b.open("/clock").want(t, 200, "Phones of people here (1)", "3 are needed to count", "Other places (3)", "they do not agree")
	c.Evidence(clock.NTP, "", evening)
	b.open("/clock").want(t, 200, "Network time says so", "Network time").wantNot(t, "counts until")
}

func TestTheTimeIsSetAtTheBoxOnly(t *testing.T) {
	c, s := uncertainServer(t)
	box, phone := newBrowser(t, s), newBrowser(t, s)
	box.addr = "127.0.0.1"
	box.open("/clock").want(t, 200, "Set the time</button>")
	box.open("/~ar/clock").want(t, 200, `name="time" dir="ltr"`) // also where all else runs from right to left
	box.open("/~en/clock")

	// A form of the box's in another's hands, and a header that says what is not so.
	phone.open("/clock").want(t, 200, "Tell whoever looks after this box")
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Host"} {
		phone.header.Set(header, "127.0.0.1")
	}
	_, form := phone.open("/return").form(t)
	form.Set("time", "2026-11-22 18:45")
	phone.ask("POST", "/clock", form.Encode()).want(t, 403, "The clock is set at the box itself")
	box.header.Set("X-Forwarded-For", "192.168.1.20") // passed on by a program on the box
	box.post("time", "2026-11-22 18:45").want(t, 403).wantNot(t, "Set the time</button>")
	box.header.Del("X-Forwarded-For")
	box.open("/clock")
	box.post("time", "2026-11-22 18:45", "csrf", "").want(t, 403)
	if _, sure := c.Now(); sure {
		t.Fatal("it was set")
	}

	box.open("/clock")
	box.send("time", "2026-11-22 18:45").want(t, 200, "The time is set.", "Whoever looks after this box says so", "It counts until <bdi>Tuesday, 22 December 2026, 18:4")
	if now, sure := c.Now(); !sure || now.Sub(evening.Add(3*time.Minute)).Abs() > time.Minute {
		t.Errorf("it is %v, %v", now, sure)
	}
}

func TestATimeFarFromTheOldOneIsAskedAbout(t *testing.T) {
	c, s := uncertainServer(t)
	box := newBrowser(t, s)
	box.addr = "::1"
	box.open("/clock")
	box.post("time", "18:45").want(t, 422, "Write date and time like", `value="18:45"`)
	box.post("time", "2027-11-22 18:42").want(t, 422, "It is 365 days later", "Yes, this is right", `value="2027-11-22 18:42"`)
	if _, sure := c.Now(); sure {
		t.Fatal("it was set unasked")
	}
	box.send("time", "2027-11-22 18:42", "sure", "yes").want(t, 200, "22 November 2027, 18:4")
	box.open("/clock")
	box.post("time", "2026-11-22 18:42").want(t, 422, "days earlier")
	box.send("now", "yes").want(t, 200, "22 November 2026, 18:4") // the box's own clock
}

func TestThreePhonesThatAgreeConfirmTheTime(t *testing.T) {
	c, s := uncertainServer(t)
	says := func(addr string, at time.Time) *page {
		t.Helper()
		b := newProgram(t, s)
		b.addr = addr
		return b.call("POST", "/api/v1/clock", object{"now": at.UnixMilli()})
	}
	d := descriptions(t)[""]
	answers := func(addr string, at time.Time, plausible bool) {
		t.Helper()
		p := says(addr, at)
		d.answered(t, "POST", "/clock", p)
		if got := p.object(t, 200)["plausible"]; got != plausible {
			t.Errorf("after %s: %v", addr, got)
		}
	}
	now := evening.AddDate(0, 2, 0)
	for range 3 {
		for _, own := range []string{"127.0.0.1", "127.0.0.2", "::1", "192.168.1.1"} { // the hub's machine is no phone
			answers(own, now, false)
		}
	}
	answers("192.168.1.20", now, false)
	says("192.168.1.20", now).problem(t, 429, "", "has just said")
	answers("fd00::1", now, false) // one device, with as many addresses as it likes
	says("fd00::2", now).problem(t, 429, "", "has just said")
	says("fd00::ffff:1:2", now).problem(t, 429, "", "has just said")
	answers("192.168.1.21", now.AddDate(1, 0, 0), true) // two of three agree
	if got, _ := c.Now(); got.Sub(now).Abs() > time.Minute {
		t.Errorf("it is %v", got)
	}
}

func TestAPhonesWordIsReadStrictly(t *testing.T) {
	_, s := uncertainServer(t)
	b := newProgram(t, s)
	for body, want := range map[string]int{
		`{}`: 422, `{"now":"1"}`: 422, `{"now":1.5}`: 422, `{"now":1e99}`: 422, `{"now":1,"x":2}`: 422, `{"now":1}{}`: 422, `[]`: 422, `{`: 422, `null`: 422,
		`{"now":` + strings.Repeat("1", 70_000) + `}`: 413, `{"now":-99999999999999999}`: 200,
	} {
		if p := b.ask("POST", "/api/v1/clock", body); p.status != want {
			t.Errorf("%.20s: %d, want %d", body, p.status, want)
		}
	}
	b.addr = "192.168.1.22"
	b.header.Set("Origin", "http://evil.example")
	b.call("POST", "/api/v1/clock", object{"now": 1}).problem(t, 403, "", "does not belong to this place")
	b.header.Del("Origin")
	b.header.Set("Content-Type", "text/plain")
	b.call("POST", "/api/v1/clock", object{"now": 1}).problem(t, 415, "", "JSON")
	b.header.Set("Content-Type", "application/json")
	if p := b.ask("GET", "/api/v1/clock", ""); p.status != 405 || p.header.Get("Allow") != "POST" {
		t.Errorf("%d, %q", p.status, p.header.Get("Allow"))
	}
}

// A crowd of made-up addresses is counted within bounds.
func TestManyPhonesAtOnceAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // at once, however slow the machine is
		_, s := uncertainServer(t)
		b, refused := newProgram(t, s), 0
		for i := range 1100 {
			b.addr = fmt.Sprintf("10.0.%d.%d", i/250, i%250+1)
			if b.call("POST", "/api/v1/clock", object{"now": i}).status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused != 1100-1024 {
			t.Errorf("%d were refused", refused)
		}
	})
}

func TestPagesSpeakForThePhoneOnlyWhileTheTimeIsUncertain(t *testing.T) {
	_, s := uncertainServer(t)
	p := newBrowser(t, s).open("/messages/town")
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self'; connect-src 'self'") || strings.Count(p.body, "<script") != 1 {
		t.Errorf("policy %q\n%s", policy, p.body)
	}
	_, src, _ := strings.Cut(p.body, `<script defer src="`)
	src, _, _ = strings.Cut(src, `"`)
	if js := newBrowser(t, s).open(src).want(t, 200, "/api/v1/clock"); js.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%v", js.header)
	}
	sure := newBrowser(t, newServer(t, newFakeHub(t), func(c *server.Config) { c.Clock = newClock() }))
	for _, path := range []string{"/", "/clock"} {
		p := sure.open(path).wantNot(t, "<script")
		if strings.Contains(p.header.Get("Content-Security-Policy"), "script") {
			t.Errorf("%s lets scripts run", path)
		}
	}
}
