package notices

import (
	"cmp"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of a number.
const (
	maxCount   = 999_999
	mostWords  = 4 // of a label whose first letters are taken
	mostOfWord = 6 // letters of each
)

// number is what a notice is called: "FS4-12", the letters of the place where it was
// released and a count.
func (b Body) number() string { return b.Letters + "-" + strconv.FormatUint(uint64(b.Count), 10) }

func validLetters(s string) bool {
	return s != "" && len(s) <= maxLetters && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// lettersOf is a place's label in short, with so many letters of each word: "FS4" of
// "Fire Station 4". A label of one word gives two more.
func lettersOf(label string, each int) string {
	words := strings.FieldsFunc(label, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	if len(words) == 1 {
		each += 2
	}
	var out []rune
	for _, w := range words[:min(len(words), mostWords)] {
		n := 0
		for _, r := range norm.NFD.String(w) {
			if unicode.IsDigit(r) || unicode.IsLetter(r) && n < each {
				out = append(out, unicode.ToUpper(r))
				n++
			}
		}
	}
	for len(string(out)) > maxLetters {
		out = out[:len(out)-1]
	}
	return cmp.Or(string(out), "X")
}

// lettersAmong is a label in as few letters as tell it from the others.
func lettersAmong(label string, others iter.Seq[string]) string {
	each := 1
	for o := range others {
		for o != label && each < mostOfWord && lettersOf(o, each) == lettersOf(label, each) {
			each++
		}
	}
	return lettersOf(label, each)
}

// numberAt is the next number that a place gives.
func numberAt(s hub.Snapshot, place string) (letters string, count uint32) {
	letters = lettersAmong(place, func(yield func(string) bool) {
		for _, c := range s.Roster().Hubs() {
			if !yield(c.Label) {
				return
			}
		}
	})
	prefix := numbered + letters + "-"
	for t := range s.Terms(prefix) {
		if n, err := strconv.ParseUint(string(t)[len(prefix):], 10, 32); err == nil && n < maxCount {
			count = max(count, uint32(n))
		}
	}
	return letters, count + 1
}

// told is a notice's number as pages show it. Where several have one, as two places of
// like letters gave it while they were apart, each has a mark of its own behind it,
// which follows from the notice alone.
func (l *look) told(number string, ref Ref) string {
	for it, err := range l.s.Newest(numbered+hub.Term(number), 0) {
		if err != nil {
			break
		}
		if !l.speaks(it.Author) || it.Class != record.Notice {
			continue
		}
		if _, id := split(it.Key); refTo(it.Author, id).String() != ref.String() {
			return fmt.Sprintf("%s-%s", number, strings.ToUpper(ref.short()[:3]))
		}
	}
	return number
}
