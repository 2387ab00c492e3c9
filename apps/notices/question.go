package notices

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of a question.
const (
	maxAsked  = 300 // characters
	maxAskedB = 1000
)

// Question is what stands at q/: is it true that …?
type Question struct {
	Text string `cbor:"1,keyasint"`
}

// Answer is what stands at a/: a coordinator's answer to one question, with the claim as
// it was answered, so that no change of the question makes it the answer to another.
type Answer struct {
	Re      Ref     `cbor:"1,keyasint"`
	Claim   string  `cbor:"2,keyasint"`
	Verdict Verdict `cbor:"3,keyasint"`
	Lang    string  `cbor:"4,keyasint"`
	Text    string  `cbor:"5,keyasint,omitempty"`
}

// Verdict is an answer in one word.
type Verdict uint8

// The verdicts.
const (
	True Verdict = 1 + iota
	Untrue
	Partly
	Unsure
)

var verdicts = [...]value{{"true", "True"}, {"false", "Not true"}, {"partly", "Partly true"}, {"unknown", "Not known yet"}}

func (v Verdict) String() string { return at(verdicts[:], v).Name }

// MarshalText is its name for programs.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Words are what people read.
func (v Verdict) Words() hub.Phrase { return at(verdicts[:], v).Words }

type (
	questionBodies = hub.Collection[Question]
	answerBodies   = hub.Collection[Answer]
)

func checkQuestion(r record.Record) error {
	v, err := questionBodies{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !fit(v.Text, maxAsked, maxAskedB) || hub.Blank(v.Text):
		return errors.New("a question has a text of bounded length")
	}
	return nil
}

func checkAnswer(r record.Record, rest string) error {
	v, err := answerBodies{}.Decode(r)
	switch {
	case err != nil:
		return err
	case !v.Re.Valid() || v.Re.Short() != rest:
		return errors.New("the answer's key belongs to another question")
	case v.Verdict.String() == "" || !validLang(v.Lang):
		return errors.New("an answer has a verdict and a language")
	case !fit(v.Claim, maxAsked, maxAskedB) || hub.Blank(v.Claim) || !fit(v.Text, maxText, maxTextB):
		return errors.New("a text of an answer is missing or too long")
	}
	return nil
}

type (
	// Asked is a question with its answers.
	Asked struct {
		ID      string     `json:"id"`
		Path    string     `json:"path"`
		Text    string     `json:"text"`
		By      Asker      `json:"author"`
		At      time.Time  `json:"time,omitzero"`
		Answers []Answered `json:"answers"` // the newest first: it stands
		Hidden  hub.Phrase `json:"hidden,omitempty"`
		Mine    bool       `json:"own"`
	}
	// Asker is who asked.
	Asker struct {
		Name string `json:"name"`
		Tag  string `json:"tag"`
	}
	// Answered is one coordinator's answer.
	Answered struct {
		Verdict Verdict    `json:"verdict"`
		Text    string     `json:"text,omitempty"`
		Lang    string     `json:"lang"`
		Tongue  string     `json:"-"` // where it is not the reader's
		At      time.Time  `json:"time"`
		By      Provenance `json:"by"`
		Mine    bool       `json:"own"`

		sent  record.Time
		claim string
	}
	// QuestionsView is the page of questions.
	QuestionsView struct {
		Answered []Asked `json:"answered"`
		Open     []Asked `json:"open"`            // as they are to be looked at first
		More     string  `json:"older,omitempty"` // ?before= of the next page of them
		Paged    bool    `json:"-"`
		Writes   bool    `json:"-"`
		NeedName bool    `json:"-"`
	}
	// QuestionView is the page of one.
	QuestionView struct {
		Asked
		Writes   bool
		Official bool
		Verdicts []value
		Judge    string // path of the page where the reader can hide it from all; empty: they may not
	}
)

// MayAnswer reports whether the reader can answer: a question is answered once, and anew
// only by whoever has answered it.
func (m QuestionView) MayAnswer() bool {
	return m.Writes && (len(m.Answers) == 0 || slices.ContainsFunc(m.Answers, func(a Answered) bool { return a.Mine }))
}

// Own is the reader's answer, which another of theirs replaces; zero if there is none.
func (m QuestionView) Own() Answered {
	for _, a := range m.Answers {
		if a.Mine {
			return a
		}
	}
	return Answered{}
}

// Verdict is the name of the one that is chosen: in a form that is shown again what it
// had, else the reader's own so far.
func (m QuestionView) Verdict(again bool, kept string) string {
	if again {
		return kept
	}
	return m.Own().Verdict.String()
}

// questionList is what was asked, and what was answered.
func questionList(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	m, err := askedPage(s, q)
	if err != nil {
		return hub.Page{}, err
	}
	m.Writes, m.NeedName = coordinates(s, q), s.Person(q.Author).Name == ""
	return hub.Page{Template: "questions.html", Title: q.T("Is it true?"), Model: m, Topics: []hub.Term{questions, answers}}, nil
}

// question is one question with its answers; without a text where neither is here.
func (l *look) question(q hub.Request, ref Ref) (a Asked, err error) {
	person := l.s.Person(ref.By())
	a = Asked{
		ID: ref.String(), Path: "/notices/" + questionPath + "/" + ref.Below(), By: Asker{Name: person.Name, Tag: ref.By().Tag()},
		Mine: ref.By() == q.Author, Answers: []Answered{},
	}
	it, found, err := find(l.s, questionKey+ref.ID, ref.By().String())
	if err != nil {
		return a, err
	}
	if found && !it.Withdrawn() {
		if v, err := (questionBodies{}).Decode(it.Record); err == nil {
			a.Text, a.Hidden = v.Text, hub.Phrase(it.Hidden)
			if !it.Ahead {
				a.At = it.Time.Wall()
			}
		}
	}
	if a.Answers, err = l.answersTo(q, ref); err == nil && len(a.Answers) > 0 {
		a.Text, a.Hidden = a.Answers[0].claim, "" // what was answered, whatever became of the question
	}
	return a, err
}

