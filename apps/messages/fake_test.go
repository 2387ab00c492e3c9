package messages_test

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"iter"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var now = time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)

// moment is a snapshot in memory.
type moment struct {
	t     testing.TB
	codec *record.Codec
	held  []record.Record
	names map[record.Author]string
	came  []record.Slot // in their order

	who    *roster.State     // nil: nobody has a role
	hidden map[string]string // by client_id: why moderators have hidden it

	holders int       // of all posts
	learned time.Time // of the last of them
}

func newMoment(t testing.TB) *moment {
	t.Helper()
	c, err := record.NewCodec(record.Community{7}, record.At(now.AddDate(0, -1, 0)))
	if err != nil {
		t.Fatal(err)
	}
	return &moment{t: t, codec: c, names: map[record.Author]string{}}
}

func key(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }

func author(n byte) record.Author { return record.AuthorOf(key(n)) }

// put signs a record as somebody and takes it in.
func (m *moment) put(n byte, r record.Record) record.Record {
	m.t.Helper()
	r.App, r.Class, r.TTL = "messages", record.Talk, cmp.Or(r.TTL, 30)
	s, err := m.codec.Sign(r, key(n))
	if err != nil {
		m.t.Fatal(err)
	}
	m.held = slices.DeleteFunc(m.held, func(o record.Record) bool { return o.Slot() == s.Slot() && record.Supersedes(&s, &o) })
	m.held = append(m.held, s)
	if !slices.Contains(m.came, s.Slot()) {
		m.came = append(m.came, s.Slot())
	}
	return s
}

// write does what the form does, at a moment so long ago.
func (m *moment) write(n byte, channel, text, id string, ago time.Duration) record.Record {
	m.t.Helper()
	ds, err := m.act(n, channel, text, id)
	if err != nil || len(ds) != 1 {
		m.t.Fatalf("%d drafts, %v", len(ds), err)
	}
	return m.put(n, record.Record{Key: ds[0].Key, Body: ds[0].Body, Time: record.At(now.Add(-ago))})
}

func (m *moment) act(n byte, channel, text, id string) ([]hub.Draft, error) {
	return messages.New().Act(m, hub.Request{Path: channel, Author: author(n), Form: url.Values{"text": {text}, "client_id": {id}}})
}

func (m *moment) view(path string, query ...string) (messages.ChannelView, error) {
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	p, err := messages.New().View(m, hub.Request{Path: path, Query: q, Author: author(1)})
	v, _ := p.Model.(messages.ChannelView)
	return v, err
}

func (m *moment) newest(keep func(record.Record) bool) iter.Seq2[hub.Item, error] {
	var found []record.Record
	for _, r := range m.held {
		if keep(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b record.Record) int {
		return cmp.Or(cmp.Compare(standing(b), standing(a)), strings.Compare(b.ID().String(), a.ID().String()))
	})
	return func(yield func(hub.Item, error) bool) {
		for _, r := range found {
			it := hub.Item{Record: r, Ahead: r.Time.Wall().Sub(now) > 5*time.Minute, Listed: standing(r), Holders: m.holders, Learned: m.learned}
			it.Hidden = m.hidden[r.Key[strings.IndexByte(r.Key, '/')+1:]]
			if !yield(it, nil) {
				return
			}
		}
	}
}

func (m *moment) Newest(t hub.Term, before hub.Cursor) iter.Seq2[hub.Item, error] {
	index := messages.New().Manifest().Index
	return m.newest(func(r record.Record) bool {
		return !r.Withdrawn() && (before == 0 || standing(r) < record.Time(before)) && slices.Contains(index(r), t)
	})
}

func (m *moment) Times(t hub.Term, before hub.Cursor) iter.Seq[record.Time] {
	return func(yield func(record.Time) bool) {
		for it, err := range m.Newest(t, before) {
			if err != nil || !yield(it.Listed) {
				return
			}
		}
	}
}

// standing is where a record stands in lists.
func standing(r record.Record) record.Time {
	if r.Withdrawn() {
		return r.Time
	}
	return cmp.Or(messages.New().Manifest().Listed(r), r.Time)
}

func (m *moment) Terms(prefix string) iter.Seq[hub.Term] {
	var found []hub.Term
	for _, r := range m.held {
		for _, t := range messages.New().Manifest().Index(r) {
			if strings.HasPrefix(string(t), prefix) {
				found = append(found, t)
			}
		}
	}
	slices.Sort(found)
	return slices.Values(slices.Compact(found))
}

// epoch is that of what came here.
const epoch = 7

func (m *moment) Came(t hub.Term, after hub.Arrival) (iter.Seq2[hub.Item, error], bool) {
	return func(yield func(hub.Item, error) bool) {
		for _, slot := range slices.Backward(m.came[after.Number:]) {
			for it, err := range m.Newest(t, 0) {
				if it.Slot() == slot && !yield(it, err) {
					return
				}
			}
		}
	}, after.Epoch == epoch
}

func (m *moment) Latest() hub.Arrival { return hub.Arrival{Epoch: epoch, Number: uint64(len(m.came))} }

func (m *moment) Slots(key string) iter.Seq2[hub.Item, error] {
	return m.newest(func(r record.Record) bool { return r.Key == key })
}

func (m *moment) Roster() *roster.State {
	if m.who == nil {
		return roster.New(roster.Founding{})
	}
	return m.who
}

func (m *moment) Person(a record.Author) hub.Person {
	return hub.Person{Author: a, Name: m.names[a], Home: "Harbor Clinic"}
}

func (m *moment) Now() (time.Time, bool) { return now, true }
