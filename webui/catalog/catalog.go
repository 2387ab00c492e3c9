// Package catalog is what pages say in the languages that people read.
//
// A phrase (hub.Phrase) is named by its English words, a format of package fmt:
//
//	"There is nothing older."    "Reached %d more places"    "%[2]s in %[1]s"
//
// Each folder of templates has its translations beside it, catalog.es.toml:
//
//	reviewed = ""   # who of those who grew up with the language has read it; empty: nobody yet
//
//	[phrases]
//	"There is nothing older." = "No hay nada más antiguo."
//
//	[phrases."Reached %d more places"]   # chosen by the phrase's first number
//	one = "Llegó a %d lugar más"
//	other = "Llegó a %d lugares más"
//
// English needs a file only where a phrase has a plural, or another wording than
// its name. The plural categories are those of CLDR, by golang.org/x/text.
package catalog

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Language is one in which pages can be had, with its phrases.
type Language struct {
	Code     string // BCP 47: "en", "ht", "zh-Hans"
	Name     string // as those call it who speak it
	RTL      bool   // written from right to left
	Reviewed bool   // somebody who grew up with it has read all its catalogues
	tag      language.Tag
	phrases  func() map[hub.Phrase]phrase
	english  map[hub.Phrase]phrase
}

// phrase is one text, or one for each plural category.
type phrase struct {
	other string
	forms map[plural.Form]string
}

// Catalog is all languages.
type Catalog struct {
	languages []*Language // English first
	matcher   language.Matcher
}

// known are the languages there are, in the order in which they are offered.
func known() []*Language {
	return []*Language{
		{Code: "en", Name: "English"},
		{Code: "es", Name: "Español"},
		{Code: "fr", Name: "Français"},
		{Code: "ht", Name: "Kreyòl ayisyen"},
		{Code: "vi", Name: "Tiếng Việt"},
		{Code: "zh-Hans", Name: "简体中文"},
		{Code: "ar", Name: "العربية", RTL: true},
	}
}