// answersTo is the coordinators' answers to a question, the newest first, one of each.
func (l *look) answersTo(q hub.Request, ref Ref) ([]Answered, error) {
	all, seen := []Answered{}, map[record.Author]bool{}
	var items []hub.Item
	for it, err := range l.s.Slots(answerKey + ref.Short()) {
		if err != nil {
			return nil, fmt.Errorf("answers to a question: %w", err)
		}
		items = append(items, it)
	}
	slices.SortFunc(items, func(a, b hub.Item) int {
		switch {
		case newer(a, b):
			return -1
		case newer(b, a):
			return 1
		}
		return 0
	})
	for _, it := range items {
		v, err := answerBodies{}.Decode(it.Record)
		if seen[it.Author] || it.Ahead || !l.speaks(it.Author) {
			continue
		}
		seen[it.Author] = true
		if err != nil || it.Withdrawn() {
			continue
		}
		one := Answered{Verdict: v.Verdict, Text: v.Text, Lang: v.Lang, At: it.Time.Wall(), By: l.from(it.Record), Mine: it.Author == q.Author, sent: it.Time, claim: v.Claim}
		if v.Text != "" && primary(v.Lang) != primary(q.Lang) {
			one.Tongue = or(tongues[v.Lang], v.Lang)
		}
		all = append(all, one)
	}
	return all, nil
}

// oneQuestion is the page of one question.
func oneQuestion(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	l, err := looking(s)
	if err != nil {
		return hub.Page{}, err
	}
	ref, err := askedAt(s, at)
	if err != nil {
		return hub.Page{}, err
	}
	a, err := l.question(q, ref)
	if err == nil && a.Text == "" {
		err = noQuestion()
	}
	m := QuestionView{Asked: a, Writes: coordinates(s, q), Official: q.Official, Verdicts: verdicts[:], Judge: judge(s, q, ref)}
	return hub.Page{Template: "question.html", Title: q.T("Is it true?"), Model: m, Topics: []hub.Term{questions, answers}}, err
}

func noQuestion() error {
	return hub.Errorf(hub.NotFound, "", "This question is not here. Perhaps it was taken back, or it has not arrived yet.")
}

// askedAt is the question that a path leads to. One that has gone is found by its answer.
func askedAt(s hub.Snapshot, at spot) (ref Ref, _ error) {
	it, found, err := find(s, questionKey+at.id, at.by)
	if err != nil {
		return ref, err
	}
	if found {
		return hub.RefTo(it.Author, at.id), nil
	}
	for it, err := range s.Newest(answers, 0) {
		if err != nil {
			return ref, fmt.Errorf("answers: %w", err)
		}
		if v, err := (answerBodies{}).Decode(it.Record); err == nil && v.Re.Below() == at.by+"/"+at.id {
			return v.Re, nil
		}
	}
	return ref, noQuestion()
}

// ask writes a question.
func ask(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	text, err := hub.CleanText("text", q.Form.Get("text"), maxAsked, maxAskedB)
	if err == nil && hub.Blank(text) {
		err = hub.Errorf(hub.Invalid, "text", "Write first what you have heard, then press Ask.")
	}
	if err != nil {
		return nil, err
	}
	id := q.Form.Get("client_id")
	if !hub.ValidID(id) {
		return nil, hub.Errorf(hub.Invalid, "client_id", "The form did not arrive whole. What you wrote is still here. Please send it again.")
	}
	it, found, err := find(s, questionKey+id, q.Author.String())
	if err != nil {
		return nil, err
	}
	if found {
		if v, err := (questionBodies{}).Decode(it.Record); err == nil && v.Text == text {
			return nil, nil
		}
		return nil, hub.Errorf(hub.Conflict, "text", "From this form you have already asked something else, which stays. To ask this as well, press Ask again.")
	}
	if err := mayAsk(s, q); err != nil {
		return nil, err
	}
	d, err := draftOf(questionKey+id, record.Talk, talkLife, Question{Text: text})
	return []hub.Draft{d}, err
}

// answer writes a coordinator's answer. A question is answered once: only whoever has
// answered it can say it anew.
func answer(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	l, err := officially(s, q)
	if err != nil {
		return nil, err
	}
	ref, err := askedAt(s, at)
	if err != nil {
		return nil, err
	}
	a, err := l.question(q, ref)
	if err != nil || a.Text == "" {
		return nil, orElse(err, noQuestion())
	}
	v := Answer{Re: ref, Claim: a.Text, Lang: or(q.Lang, "en")}
	for i, one := range verdicts {
		if one.Name == q.Form.Get("verdict") {
			v.Verdict = Verdict(i + 1) //nolint:gosec // a short list
		}
	}
	if v.Verdict == 0 {
		return nil, hub.Errorf(hub.Invalid, "verdict", "Choose first whether it is true.")
	}
	if v.Text, err = hub.CleanText("text", q.Form.Get("text"), maxText, maxTextB); err != nil {
		return nil, err
	}
	for _, was := range a.Answers {
		switch {
		case was.Mine && was.Verdict == v.Verdict && was.Text == v.Text:
			return nil, nil
		case !was.Mine && !slices.ContainsFunc(a.Answers, func(o Answered) bool { return o.Mine }):
			return nil, hub.Errorf(hub.Conflict, "text", "%s has answered this meanwhile. Only whoever answered it can change the answer.", was.By.Name)
		}
	}
	d, err := draftOf(answerKey+ref.Short(), record.Notice, life, v)
	return []hub.Draft{d}, err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
