// Package webui is what all pages share: their frame, the partial templates,
// the style sheet and the words for moments. It knows nothing of HTTP.
//
// A page's template is executed with a *Frame as its dot, which stays within
// reach as $: the app's own model is $.Model, and
//
//	{{$.T "There is nothing older."}}        a phrase in the reader's language
//	{{$.T "Welcome to %s" .Name}}            with something put into it, escaped and set apart by <bdi>
//	{{$.Link "/messages/town"}}              a path of this hub, as it must be linked
//	{{$.Icon "write"}}                       a drawing of icons.svg
//	{{template "when" ($.When .At)}}         a moment in words
//	{{template "who" ($.By .Name .Tag)}}     a person
//	{{$.Text .Text}}                         what somebody wrote, with links to hubs and to nowhere else
//	<form method="post">{{template "hidden" $}}
//	{{$.Kept "text"}}                        what the person had typed into a field that is shown again
//	{{template "problem" ($.Problem "text")}} what is wrong with that field
//	{{$.Part "post" .}}                      a template that sees this one thing, kept for other readers
//
// The frame's top and bottom stand around it.
package webui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

//go:embed layout/*.html
var layout embed.FS

// Frame is what a template sees.
type Frame struct {
	Title  string // of the page, in the reader's language
	Lang   *catalog.Language
	Path   string // of the page, escaped, without the prefix
	Prefix string // of every link for a session that lives in the path, or ""
	Told
	Here   Here
	You    You
	Island Island
	Form   Form
	Clock  Clock // by which moments are told
	Tabs   []Tab

	Languages []Tongue
	Assets    *Assets
	Parts     Parts
	Model     any
}

// Told is what is said above all.
type Told struct {
	Banner template.HTML // of the apps, on every page
	Stale  int           // seconds until the page is out of date by itself; 0 if never
	Notice string        // what has just happened, or is wrong with the whole
	Wrong  bool          // the notice is about something wrong
}

// Here is where the page comes from.
type Here struct {
	Community string
	Place     string
	Reach     int        // places that can be reached just now
	Internet  hub.Phrase // empty if not known
	CutOff    bool       // it was put out of the community
	Full      bool       // there is no room for new posts
	Wall      bool       // on paper, or a screen that belongs to nobody: nothing written leads away
	OwnSOS    bool       // the page itself says that this is not the emergency number
	Hosts     []string   // that lead to this hub from where the page is read, with their ports if need be
}

// You is who reads the page.
type You struct {
	Known  bool   // signed in
	Key    string // hex; with scripts only
	Name   string // with scripts only; may be empty
	Remind bool   // of a return code that is not yet written down; only where one reads what is new
	InPath bool   // the session lives in the page's address, which is to get onto no paper
	Sign   Sign   // of a coordinator who cannot sign from here as things are
}

// Sign is what a coordinator has to do before they can sign; without Say nothing.
type Sign struct {
	Say  hub.Phrase
	Path string // where it is done
}

// Island is what the page's script finds in the page. It is empty where the front
// end's build was not run.
type Island struct {
	Script string // its path
	Build  string // of the program that made the page
	Topics string // what the page shows, as JSON: what the live socket takes
}

// Form is the state of the page's forms.
type Form struct {
	CSRF     string
	ClientID string     // names what is to be written, so that a repetition is the same
	Again    bool       // shown again, with what was sent and what is wrong with it
	Kept     url.Values // as sent
	Problems map[string]string
	As       As
}

// As is whose form it is.
type As struct {
	Key    string // hex; empty for somebody new
	Other  bool   // it is shown to another than its writer, who may sign in with it
	Name   string // of that writer; empty if it is not known
	Reader string // the name of who reads it, likewise

	Elsewhere bool // who reads it was signed in at another place, and may sign in with it
	Muted     bool // a moderator has muted who reads it
	Unknown   bool // are the words in it right, or meant to be entered here?
}

// Tab is one way through the hub.
type Tab struct {
	Title hub.Phrase
	Path  string
	Icon  string
	Here  bool
}

// Tongue is a language in which the page can be had.
type Tongue struct {
	*catalog.Language

	Path string // of the page in it
	Here bool
}

// Templates parses an app's templates/*.html beside the shared partials.
func Templates(files fs.FS) (*template.Template, error) {
	t, err := template.New("").Option("missingkey=error").ParseFS(layout, "layout/*.html")
	if err != nil {
		return nil, fmt.Errorf("layout: %w", err)
	}
	if files == nil {
		return t, nil
	}
	return t.ParseFS(files, "templates/*.html")
}

