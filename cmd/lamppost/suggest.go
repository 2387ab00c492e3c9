package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// didYouMean is what to add to "there is no such word": the one that was probably
// meant, or nothing if none is near.
func didYouMean(typed string, words []string) string {
	if near, ok := nearest(typed, words); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// nearest is the word that takes the fewest changes to come to, if they are few
// for its length. Capitals count as small letters, and _ as -.
func nearest(typed string, words []string) (string, bool) {
	if len(words) == 0 {
		return "", false
	}
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	typed = plain(typed)
	best := slices.MinFunc(words, func(a, b string) int { return changes(typed, plain(a)) - changes(typed, plain(b)) })
	return best, changes(typed, plain(best)) <= (len(best)+2)/4
}

// changes is how many bytes have to be put in, taken out or changed to make b
// of a (Levenshtein).
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// unknownVariables are the names in an environment that look like settings and
// are none, each with what was probably meant. Those of the tests are known.
func unknownVariables(environ []string, k *kong.Application) (out []string) {
	known := []string{"LAMPPOST_COUNT", "LAMPPOST_CORPORA"}
	for _, command := range k.Leaves(false) {
		for _, f := range command.Flags {
			known = append(known, f.Tag.Envs...)
		}
	}
	for _, one := range environ {
		name, _, _ := strings.Cut(one, "=")
		if !strings.HasPrefix(name, envPrefix) || strings.HasPrefix(name, envPrefix+"TEST_") || slices.Contains(known, name) {
			continue
		}
		hint := ""
		if near, ok := nearest(strings.TrimPrefix(name, envPrefix), settings(known)); ok {
			hint = "; did you mean " + envPrefix + near + "?"
		}
		out = append(out, name+hint)
	}
	slices.Sort(out)
	return out
}

// settings are the names of variables without what all have in front.
func settings(variables []string) (out []string) {
	for _, v := range variables {
		out = append(out, strings.TrimPrefix(v, envPrefix))
	}
	return out
}

// warnOfVariables says which variables are ignored. It is no error: they may be
// there for another reason, and a hub has to start.
func warnOfVariables(std streams, k *kong.Application) {
	for _, v := range unknownVariables(os.Environ(), k) {
		fmt.Fprintf(std.err, "lamppost: ignored in the environment: there is no setting %s\n", v)
	}
}
