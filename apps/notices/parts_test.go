package notices_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
)

// names are what the languages of the pages are called in themselves.
var names = map[string]string{
	"en": "English", "es": "Español", "fr": "Français", "ht": "Kreyòl ayisyen", "vi": "Tiếng Việt", "zh-Hans": "简体中文", "ar": "العربية",
}

func codes() (all []string) {
	for lang := range names {
		all = append(all, lang)
	}
	slices.Sort(all)
	return all
}

// written is a notice of these tests: its parts by language.
type written struct {
	template, own string
	parts         map[string][3]string // headline, sentence, advice
}

var fields = [3]string{"head", "text", "advice"}

func writtenBy(r *rand.Rand, n int) written {
	all := codes()
	w := written{template: []string{"boil-water", "storm", "other"}[r.IntN(3)], own: all[r.IntN(len(all))], parts: map[string][3]string{}}
	for _, lang := range all {
		var p [3]string
		for i := range p {
			if r.IntN(3) == 0 || w.template == "other" && lang == w.own && i == 1 {
				p[i] = fmt.Sprintf("%s %d in %s", fields[i], n, lang)
			}
		}
		if r.IntN(2) == 0 || lang == w.own {
			w.parts[lang] = p
		}
	}
	return w
}

func (w written) form(id string) url.Values {
	f := url.Values{"t": {w.template}, "lang": {w.own}, "client_id": {id}}
	for lang, parts := range w.parts {
		for i, said := range parts {
			name := fields[i]
			if lang != w.own {
				name += "_" + lang
			}
			f.Set(name, said)
		}
	}
	return f
}

// check holds one part that a reader got against what was written: it is the translation,
// or else the author's with its language, or else the template's.
func (w written) check(t *testing.T, reader string, part int, said, tongue, template string) {
	t.Helper()
	var others []string
	for lang, p := range w.parts {
		if p[part] != "" && lang != reader {
			others = append(others, lang)
		}
	}
	want := []string{template}
	switch own := w.parts[w.own][part]; {
	case w.parts[reader][part] != "":
		want = []string{w.parts[reader][part]}
	case own != "":
		want = []string{names[w.own] + ": " + own}
	case len(others) > 0:
		want = nil
		for _, lang := range others {
			want = append(want, names[lang]+": "+w.parts[lang][part])
		}
	}
	if tongue != "" {
		said = tongue + ": " + said
	}
	if !slices.Contains(want, said) {
		t.Errorf("%+v: the %s of readers in %s is %q, want one of %q", w, fields[part], reader, said, want)
	}
}

// titled reports whether anybody has written a headline, or the template has one.
func (w written) titled() bool {
	for _, p := range w.parts {
		if p[0] != "" {
			return true
		}
	}
	return w.template != "other"
}

// Whatever is written in whatever languages: nobody gets the template's words in place of
// the author's, and the file says the same as the page.
func TestNobodyGetsTheTemplatesWordsInPlaceOfTheAuthors(t *testing.T) {
	tw := openTown(t, 1)
	h := tw.hubs[0]
	tw.coordinator("ana")
	file := func(path string) map[string]capxml.Info {
		t.Helper()
		_, raw, err := h.get("/cap/" + strings.TrimPrefix(path, "n/") + ".cap")
		must(t, err)
		b, err := capxml.Parse(raw)
		must(t, err)
		all := map[string]capxml.Info{}
		for _, i := range b.Alerts[0].Alert.Infos {
			all[i.Language] = i
		}
		return all
	}
	templates := map[string]map[string]capxml.Info{}
	for _, id := range []string{"boil-water", "storm"} {
		templates[id] = file(h.writes("ana", url.Values{"t": {id}, "client_id": {id}}))
	}
	r := rand.New(rand.NewPCG(20, 21))
	for n := range 60 {
		w := writtenBy(r, n)
		path := h.writes("ana", w.form(fmt.Sprint(n)))
		infos := file(path)
		plain := templates[w.template]["en"] // pages are in no language here, and so is a template on them
		for reader := range names {
			var s notices.Shown
			must(t, h.Read(t.Context(), func(snap hub.Snapshot) error {
				p, err := h.app.View(snap, hub.Request{Path: path, Lang: reader})
				m, _ := p.Model.(notices.OneView)
				s = m.Shown
				return err
			}))
			parts := [3]notices.Part{s.Title(), {Text: s.Text, Lang: s.Lang}, {Text: s.Advice, Lang: s.AdviceLang}}
			if !w.titled() {
				parts[0], parts[1] = notices.Part{}, parts[0]
			}
			for i, template := range []string{plain.Headline, "", plain.Instruction} {
				w.check(t, reader, i, parts[i].Text, parts[i].Tongue(), template)
			}
			info, there := infos[reader]
			if _, mine := w.parts[reader]; !there && mine && w.parts[reader] != [3]string{} {
				t.Errorf("%+v: its file has nothing in %s", w, reader)
			}
			if !there {
				continue
			}
			said := [3]string{info.Headline, info.Description, info.Instruction}
			if !w.titled() {
				said[0], said[1] = "", said[0]
			}
			own := templates[w.template][reader]
			for i, template := range []string{own.Headline, "", own.Instruction} {
				tongue, text := "", said[i]
				if in, after, marked := strings.Cut(strings.TrimPrefix(text, "("), ") "); marked && strings.HasPrefix(text, "(") {
					tongue, text = in, after
				}
				w.check(t, reader, i, text, tongue, template)
			}
		}
		if t.Failed() {
			return
		}
	}
}

