package returncode

import (
	"slices"
	"strings"
	"sync"

	"github.com/sethvargo/go-diceware/diceware"
)

// list is the EFF long list in the forms that are needed here.
type list struct {
	easy   []string            // sorted, without the words that are written in two ways
	listed map[string]struct{} // every word
	joined map[string]string   // "dropdown" → "drop-down", where "dropdown" is no word itself
}

// words reads the list once; nothing writes to it afterwards.
var words = sync.OnceValue(func() *list {
	dice := diceware.WordListEffLarge()
	l := &list{listed: make(map[string]struct{}, 7776), joined: map[string]string{}}
	for i := range 7776 { // six to the power of five throws
		throws := 0
		for n, digit := i, 1; digit <= 10000; n, digit = n/6, digit*10 {
			throws += (n%6 + 1) * digit
		}
		l.listed[dice.WordAt(throws)] = struct{}{}
	}
	// The list has "yo-yo" and "yoyo" both, "drop-down", "felt-tip" and
	// "t-shirt": said aloud or copied by hand, they turn into something else.
	twofold := map[string]bool{}
	for w := range l.listed {
		if !strings.Contains(w, "-") {
			continue
		}
		one := strings.ReplaceAll(w, "-", "")
		twofold[w], twofold[one] = true, true
		if !l.has(one) {
			l.joined[one] = w
		}
	}
	for w := range l.listed {
		if !twofold[w] {
			l.easy = append(l.easy, w)
		}
	}
	slices.Sort(l.easy)
	return l
})

func (l *list) has(word string) bool {
	_, ok := l.listed[word]
	return ok
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
	var found []string
	best := mistakes
	for w := range l.listed {
		d := distance(word, w, best)
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
	slices.Sort(found)
	return found
}

// distance counts the mistakes between two words: a letter left out, added, or
// another one, or two neighbours swapped (optimal string alignment). What
// exceeds limit is some number above it.
func distance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) > limit || len(t)-len(s) > limit {
		return limit + 1
	}
	before, above, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			other := 1
			if s[i-1] == t[j-1] {
				other = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+other)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(t)]
}
