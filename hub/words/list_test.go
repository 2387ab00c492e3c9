package words

import (
	"testing"

	"pgregory.net/rapid"
)

// naive is the definition of the distance, without a limit.
func naive(a []rune, b string) int {
	if len(a) == 0 || len(b) == 0 {
		return len(a) + len(b)
	}
	i, j := len(a)-1, len(b)-1
	other := 1
	if a[i] == rune(b[j]) {
		other = 0
	}
	d := min(naive(a[:i], b)+1, naive(a, b[:j])+1, naive(a[:i], b[:j])+other)
	if i > 0 && j > 0 && a[i] == rune(b[j-1]) && a[i-1] == rune(b[j]) {
		d = min(d, naive(a[:i-1], b[:j-1])+1)
	}
	return d
}

func TestDistanceIsExactUpToItsLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := []rune(rapid.StringMatching(`[abcф]{0,6}`).Draw(t, "typed"))
		word := rapid.StringMatching(`[abc]{1,5}`).Draw(t, "word")
		limit := rapid.IntRange(0, 2).Draw(t, "limit")
		got, want := distance(typed, word, limit), naive(typed, word)
		if got != want && (got <= limit || want <= limit) {
			t.Fatalf("distance of %q and %q within %d is %d, want %d", string(typed), word, limit, got, want)
		}
	})
}
