package names

import (
	"iter"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/hub"
	"golang.org/x/text/unicode/norm"
)

// Taken is what the places and coordinators of a community and itself are called: nobody
// else may seem to be one of them. The zero Taken is nothing.
type Taken struct {
	community, places, people map[string]bool // by their skeletons, in each way to read them
}

// TakenBy is the names of a community and of its places.
func TakenBy(community string, places iter.Seq[string]) Taken {
	t := Taken{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, look := range skeletons(community) {
		t.community[look] = true
	}
	for p := range places {
		for _, look := range skeletons(p) {
			t.places[look] = true
		}
	}
	return t
}

// And adds the names of coordinators, each also with the family's name first, and returns
// the same Taken.
func (t Taken) And(coordinators iter.Seq[string]) Taken {
	for p := range coordinators {
		words := strings.Fields(p)
		if last := len(words) - 1; last > 0 {
			words = append(words[last:], words[:last]...)
		}
		for _, look := range append(skeletons(p), skeletons(strings.Join(words, " "))...) {
			t.people[look] = true
		}
	}
	return t
}

// Speaks reports whether a place's name seems to speak for all: a place may be an office,
// such as a fire station, but "Official" or "Notices" is none.
func Speaks(name string) bool { return known().streetTalks.in(name) }

// SeemsOneOf reports whether a name is one of these, or looks like it in a way in which it
// may be meant.
func SeemsOneOf(name string, all iter.Seq[string]) bool {
	t := Taken{people: map[string]bool{}}.And(all)
	for look := range meant(name) {
		if t.people[look] {
			return true
		}
	}
	return false
}

// meant yields what a name looks like in each way in which it may be meant.
func meant(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, way := range bare(name) {
			for _, look := range skeletons(way) {
				if look != "" && !yield(look) {
					return
				}
			}
		}
	}
}

// Check is an Invalid about the field "name" if a person cannot be called so beside
// others: the name seems official, mixes alphabets within a word, or looks like one
// that is taken. The name has to be clean, of hub.CleanLine; an empty one is right.
func Check(name string, t Taken) error {
	if Official(name) || numbers(name) {
		return official(name)
	}
	if err := OneAlphabet("name", name); err != nil {
		return err
	}
	for look := range meant(name) {
		switch {
		case t.places[look]:
			return hub.Errorf(hub.Invalid, "name", "“%s” is what a place here is called, or looks like it. Please use your own name.", name)
		case t.people[look]:
			return hub.Errorf(hub.Invalid, "name", "“%s” is what a coordinator here is called, or looks like it. Please use your own name.", name)
		case t.community[look]:
			return hub.Errorf(hub.Invalid, "name", "“%s” is what all places here together are called, or looks like it. Please use your own name.", name)
		}
	}
	if t.officialHere(name) {
		return official(name)
	}
	return nil
}

func official(name string) error {
	return hub.Errorf(hub.Invalid, "name", "“%s” sounds official, which only coordinators may. Please use your own name.", name)
}

// numbers reports whether a name is what official notices are called by: capitals of a place,
// a hyphen and a number, as in FS4-12.
func numbers(name string) bool {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Pd, r) || r == '−':
			return '-'
		case unicode.IsSpace(r) || unicode.IsPunct(r) && r != '-':
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	letters, n, found := strings.Cut(name, "-")
	const most = 6 // characters of either
	return found && letters != "" && len(letters) <= most && n != "" && len(n) <= most &&
		unicode.IsLetter([]rune(letters)[0]) && strings.ToUpper(letters) == letters && strings.Trim(n, "0123456789") == ""
}

// officialHere reports whether a name is that of the community or of a place, and behind
// it what seems official where a name begins with it.
func (t Taken) officialHere(name string) bool {
	words := strings.Fields(name)
	for i := 1; i < len(words); i++ {
		if look := Skeleton(strings.Join(words[:i], "")); (t.community[look] || t.places[look]) && Official(strings.Join(words[i:], " ")) {
			return true
		}
	}
	return false
}

// bare is a name in the ways in which it may be meant: as it is, and without what makes
// no other of it, an article before it, a number or "hub" behind it, what is set apart
// from it as an office or an area is.
func bare(name string) []string {
	words := strings.Fields(name)
	ways := []string{name}
	if i := strings.IndexFunc(name, setsApart); i > 0 {
		ways = append(ways, name[:i])
	}
	for len(words) > 1 && leads(words[0]) {
		words = words[1:]
		ways = append(ways, strings.Join(words, " "))
	}
	for len(words) > 1 && (strings.Trim(words[len(words)-1], "0123456789#") == "" || strings.EqualFold(words[len(words)-1], "hub")) {
		words = words[:len(words)-1]
		ways = append(ways, strings.Join(words, " "))
	}
	return ways
}

// leads reports whether a word may stand before a title or a name and makes no other of it.
func leads(word string) bool {
	return known().leading[strings.Join(read(apart(word), true, false), "")]
}

// setsApart reports whether r stands between a name and what is said of whoever has it. A
// hyphen and an apostrophe stand within names.
func setsApart(r rune) bool { return strings.ContainsRune(",،、，;:|/\\()[]<>·•–—@", r) }

// OneAlphabet is an Invalid about a field if a word of the name in it mixes scripts that
// are not written together, such as Latin and Cyrillic.
func OneAlphabet(field, name string) error {
	if word := mixed(name); word != "" {
		return hub.Errorf(hub.Invalid, field, "“%s” mixes letters of different alphabets, which can look like another word. Please write each word in one alphabet.", word)
	}
	return nil
}
