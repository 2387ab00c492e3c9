package messages_test

import (
	"fmt"
	"net/url"
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

// ago is a mark of before it was kept what had come.
func ago(d time.Duration) hub.Mark { return hub.Mark{Newest: hub.Cursor(record.At(now.Add(-d)))} }

// mark is that of a look now.
func (m *moment) mark() hub.Mark {
	at := hub.Mark{Newest: 1, Came: m.Latest()}
	for it, err := range m.Newest("c/"+townHash, 0) {
		if err == nil && !it.Ahead {
			at.Newest = hub.Cursor(it.Listed)
			break
		}
	}
	return at
}

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
		before hub.Mark
		want   string
	}{{hub.Mark{}, "[]"}, {ago(0), "[]"}, {ago(90 * time.Minute), "[post 0 post 1]"}, {ago(2 * time.Hour), "[post 0 post 1]"}, {ago(9 * time.Hour), "[]"}} {
		if got := fmt.Sprint(line(reader{seen: hub.Seen{Last: ago(0), Before: c.before}})); got != c.want {
			t.Errorf("seen up to %v: above the line are %s, want %s", c.before, got, c.want)
		}
	}
	m.write(1, "town", "my own", "mine", 0)
	if got := line(reader{seen: hub.Seen{Before: ago(time.Millisecond)}}); len(got) != 2 {
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

// changed replaces a post of so long ago in the town's talk.
func (m *moment) changed(n byte, id, text string, ago time.Duration) {
	m.t.Helper()
	at := record.At(now.Add(-ago))
	d, err := hub.Collection[messages.Body]{}.Draft(townHash+"/"+id, messages.Body{Channel: "town", Text: text, First: uint64(at)})
	if err != nil {
		m.t.Fatal(err)
	}
	m.put(n, record.Record{Key: d.Key, Body: d.Body, Time: at + 1})
}

// What was cut off comes later than what was written after it.
func TestWhatComesLateIsNewWhateverItsTime(t *testing.T) {
	m := newMoment(t)
	for i := range 40 {
		m.write(2, "town", fmt.Sprint("post ", i), fmt.Sprint("id", i), time.Duration(i)*time.Hour)
	}
	seen := m.mark()
	r := reader{seen: hub.Seen{Last: seen, Before: seen}, hidden: []byte{3}}
	if n := m.news(r); n != 0 {
		t.Errorf("%d are new of none", n)
	}
	m.changed(2, "id3", "post 3, changed", 3*time.Hour)
	m.write(2, "town", "late, near", "near", 90*time.Minute)
	m.write(2, "town", "late, far down", "far", 39*time.Hour)
	m.write(2, "town", "from 2036", "ahead", -10*365*24*time.Hour)
	m.write(1, "town", "my own, of another place", "mine", 38*time.Hour)
	m.write(3, "town", "shouting", "loud", 38*time.Hour)
	if n := m.news(r); n != 3 {
		t.Errorf("%d are new, want 3", n)
	}
	if n := m.news(reader{seen: hub.Seen{Last: hub.Mark{Newest: seen.Newest, Came: hub.Arrival{Epoch: 1, Number: 1}}}}); n != 0 {
		t.Errorf("after a restore %d are new", n)
	}
	v := m.open("town", r).Model.(messages.ChannelView)
	var marked []string
	for _, p := range slices.Concat(v.Posts, v.Ahead) {
		if p.New {
			marked = append(marked, p.Text)
		}
		if p.Seen {
			t.Errorf("a line above %q, and nothing is new there", p.Text)
		}
	}
	if fmt.Sprint(marked) != "[late, near from 2036]" || len(v.Late) != 1 || v.Late[0].Text != "late, far down" {
		t.Errorf("marked are %q, told of %+v", marked, v.Late)
	}
	older, err := messages.New().View(m, hub.Request{Path: "town", Query: url.Values{"before": {v.Older}}, Author: author(1), Reader: r})
	if err != nil {
		t.Fatal(err)
	}
	v = older.Model.(messages.ChannelView)
	if i := slices.IndexFunc(v.Posts, func(p messages.Post) bool { return p.New }); i < 0 || v.Posts[i].Text != "late, far down" || v.Late != nil {
		t.Errorf("on its page: %+v", v)
	}
}
