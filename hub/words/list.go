package words

import (
	"slices"
	"strings"
	"sync"

	"github.com/sethvargo/go-diceware/diceware"
)

// list is the EFF long list in the forms that are needed here.
type list struct {
	all    []string          // sorted
	easy   []string          // the same without the words that are written in two ways
	joined map[string]string // "dropdown" → "drop-down", where "dropdown" is no word itself
}

// eff reads the list once; nothing writes to it afterwards.
var eff = sync.OnceValue(func() *list {
	dice := diceware.WordListEffLarge()
	const words = 7776 // six to the power of five throws
	l := &list{all: make([]string, 0, words), easy: make([]string, 0, words), joined: map[string]string{}}
	for i := range words {
		throws := 0
		for n, digit := i, 1; digit <= 10000; n, digit = n/6, digit*10 {
			throws += (n%6 + 1) * digit
		}
		l.all = append(l.all, dice.WordAt(throws))
	}
	slices.Sort(l.all)
	// The list has "yo-yo" and "yoyo" both, "drop-down", "felt-tip" and
	// "t-shirt": said aloud or copied by hand, they turn into something else.
	twofold := map[string]bool{}
	for _, w := range l.all {
		if !strings.Contains(w, "-") {
			continue
		}
		one := strings.ReplaceAll(w, "-", "")
		twofold[w], twofold[one] = true, true
		if !l.has(one) {
			l.joined[one] = w
		}
	}
	for _, w := range l.all {
		if !twofold[w] {
			l.easy = append(l.easy, w)
		}
	}
	return l
})

func (l *list) has(word string) bool {
	_, found := slices.BinarySearch(l.all, word)
	return found
}

// whole returns the word that two pieces make, with a hyphen if there is one so.
func (l *list) whole(first, second string) (string, bool) {
	for _, w := range []string{first + "-" + second, first + second} {
		if l.has(w) {
			return w, true
		}
	}
	return "", false
}

// nearest returns the listed words that are fewest typing mistakes away, at
// most two; none where that leaves more than three to choose from.
func (l *list) nearest(word string) []string {
	const mistakes, choices = 2, 3
	typed := []rune(word)
	var found []string
	best := mistakes
	for _, w := range l.all {
		d := distance(typed, w, best)
		if d > best {
			continue
		}
		if d < best {
			best, found = d, found[:0]
		}
		found = append(found, w)
	}
	if len(found) > choices {
		return nil
	}
	return found
}

// Alike returns the other words of the list that are one typing mistake away from
// one of them.
func Alike(word string) (found []string) {
	typed := []rune(word)
	for _, w := range eff().all {
		if w != word && distance(typed, w, 1) <= 1 {
			found = append(found, w)
		}
	}
	return found
}

// longest is the length of the list's longest word.
const longest = 9

// distance counts the mistakes between what was typed and a word of the list: a
// letter left out, added, or another one, or two neighbors swapped (optimal
// string alignment). What exceeds limit is some number above it.
func distance(typed []rune, word string, limit int) int {
	if len(word) > longest || len(typed)-len(word) > limit || len(word)-len(typed) > limit {
		return limit + 1
	}
	var before, above, row [longest + 1]int8
	for j := range above {
		above[j] = int8(j)
	}
	leastAbove := int8(0)
	for i, r := range typed {
		row[0] = int8(i + 1)
		least := row[0]
		for j := range len(word) {
			other := int8(1)
			if r == rune(word[j]) {
				other = 0
			}
			d := min(above[j+1]+1, row[j]+1, above[j]+other)
			if i > 0 && j > 0 && r == rune(word[j-1]) && typed[i-1] == rune(word[j]) {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
			least = min(least, d)
		}
		if int(min(least, leastAbove+1)) > limit { // it never gets less, and a swap skips one row
			return limit + 1
		}
		before, above, leastAbove = above, row, least
	}
	return int(above[len(word)])
}
