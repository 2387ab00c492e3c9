package names_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/names"
	"golang.org/x/text/unicode/norm"
)

var millbrook = names.TakenBy("Millbrook", slices.Values([]string{"Fire Station", "Hill School 1", "Ana's house", "عيادة المرفأ"}))

func TestNobodyIsCalledLikeAPlace(t *testing.T) {
	for name, says := range map[string]string{
		"Hill School 1": "a place here", "hill-school l": "a place here", "НіӏӏSсhооl1": "alphabets", "Ana’s  House": "a place here", "عيادة المرفا": "a place here",
		"MILLBROOK": "all places", "Mi11brook": "all places", "Ｍｉｌｌｂｒｏｏｋ": "all places", "Millbrооk": "alphabets", "Millbrook Police": "official", "Millbrook Mayor": "official", "Hill School 1 Warden": "official",
		"The Millbrook": "all places", "Millbrook Hub": "all places", "the hill school 1": "a place here", "Ana’s house 2": "a place here",
		"Fire Station, Ann": "official", "Hill School 1 (Ann)": "a place here", "Millbrook · town": "all places", "Notice FS-7": "official", "NOTICES": "official", "Ann (Bob’s wife)": "", "Ann-Marie": "",
		"Ana": "", "Ana 2": "", "Hub": "official", "Hill School 2": "", "Millbrook Ana": "", "Federico Mayor": "", "": "", "🌻": "",
	} {
		err := names.Check(name, millbrook)
		var told *hub.Error
		if says == "" && err != nil || says != "" && (!errors.As(err, &told) || told.Field != "name" || told.Code != hub.Invalid || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v, want %q", name, err, says)
		}
	}
}

func TestNobodyIsCalledLikeACoordinator(t *testing.T) {
	here := names.TakenBy("Millbrook", slices.Values([]string{"Fire Station"})).And(slices.Values([]string{"Ken Sato", "Ana María Díaz", "Bo"}))
	for _, name := range []string{"Ken Sato", "Sato Ken", "Sato, Ken", "From Ken Sato", "by ken sato", "Díaz Ana María", "Mr Ken Sato 2", "From Bo", "FS-3", "FS4 - 12", "FS‑3", "FS–3", "FS−3", "(FS-3)", "PRACTICE, not real", "checked by this place"} {
		if names.Check(name, here) == nil {
			t.Errorf("%q passes", name)
		}
	}
	for _, name := range []string{"Ken", "Sato", "Ken Sato's mom", "Bob", "bo-3", "Ann-Marie", "Jo - 2nd floor", "María Ana Díaz"} {
		if err := names.Check(name, here); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAWordIsOfOneAlphabet(t *testing.T) {
	for _, bad := range []string{"Pоlly", "Ana Мaria", "Iванов", "Αnna", "ΑНА", "Ꭺna", "Aննա", "ՏAM", "Aნა", "S𝚮E", "Anna漢й", "漢Ж", "ひŋγ", "김漢か", "مЖ", "شa漢", "कক"} {
		if names.OneAlphabet("name", bad) == nil {
			t.Errorf("%q passes", bad)
		}
	}
	for _, good := range append(ordinary(t), "Анна-Maria", "Kenji田中カナかな", "BTS방탄", "ㄅ王A", "DJخالد", "µm", "Ана 5й", "Ꭰ") {
		if err := names.OneAlphabet("name", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestOrdinaryNamesPass(t *testing.T) {
	looks := map[string]string{}
	for _, name := range ordinary(t) {
		if err := names.Check(name, millbrook); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		looks[names.Skeleton(name)] = name
	}
	if len(looks) < 700 {
		t.Errorf("only %d looks", len(looks))
	}
}

func TestNamesThatLookAlikeHaveOneSkeleton(t *testing.T) {
	for _, same := range [][]string{
		{"Elm Street", "elm-street", "ELM  STREET", "Elrn Street", "Eⅼm Ѕtreet", "E1m Street", "ｅｌｍ ｓｔｒｅｅｔ", "Élm Strèet"},
		{"Place 1", "Place l", "PLACE I", "рӏасе 1", "place|"},
		{"Straße", "STRASSE"},
		{"شارع ٥", "شارع 5", "شـارع ۵"},
		{"ロータリー", "口ータリー"},
	} {
		for _, name := range same[1:] {
			if a, b := names.Skeleton(same[0]), names.Skeleton(name); a != b {
				t.Errorf("%q and %q: %q, %q", same[0], name, a, b)
			}
		}
	}
	for _, other := range [][2]string{{"Place 1", "Place 2"}, {"Elm 5", "Elm s"}, {"कमल", "कमला"}, {"が", "か"}, {"شارع", "سارع"}, {"东路", "西路"}, {"", "x"}} {
		if names.Skeleton(other[0]) == names.Skeleton(other[1]) {
			t.Errorf("%q and %q are one", other[0], other[1])
		}
	}
}

func TestASkeletonIsItsOwn(t *testing.T) {
	for r := rune(0); r < 0x32000; r++ { // all letters but of private use
		if !utf8.ValidRune(r) {
			continue
		}
		look := names.Skeleton(string(r))
		if again := names.Skeleton(look); again != look {
			t.Errorf("%U %q becomes %+q and then %+q", r, r, look, again)
		}
		if seen := func(r rune) bool { return unicode.In(r, unicode.L, unicode.Nd) && r != '\u0640' }; look == "" && strings.ContainsFunc(norm.NFKD.String(string(r)), seen) {
			t.Errorf("nothing is left of %U %q", r, r)
		}
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"Pоlice", "Elm Street", "شارع ٥", "e\u0301\u0323\u0336", "𝓅ℴ𝓁", "ｶﾞ", "क्ष", "\u0344a\u0316", "ℹ️1️⃣", "\xff", "\xf7\xf7\xf7\xf7\xf7\xf7\xf7\xf7ġ", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 200 {
			return
		}
		look := names.Skeleton(s)
		if again := names.Skeleton(look); again != look {
			t.Fatalf("%+q becomes %+q and then %+q", s, look, again)
		}
		names.Official(s)
		mix := func(t *unicode.RangeTable) bool {
			return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(t, r) })
		}
		oneWord := !strings.ContainsFunc(s, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.N) })
		if oneWord && mix(unicode.Cyrillic) && (mix(unicode.Latin) || mix(unicode.Greek)) && names.OneAlphabet("name", s) == nil {
			t.Fatalf("%q passes as of one alphabet", s)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	for kind, all := range map[string][]string{
		"plain": {"Ana Lucia", "Mr. Okafor", "Elizabeth Anderson"}, "accents": {"José García", "Đỗ Thúy Hằng"}, "others": {"Мария Иванова", "خديجة", "王伟"},
	} {
		b.Run(kind, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if err := names.Check(all[i%len(all)], millbrook); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
