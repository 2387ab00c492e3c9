package notices

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Outcome is what became of an alert that was to be passed on.
type Outcome uint8

// The outcomes.
const (
	Taken   Outcome = 1 + iota
	Known           // it is here already
	Ignored         // it is nothing for people: an acknowledgement
	Refused
)

func (o Outcome) String() string {
	return [...]string{"", "taken", "known already", "not for people", "refused"}[o]
}

// Result is what became of one alert.
type Result struct {
	Outcome Outcome
	Name    string // sender, identifier and time, as references have it; empty where nothing could be read
	Path    string // of its page, if it is here
	Rule    string // in English: which element breaks which rule, or why it was left
	Remarks []capxml.Problem
	Claim   bool     // this place may not pass it on: it tops no page
	Other   bool     // it says something else than what is here of the same name
	Place   string   // what the roots call this place; empty where that is not known
	Senders []string // whose warnings it may pass on
	Checked bool     // its signature holds
}

// origin is where a file came from.
type origin struct {
	way  Way
	feed string
	hand record.Author // of who put it in by hand, on a page
}

func (o origin) feeds() []string {
	if o.feed == "" {
		return nil
	}
	return []string{o.feed}
}

// taker puts alerts of others into the store, signed by the hub.
type taker struct {
	desk *relayDesk
	host hub.Host
}

