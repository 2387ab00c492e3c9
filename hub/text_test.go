package hub_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/unicode/norm"
)

func TestTextIsCleanedForOthers(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                           {"Water at the school", "Water at the school"},
		"CRLF":                            {"a\r\nb\rc", "a\nb\nc"},
		"line and paragraph separators":   {"a\u2028b\u2029c", "a\nb\nc"},
		"outer blanks":                    {" \n\t a \n ", "a"},
		"trailing blanks":                 {"a  \nb", "a\nb"},
		"indent stays":                    {"list:\n  - one\n\t- two", "list:\n  - one\n\t- two"},
		"two empty lines stay":            {"a\n\n\nb", "a\n\n\nb"},
		"a wall of newlines":              {"a" + strings.Repeat("\n \t", 900) + "\nb", "a\n\n\nb"},
		"only blanks":                     {" \n \u3000 ", ""},
		"NFD becomes NFC":                 {"cafe\u0301", "café"},
		"bidi override":                   {"safe\u202Egpj.exe", "safegpj.exe"},
		"bidi isolate":                    {"\u2067a\u2069", "a"},
		"zero-width space and joiner":     {"pay\u200bpal\u2060\ufeff", "paypal"},
		"joiner between Latin letters":    {"ad\u200dmin\u200c", "admin"},
		"soft hyphen":                     {"wa\u00adter", "water"},
		"Hangul filler":                   {"\u3164a", "a"},
		"tag characters":                  {"a\U000e0041", "a"},
		"hidden joint lets NFC compose":   {"e\u200b\u0301", "é"},
		"family emoji":                    {"👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"},
		"rainbow flag":                    {"🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"},
		"skin tone, then joiner":          {"👩🏽\u200d🚒", "👩🏽\u200d🚒"},
		"ZWNJ in Persian":                 {"می\u200cخواهم", "می\u200cخواهم"},
		"ZWNJ in Persian at a word's end": {"ه\u200c. ", "ه\u200c."},
		"ZWJ in Devanagari":               {"क्\u200dष", "क्\u200dष"},
		"ZWNJ twice":                      {"می\u200c\u200cخ", "می\u200cخ"},
		"marks up to eight":               {"o" + strings.Repeat("\u0336", 8), "o" + strings.Repeat("\u0336", 8)},
		"2,000 combining marks":           {"o" + strings.Repeat("\u0336", 2000), "o" + strings.Repeat("\u0336", 8)},
		"HTML is text":                    {"<b>1 & 2</b>", "<b>1 & 2</b>"},
	} {
		got, err := hub.CleanText("text", c.in, 2000, 4000)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestALineIsCleanedToOne(t *testing.T) {
	got, err := hub.CleanLine("name", "\tAna \u200b \r\n  de  la\u2028Cruz ", 40, 64)
	if err != nil || got != "Ana de la Cruz" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestALineIsNotHigherThanItsScriptNeeds(t *testing.T) {
	for in, want := range map[string]string{
		"A\u0336\u0336\u0336\u0336na":      "A\u0336\u0336na",
		"x" + strings.Repeat("\u0301", 64): "x\u0301\u0301",
		"\u0301\u0301\u0301Ana":            "\u0301\u0301Ana",
		"🌻\u0301\u0301\u0301":              "🌻\u0301\u0301",
		"ش\u0651\u0651\u064e\u064e":        "ش\u064e\u064e\u0651",
		"o\u0323\u0302\u0301":              "ộ\u0301",
		"ω\u0314\u0342\u0345":              "ᾧ", // typed as three marks
		"Ọlápéjú":                          "Ọlápéjú", "ṩ\u0301": "ṩ\u0301", "שּׁ": "שּׁ", "ကြွေး": "ကြွေး", "བསྟན་འཛིན": "བསྟན་འཛིན", "স্ত্রী": "স্ত্রী", "ที่รัก": "ที่รัก", "👩\u200d🚒": "👩\u200d🚒", "1\ufe0f\u20e3": "1\ufe0f\u20e3",
	} {
		got, err := hub.CleanLine("name", in, 100, 400)
		if want = norm.NFC.String(want); err != nil || got != want {
			t.Errorf("%+q: %+q, %v; want %+q", in, got, err, want)
		}
	}
}

func TestTextThatCannotBeTakenSaysWhy(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"invalid UTF-8": {"a\xffb", "UTF-8"},
		"NUL":           {"a\x00b", "U+0000"},
		"escape":        {"\x1b[31mred", "U+001B"},
		"C1 control":    {"a\u0085b", "U+0085"},
		"11 characters": {"12345678901", "too long by 1 "},
		"21 bytes":      {"🚒🚒🚒🚒🚒a", "too long by 1 "},
		"both":          {"aaaaaaa🚒🚒🚒🚒🚒🚒", "too long by 3 "},
		"21 of three":   {"水水水水水水水", "too long by 1 "},
	} {
		_, err := hub.CleanText("text", c.in, 10, 20)
		var e *hub.Error
		if !errors.As(err, &e) || e.Code != hub.Invalid || e.Field != "text" || !strings.Contains(e.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBlankTextIsWhatNobodySees(t *testing.T) {
	for in, want := range map[string]bool{"": true, "\ufe0f": true, "\u0301": true, "\u2800 ": true, "a": false, "?": false, "👍": false, "水": false, "1": false} {
		if hub.Blank(in) != want {
			t.Errorf("Blank(%q) is %v", in, !want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a\r\n\r\nb", "می\u200cخ", "👩🏽\u200d🚒", "e\u200b\u0301", "\u1100\u200b\u1161\u11a8", "o\u0336\u0336\u0336", "\xff", "\ufe0f\u20e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, clean := range []func(string, string, int, int) (string, error){hub.CleanText, hub.CleanLine} {
			once, err := clean("f", s, 2000, 4000)
			if err != nil {
				continue
			}
			if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) || len(once) > 4000 || strings.Contains(once, "\n\n\n\n") || strings.ContainsAny(once, "\r\u202e\u200b") {
				t.Fatalf("%q became %q", s, once)
			}
			if again, err := clean("f", once, 2000, 4000); err != nil || again != once {
				t.Fatalf("%q became %q and then %q, %v", s, once, again, err)
			}
		}
	})
}
