// Package size puts the sizes of files in words.
package size

import "github.com/lamppost-hub/lamppost/hub"

// Say is the size of a file of n bytes: 75 kB, 1.4 MB, 34 MB. What is not empty has at
// least 1 kB.
func Say(n int64) hub.Said { return words(n, true) }

// SayDown is for how many bytes there is room, or how many of a file have come: no more
// than n.
func SayDown(n int64) hub.Said { return words(n, false) }

func words(n int64, nearest bool) hub.Said {
	n = max(n, 0)
	in := func(unit int64) int64 {
		if nearest {
			return (n + unit/2) / unit
		}
		return n / unit
	}
	const kB, tenth, mB = 1_000, 100_000, 1_000_000
	switch {
	case nearest && n > 0 && n < kB:
		return hub.Said{Phrase: "%d kB", Args: []any{1}}
	case in(kB) < 1_000:
		return hub.Said{Phrase: "%d kB", Args: []any{in(kB)}}
	case in(tenth) < 100:
		return hub.Said{Phrase: "%d.%d MB", Args: []any{in(tenth) / 10, in(tenth) % 10}}
	}
	return hub.Said{Phrase: "%d MB", Args: []any{in(mB)}}
}
