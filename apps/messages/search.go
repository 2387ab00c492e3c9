package messages

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// searchPath is no channel's name.
const searchPath = "search"

// Bounds of a search.
const (
	maxWords   = 60   // of a post that it is found by: as many terms as a record may have, less the others
	maxQuery   = 100  // characters
	maxLookups = 8    // words of a query that are looked up; the others are compared
	patience   = 3000 // posts that are looked at for one page
)

type (
	// SearchView is a page of what was found, newest first.
	SearchView struct {
		Query   string   `json:"q"`
		In      *Channel `json:"in,omitempty"` // the only channel; nil: all
		Posts   []Post   `json:"posts"`
		Older   string   `json:"older,omitempty"` // ?before= of the next page
		Paged   bool     `json:"paged"`
		Problem string   `json:"problem,omitempty"` // with the query, in the reader's language
	}
	// Found is what programs get of a search, newest first.
	Found struct {
		Items []Result `json:"items"`
		Next  string   `json:"next,omitempty"`
	}
	// Result is a post with its channel.
	Result struct {
		Post

		Channel string `json:"channel"`
	}
	// query is what posts are searched for: all of it has to be there.
	query struct {
		words []string
		runs  []string // of scripts that do not set words apart
		terms []string // what of it the index knows
	}
)

// wordTerms are what a post is found by: words of one hour stand together, so that
// many posts that come at once are filed at few places.
func wordTerms(at record.Time, text string) (terms []hub.Term) {
	seen := map[string]bool{}
	pieces(plain(text), func(piece string, run bool) {
		grams(piece, run, func(word string) {
			if !seen[word] && len(terms) < maxWords {
				seen[word] = true
				terms = append(terms, wordTerm(hourOf(at), word))
			}
		})
	})
	return terms
}

func wordTerm(hour uint64, word string) hub.Term {
	sum := sha256.Sum256([]byte(word))
	return hub.Term("w/" + strconv.FormatUint(hour, 36) + "/" + base64.RawURLEncoding.EncodeToString(sum[:6]))
}

const hourMillis = 3_600_000

func hourOf(t record.Time) uint64 { return t.Millis() / hourMillis }

// startOf is the first moment of an hour.
func startOf(hour uint64) record.Time { return record.Time(hour*hourMillis) << 16 }

// parseQuery reads what a person looks for.
func parseQuery(text string) (v query, clean string, err error) {
	if clean, err = hub.CleanLine("q", text, maxQuery, 4*maxQuery); err != nil {
		return v, "", err
	}
	pieces(plain(clean), func(piece string, run bool) {
		if run {
			v.runs = append(v.runs, piece)
		} else {
			v.words = append(v.words, piece)
		}
		grams(piece, run, func(word string) {
			if len(v.terms) < maxLookups && !slices.Contains(v.terms, word) {
				v.terms = append(v.terms, word)
			}
		})
	})
	if len(v.words)+len(v.runs) == 0 && clean != "" {
		return v, clean, hub.Errorf(hub.Invalid, "q", "Write at least one word to look for.")
	}
	return v, clean, nil
}

// matches reports whether all of the query is in a text.
func (v query) matches(text string) bool {
	text = plain(text)
	for _, run := range v.runs {
		if !strings.Contains(text, run) {
			return false
		}
	}
	missing := slices.Clone(v.words)
	pieces(text, func(piece string, run bool) {
		if !run {
			missing = slices.DeleteFunc(missing, func(w string) bool { return w == piece })
		}
	})
	return len(missing) == 0
}

// searching is the page of a search.
func searching(s hub.Snapshot, q hub.Request) (v SearchView, _ error) {
	in, before, err := within(q.Query)
	if err != nil {
		return v, err
	}
	if in != "" {
		ch := describe(q, in)
		v.In = &ch
	}
	v.Paged = before.set()
	want, clean, err := parseQuery(q.Query.Get("q"))
	v.Query = clean
	if told, ok := err.(*hub.Error); ok { //nolint:errorlint // it is not wrapped
		v.Query, v.Problem = strings.ToValidUTF8(q.Query.Get("q"), "\ufffd"), q.T(told.Phrase, told.Args...)
		return v, nil
	}
	if err != nil || clean == "" {
		return v, err
	}
	f := finder{s: s, q: q, want: want, in: in, before: before, limit: pageLen, left: patience}
	v.Older, err = f.run()
	v.Posts = folded(f.found)
	return v, err
}

