package notices

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of what a form takes.
const (
	maxLife  = 30 * 24 * time.Hour
	maxDelay = 14 * 24 * time.Hour
)

type (
	// ComposeView is the page to write a notice on: the templates, then the form.
	ComposeView struct {
		Choices  []Choice
		Chosen   *Choice // nil: to be chosen
		Start    Form
		Scales   []Scale
		Updates  *Shown      // what the new one is to replace
		Clears   []Clearable // of an all clear: what it may end
		None     bool        // none of that, as the form was sent
		Official bool        // it is released from here; else it becomes a draft
		Two      bool        // what is grave takes two signatures
	}
	// Form is what the fields hold at first.
	Form struct {
		Head, Text, Advice, Lang string
		Area, Point, Radius      string
		Polygon, Contact         string
		Hours                    int
	}
	// Scale is one field with its choices.
	Scale struct {
		Field   string
		Title   hub.Phrase
		Choices []value
		Now     string
	}
)

// Input is one field of a form.
type Input struct {
	Name  string
	Title hub.Phrase
	In    string // what the language of the field is called, where it is another's than the notice's
	Hint  hub.Phrase
	Value string
	Long  bool
}

// Inputs are the fields that one seldom needs.
func (m ComposeView) Inputs() []Input {
	f, left := m.Start, hub.Phrase("If this is empty, it says what the template says, in every language.")
	if m.Chosen != nil && m.Chosen.ID == free {
		left = "" // which says nothing
	}
	return []Input{
		{Name: "area", Title: "Where, in words", Value: f.Area},
		{Name: "advice", Title: "What to do, in your words", Hint: left, Value: f.Advice, Long: true},
		{Name: "contact", Title: "Whom to ask", Value: f.Contact},
		{Name: "point", Title: "Point on the map", Hint: "Latitude, longitude: 44.47, -73.21", Value: f.Point},
		{Name: "radius", Title: "Kilometers around it", Value: f.Radius},
		{Name: "polygon", Title: "Or the corners of an outline", Hint: "Each latitude,longitude, with a blank between corners", Value: f.Polygon, Long: true},
	}
}

// Title is the field for the headline, where no template has one.
func (m ComposeView) Title() Input {
	return Input{Name: "head", Title: "Headline", Value: m.Start.Head}
}

// Free reports whether the notice has no template's headline.
func (m ComposeView) Free() bool { return m.Chosen != nil && m.Chosen.start.template == "" }

// Spare reports whether the notice says enough without a sentence.
func (m ComposeView) Spare() bool {
	if m.Free() || m.Chosen == nil {
		return false
	}
	b := Body{Template: m.Chosen.start.template}
	return !nowhere(b) && !nothing(b)
}

// hours are those for which a notice may be said to hold, and in which it may begin.
var (
	lives  = []int{1, 3, 6, 12, 24, 48, 72, 168, 336}
	delays = []int{0, 1, 3, 6, 12, 24, 48, 72}
)

// Lives are for how many hours a notice can be said to hold.
func (m ComposeView) Lives() []int {
	if m.Start.Hours == 0 || slices.Contains(lives, m.Start.Hours) {
		return lives
	}
	return append(slices.Clone(lives), m.Start.Hours)
}

// Delays are in how many hours a notice can be said to begin.
func (ComposeView) Delays() []int { return delays }

func scalesOf(g Grade) []Scale {
	return []Scale{
		{"status", "Is it meant?", statuses[:], g.Status.String()},
		{"severity", "How bad is it?", severities[:], g.Severity.String()},
		{"urgency", "When to act?", urgencies[:], g.Urgency.String()},
		{"certainty", "How sure is it?", certainties[:], g.Certainty.String()},
		{"response", "What to do?", responses[:], g.Response.String()},
		{"category", "What is it about?", categories[:], g.Category.String()},
	}
}

