package names_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/names"
	"go.mau.fi/util/confusable"
	"pgregory.net/rapid"
)

// lookalikes are the characters of the table of UTS 39 by the one or two characters
// that they are confusable with.
func lookalikes() map[string][]rune {
	by := map[string][]rune{}
	for r := rune(0x80); r <= 0x323af; r++ {
		if confusable.GetReplacement(r) != "" {
			look := confusable.Skeleton(string(r))
			by[look] = append(by[look], r)
		}
	}
	return by
}

// substituted are a word's forms in which one or two letters, small or capital, are
// another character that looks like them.
func substituted(word string, by map[string][]rune) (forms []string) {
	for _, w := range []string{word, strings.ToUpper(word)} {
		for from := range w {
			for to := from + 1; to <= min(from+2, len(w)); to++ {
				for _, part := range []string{w[from:to], strings.ToLower(w[from:to]), strings.ToUpper(w[from:to])} {
					for _, r := range by[confusable.Skeleton(part)] {
						forms = append(forms, w[:from]+string(r)+w[to:])
					}
				}
			}
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

func TestNoCharacterThatLooksLikeALetterHidesAnOfficialWord(t *testing.T) {
	by := lookalikes()
	for kind, check := range map[string]struct {
		official func(string) bool
		words    []string
	}{
		"person": {names.Official, []string{
			"official", "police", "sheriff", "governor", "government", "staff", "admin", "moderator", "lamppost", "coordinator", "fire department", "firefighter",
			"emergency", "verified", "city hall", "red cross", "system", "warning", "mayor", "hub",
		}},
		"talk": {names.OfficialTalk, []string{"official", "police", "sheriff", "governor", "staff", "admin", "lamppost", "fire department", "mayor", "gobierno"}},
		"place": {func(name string) bool { return names.Check(name, millbrook) != nil }, []string{
			"millbrook", "fire station", "hill school l",
		}},
	} {
		tried := 0
		for _, word := range check.words {
			for _, form := range substituted(word, by) {
				name, err := hub.CleanLine("name", form, 40, 160)
				if err != nil {
					continue
				}
				if tried++; !check.official(name) && names.OneAlphabet("name", name) == nil {
					t.Errorf("%s: %q (%+q) passes", kind, name, name)
				}
			}
		}
		if tried < 1000*len(check.words)/2 {
			t.Errorf("%s: only %d forms", kind, tried)
		}
	}
}

func TestManyLookalikesInAWordHideItNoBetter(t *testing.T) {
	by := lookalikes()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"official", "police", "sheriff", "STAFF", "GOVERNMENT", "Fire Department"}).Draw(t, "word")
		var form strings.Builder
		for _, r := range word {
			others := by[confusable.Skeleton(string(r))]
			if i := rapid.IntRange(-len(others), len(others)-1).Draw(t, "other"); i >= 0 {
				r = others[i]
			}
			form.WriteRune(r)
		}
		name, err := hub.CleanLine("name", form.String(), 40, 160)
		if err == nil && !names.Official(name) && names.OneAlphabet("name", name) == nil {
			t.Fatalf("%q (%+q) passes", name, name)
		}
	})
}

func TestNamesAreAlikeInSomeWayToReadThem(t *testing.T) {
	for _, pair := range [][2]string{{"School", "Schoo￨"}, {"ſchool", "School"}, {"ſire", "fire"}, {"oſſice", "office"}, {"ՏCHOOL", "school"}, {"Corner", "Comer"}, {"5", "٥"}} {
		if !names.Alike(pair[0])(pair[1]) || !names.Alike(pair[1])(pair[0]) {
			t.Errorf("%q and %q are not alike", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"School 1", "School 2"}, {"🌻", "☀"}, {"", ""}, {"شارع", "سارع"}} {
		if names.Alike(pair[0])(pair[1]) {
			t.Errorf("%q and %q are alike", pair[0], pair[1])
		}
	}
}

func TestALookalikeIsReadInEachWay(t *testing.T) {
	for _, bad := range []string{
		"ſire Department", "oſſicial", "oſſicials", "Staſſ", "ſtaſſ", "ſ.t.a.ſ.ſ", "ſſſſſſ", "ՏTAFF", "ՏHERIFF", "Տ T A F F", "Govemor", "GOVEMOR Lee", "Govemment", "Govemrnent", "gobiemo", "Waming",
		"VVarning", "VVaming", "Govermnent", "Govennor", "Govenment", "Modcrator", "modcrators", "Aclmin", "Poliee", "Fire Departmcnt", "Administratar", "Maderator", "Polcie", "Shreiff", "Offiecr",
		"ƧTAFF", "SHERI₣₣", "₳dm¡n", "Offi©er", "Pᴏʟɪↄe", "ꓚity of Troy", "STɐFF", "GO७ERNOR", "POLI໐E", "m0d", "M0D5", "6overnor", "8omberos",
		"officia￨", "GO٧ERNOR", "GO-٧-ERNOR", "٩١١", "S𝚮ERIFF", "SHERI𝟊F", "ſHERI𝟊F",
	} {
		if !names.Official(bad) && names.OneAlphabet("name", bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
	school := names.TakenBy("Millbrook", slices.Values([]string{"School", "Warner Hall"}))
	for _, bad := range []string{"5chool", "Sch00l", "The 5choo1 2", "$chool", "Sehool", "VVarner Hall", "Wamer Ha11", "Mi11br00k", "ՏCHOOL", "Տ-CHOOL", "ſchool", "The ՏCHOOL 2", "𝚳illbrook", "𝚳i-llbrook"} {
		if names.Check(bad, school) == nil {
			t.Errorf("%q passes beside a place called School", bad)
		}
	}
	for _, good := range []string{
		"Marshall", "Stafford", "Stoff", "Staffan", "Sherif", "Shariff", "Marlie", "Marie", "Scholl", "Schoolcraft", "Governale", "Wanning", "Poliziano", "Cruz Rojo", "Ran", "Влада", "Рада", "Власов", "Пожарский", "Губарев", "김정부",
		"Wagner Hall", "Ana 5", "B4", "Kɔfi", "李雷", "口丨工", "エリカ ロ", "Lee 丁一", "Li ○", "حسن", "Ελένη", "Армен",
		"Corner", "Warner", "Modern", "Comer", "Wa Ming", "Weiſs", "Maſſimo", "Տիգրան", "ՍԱՐԳՍՅԱՆ", "გიორგი", "Γιώργος", "ΗΛΙΑΣ", "Ali ٣",
	} {
		if err := names.Check(good, school); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestTwoLettersThatChangedPlacesHideNoOfficialWord(t *testing.T) {
	for _, word := range []string{"official", "police", "sheriff", "governor", "government", "moderator", "administrator", "firefighter", "bombero", "gendarmerie"} {
		for i := range len(word) - 1 {
			form := word[:i] + string([]byte{word[i+1], word[i]}) + word[i+2:]
			if !names.Official(form) {
				t.Errorf("%q passes", form)
			}
		}
	}
}
