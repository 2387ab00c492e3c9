package notices

import (
	"fmt"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

type (
	// RelayedView is the page of an alert that is passed on.
	RelayedView struct {
		Shown
		Chain   []Shown     // what it updates or cancels, of what is here
		Unseen  int         // of these, that have not come yet
		Texts   []Words     // in the other languages
		Whole   []WholePart // all that it says; nil if its original is not here yet
		Feed    string      // where it was fetched
		File    string      // path of the original
		ByHand  bool
		Hand    string // who put it in by hand; empty where that is not known
		Pending bool   // the original is not here yet
		Short   bool   // what it says is more than a page shows: the rest is in the original
	}
	// WholePart is the fields of the alert itself, or of one info block, area or resource.
	WholePart struct {
		Name  string // of the element in CAP
		Lang  string // of its texts; empty if they have none
		Lines []Line
	}
	// Line is one field.
	Line struct{ Name, Value string }
)

// oneRelayed is the page of an alert that is passed on.
func (a App) oneRelayed(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	n, b, err := relayedAt(s, at.id)
	if err != nil {
		return hub.Page{}, err
	}
	if n.Identity == "" {
		return hub.Page{}, gone()
	}
	m := RelayedView{Shown: show(q, n), Feed: strings.Join(n.Relay.body.Feeds, " · "), ByHand: n.Relay.body.Way == ByHand, File: "/notices/cap/" + at.id + ".cap"}
	if by := n.Relay.body.Hand; len(by) > 0 {
		p := s.Person(record.Author(by))
		m.Hand = strings.TrimSpace(p.Name + " " + p.Author.Tag())
	}
	for _, re := range n.Re {
		if o, ok := b.Find(re); ok {
			m.Chain = append(m.Chain, show(q, o))
		} else {
			m.Unseen++
		}
	}
	chosen, _ := wordsFor(n.Words, q.Lang)
	for _, w := range n.Words {
		if w.Lang != chosen.Lang {
			m.Texts = append(m.Texts, w)
		}
	}
	whole, err := a.desk.whole(n.Relay.blob)
	if err != nil {
		return hub.Page{}, err
	}
	if m.Pending = whole == nil; !m.Pending {
		m.Whole, m.Short = within(wholeOf(whole), maxWhole)
	}
	worst := len(b.Active) > 0 && b.Active[0].Identity == n.Identity
	return hub.Page{Template: "relayed.html", Title: m.Head, Model: m, Tops: worst, Topics: everything(), Until: b.Next}, nil
}

// maxWhole is how many bytes of what an alert says are on its page: real ones have a
// tenth, and every phone loads it.
const maxWhole = 100_000

// within is as much of it as there is room for, and whether that is not all.
func within(all []WholePart, room int) (_ []WholePart, short bool) {
	const each = 40 // bytes of what is around a field
	for i, part := range all {
		for j := range part.Lines {
			line := &part.Lines[j]
			if room -= len(line.Name) + len(line.Value) + each; room >= 0 {
				continue
			}
			if keep := len(line.Value) + room; keep > 0 {
				line.Value = strings.ToValidUTF8(line.Value[:keep], "") + "…"
				j++
			}
			all[i].Lines = part.Lines[:j]
			return all[:i+1], true
		}
	}
	return all, false
}

// wholeOf is all that an alert says, in the order in which it says it. The names are
// CAP's, so that nothing is lost in words of ours.
func wholeOf(a *capxml.Alert) []WholePart {
	top := WholePart{Name: "alert"}
	top.add("identifier", a.Identifier)
	top.add("sender", a.Sender)
	top.add("sent", capxml.FormatTime(a.Sent))
	top.add("status", string(a.Status))
	top.add("msgType", string(a.MsgType))
	top.add("source", a.Source)
	top.add("scope", string(a.Scope))
	top.add("restriction", a.Restriction)
	top.add("addresses", a.Addresses)
	top.each("code", a.Codes)
	top.add("note", a.Note)
	for _, id := range a.References {
		top.add("references", id.String())
	}
	top.add("incidents", a.Incidents)
	all := []WholePart{top}
	for n, i := range a.Infos {
		all = append(all, wholeInfo(i, n+1)...)
	}
	return all
}

func wholeInfo(i capxml.Info, n int) []WholePart {
	p := WholePart{Name: fmt.Sprintf("info %d", n), Lang: i.Language}
	p.add("language", i.Language)
	p.each("category", i.Categories)
	p.add("event", i.Event)
	p.each("responseType", i.ResponseTypes)
	p.add("urgency", string(i.Urgency))
	p.add("severity", string(i.Severity))
	p.add("certainty", string(i.Certainty))
	p.add("audience", i.Audience)
	p.pairs("eventCode", i.EventCodes)
	if !i.Effective.IsZero() {
		p.add("effective", capxml.FormatTime(i.Effective))
	}
	if !i.Onset.IsZero() {
		p.add("onset", capxml.FormatTime(i.Onset))
	}
	if !i.Expires.IsZero() {
		p.add("expires", capxml.FormatTime(i.Expires))
	}
	p.add("senderName", i.SenderName)
	p.add("headline", i.Headline)
	p.add("description", i.Description)
	p.add("instruction", i.Instruction)
	p.add("web", i.Web)
	p.add("contact", i.Contact)
	p.pairs("parameter", i.Parameters)
	all := []WholePart{p}
	for k, r := range i.Resources {
		one := WholePart{Name: fmt.Sprintf("info %d, resource %d", n, k+1), Lang: i.Language}
		one.add("resourceDesc", r.Desc)
		one.add("mimeType", r.MimeType)
		one.add("size", r.Size)
		one.add("uri", r.URI)
		if r.DerefURI != "" {
			one.add("derefUri", fmt.Sprintf("… (%d)", len(r.DerefURI)))
		}
		one.add("digest", r.Digest)
		all = append(all, one)
	}
	for k, a := range i.Areas {
		one := WholePart{Name: fmt.Sprintf("info %d, area %d", n, k+1), Lang: i.Language}
		one.add("areaDesc", a.Desc)
		for _, poly := range a.Polygons {
			one.add("polygon", poly.String())
		}
		for _, c := range a.Circles {
			one.add("circle", c.String())
		}
		one.pairs("geocode", a.Geocodes)
		one.add("altitude", a.Altitude)
		one.add("ceiling", a.Ceiling)
		all = append(all, one)
	}
	return all
}

func (p *WholePart) add(name, value string) {
	if value = cleaned(value); strings.TrimSpace(value) != "" {
		p.Lines = append(p.Lines, Line{name, value})
	}
}

func (p *WholePart) each(name string, all []string) {
	for _, s := range all {
		p.add(name, s)
	}
}

func (p *WholePart) pairs(name string, all []capxml.Pair) {
	for _, one := range all {
		p.add(name, one.Name+" = "+one.Value)
	}
}

// cleaned is what a stranger wrote without what shows nothing or turns the text around.
func cleaned(s string) string {
	out, _ := clip(s, capxml.MaxBytes)
	return out
}