// composing is the page to write a notice on.
func composing(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l, err := writing(s, q)
	if err != nil {
		return hub.Page{}, err
	}
	m := ComposeView{Official: q.Official, Two: l.two}
	if m.Choices, err = l.choices(q); err != nil {
		return hub.Page{}, err
	}
	p := hub.Page{Template: "compose.html", Title: q.T("Write a notice")}
	chosen := q.Query.Get("t")
	if q.Form.Has("t") {
		chosen = q.Form.Get("t")
	}
	if re := q.Query.Get("updates"); re != "" {
		n, err := own(s, q, re)
		if err != nil {
			return p, err
		}
		shown := show(q, n)
		m.Updates, m.Chosen = &shown, &Choice{ID: chosenOf(n), Head: shown.Title().Told(), start: start{template: n.Template, words: n.Words, grade: n.Grade, hours: l.rest(n)}}
		m.Start = startOf(q, *m.Chosen)
		m.Start.fill(n)
		m.Scales = scalesOf(n.Grade)
		p.Model = m
		return p, nil
	}
	for i := range m.Choices {
		if m.Choices[i].ID == chosen {
			m.Chosen = &m.Choices[i]
			m.Start, m.Scales = startOf(q, *m.Chosen), scalesOf(m.Chosen.start.grade)
			m.Start.begun(q)
		}
	}
	if m.Chosen != nil && m.Chosen.start.grade.Response == AllClear {
		b, err := board(s)
		if err != nil {
			return p, err
		}
		for _, n := range showAll(q, b.clearable(func(Notice) bool { return true }), maxShown) {
			m.Clears = append(m.Clears, Clearable{n, slices.Contains(q.Form["ends"], n.Identity)})
		}
		m.None = slices.Contains(q.Form["ends"], endsNone)
		p.Until = b.Next
	}
	p.Model = m
	return p, nil
}

const defaultLife = 24

// rest is for how many hours an update of a notice holds if nothing else is said: at least
// as long as the notice itself would.
func (l *look) rest(n Notice) int {
	left := n.Span.Until.Sub(l.writtenAt())
	for _, h := range lives {
		if time.Duration(h)*time.Hour >= left {
			return h
		}
	}
	return int(min(left, maxLife).Hours())
}

// chosenOf is the template that stands in the form of an update.
func chosenOf(n Notice) string {
	if n.Template == "" {
		return free
	}
	return n.Template
}

func startOf(q hub.Request, c Choice) Form {
	f := Form{Lang: q.Lang, Hours: c.start.hours}
	if w, ok := wordsFor(c.start.words, q.Lang); ok && len(c.start.words) > 0 {
		f.Head, f.Text, f.Advice = w.Head, w.Text, w.Advice
	}
	return f
}

// begun puts in what the link said that led here: text, area, point and contact. Who
// follows it sees them before anything is written.
func (f *Form) begun(q hub.Request) {
	for field, to := range map[string]*string{"text": &f.Text, "area": &f.Area, "point": &f.Point, "contact": &f.Contact} {
		if said, err := hub.CleanText(field, q.Query.Get(field), maxText, maxTextB); err == nil && said != "" {
			*to = said
		}
	}
}

// fill puts in what the notice says that is to be updated.
func (f *Form) fill(n Notice) {
	if len(n.Words) > 0 {
		w := n.Words[0]
		f.Head, f.Text, f.Advice, f.Lang = w.Head, w.Text, w.Advice, w.Lang
	}
	f.Contact = n.Contact
	if len(n.Areas) == 0 {
		return
	}
	a := n.Areas[0]
	f.Area = a.Words
	if len(a.Circles) > 0 {
		f.Point, f.Radius = a.Circles[0].Center.String(), trimmed(a.Circles[0].Km())
	}
	if len(a.Polygons) > 0 {
		var all []string
		for _, p := range a.Polygons[0] {
			all = append(all, p.String())
		}
		f.Polygon = strings.Join(all, " ")
	}
}

