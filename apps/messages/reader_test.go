package messages_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// reader is what a hub keeps for person 1: one has seen the town's talk, hides some.
type reader struct {
	seen   hub.Seen
	hidden []byte
}

func (r reader) Seen(list hub.Term) hub.Seen {
	if list != "c/"+townHash {
		return hub.Seen{}
	}
	return r.seen
}

func (r reader) Hides(who record.Author) bool {
	return slices.ContainsFunc(r.hidden, func(n byte) bool { return author(n) == who })
}

// ago is a place in a list.
func ago(d time.Duration) hub.Cursor { return hub.Cursor(record.At(now.Add(-d))) }

func (m *moment) open(path string, r reader) hub.Page {
	m.t.Helper()
	p, err := messages.New().View(m, hub.Request{Path: path, Author: author(1), Reader: r})
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}

// news is how many posts of the town are told to be new in the list of channels.
func (m *moment) news(r reader) int {
	m.t.Helper()
	for _, row := range m.open("", r).Model.(messages.ListView).Rows {
		if row.Channel.Name == "town" {
			return row.New
		}
	}
	m.t.Fatal("no town")
	return 0
}

func TestTheListCountsWhatIsNewToTheReader(t *testing.T) {
	m := newMoment(t)
	for i := range 5 {
		m.write(2, "town", "hello", fmt.Sprint("id", i), time.Duration(i)*time.Hour)
	}
	m.write(1, "town", "my own", "mine", time.Minute)
	m.write(3, "town", "shouting", "loud", time.Minute)
	m.write(2, "town", "from 2036", "ahead", -10*365*24*time.Hour)
	for _, c := range []struct {
		r    reader
		want int
	}{
		{reader{}, 0},
		{reader{seen: hub.Seen{Last: ago(150 * time.Minute)}}, 4},
		{reader{seen: hub.Seen{Last: ago(150 * time.Minute)}, hidden: []byte{3}}, 3},
		{reader{seen: hub.Seen{Last: ago(0)}}, 0},
	} {
		if got := m.news(c.r); got != c.want {
			t.Errorf("%+v: %d are new, want %d", c.r, got, c.want)
		}
	}
	for i := range 60 {
		m.write(2, "town", "more", fmt.Sprint("more", i), 0)
	}
	if got := m.news(reader{seen: hub.Seen{Last: ago(time.Hour)}}); got != 26 {
		t.Errorf("%d of very many are counted", got)
	}
}

func TestALineDividesWhatIsNewSinceTheLastVisit(t *testing.T) {
	m := newMoment(t)
	for i := range 4 {
		m.write(2, "town", fmt.Sprint("post ", i), fmt.Sprint("id", i), time.Duration(i)*time.Hour)
	}
	line := func(r reader) (above []string) {
		posts := m.open("town", r).Model.(messages.ChannelView).Posts
		i := slices.IndexFunc(posts, func(p messages.Post) bool { return p.Seen })
		for _, p := range posts[:max(i, 0)] {
			above = append(above, p.Text)
		}
		return above
	}
	for _, c := range []struct {
		before hub.Cursor
		want   string
	}{{0, "[]"}, {ago(0), "[]"}, {ago(90 * time.Minute), "[post 0 post 1]"}, {ago(2 * time.Hour), "[post 0 post 1]"}, {ago(9 * time.Hour), "[]"}} {
		if got := fmt.Sprint(line(reader{seen: hub.Seen{Last: ago(0), Before: c.before}})); got != c.want {
			t.Errorf("seen up to %d: above the line are %s, want %s", c.before, got, c.want)
		}
	}
	m.write(1, "town", "my own", "mine", 0)
	if got := line(reader{seen: hub.Seen{Before: ago(0) - 1}}); len(got) != 2 {
		t.Errorf("above the line: %v", got)
	}
}

func TestOneOwnPostIsNoNews(t *testing.T) {
	m := newMoment(t)
	m.write(2, "town", "hello", "a", time.Hour)
	m.write(1, "town", "my own", "b", 0)
	for _, p := range m.open("town", reader{seen: hub.Seen{Before: ago(time.Hour)}}).Model.(messages.ChannelView).Posts {
		if p.Seen {
			t.Error("a line below the reader's own post")
		}
	}
}

func TestOnlyTheNewestPageMarksItsChannelAsSeen(t *testing.T) {
	m := newMoment(t)
	m.write(2, "town", "hello", "a", time.Hour)
	if p := m.open("town", reader{}); p.Mark != "c/"+townHash {
		t.Errorf("marks %q", p.Mark)
	}
	for _, path := range []string{"", "town/" + author(2).String()[:16] + "/a"} {
		if p := m.open(path, reader{}); p.Mark != "" {
			t.Errorf("%s marks %q", path, p.Mark)
		}
	}
}

func TestWhatHiddenPeoplePostIsFoldedWhereverItShows(t *testing.T) {
	m := newMoment(t)
	m.write(2, "town", "quiet", "q", time.Hour)
	m.write(3, "town", "shouting", "s", time.Minute)
	r := reader{hidden: []byte{3}}
	for _, p := range m.open("town", r).Model.(messages.ChannelView).Posts {
		if p.Hidden != (p.Text == "shouting") {
			t.Errorf("%q: hidden %v", p.Text, p.Hidden)
		}
	}
	front, err := messages.New().Front(m, hub.Request{Author: author(1), Reader: r})
	if c := front.Model.(messages.Card); err != nil || len(c.Posts) != 1 || c.Posts[0].Text != "quiet" {
		t.Errorf("%+v %v", front.Model, err)
	}
}