func TestALanguageIsToldOnceForPartsInARow(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "text", "Fuel in the wells.", "advice", "Boiling does not help.", "text_es", "Combustible en los pozos.", "client_id", "a")
	for lang, want := range map[string]string{"en": "", "es": "advice", "fr": "text"} {
		q := m.ask(ann, "")
		q.Lang = lang
		marked := ""
		for _, p := range view[notices.ListView](m, q).Active[0].Parts() {
			if p.Mark {
				marked += map[bool]string{true: "advice", false: "text"}[strings.HasPrefix(p.Text, "Boiling")]
			}
			if p.Lang != "" && p.Tongue() != "English" {
				t.Errorf("in %s %q is in %q", lang, p.Text, p.Tongue())
			}
		}
		if marked != want {
			t.Errorf("in %s marked: %q, want %q", lang, marked, want)
		}
	}
}

// A cancellation of a notice in somebody's own words is called by them in every language.
func TestACancellationIsCalledAsWhatItCancels(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "other", "head", "Sandbags at the mill", "head_es", "Sacos en el molino", "text", "Come.", "client_id", "a")
	m.do(tom, at(maria, "a"), "cancels", id(maria, "a"), "text", "enough", "client_id", "c")
	for lang, want := range map[string]string{"en": "Sandbags at the mill", "es": "Sacos en el molino", "fr": "(English) Sandbags at the mill"} {
		q := m.ask(ann, "")
		q.Lang = lang
		if got := view[notices.ListView](m, q).Active[0].Title().Told(); got != want {
			t.Errorf("in %s: %q", lang, got)
		}
	}
}

// Where the words of a template are changed, what it says in other languages goes with them;
// where they are left, it stays. So it is with a notice that is updated, part by part.
func TestTranslationsGoWithWhatTheyTranslate(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "templates", "head", "Goats on the road", "head_es", "Cabras en la vía", "advice", "Drive slowly.", "advice_es", "Conduzca despacio.", "client_id", "t")
	spanish := func(client string) string {
		t.Helper()
		q := m.ask(ann, at(maria, client))
		q.Lang = "es"
		s := view[notices.OneView](m, q).Shown
		all := []string{s.Title().Told()}
		for _, p := range s.Parts() {
			all = append(all, p.Told())
		}
		return strings.Join(all, " / ")
	}
	m.do(maria, "new", "t", id(maria, "t"), "head", "Goats on the road", "advice", "Drive slowly.", "text", "At the mill.", "client_id", "same")
	if got := spanish("same"); got != "Cabras en la vía / (English) At the mill. / Conduzca despacio." {
		t.Error(got)
	}
	m.do(maria, "new", "t", id(maria, "t"), "head", "Goats on the road", "advice", "Do not drive.", "text", "At the mill.", "client_id", "other")
	if got := spanish("other"); got != "Cabras en la vía / (English) At the mill. / (English) Do not drive." {
		t.Error(got)
	}
	m.now = now.Add(time.Hour)
	m.do(maria, "new", "updates", id(maria, "same"), "head", "Goats on the road", "advice", "Wait for them.", "text", "At the mill.", "text_es", "En el molino.", "client_id", "newer")
	if got := spanish("newer"); got != "Cabras en la vía / En el molino. / (English) Wait for them." {
		t.Error(got)
	}
	q := m.ask(tom, "new")
	q.Lang = "es"
	if c := view[notices.ComposeView](m, q).Choices[0]; c.Head != "Cabras en la vía" || c.Advice != "Conduzca despacio." {
		t.Errorf("%+v", c)
	}
}

func TestTheFormHasAFieldForEachPartInEveryLanguage(t *testing.T) {
	m := newMoment(t)
	known := notices.New().Fields()
	for template, want := range map[string][]string{"other": {"head_es", "text_es", "advice_es"}, "boil-water": {"text_es", "advice_es"}} {
		q := m.ask(maria, "new")
		q.Query.Set("t", template)
		others := view[notices.ComposeView](m, q).Tongues().Others
		var got []string
		for _, o := range others {
			for _, in := range o.Inputs {
				if !slices.Contains(known, in.Name) {
					t.Errorf("no field is called %s", in.Name)
				}
				if in.In != o.Name || in.Title == "One sentence" {
					t.Errorf("two fields are called alike: %+v", in)
				}
				if o.Lang == "es" {
					got = append(got, in.Name)
				}
			}
		}
		if len(others) != len(names)-1 || !slices.Equal(got, want) {
			t.Errorf("%s: %d languages, in Spanish %q", template, len(others), got)
		}
	}
}

// Where there is little room the advice stands that is the author's own: the headline alone
// has people do what the template says.
func TestTheAuthorsOwnAdviceIsToldInShortToo(t *testing.T) {
	m := newMoment(t)
	m.do(maria, "new", "t", "boil-water", "text", "Fuel is in the wells.", "advice", "Do NOT drink it, even boiled.", "client_id", "a")
	m.do(maria, "new", "t", "road", "text", "The bridge is out.", "client_id", "b")
	for id, want := range map[string]string{"a": "Fuel is in the wells. Do NOT drink it, even boiled.", "b": "The bridge is out."} {
		if got := view[notices.OneView](m, m.ask(ann, at(maria, id))).Brief().Text; got != want {
			t.Errorf("in short: %q, want %q", got, want)
		}
	}
	for i := range 25 {
		m.do(maria, "new", "t", "inside", "text", "A tornado is on its way from the south-west to the north-east.", "client_id", fmt.Sprint("i", i), "severity", "Extreme", "urgency", "Expected")
	}
	p, err := notices.New().Print(m, m.ask(ann, ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Model.(notices.PaperView).Notices {
		if n.Template == "boil-water" && !n.Whole && !n.Told {
			t.Error("on paper only its headline stands")
		}
	}
}
