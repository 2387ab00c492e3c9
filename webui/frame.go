// Package webui is what all pages share: their frame, the partial templates,
// the style sheet and the words for moments. It knows nothing of HTTP.
//
// A page's template is executed with a *Frame as its dot, which stays within
// reach as $: the app's own model is $.Model, and
//
//	{{$.Link "/messages/town"}}              a path of this hub, as it must be linked
//	{{template "when" ($.When .At)}}         a moment in words
//	{{template "who" .By}}                   a person: has .Name and .Tag
//	<form method="post">{{template "hidden" $}}
//	{{$.Kept "text"}}                        what the person had typed into a field that is shown again
//	{{template "problem" ($.Problem "text")}} what is wrong with that field
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
)

//go:embed layout/*.html
var layout embed.FS

// Frame is what a template sees.
type Frame struct {
	Title  string // of the page, for people
	Path   string // of the page, escaped, without the prefix
	Prefix string // of every link for a session that lives in the path, or ""
	Notice string // what has just happened, or is wrong with the whole
	Wrong  bool   // the notice is about something wrong
	Here   Here
	You    You
	Form   Form
	Clock  Clock
	Tabs   []Tab
	Assets *Assets
	Model  any
}

// Here is where the page comes from.
type Here struct {
	Community string
	Place     string
	Reach     int    // places that can be reached just now
	Internet  string // in words; empty if not known
	CutOff    bool   // it was put out of the community
}

// You is who reads the page.
type You struct {
	Known  bool // signed in
	Remind bool // of a return code that is not yet written down
}

// Form is the state of the page's forms.
type Form struct {
	CSRF     string
	ClientID string     // names what is to be written, so that a repetition is the same
	Again    bool       // shown again, with what was sent and what is wrong with it
	Kept     url.Values // as sent
	Problems map[string]string
}

// Tab is one way through the hub.
type Tab struct {
	Title, Path string
	Here        bool
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

// Link is a path of this hub with what it needs in front to keep the session.
func (f *Frame) Link(path string) string { return f.Prefix + path }

// Kept is what the person had typed into a field.
func (f *Frame) Kept(field string) string { return f.Form.Kept.Get(field) }

// Problem is what is wrong with a field, or the zero value.
func (f *Frame) Problem(field string) Problem {
	return Problem{Field: field, Text: f.Form.Problems[field]}
}

// Problem is about one field.
type Problem struct{ Field, Text string }

// ID is the problem's place on the page, for aria-describedby.
func (p Problem) ID() string { return "problem-" + p.Field }

// When puts a moment in words.
func (f *Frame) When(t time.Time) Moment { return f.Clock.Moment(t) }

// ReachWords says how many other places can be reached.
func (h Here) ReachWords() string {
	switch h.Reach {
	case 0:
		return "No other place in reach"
	case 1:
		return "1 place in reach"
	}
	return fmt.Sprintf("%d places in reach", h.Reach)
}
