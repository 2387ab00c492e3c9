package rootsheet

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/words"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Hand gathers the sheets that an act of the roots takes.
type Hand struct {
	roots []record.Author
	need  int
	keys  map[record.Author]ed25519.PrivateKey
}

// NewHand is an empty hand for a list of roots of which so many make an act.
func NewHand(roots []record.Author, threshold int) *Hand {
	roots = slices.Clone(roots)
	slices.SortFunc(roots, func(a, b record.Author) int { return bytes.Compare(a[:], b[:]) })
	return &Hand{roots, threshold, map[record.Author]ed25519.PrivateKey{}}
}

// Missing is how many sheets are still to be taken.
func (h *Hand) Missing() int { return max(0, h.need-len(h.keys)) }

// ErrTwice means that a sheet is in the hand already.
var ErrTwice = errors.New("that sheet has been typed in already; this takes another")

// Take reads the words of one more sheet and returns which it is: "sheet 2 of 3,
// check 1a2b-3c4d", also with ErrTwice. Its errors say what to do; the hand is as
// before then.
func (h *Hand) Take(text string) (which string, err error) {
	s, err := Parse(text)
	if err != nil {
		return "", err
	}
	key := s.Key()
	i := slices.Index(h.roots, record.AuthorOf(key))
	if i < 0 {
		return "", hub.Errorf(hub.Invalid, "sheet", "Each of these words is on the list, but together they are no root sheet of this community.%s", h.guess(s))
	}
	which = fmt.Sprintf("sheet %d of %d, check %s", i+1, len(h.roots), Check(h.roots[i]))
	if h.keys[h.roots[i]] != nil {
		return which, ErrTwice
	}
	h.keys[h.roots[i]] = key
	return which, nil
}

// maxGuesses bounds the keys that are derived to find a mistake: some seconds on a
// Raspberry Pi.
const maxGuesses = 40

// guess names the one mistake after which the words would be a sheet: a word for
// one that is written alike, or two neighbors that have changed places.
func (h *Hand) guess(s Secret) string {
	type guess struct {
		secret Secret
		text   string
	}
	var swaps, others []guess
	for i, w := range s.words {
		if i > 0 {
			g := s
			g.words[i-1], g.words[i] = w, s.words[i-1]
			swaps = append(swaps, guess{g, fmt.Sprintf(" Have words %d and %d, “%s” and “%s”, changed places?", i, i+1, s.words[i-1], w)})
		}
		for _, other := range words.Alike(w) {
			g := s
			g.words[i] = other
			others = append(others, guess{g, fmt.Sprintf(" Is word %d “%s”, not “%s”?", i+1, other, w)})
		}
	}
	for _, g := range slices.Concat(swaps, others)[:min(maxGuesses, len(others)+len(swaps))] {
		if slices.Contains(h.roots, record.AuthorOf(g.secret.Key())) {
			return g.text
		}
	}
	return " Compare every word with the sheet, and whether it is a sheet of this community."
}

// Sign signs each statement with as many of the taken keys as an act takes, so that
// it holds as an act of the roots. Nothing may be missing.
func (h *Hand) Sign(codec *record.Codec, statements ...record.Record) ([]record.Record, error) {
	if h.Missing() > 0 {
		return nil, fmt.Errorf("%d root sheets are missing", h.Missing())
	}
	return SignAs(codec, h.inOrder(), statements...)
}

func (h *Hand) inOrder() (keys []ed25519.PrivateKey) {
	for _, root := range h.roots {
		if key := h.keys[root]; key != nil && len(keys) < h.need {
			keys = append(keys, key)
		}
	}
	return keys
}

// SignAs signs each statement with every key.
func SignAs(codec *record.Codec, keys []ed25519.PrivateKey, statements ...record.Record) (signed []record.Record, err error) {
	for _, s := range statements {
		for _, key := range keys {
			r, err := codec.Sign(s, key)
			if err != nil {
				return nil, fmt.Errorf("sign for the roots: %w", err)
			}
			signed = append(signed, r)
		}
	}
	return signed, nil
}

// String says how far the gathering is, and none of the keys.
func (h *Hand) String() string {
	var have []string
	for _, root := range h.roots {
		if h.keys[root] != nil {
			have = append(have, Check(root))
		}
	}
	return fmt.Sprintf("%d of %d root sheets %s", len(have), h.need, strings.Join(have, " "))
}