func trimmed(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// bodyOf reads a form to write a notice: what it leaves empty is as the template has it.
func (l *look) bodyOf(q hub.Request, c Choice) (b Body, err error) {
	form := q.Form.Get
	b = Body{Kind: Alert, Template: c.start.template, Grade: c.start.grade}
	if err := b.Grade.set(form); err != nil {
		return b, err
	}
	if b.Words, err = wordsOf(q, c); err != nil {
		return b, err
	}
	if b.Area, err = areaOf(form); err != nil {
		return b, err
	}
	if nowhere(b) {
		return b, hub.Errorf(hub.Invalid, "text", "Say where in one sentence. Without that nobody can act on it.")
	}
	if nothing(b) {
		return b, hub.Errorf(hub.Invalid, "text", "Write one sentence first: what people should know or do.")
	}
	if b.Contact, err = hub.CleanLine("contact", form("contact"), maxLine, maxLineB); err != nil {
		return b, err
	}
	life, err := hoursOf("life", form("life"), c.start.hours, maxLife)
	if err != nil {
		return b, err
	}
	delay, err := hoursOf("begins", form("begins"), 0, maxDelay)
	if err != nil {
		return b, err
	}
	now, sure := l.s.Now()
	if delay > 0 {
		b.From = now.Add(delay).Unix()
	}
	b.Until = now.Add(delay + max(life, time.Hour)).Unix()
	if !sure { // it would be over at once where the time is known
		b.From, b.Until = 0, now.Add(openEnd).Unix()
	}
	return b, nil
}

// nowhere reports whether a notice says that there is something at a place, and not where.
func nowhere(b Body) bool {
	switch b.Template {
	case "evacuate", "shelter", "road", "medical", "water", "power":
		return b.Area == nil && unsaid(b)
	}
	return false
}

// nothing reports whether a notice says that somebody is missing, or meets, and not who,
// where and when.
func nothing(b Body) bool { return (b.Template == "missing" || b.Template == "meeting") && unsaid(b) }

// unsaid reports whether a notice has no sentence in any language.
func unsaid(b Body) bool {
	return !slices.ContainsFunc(b.Words, func(w Words) bool { return !hub.Blank(w.Text) })
}

// openEnd is for how long a notice holds that nobody can set an end to: until it is
// cancelled.
const openEnd = longest - 24*time.Hour

// writtenAt is the time of what is written now.
func (l *look) writtenAt() time.Time {
	now, _ := l.s.Now()
	return now
}

func hoursOf(field, s string, usual int, most time.Duration) (time.Duration, error) {
	if s == "" {
		return time.Duration(usual) * time.Hour, nil
	}
	n, err := strconv.Atoi(s)
	if d := time.Duration(n) * time.Hour; err == nil && n >= 0 && n <= int(most/time.Hour) {
		return d, nil
	}
	return 0, hub.Errorf(hub.Invalid, field, "Hours are a number from 0 to %d.", int(most/time.Hour))
}

// wordsOf is what a form says, in the writer's language and in others.
func wordsOf(q hub.Request, c Choice) ([]Words, error) {
	first := Words{Lang: q.Form.Get("lang")}
	if first.Lang == "" {
		first.Lang = q.Lang
	}
	if first.Lang == "" {
		first.Lang = "en"
	}
	if !validLang(first.Lang) {
		return nil, hub.Errorf(hub.Invalid, "lang", "“%s” is none of the choices here. Please choose one of them.", first.Lang)
	}
	if err := first.read(q, ""); err != nil {
		return nil, err
	}
	inherited := first.inherit(c.start.words)
	if c.start.template == "" && hub.Blank(first.Head) && hub.Blank(first.Text) {
		return nil, hub.Errorf(hub.Invalid, "text", "Write one sentence first: what people should know or do.")
	}
	all := []Words{first}
	for lang := range tongues {
		w := Words{Lang: lang}
		if err := w.read(q, "_"+lang); err != nil {
			return nil, err
		}
		if lang != first.Lang && w.Head+w.Text+w.Advice != "" {
			all = append(all, w)
		}
	}
	sortWords(all[1:])
	for i := range parts {
		if inherited[i] {
			all = filled(all, c.start.words, i)
		}
	}
	return all, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// read takes the fields of one language.
func (w *Words) read(q hub.Request, suffix string) (err error) {
	if w.Head, err = hub.CleanLine("head"+suffix, q.Form.Get("head"+suffix), maxHead, maxHeadB); err != nil {
		return err
	}
	if w.Text, err = hub.CleanText("text"+suffix, q.Form.Get("text"+suffix), maxText, maxTextB); err != nil {
		return err
	}
	w.Advice, err = hub.CleanText("advice"+suffix, q.Form.Get("advice"+suffix), maxText, maxTextB)
	return err
}