// T is a phrase in the reader's language.
func (f *Frame) T(p hub.Phrase, args ...any) template.HTML { return f.Lang.HTML(p, args...) }

// Said is a phrase with what is put into it, in the reader's language.
func (f *Frame) Said(s hub.Said) template.HTML { return f.Lang.HTML(s.Phrase, s.Args...) }

// Link is a path of this hub with what it needs in front to keep the session.
func (f *Frame) Link(path string) string { return f.Prefix + path }

// ForAll is a path of a page that knows no person, in the reader's language: no
// session stands in it.
func (f *Frame) ForAll(path string) string { return "/~" + f.Lang.Code + path }

// Kept is what the person had typed into a field.
func (f *Frame) Kept(field string) string { return f.Form.Kept.Get(field) }

// Time is a moment as HTML, to be put into a phrase.
func (f *Frame) Time(t time.Time) template.HTML { return f.When(t).html() }

// NameSlot is where a script puts a name.
func (f *Frame) NameSlot() template.HTML { return `<b><bdi data-name></bdi></b>` }

// Strong is a text set apart and in bold, to be put into a phrase.
func (f *Frame) Strong(s string) template.HTML {
	return template.HTML("<b><bdi>" + template.HTMLEscapeString(s) + "</bdi></b>") //nolint:gosec // escaped
}

// With is the frame with one thing of it, for a partial template.
func (f *Frame) With(item any) With { return With{f, item} }

// With is what a partial template about one thing sees.
type With struct {
	*Frame

	Item any
}

// By is a person, for the partial "who".
func (f *Frame) By(name, tag string) By { return by(f.Lang, name, tag) }

func by(l *catalog.Language, name, tag string) By {
	if name == "" {
		name = l.Text("Neighbor")
	}
	return By{name, tag}
}

// By is who wrote something.
type By struct{ Name, Tag string }

// Problem is what is wrong with a field, or the zero value.
func (f *Frame) Problem(field string) Problem {
	return Problem{Field: field, Text: f.Form.Problems[field]}
}

// Problem is about one field.
type Problem struct{ Field, Text string }

// ID is the problem's place on the page, for aria-describedby.
func (p Problem) ID() string { return "problem-" + p.Field }

// When puts a moment in words.
func (f *Frame) When(t time.Time) Moment { return f.Clock.Moment(f.Lang, t) }

// Full is a moment in full, for paper; by a clock that is not plausible it is
// uncertain.
func (f *Frame) Full(t time.Time) string {
	if !f.Clock.Plausible || t.IsZero() {
		return f.Lang.Text(uncertain)
	}
	return Full(f.Lang, t.In(f.Clock.Now.Location()))
}

// Brief is Full for paper under the day of the page: a moment of that day is told by its hour.
func (f *Frame) Brief(t time.Time) string {
	if now := f.Clock.Now; f.Clock.Plausible && !t.IsZero() && midnight(t.In(now.Location())).Equal(midnight(now)) {
		return t.In(now.Location()).Format(hour)
	}
	return f.Full(t)
}

// Stated is a moment in full that somebody who knew the time has set, such as an end: it is
// true whatever the clock here shows.
func (f *Frame) Stated(t time.Time) string { return Full(f.Lang, t.In(f.Clock.Now.Location())) }

// NowLink is the time of the page, and leads to where it is from.
func (f *Frame) NowLink() template.HTML {
	return template.HTML(`<a href="` + template.HTMLEscapeString(f.Link("/clock")) + `">` + template.HTMLEscapeString(f.Now()) + `</a>`) //nolint:gosec // escaped
}

// Ages are the words for what is younger than a day, for a script that counts on: those of
// Clock.Moment for now, and for as many minutes and hours as languages tell apart.
func (f *Frame) Ages() string {
	ages := f.Lang.Text("just now")
	for _, p := range [...]hub.Phrase{"%d min ago", "%d h ago"} {
		for _, n := range [...]int{1, 2, 3, 11} {
			ages += "|" + f.Lang.Text(p, n)
		}
	}
	return ages
}

// Now is the time of the page: "18:42", or that it is uncertain.
func (f *Frame) Now() string { return f.Clock.Words(f.Lang) }
