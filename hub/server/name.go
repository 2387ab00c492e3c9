package server

import (
	"slices"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Limits of a name.
const (
	maxNameChars = 40
	maxNameBytes = 64
)

// officialWords are refused as words of a name: who has one seems to speak for
// somebody who is trusted here.
var officialWords = []string{
	"official", "officially", "admin", "administrator", "moderator", "coordinator", "operator", "root", "system", "staff",
	"lamppost", "hub", "guest", "neighbor", "neighbour", "police", "sheriff", "mayor", "governor", "fema", "911", "112", "999",
}

// officialPhrases are refused wherever they stand in a name, with whatever
// between their letters.
var officialPhrases = []string{
	"lamppost", "official", "firedepartment", "firestation", "firechief", "policedepartment", "policestation", "sheriffsoffice",
	"cityof", "cityhall", "citycouncil", "townhall", "emergencymanagement", "emergencyservice", "nationalguard", "redcross",
	"weatherservice", "publichealth", "healthdepartment",
}

// cleanName makes a name fit to be shown beside others'; an empty one stays so.
func cleanName(s string) (string, error) {
	name, err := hub.CleanLine("name", s, maxNameChars, maxNameBytes)
	if err != nil || name == "" {
		return "", err
	}
	if hub.Blank(name) {
		return "", hub.Errorf(hub.Invalid, "name", "A name needs at least one letter. You can also leave it empty.")
	}
	folded := cases.Fold().String(norm.NFKC.String(name))
	words := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, w := range words {
		if slices.Contains(officialWords, w) {
			return "", official(w)
		}
	}
	whole := strings.Join(words, "")
	for _, p := range officialPhrases {
		if strings.Contains(whole, p) {
			return "", official(name)
		}
	}
	return name, nil
}

func official(what string) error {
	return hub.Errorf(hub.Invalid, "name", "“%s” sounds official, which only coordinators may. Please use your own name.", what)
}
