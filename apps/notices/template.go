package notices

import (
	"fmt"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Template is what a notice begins from: it says most of it, in all languages.
type Template struct {
	ID     string
	Head   hub.Phrase
	Advice hub.Phrase
	Grade  Grade
	Hours  int // that it holds, if nothing else is said
}

// free is the template that says nothing.
const free = "other"

func graded(c Category, s Severity, u Urgency, how Certainty, r Response) Grade {
	return Grade{Status: Actual, Category: c, Severity: s, Urgency: u, Certainty: how, Response: r}
}

// templates are the program's, the most wanted first.
func templates() []Template {
	return []Template{
		{"boil-water", "Boil your water", "Boil water for one full minute before you drink it, cook with it or brush your teeth. Bottled water is fine.", graded(Health, Severe, Expected, Likely, Execute), 72},
		{"evacuate", "Leave this area now", "Go now and tell your neighbors. Take medicine, papers and pets if they are at hand. Do not come back before the all clear.", graded(Safety, Extreme, Immediate, Observed, Evacuate), 24},
		{"inside", "Go inside and stay there", "Close windows and doors, and turn off fans. Wait inside for the next notice.", graded(Safety, Severe, Immediate, Likely, Shelter), 6},
		{"shelter", "Shelter is open", "You can come and sleep there. Bring medicine, warm clothes and what children and pets need.", graded(Safety, Minor, Expected, Observed, Execute), 48},
		{"road", "Road closed", "Take another way, and keep the road free for those who help.", graded(Transport, Moderate, Immediate, Observed, Avoid), 24},
		{"medical", "Medical help here", "Come, or send somebody, if you or a neighbor needs it.", graded(Health, Minor, Expected, Observed, Execute), 24},
		{"water", "Water and food here", "Bring something to carry it in. Take what your household needs.", graded(Health, Minor, Expected, Observed, Execute), 12},
		{"power", "Power and charging here", "You can charge phones and medical devices. Bring your own cable.", graded(Infra, Minor, Expected, Observed, Execute), 12},
		{"missing", "Somebody is missing", "If you have seen them, tell the nearest place at once. Do not search alone.", graded(Rescue, Moderate, Immediate, Observed, Monitor), 24},
		{"storm", "Storm warning", "Stay inside, away from windows. Charge what you have, and check on neighbors before it comes.", graded(Met, Severe, Expected, Likely, Prepare), 12},
		{"meeting", "Meeting", "Everybody is welcome.", graded(Other, Minor, Future, Likely, None), 24},
		{"all-clear", "All clear", "The danger is over. Take care all the same.", graded(Safety, Minor, Past, Observed, AllClear), 12},
		{free, "In your own words", "", graded(Other, Minor, Expected, Likely, Monitor), 24},
	}
}

// template is one of the program's.
func template(id string) (Template, bool) {
	all := templates()
	i := slices.IndexFunc(all, func(t Template) bool { return t.ID == id })
	if i < 0 || id == free {
		return Template{}, false
	}
	return all[i], true
}

// Pattern is a template of the community's own, which has its words in the languages that
// somebody wrote.
type Pattern struct {
	Words []Words `cbor:"1,keyasint"`
	Grade Grade   `cbor:"2,keyasint"`
	Hours uint32  `cbor:"3,keyasint"`
}

type patternBodies = hub.Collection[Pattern]

func checkPattern(r record.Record) error {
	p, err := patternBodies{}.Decode(r)
	if err != nil {
		return err
	}
	if p.Hours < 1 || time.Duration(p.Hours)*time.Hour > maxLife {
		return fmt.Errorf("a template is for 1 to %d hours", int(maxLife.Hours()))
	}
	until := int64(1)
	return Body{Kind: Alert, Grade: p.Grade, Until: until, Words: p.Words}.check()
}

// Choice is a template as the page to write a notice offers it.
type Choice struct {
	ID     string `json:"id"` // of the form
	Head   string `json:"headline"`
	Advice string `json:"instruction,omitempty"`
	Own    bool   `json:"own"` // the community's
	By     string `json:"by,omitempty"`
	start  start
}

// Grave reports whether a notice of it takes two, as it stands.
func (c Choice) Grave() bool { return c.start.grade.Grave() }

// start is what a notice begins from.
type start struct {
	template string
	words    []Words
	grade    Grade
	hours    int
}

// choices are all templates, the community's own first.
func (l *look) choices(q hub.Request) (all []Choice, _ error) {
	for it, err := range l.s.Newest(patterns, 0) {
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		if c, ok := l.choice(q, it); ok && len(all) < maxPatterns {
			all = append(all, c)
		}
	}
	for _, t := range templates() {
		c := Choice{ID: t.ID, Head: q.T(t.Head), Advice: q.T(t.Advice), start: start{grade: t.Grade, hours: t.Hours, template: t.ID}}
		if t.ID == free {
			c.start.template = ""
		}
		all = append(all, c)
	}
	return all, nil
}

const maxPatterns = 50

func (l *look) choice(q hub.Request, it hub.Item) (Choice, bool) {
	prefix, id := split(it.Key)
	p, err := patternBodies{}.Decode(it.Record)
	if err != nil || prefix != patternKey || it.Ahead || !l.speaks(it.Author) {
		return Choice{}, false
	}
	name, _ := l.called(it.Author)
	return Choice{
		ID: hub.RefTo(it.Author, id).String(), Head: partFor(p.Words, headline, q.Lang).Told(), Advice: partFor(p.Words, instruction, q.Lang).Told(), Own: true, By: name,
		start: start{words: p.Words, grade: p.Grade, hours: int(p.Hours)},
	}, true
}
