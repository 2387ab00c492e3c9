package webui

import (
	"html/template"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

// Parted is a thing whose part of a page can be kept for other pages.
type Parted interface {
	// Whole is all of the thing as one comparable value: where two are equal, so are
	// the things. What differs between readers is in it.
	Whole() any
}

// Parts is where a page has its parts from.
type Parts struct {
	Set  *template.Template // with a template for each
	Kept Kept               // nil: each is rendered anew
}

// Kept are parts of pages that were rendered lately.
type Kept interface {
	Get(PartKey) (Part, bool)
	Put(k PartKey, p Part, bytes int)
}

// PartKey is all that a part follows from, but the time.
type PartKey struct {
	set       *template.Template
	name      string
	lang      *catalog.Language
	prefix    string
	hosts     string
	plausible bool
	zone      *time.Location
	item      any
}

// Part is a part of a page, and for which time it was rendered.
type Part struct {
	html        template.HTML
	from, until time.Time
}

// partOverhead is about what a kept part takes besides its HTML twice, in bytes: its
// item holds much of the same words.
const partOverhead = 1 << 10

// Part is what a template makes of an item: of that and of an Apart alone, so that it
// can be kept for other readers and for later. The template sees the one as .Item and
// the other as .Frame.
func (f *Frame) Part(name string, item Parted) (template.HTML, error) {
	now := f.Clock.Now
	k := PartKey{f.Parts.Set, name, f.Lang, f.Prefix, strings.Join(f.Here.Hosts, " "), f.Clock.Plausible, now.Location(), nil}
	if f.Parts.Kept != nil {
		k.item = item.Whole()
		if p, ok := f.Parts.Kept.Get(k); ok && !now.Before(p.from) && now.Before(p.until) {
			return p.html, nil
		}
	}
	a := Apart{Lang: f.Lang, prefix: f.Prefix, hosts: f.Here.Hosts, clock: f.Clock, until: f.Clock.Until(time.Time{})}
	var b strings.Builder
	if err := f.Parts.Set.ExecuteTemplate(&b, name, PartOf{&a, item}); err != nil {
		return "", err
	}
	html := template.HTML(b.String()) //nolint:gosec // it comes from html/template
	if f.Parts.Kept != nil {
		f.Parts.Kept.Put(k, Part{html, now, a.until}, partOverhead+2*len(html))
	}
	return html, nil
}

// Apart is the frame as such a part sees it.
type Apart struct {
	Lang *catalog.Language

	prefix string
	hosts  []string
	clock  Clock
	until  time.Time // a moment will be told in other words
}

// T is a phrase in the reader's language.
func (a *Apart) T(p hub.Phrase, args ...any) template.HTML { return a.Lang.HTML(p, args...) }

// Link is a path of this hub with what it needs in front.
func (a *Apart) Link(path string) string { return a.prefix + path }

// Text is what a neighbor wrote, as Frame.Text has it.
func (a *Apart) Text(text string) template.HTML { return withLinks(text, a.hosts, a.prefix) }

// By is a person, for the partial "who".
func (a *Apart) By(name, tag string) By { return by(a.Lang, name, tag) }

// When puts a moment in words.
func (a *Apart) When(t time.Time) Moment {
	if u := a.clock.Until(t); u.Before(a.until) {
		a.until = u
	}
	return a.clock.Moment(a.Lang, t)
}

// Time is a moment as HTML, to be put into a phrase.
func (a *Apart) Time(t time.Time) template.HTML { return a.When(t).html() }

// With is the Apart with one thing, for a partial template.
func (a *Apart) With(item any) PartOf { return PartOf{a, item} }

// PartOf is what a part's template sees.
type PartOf struct {
	Frame *Apart
	Item  any
}