// find answers a program's search.
func find(s hub.Snapshot, q hub.Request) (v Found, _ error) {
	in, before, err := within(q.Query)
	if err != nil {
		return v, err
	}
	limit, err := limitOf(q.Query)
	if err != nil {
		return v, err
	}
	want, clean, err := parseQuery(q.Query.Get("q"))
	if err == nil && clean == "" {
		err = hub.Errorf(hub.Invalid, "q", "Write at least one word to look for.")
	}
	if err != nil {
		return v, err
	}
	f := finder{s: s, q: q, want: want, in: in, before: before, limit: limit, left: patience}
	v.Next, err = f.run()
	v.Items = []Result{}
	for _, p := range f.found {
		v.Items = append(v.Items, Result{p, p.Channel.Name})
	}
	return v, err
}

// within reads the channel and the place of a search.
func within(q url.Values) (in string, before place, err error) {
	if in = q.Get("in"); in != "" {
		if in, err = channelAt(in); err != nil {
			return "", before, err
		}
	}
	before, err = parsePlace(q.Get("before"))
	return in, before, err
}

// finder gathers what is found, the newest first.
type finder struct {
	s      hub.Snapshot
	q      hub.Request
	want   query
	in     string // channel; empty: all
	before place
	limit  int
	left   int // posts that may still be looked at

	found []Post
	last  place // of what was found
}

// run returns where the next part begins; empty if nothing is left.
func (f *finder) run() (next string, _ error) {
	base := everything
	if f.in != "" {
		base = term(f.in)
	}
	for at := f.before.cursor(); ; {
		newest, ok := f.newest(base, at)
		if !ok {
			return "", nil
		}
		hour := hourOf(newest)
		stopped, err := f.hour(f.lists(base, hour), at, startOf(hour))
		switch {
		case err != nil:
			return "", err
		case len(f.found) > f.limit:
			f.found = f.found[:f.limit]
			return f.last.String(), nil
		case stopped != 0:
			return place{time: stopped}.String(), nil
		}
		at = hub.Cursor(startOf(hour))
	}
}

// lists are those of an hour in all of which a post has to stand.
func (f *finder) lists(base hub.Term, hour uint64) (lists []hub.Term) {
	for _, word := range f.want.terms {
		lists = append(lists, wordTerm(hour, word))
	}
	if f.in != "" || len(lists) == 0 {
		lists = append(lists, base)
	}
	return lists
}

// hour takes what stands in all of the lists, from a time down to the beginning of
// an hour. The lists leap after each other: each looks no further back than to
// where the others are. It returns where its patience ended; 0 if it did not.
func (f *finder) hour(lists []hub.Term, at hub.Cursor, from record.Time) (stopped record.Time, _ error) {
	for {
		if f.left <= 0 {
			return max(record.Time(at), 1), nil
		}
		for i, list := range lists {
			newest, ok := f.newest(list, at)
			if !ok || newest < from {
				f.rareFirst(i)
				return 0, nil
			}
			at = hub.Cursor(newest + 1)
		}
		last := record.Time(at) - 1 // none that all lists hold is newer
		for it, err := range f.s.Newest(lists[0], at) {
			if err != nil {
				return 0, fmt.Errorf("search: %w", err)
			}
			if it.Listed != last {
				break
			}
			f.consider(it)
			if len(f.found) > f.limit {
				return 0, nil
			}
		}
		if at = hub.Cursor(last); last <= from {
			return 0, nil
		}
	}
}

// rareFirst has the word be looked up first whose list ended first: it is probably
// the rarest, and where it is not, nothing else is looked at.
func (f *finder) rareFirst(i int) {
	if i > 0 && i < len(f.want.terms) {
		f.want.terms[0], f.want.terms[i] = f.want.terms[i], f.want.terms[0]
	}
}

// newest is where the newest of a list stands.
func (f *finder) newest(list hub.Term, at hub.Cursor) (record.Time, bool) {
	f.left--
	for t := range f.s.Times(list, at) {
		return t, true
	}
	return 0, false
}

// consider takes a post if it holds what is looked for, which the index cannot tell
// for certain.
func (f *finder) consider(it hub.Item) {
	f.left--
	here := placeOf(it)
	if f.before.set() && !here.olderThan(f.before) || it.Hidden != "" {
		return
	}
	b, err := read(it)
	if err != nil || f.in != "" && b.Channel != f.in || !f.want.matches(b.Text) {
		return
	}
	if p, ok := whole(f.s, f.q, it); ok {
		f.found = append(f.found, p)
		if len(f.found) <= f.limit {
			f.last = here
		}
	}
}