// take reads a file with alerts and writes those that are new. The error is about the
// whole: a *capxml.Refusal where nothing of it is taken.
func (t taker) take(ctx context.Context, raw []byte, from origin) ([]Result, error) {
	b, err := capxml.Parse(raw)
	if err != nil {
		return nil, err
	}
	pins, pinErr := t.desk.keys()
	if pinErr != nil {
		return nil, pinErr
	}
	var all []Result
	for _, f := range b.Alerts {
		r, err := t.one(ctx, f, pins, from)
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

// one takes one alert.
func (t taker) one(ctx context.Context, f capxml.Found, pins []capsig.Pin, from origin) (Result, error) {
	res := Result{Outcome: Refused, Remarks: f.Remarks}
	if f.Err != nil {
		res.Rule = f.Err.Error()
		return res, nil //nolint:nilerr // it is told in the result
	}
	a := f.Alert
	res.Name = a.ID.String()
	v, broken := signatureOf(f.Alone(), pins)
	if broken != "" {
		res.Rule = "alert/Signature: " + broken
		return res, nil
	}
	if v != nil {
		a, res.Checked = v.Alert, true
	}
	if res.Outcome, res.Rule = fitting(a); res.Outcome != Taken {
		return res, nil
	}
	body, tooMuch := shorten(a)
	if tooMuch != nil {
		res.Outcome, res.Rule = Refused, tooMuch.Error()
		return res, nil //nolint:nilerr // it is told in the result
	}
	body.Way, body.Feeds, body.Signed = from.way, from.feeds(), f.Signed
	if from.hand != (record.Author{}) {
		body.Hand = from.hand[:]
	}
	if f.Practice && !body.Grade.Practice() {
		body.Grade.Status = Exercise
	}
	if v != nil {
		pin, err := hex.DecodeString(v.Pin.Fingerprint())
		if err != nil {
			return res, err
		}
		body.Pin = pin
	}
	res.Path = "/notices/" + body.Name.key()
	return t.write(ctx, body, f.Alone(), pins, res)
}

// signatureOf is what a signature covers, or in what it does not hold; neither where none
// was checked.
func signatureOf(alone []byte, pins []capsig.Pin) (v *capsig.Verified, broken string) {
	v, err := capsig.Verify(alone, pins)
	if failure, ok := errors.AsType[*capsig.Failure](err); ok {
		return nil, failure.Error()
	}
	return v, ""
}

// fitting tells whether an alert is for people at all. What goes to some only is not
// shown to everybody (CAP 1.2 §3.2.1).
func fitting(a *capxml.Alert) (Outcome, string) {
	switch {
	case a.MsgType == capxml.Ack || a.MsgType == capxml.Error:
		return Ignored, "alert/msgType: " + string(a.MsgType) + " is between systems, and nothing for people"
	case a.Scope != capxml.Public:
		return Refused, "alert/scope: only what is Public is shown to everybody; this is " + string(a.Scope)
	case a.Status == capxml.Draft:
		return Refused, "alert/status: a Draft is not to be acted on, so it is not shown"
	case a.Sent.Year() < 1990 || a.Sent.Year() > 2100:
		return Refused, "alert/sent: no alert is of the year " + fmt.Sprint(a.Sent.Year())
	case len(a.Infos) == 0 && a.MsgType != capxml.Cancel && a.Note == "":
		return Refused, "alert/info: there is none: the alert says nothing"
	}
	return Taken, ""
}

// entry is an alert on its way into the store.
type entry struct {
	body    Relayed
	blob    record.Blob
	ttl     record.Days
	claimed bool // this hub says so already, though it may not pass it on
	covered bool // another hub says so on a word as good
	res     Result
}

// write puts an alert into the store, unless it is here on a word that is as good.
func (t taker) write(ctx context.Context, b Relayed, raw []byte, pins []capsig.Pin, res Result) (Result, error) {
	e := &entry{body: b, res: res}
	var err error
	if e.blob, err = t.host.Blobs().Put(ctx, bytes.NewReader(raw), capxml.MaxBytes); err != nil {
		return res, err
	}
	t.desk.verify(raw, e.blob.Sum, pins)
	if err := t.host.Read(ctx, func(s hub.Snapshot) error { return t.weigh(s, e) }); err != nil || e.res.Outcome != Taken {
		return e.res, err
	}
	body, err := encoded(e.body)
	if err != nil {
		return e.res, err
	}
	d := hub.Draft{Key: b.Name.key(), Class: record.Notice, TTL: e.ttl, Blobs: []record.Blob{e.blob}, Body: body}
	rs, err := t.host.Write(ctx, d)
	if told, ok := errors.AsType[*hub.Error](err); ok && told.Code == hub.Forbidden { // this hub passes on nothing
		if e.claimed || e.covered {
			e.res.Outcome, e.res.Claim = Known, !e.covered
			return e.res, nil
		}
		d.Class, d.TTL = record.Talk, claimLife
		rs, err = t.host.Write(ctx, d)
	}
	if err != nil {
		return e.res, err
	}
	t.desk.wrote(rs)
	err = t.host.Read(ctx, func(s hub.Snapshot) error {
		l := &look{s: s}
		e.res.Claim = rs[0].Class != record.Notice || !l.mayRelay(rs[0].Author, b.Name.Sender)
		e.res.Place, e.res.Senders = l.relaying(rs[0].Author)
		return nil
	})
	return e.res, err
}

// weigh looks at what is here of an alert already: by the result's outcome whether it is to
// be written.
func (t taker) weigh(s hub.Snapshot, e *entry) error {
	l, err := looking(seeing{Snapshot: s, desk: t.desk})
	if err != nil {
		return err
	}
	if e.body.Name.Sender == l.own {
		e.res.Outcome, e.res.Path, e.res.Rule = Refused, "", "alert/sender: this is the community's own; what its coordinators say is here as they have signed it"
		return nil
	}
	e.res.Place, e.res.Senders = l.relaying(t.desk.self())
	if e.res.Outcome, err = l.here(e, t.desk.self()); err != nil || e.res.Outcome != Taken {
		return err
	}
	if e.body.Holds, err = l.outlasts(e.body); err != nil {
		return err
	}
	if over := l.writtenAt().Sub(time.Unix(e.body.ends(), 0)); e.body.Way != ByHand && over > overSince {
		e.res.Path = ""
		e.res.Outcome, e.res.Rule = Ignored, "alert/info/expires: it ended more than a day ago"
	}
	days := (e.body.ends()-l.writtenAt().Unix())/86400 + 8
	e.ttl = record.Days(min(max(days, relayLife), int64(life)))
	return nil
}

// here is Known of an alert that is here on a word as good, and else Taken. Whoever may pass
// it on says it, though another one has: that one may lie, or may do so no more.
func (l *look) here(e *entry, self record.Author) (Outcome, error) {
	due, err := l.due(e.body)
	if err != nil {
		return Taken, err
	}
	may := self == record.Author{} || l.mayRelay(self, e.body.Name.Sender) // before it has written anything, that is tried
	for it, err := range l.s.Slots(e.body.Name.key()) {
		if err != nil {
			return Taken, err
		}
		n, ok := l.forwarded(it)
		own := it.Author == self
		if ok && own {
			e.res.Other = !n.Relay.body.saysSame(e.body)
		}
		switch {
		case !ok || !own && (due || n.Relay.Claim || n.Relay.blob.Sum != e.blob.Sum):
		case !own && may:
			e.covered = e.covered || n.Relay.body.covers(e.body)
		case n.Relay.body.covers(e.body) && !n.Relay.Claim:
			e.res.Claim = false
			return Known, nil
		case n.Relay.body.covers(e.body):
			e.claimed, e.res.Claim = true, e.res.Claim || it.Class == record.Notice
		case own:
			e.body = e.body.with(*n.Relay.body)
		}
	}
	if e.res.Claim { // it lacks the sender, and another record would as well
		return Known, nil
	}
	return Taken, nil
}

// due reports whether somebody has passed on what an alert is about and not yet the
// alert itself. Perhaps it was this hub: nobody else's word ends that.
func (l *look) due(b Relayed) (bool, error) {
	said, err := l.passedOn(b.Name.hash())
	if err != nil {
		return false, err
	}
	for _, re := range b.Re {
		first, err := l.passedOn(re)
		if err != nil {
			return false, err
		}
		for who := range first {
			if !said[who] {
				return true, nil
			}
		}
	}
	return false, nil
}

// passedOn is who passes on an alert, of those who may.
func (l *look) passedOn(hash []byte) (map[record.Author]bool, error) {
	who := map[record.Author]bool{}
	for it, err := range l.s.Slots(relayKey + hex.EncodeToString(hash)) {
		if err != nil {
			return nil, fmt.Errorf("who passes on an alert: %w", err)
		}
		if n, ok := l.forwarded(it); ok && !n.Relay.Claim {
			who[it.Author] = true
		}
	}
	return who, nil
}

// saysSame reports whether two of one alert say the same, on whatever word.
func (b Relayed) saysSame(o Relayed) bool {
	for _, r := range []*Relayed{&b, &o} {
		r.Way, r.Feeds, r.Pin, r.Hand, r.Holds = 0, nil, nil, nil, 0
	}
	one, err := encoded(b)
	other, err2 := encoded(o)
	return err == nil && err2 == nil && bytes.Equal(one, other)
}

// covers reports whether what is here is on a word as good as that of another.
func (b Relayed) covers(o Relayed) bool {
	if len(b.Pin) > 0 || b.Way < o.Way || len(o.Pin) > 0 {
		return len(b.Pin) > 0 // nothing is better than that
	}
	return b.Way > o.Way || !slices.ContainsFunc(o.Feeds, func(f string) bool { return !slices.Contains(b.Feeds, f) }) || len(b.Feeds) >= maxFromFeeds
}

// with is an alert that has come again, by another way, as far as that fits.
func (b Relayed) with(before Relayed) Relayed {
	both := b
	if before.Way == b.Way {
		both.Feeds = append(slices.Clone(before.Feeds), b.Feeds...)
	}
	if raw, err := encoded(both); err != nil || len(raw) > record.MaxBody {
		return b
	}
	return both
}

// overSince is for how long after its end an alert of a feed is still taken.
const overSince = 24 * time.Hour

// outlasts is until when what an alert is about would hold. Of what has not come yet
// nobody knows: a week is longer than such alerts last.
func (l *look) outlasts(b Relayed) (until int64, _ error) {
	if b.Kind == Alert {
		return 0, nil
	}
	for _, re := range b.Re {
		here := false
		for it, err := range l.s.Slots(relayKey + hex.EncodeToString(re)) {
			if err != nil {
				return 0, err
			}
			if n, ok := l.forwarded(it); ok {
				until, here = max(until, n.Relay.body.ends()), true
			}
		}
		if !here {
			until = max(until, b.Name.at().Add(7*24*time.Hour).Unix())
		}
	}
	return until, nil
}

// self is this hub's key; zero before it has written anything.
func (d *relayDesk) self() record.Author {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.own
}

func (d *relayDesk) wrote(rs []record.Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range rs {
		d.own = r.Author
	}
}

// refusal is a refused file, for a page.
func refusal(err error) error {
	var no *capxml.Refusal
	if !errors.As(err, &no) {
		return err
	}
	said := make([]string, 0, len(no.Problems))
	for _, p := range no.Problems[:min(len(no.Problems), 3)] {
		said = append(said, p.String())
	}
	return &hub.Error{Code: hub.Invalid, Field: "file", Phrase: "This cannot be taken. In the words of the standard: %s", Args: []any{strings.Join(said, "; ")}, Program: err.Error()}
}

// count is how many had an outcome.
func count(all []Result, o Outcome) int {
	return len(slices.DeleteFunc(slices.Clone(all), func(r Result) bool { return r.Outcome != o }))
}
