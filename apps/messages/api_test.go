package messages_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func (m *moment) answer(path string, query ...string) (messages.Posts, error) {
	q := url.Values{}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	v, err := messages.New().Answer(m, hub.Request{Path: path, Query: q, Author: author(1)})
	p, _ := v.(messages.Posts)
	return p, err
}

func TestAProgramGetsWholePosts(t *testing.T) {
	m := newMoment(t)
	m.names[author(2)] = "Bo"
	long := strings.TrimSpace(strings.Repeat("word ", 390))
	r := m.write(2, "town", long, "a", time.Hour)
	m.write(1, "town", "mine", "b", time.Minute)
	m.write(1, "Maple Street", "not here", "c", 0)
	v, err := m.answer("town")
	if err != nil || len(v.Items) != 2 || v.Next != "" || v.Channel != "town" || !slices.Equal(v.Terms, []hub.Term{"c/" + hub.Term(townHash), hub.Reached}) {
		t.Fatalf("%+v %v", v, err)
	}
	bo := v.Items[1]
	who := messages.Who{Key: author(2).String(), Tag: author(2).Tag(), Name: "Bo", Home: "Harbor Clinic"}
	if !v.Items[0].Mine || bo.Mine || bo.Text != long || bo.Rest != "" || bo.ID != r.ID().String() || bo.By != who || bo.Uncertain || !bo.At.Equal(now.Add(-time.Hour)) {
		t.Errorf("%+v", bo)
	}
	for _, bad := range []string{"", "a/b", "\x00"} {
		_, err := m.answer(bad)
		code(t, err, hub.NotFound)
	}
}

func TestAPostSaysHowManyOtherPlacesHoldIt(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "hello", "a", time.Hour)
	for holders, want := range []int{0, 0, 1, 2} {
		m.holders, m.learned = holders, now.Add(-time.Duration(holders)*time.Minute)
		v, err := m.answer("town")
		if err != nil || v.Items[0].Reached != want || !v.Items[0].ReachedAt.Equal(m.learned) {
			t.Errorf("%d holders: %+v %v", holders, v.Items[0], err)
		}
	}
}

func TestPostsOfOneMomentComeInPartsOfAnySize(t *testing.T) {
	m := newMoment(t)
	for i := range 40 {
		m.write(byte(i), "town", fmt.Sprint("post ", i), "same", time.Duration(i/15)*time.Minute)
	}
	for _, limit := range []int{1, 7, 39, 40, 100} {
		seen, before, parts := map[string]bool{}, "", 0
		for parts == 0 || before != "" {
			v, err := m.answer("town", "limit", fmt.Sprint(limit), "before", before)
			if err != nil || len(v.Items) > limit {
				t.Fatal(len(v.Items), err)
			}
			for _, p := range v.Items {
				if seen[p.ID] {
					t.Fatalf("limit %d: %s comes twice", limit, p.Text)
				}
				seen[p.ID] = true
			}
			before, parts = v.Next, parts+1
		}
		if len(seen) != 40 {
			t.Errorf("limit %d: %d posts in %d parts", limit, len(seen), parts)
		}
	}
}

func TestWhenATimeIsUncertain(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "true", "a", time.Minute)
	r := m.write(2, "town", "with a clock nobody trusts", "b", time.Hour)
	m.put(2, record.Record{Key: r.Key, Body: r.Body, TTL: record.MaxTTL, Time: r.Time + 1})
	for i := range 12 {
		m.write(3, "town", "from 2036", fmt.Sprint("c", i), -10*365*24*time.Hour)
	}
	v, err := m.answer("town", "limit", "1")
	if err != nil || len(v.Items) != 1 || v.Items[0].Uncertain || len(v.Ahead) != 10 || !v.Ahead[0].Uncertain || !v.Ahead[0].At.IsZero() {
		t.Errorf("%+v %v", v, err)
	}
	more, err := m.answer("town", "before", v.Further)
	if err != nil || len(more.Items) != 4 || !more.Items[0].At.IsZero() || !more.Items[1].At.IsZero() || more.Items[2].Text != "true" {
		t.Errorf("those of which there was no room: %+v %v", more, err)
	}
	v, err = m.answer("town", "before", v.Next)
	if err != nil || len(v.Items) != 1 || !v.Items[0].Uncertain || v.Items[0].At.IsZero() || len(v.Ahead) != 0 {
		t.Errorf("%+v %v", v, err)
	}
}

func TestWhatWasWrittenIsFoundByItsClientID(t *testing.T) {
	m := newMoment(t)
	r := m.write(1, "town", "once", "a", time.Minute)
	m.write(2, "town", "another's", "a", 0)
	written := func(client string) (messages.Post, error) {
		v, err := messages.New().Written(m, hub.Request{Path: "town", Author: author(1), Form: url.Values{"client_id": {client}}})
		p, _ := v.(messages.Post)
		return p, err
	}
	if p, err := written("a"); err != nil || p.ID != r.ID().String() || p.Text != "once" || !p.Mine {
		t.Errorf("%+v %v", p, err)
	}
	_, err := written("b")
	code(t, err, hub.NotFound)
	_, err = written("a/b")
	code(t, err, hub.Invalid)
	m.put(1, record.Record{Key: r.Key, Time: r.Time + 1})
	_, err = written("a")
	code(t, err, hub.NotFound)
}
