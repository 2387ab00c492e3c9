package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Audit recomputes from the records alone all that a store keeps about them, and
// says where it differs: indexes, counts, fingerprints, the roster, who is in
// and who is set aside.
func Audit(s *Store) error {
	return s.view(func(t tx, state *roster.State) error {
		a := &audit{s: s, t: t, state: state}
		for i := range a.want {
			a.want[i] = map[string]string{}
		}
		a.records()
		a.expectCounts()
		for _, b := range []table{tID, tSlot, tAuthor, tCount, tOrder, tSum, tTerm, tVouch, tCame, tFirst, tBlob} {
			a.compare(b)
		}
		a.standing()
		a.asides()
		return errors.Join(a.wrong...)
	})
}

type audit struct {
	s     *Store
	t     tx
	state *roster.State
	all   []record.Record
	want  [tables]map[string]string
	wrong []error
}

func (a *audit) errorf(format string, args ...any) {
	if len(a.wrong) < 10 {
		a.wrong = append(a.wrong, fmt.Errorf(format, args...))
	}
}

func (a *audit) expect(b table, k, v []byte) {
	if _, twice := a.want[b][string(k)]; twice {
		a.errorf("two records claim one key %x of table %d", k, b)
	}
	a.want[b][string(k)] = string(v)
}

func (a *audit) records() {
	last := number(a.t, metaArrival)
	a.t.Ascend(tRecord, nil, func(at, v []byte) bool {
		r, err := a.s.decode(v)
		if err != nil {
			a.errorf("record %x: %w", at, err)
			return true
		}
		if be.Uint64(at) > last {
			a.errorf("number %d is beyond the log's end %d", be.Uint64(at), last)
		}
		a.all = append(a.all, r)
		id := r.ID()
		a.expect(tID, id[:], at)
		a.expect(tSlot, slotKey(r.Slot()), append(bytes.Clone(at), u64(uint64(r.Time))...))
		a.expect(tAuthor, authorKey(&r), at)
		a.expect(tOrder, orderKey(r.Class, r.Time, id), be.AppendUint32(nil, uint32(r.Expires())))
		terms, first, counted := map[string]bool{}, firstCame(a.t, at), false
		if bytes.Compare(first, at) > 0 {
			a.errorf("number %x came before it first came, at %x", at, first)
		}
		for _, term := range a.s.terms(&r) {
			if _, indexed := a.s.conf.Index.Versions[r.App]; indexed && !terms[term] {
				terms[term] = true
				a.expect(tTerm, termKey(r.App, term, r.Time, id), at)
				if a.s.counts(r.App, term) {
					counted = true
					a.expect(tCame, cameKey(r.App, term, first), at)
				}
			}
		}
		if counted && !bytes.Equal(at, first) {
			a.expect(tFirst, at, first)
		}
		if len(r.Blobs) > 0 {
			a.expect(tBlob, at, nil)
		}
		if place, v, ok := roster.VouchOf(r); ok {
			a.expect(tVouch, vouchKey(v.Subject, r.Author, place), at)
		}
		return true
	})
}

func (a *audit) expectCounts() {
	counts := map[record.Author]int{}
	sums := map[sumID]sumOf{}
	for i := range a.all {
		r := &a.all[i]
		counts[r.Author]++
		k, id := sumID{r.Class, r.Expires()}, r.ID()
		s := sums[k]
		s.count++
		s.sum.Add((*[32]byte)(&id))
		sums[k] = s
	}
	for who, n := range counts {
		a.expect(tCount, who[:], be.AppendUint32(nil, uint32(n)))
		if n > a.state.Quota(who) {
			a.errorf("%s has %d slots, its quota is %d", who.Tag(), n, a.state.Quota(who))
		}
	}
	for k, s := range sums {
		b := s.sum.Bytes()
		a.expect(tSum, sumKey(k.class, k.day), append(u64(uint64(s.count)), b[:]...))
	}
}

func (a *audit) compare(b table) {
	left := a.want[b]
	a.t.Ascend(b, nil, func(k, v []byte) bool {
		if want, ok := left[string(k)]; !ok {
			a.errorf("table %d has %x, of which no record knows", b, k)
		} else if want != string(v) {
			a.errorf("table %d has %x → %x, want %x", b, k, v, want)
		}
		delete(left, string(k))
		return true
	})
	for k := range left {
		a.errorf("table %d lacks %x", b, k)
	}
}

// standing wants the roster to follow from the set, and the set from the roster.
func (a *audit) standing() {
	var trust []record.Record
	for _, r := range a.all {
		if isTrust(&r) {
			trust = append(trust, r)
		}
	}
	if !roster.Compute(a.s.conf.Founding, trust).Equal(a.state) {
		a.errorf("the roster is not that of the trust records")
	}
	h := horizon(a.t)
	for _, r := range a.all {
		if why := a.state.Admits(r, hasPrefix(a.t, tVouch, r.Author[:])); why != nil {
			a.errorf("%s/%s by %s is in the set: %w", r.App, r.Key, r.Author.Tag(), why)
		}
		if r.Expires() < h {
			a.errorf("%s/%s expired before the horizon", r.App, r.Key)
		}
		if _, v, ok := roster.VouchOf(r); ok && a.t.Get(tKnown, v.Subject[:]) == nil {
			a.errorf("%s is vouched for and not known", v.Subject.Tag())
		}
	}
}

func (a *audit) asides() {
	counts := map[record.Author]int{}
	a.t.Ascend(tAside, nil, func(k, v []byte) bool {
		r, err := a.s.decodeAside(v)
		if err != nil {
			a.errorf("set aside %x: %w", k, err)
			return true
		}
		if !bytes.Equal(k, asideKey(r.Slot())) || !bytes.Equal(v[:rankLength], rank(&r)) {
			a.errorf("%s/%s is set aside in another's place", r.App, r.Key)
		}
		counts[r.Author]++
		if a.state.Admits(r, hasPrefix(a.t, tVouch, r.Author[:])) == nil {
			a.errorf("%s/%s is set aside and allowed", r.App, r.Key)
		}
		if r.Class >= record.People && r.Time <= a.state.Barred(r.Slot()) {
			a.errorf("%s/%s is purged and yet kept", r.App, r.Key)
		}
		if r.Expires() < horizon(a.t) {
			a.errorf("%s/%s is set aside and expired before the horizon", r.App, r.Key)
		}
		if a.t.Get(tKnown, r.Author[:]) == nil {
			a.errorf("%s/%s is set aside and its author not known", r.App, r.Key)
		}
		return true
	})
	for who, n := range counts {
		if n > a.state.Quota(who) {
			a.errorf("%s has %d set aside, its quota is %d", who.Tag(), n, a.state.Quota(who))
		}
	}
}
