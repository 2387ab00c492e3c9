package notices

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of the page of questions.
const (
	shownAsked  = 40   // on a page
	lookedAsked = 2000 // of all
)

// How many questions are asked within an hour: each is work for the coordinators.
const (
	mostAsked  = 6
	mostShared = 60 // with a key that all guests of a place share, and of programs, who bring others'
	mostFresh  = 40 // of all together who are new here, at one place
	askedSince = time.Hour
	maxRecent  = 1000 // questions of everybody that are looked at
)

// freshFor is for how long somebody is new: it is what bounds how many an address brings.
const freshFor = time.Hour

// inFront is how many questions of one person come before those of who are new.
const inFront = 3

// pending is a question that nobody has answered, and in which order it is looked at.
type pending struct {
	item hub.Item
	ref  Ref

	class int // 0 of somebody who is not new, 1 the first of who is, 2 all else
	nth   int // of who are new, among those that came through one place
}

// askers tells who was new when they asked.
type askers struct {
	s     hub.Snapshot
	since map[record.Author]time.Time
}

// fresh reports whether somebody was new when they wrote it. It goes by what stands in
// records, so that it is the same at every hub.
func (a askers) fresh(it hub.Item) bool {
	since, known := a.since[it.Author]
	if !known {
		since = a.s.Person(it.Author).Since
		a.since[it.Author] = since
	}
	if since.IsZero() { // so far nobody vouches for them
		return !a.s.Roster().Certified(it.Author)
	}
	return it.Time.Wall().Sub(since) < freshFor
}

// unanswered is how many questions wait for an answer.
func unanswered(s hub.Snapshot, q hub.Request) (int, error) {
	l, err := looking(s)
	if err != nil {
		return 0, err
	}
	_, seen, err := l.replies(0)
	if err != nil {
		return 0, err
	}
	all, err := l.waiting(q, seen)
	return len(all), err
}

// askedPage is what was answered, and of what was not a page, from ?before= on.
func askedPage(s hub.Snapshot, q hub.Request) (m QuestionsView, _ error) {
	m.Answered, m.Open = []Asked{}, []Asked{}
	l, err := looking(s)
	if err != nil {
		return m, err
	}
	before := q.Query.Get("before")
	m.Paged = before != ""
	most := shownAsked
	if m.Paged {
		most = 0
	}
	replied, seen, err := l.replies(most)
	if err != nil {
		return m, err
	}
	for _, ref := range replied {
		one, err := l.question(q, ref)
		if err != nil {
			return m, err
		}
		if len(one.Answers) > 0 {
			m.Answered = append(m.Answered, one)
		}
	}
	all, err := l.waiting(q, seen)
	if err != nil {
		return m, err
	}
	if at := slices.IndexFunc(all, func(o pending) bool { return o.ref.String() == before }); at >= 0 {
		all = all[at+1:]
	}
	if len(all) > shownAsked {
		all = all[:shownAsked]
		m.More = all[shownAsked-1].ref.String()
	}
	for _, o := range all {
		one, err := l.question(q, o.ref)
		if err != nil {
			return m, err
		}
		if one.Text != "" && one.Hidden == "" {
			m.Open = append(m.Open, one)
		}
	}
	return m, nil
}

// replies is what was answered, the latest answer first, up to so many, and all that has an
// answer or had one.
func (l *look) replies(most int) (replied []Ref, seen map[string]bool, _ error) {
	seen = map[string]bool{}
	for it, err := range l.s.Newest(answers, 0) {
		if err != nil {
			return nil, nil, fmt.Errorf("answers: %w", err)
		}
		v, err := answerBodies{}.Decode(it.Record)
		if err != nil || seen[v.Re.String()] || it.Ahead || !l.speaks(it.Author) {
			continue
		}
		seen[v.Re.String()] = true
		if len(replied) < most {
			replied = append(replied, v.Re)
		}
	}
	return replied, seen, nil
}

// waiting is the questions without an answer. Those of who have been here for a while come
// first, and the first of each who is new before the next: a flood by people who are made
// up pushes nobody's away. Such a flood comes through few places, so those of the others
// stand between.
func (l *look) waiting(q hub.Request, answered map[string]bool) (all []pending, _ error) {
	who := askers{l.s, map[record.Author]time.Time{}}
	of, through := map[record.Author]int{}, map[record.Via]int{}
	looked := 0
	for it, err := range l.s.Newest(questions, 0) {
		if err != nil {
			return nil, fmt.Errorf("questions: %w", err)
		}
		if looked++; looked > lookedAsked {
			break
		}
		_, id := split(it.Key)
		o := pending{item: it, ref: hub.RefTo(it.Author, id)}
		if answered[o.ref.String()] || it.Ahead || it.Hidden != "" || q.Hides(it.Author) {
			continue
		}
		all = append(all, o)
	}
	for i := len(all) - 1; i >= 0; i-- { // the first that somebody asked is their first
		of[all[i].item.Author]++
		switch n, fresh := of[all[i].item.Author], who.fresh(all[i].item); {
		case !fresh && n <= inFront:
		case fresh && n == 1:
			all[i].class = 1
		default:
			all[i].class = 2
		}
	}
	for i := range all {
		if all[i].class > 0 {
			all[i].nth = through[all[i].item.Via]
			through[all[i].item.Via]++
		}
	}
	slices.SortStableFunc(all, func(a, b pending) int { return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.nth, b.nth)) })
	return all, nil
}

// mayAsk is a TooMany for whoever has asked a lot within the hour, and for who are new
// where others who are have.
func mayAsk(s hub.Snapshot, q hub.Request) error {
	l, err := looking(s)
	if err != nil {
		return err
	}
	most, fresh := mostShared, mostFresh
	if q.Plain {
		most = mostAsked
	}
	now, _ := s.Now()
	who := askers{s, map[record.Author]time.Time{}}
	isFresh := who.fresh(hub.Item{Record: record.Record{Author: q.Author, Time: record.At(now)}})
	seen := 0
	for it, err := range s.Newest(questions, 0) {
		if err != nil {
			return fmt.Errorf("questions of the last hour: %w", err)
		}
		wait := it.Time.Wall().Add(askedSince).Sub(now)
		if seen++; wait <= 0 || seen > maxRecent {
			break
		}
		if it.Ahead {
			continue
		}
		minutes := int(math.Ceil(wait.Minutes()))
		if it.Author == q.Author {
			if most--; most == 0 { // this one has to be an hour old first
				return hub.Later(wait, hub.Errorf(hub.TooMany, "text", "You have asked a lot within an hour, and coordinators answer one question after the other. You can ask this in %d min. What you wrote is still here.", minutes))
			}
		}
		if isFresh && l.hubs[it.Via] == q.Place && who.fresh(it) {
			if fresh--; fresh == 0 {
				return hub.Later(wait, hub.Errorf(hub.TooMany, "text", "Very many who are new here have asked within an hour, and coordinators answer one question after the other. You can ask this in %d min. What you wrote is still here.", minutes))
			}
		}
	}
	return nil
}
