package notices

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
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
	mostLeap   = 100 // from one number to the next: a coordinator's changed program is not to use them up
	mostWords  = 4   // of a label whose first letters are taken
	mostOfWord = 6   // letters of each
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

// Given is what stands at c/: a hub's word how far it has counted. A notice that is taken
// back has no number any more, and one of somebody who was put out is gone; what was
// given for them hangs on doors all the same.
type Given struct {
	Count uint32 `cbor:"1,keyasint"`
}

type givens = hub.Collection[Given]

// givenKey is where a hub says how far it has counted with these letters.
func givenKey(letters string) string { return countKey + hex.EncodeToString([]byte(letters)) }

func checkCount(r record.Record, rest string) error {
	letters, err := hex.DecodeString(rest)
	if err != nil || !validLetters(string(letters)) || givenKey(string(letters)) != countKey+rest {
		return errors.New("a count is of the letters in its key, in hex")
	}
	v, err := givens{}.Decode(r)
	if err == nil && (v.Count == 0 || v.Count > maxCount) {
		err = errors.New("a count is of numbers that there are")
	}
	return err
}

// given is how far a place has counted with these letters, by its own word: another hub's
// could leave it no number to give.
func given(s hub.Snapshot, place, letters string) (count uint32, _ error) {
	for it, err := range s.Slots(givenKey(letters)) {
		if err != nil {
			return 0, fmt.Errorf("what a place has counted: %w", err)
		}
		c, ok := s.Roster().Hub(it.Author)
		if !ok || c.Label != place || it.Withdrawn() {
			continue
		}
		if v, err := (givens{}).Decode(it.Record); err == nil {
			count = max(count, v.Count)
		}
	}
	return count, nil
}

// numberAt is the next number that a place gives: above all that it has given, and above
// those that are here with its letters, whoever gave them.
func numberAt(s hub.Snapshot, place string) (letters string, count uint32, err error) {
	letters = lettersAmong(place, func(yield func(string) bool) {
		for _, c := range s.Roster().Hubs() {
			if !yield(c.Label) {
				return
			}
		}
	})
	if count, err = given(s, place, letters); err != nil {
		return letters, 0, err
	}
	prefix := numbered + letters + "-"
	var here []uint32
	for t := range s.Terms(prefix) {
		if n, err := strconv.ParseUint(string(t)[len(prefix):], 10, 32); err == nil && n <= maxCount {
			here = append(here, uint32(n))
		}
	}
	slices.Sort(here)
	for _, n := range here {
		if n > count+mostLeap {
			break
		}
		count = max(count, n)
	}
	return letters, min(count+1, maxCount), nil
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
		if _, id := split(it.Key); hub.RefTo(it.Author, id).String() != ref.String() {
			return fmt.Sprintf("%s-%s", number, strings.ToUpper(ref.Short()[:3]))
		}
	}
	return number
}