// Load reads the catalogues of several folders. A phrase that stands in two of
// them has to be the same in both. Languages without any catalogue are left out.
func Load(folders ...fs.FS) (*Catalog, error) {
	c := &Catalog{}
	var english map[hub.Phrase]phrase
	var tags []language.Tag
	for _, l := range known() {
		l.tag = language.MustParse(l.Code)
		t, err := l.read(folders)
		if err != nil {
			return nil, err
		}
		if l.Code == "en" {
			english = t.phrases
		} else if !t.found {
			continue
		}
		l.Reviewed, l.english, l.phrases = t.reviewed, english, l.again(folders)
		c.languages, tags = append(c.languages, l), append(tags, l.tag)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// file is a catalogue as it stands in TOML.
type file struct {
	Reviewed string             `toml:"reviewed"`
	Phrases  map[hub.Phrase]any `toml:"phrases"`
}

// told is what the catalogues of a language say.
type told struct {
	phrases         map[hub.Phrase]phrase
	found, reviewed bool // there is one; somebody has read all
}

// again is what the catalogues say, read once more when somebody first reads in the
// language: a place where all read English has no others in its memory.
func (l *Language) again(folders []fs.FS) func() map[hub.Phrase]phrase {
	if l.Code == "en" {
		return func() map[hub.Phrase]phrase { return l.english }
	}
	return sync.OnceValue(func() map[hub.Phrase]phrase {
		t, _ := l.read(folders) // it has been read before; what does not read any more is English
		return t.phrases
	})
}

// read reads the catalogues of a language.
func (l *Language) read(folders []fs.FS) (told, error) {
	t := told{phrases: map[hub.Phrase]phrase{}, reviewed: true}
	name := "catalog." + l.Code + ".toml"
	for _, folder := range folders {
		b, err := fs.ReadFile(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = t.add(name, b)
		}
		if err != nil {
			return told{}, err
		}
	}
	return t, nil
}

// add adds what one catalogue says.
func (t *told) add(name string, b []byte) error {
	var f file
	meta, err := toml.Decode(string(b), &f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, key := range meta.Undecoded() {
		if key[0] != "phrases" {
			return fmt.Errorf("%s: unknown key %s", name, key)
		}
	}
	t.found, t.reviewed = true, t.reviewed && f.Reviewed != ""
	for words, v := range f.Phrases {
		p, err := parse(v)
		if err != nil {
			return fmt.Errorf("%s: %q: %w", name, words, err)
		}
		if was, twice := t.phrases[words]; twice && !was.equal(p) {
			return fmt.Errorf("%s: %q is said otherwise in another catalogue", name, words)
		}
		t.phrases[words] = p
	}
	return nil
}

func (p phrase) equal(o phrase) bool { return p.other == o.other && maps.Equal(p.forms, o.forms) }

// categories are CLDR's plural categories.
func categories() map[string]plural.Form {
	return map[string]plural.Form{
		"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many, "other": plural.Other,
	}
}

func parse(v any) (p phrase, _ error) {
	switch v := v.(type) {
	case string:
		p.other = v
	case map[string]any:
		p.forms = map[plural.Form]string{}
		for name, text := range v {
			form, ok := categories()[name]
			s, isText := text.(string)
			if !ok || !isText {
				return p, fmt.Errorf("%q is no plural category with a text", name)
			}
			p.forms[form] = s
		}
		p.other = p.forms[plural.Other]
	default:
		return p, errors.New("neither a text nor a table of plural categories")
	}
	if p.other == "" {
		return p, errors.New("there is no text")
	}
	return p, nil
}

// Languages are those there are, English first.
func (c *Catalog) Languages() []*Language { return slices.Clone(c.languages) }

// English is what pages are written in.
func (c *Catalog) English() *Language { return c.languages[0] }

// Language is the one of a code.
func (c *Catalog) Language(code string) (*Language, bool) {
	i := slices.IndexFunc(c.languages, func(l *Language) bool { return l.Code == code })
	if i < 0 {
		return nil, false
	}
	return c.languages[i], true
}

// maxAccept bounds what is read of a header, in bytes.
const maxAccept = 256

// Match is the language that suits an Accept-Language header best (RFC 9110
// §12.5.4); English if none does.
func (c *Catalog) Match(accept string) *Language {
	if accept == "" || len(accept) > maxAccept {
		return c.English()
	}
	want, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(want) == 0 {
		return c.English()
	}
	_, i, confidence := c.matcher.Match(want...)
	if confidence < language.Low {
		return c.English()
	}
	return c.languages[i]
}

// Text is a phrase as plain text. Phrases among the arguments are put in the
// language as well.
func (l *Language) Text(words hub.Phrase, args ...any) string {
	format := l.format(words, args)
	said := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case hub.Phrase:
			said[i] = l.Text(a)
		case hub.Said:
			said[i] = l.Text(a.Phrase, a.Args...)
		case hub.Sentences:
			said[i] = a.In(l.Text)
		default:
			said[i] = a
		}
	}
	return fill(format, said)
}

// HTML is a phrase for a page. What is put into it is escaped; texts are set
// apart with <bdi>, as they may run the other way.
func (l *Language) HTML(words hub.Phrase, args ...any) template.HTML {
	format := template.HTMLEscapeString(l.format(words, args))
	safe := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case template.HTML:
			safe[i] = string(a)
		case string:
			safe[i] = "<bdi>" + template.HTMLEscapeString(a) + "</bdi>"
		case int, int64, uint64, float64:
			safe[i] = a
		case hub.Phrase:
			safe[i] = string(l.HTML(a))
		case hub.Said:
			safe[i] = string(l.HTML(a.Phrase, a.Args...))
		default:
			safe[i] = "<bdi>" + template.HTMLEscapeString(fmt.Sprint(a)) + "</bdi>"
		}
	}
	return template.HTML(fill(format, safe)) //nolint:gosec // escaped above
}

// fill is Sprintf, but a text may do without any of the arguments: "one place".
func fill(format string, args []any) string {
	if plain := strings.ReplaceAll(format, "%%", ""); !strings.Contains(plain, "%") {
		args = nil
	}
	return hub.Phrase(format).English(args...)
}

// format is the phrase's text in this language, else in English.
func (l *Language) format(words hub.Phrase, args []any) string {
	if p, ok := l.phrases()[words]; ok {
		return p.pick(l.tag, args)
	}
	if p, ok := l.english[words]; ok {
		return p.pick(language.English, args)
	}
	return string(words)
}

// pick is the form for the first number.
func (p phrase) pick(tag language.Tag, args []any) string {
	if p.forms == nil {
		return p.other
	}
	for _, a := range args {
		n, ok := number(a)
		if !ok {
			continue
		}
		if s, ok := p.forms[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]; ok {
			return s
		}
		break
	}
	return p.other
}

// most is what a number is taken modulo: MatchPlural wants no more, and no
// language looks at more digits.
const most = 10_000_000

func number(a any) (int, bool) {
	switch n := a.(type) {
	case int:
		return max(n, -n) % most, true
	case int64:
		return int(max(n, -n) % most), true
	case uint64:
		return int(n % most), true //nolint:gosec // it fits
	}
	return 0, false
}

// Phrases are the phrases that the language's catalogues have, sorted.
func (l *Language) Phrases() []hub.Phrase { return slices.Sorted(maps.Keys(l.phrases())) }

// Dir is the direction of the language's script, for HTML's dir.
func (l *Language) Dir() string {
	if l.RTL {
		return "rtl"
	}
	return "ltr"
}
