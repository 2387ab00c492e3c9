package place

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

// Tongue is a language of the pages, as those call it who speak it.
type Tongue struct{ Code, Name string }

var tongues = [...]Tongue{
	{"en", "English"}, {"es", "Español"}, {"fr", "Français"}, {"ht", "Kreyòl ayisyen"}, {"vi", "Tiếng Việt"}, {"zh-Hans", "简体中文"}, {"ar", "العربية"},
}

// Tongues are the languages of the pages, in their order.
func Tongues() []Tongue { return tongues[:] }

// TongueName is a language as those call it who speak it, or its code.
func TongueName(code string) string {
	for _, t := range tongues {
		if strings.EqualFold(t.Code, code) {
			return t.Name
		}
	}
	return code
}

// TongueNames is several of them, with commas.
func TongueNames(codes []string) string {
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = TongueName(c)
	}
	return strings.Join(all, ", ")
}

// Langs reads languages, each by its code, or as those call it who speak it. An error is about the field "langs".
func Langs(fields []string) (all []string, _ error) {
	for _, field := range fields {
		for _, word := range strings.FieldsFunc(field, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '،' }) {
			if !ValidLang(word) {
				return nil, hub.Errorf(hub.Invalid, "langs", "“%s” is no code of a language. Write two or three letters for each, such as pt or ukr.", word)
			}
			for _, t := range tongues {
				if strings.EqualFold(word, t.Code) {
					word = t.Code
				}
			}
			if !slices.Contains(all, word) {
				all = append(all, word)
			}
		}
	}
	if len(all) > MaxLangs {
		return nil, hub.Errorf(hub.Invalid, "langs", "At most %d languages fit.", MaxLangs)
	}
	slices.Sort(all)
	return all, nil
}

// Capacity reads a number of people; 0 for an empty text. An error is about a field of a form.
func Capacity(field, s string) (uint32, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n > MaxPeople {
		return 0, hub.Errorf(hub.Invalid, field, "This is a number of people, from 0 to %d.", MaxPeople)
	}
	return uint32(n), nil
}
