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
	"pgregory.net/rapid"
)

// search looks for words as a page does, and follows it back to the end.
func (m *moment) search(words, in string) (texts []string) {
	m.t.Helper()
	q := url.Values{"q": {words}, "in": {in}}
	for pages := 0; ; pages++ {
		p, err := messages.New().View(m, hub.Request{Path: "search", Query: q})
		if err != nil || pages > 100 {
			m.t.Fatal(pages, err)
		}
		v := p.Model.(messages.SearchView)
		for _, post := range v.Posts {
			texts = append(texts, post.Text)
		}
		if v.Older == "" {
			return texts
		}
		q.Set("before", v.Older)
	}
}

func TestWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	m := newMoment(t)
	for i, text := range []string{
		"Water at the School", "Café is open, ÉCOLE too", "Straße gesperrt", "nước ở trường Đông", "学校有饮用水", "ในโรงเรียนมีน้ำ",
		"مَدْرَسَة مفتوحة", "Вода в школе", "don't drink it", "ｆｕｌｌ width", "road 66 closed",
	} {
		m.write(byte(i), "town", text, "a", time.Duration(i)*time.Hour)
	}
	for words, want := range map[string]string{
		"water": "Water at the School", "SCHOOL water": "Water at the School", "cafe": "Café is open, ÉCOLE too",
		"ecole": "Café is open, ÉCOLE too", "strasse": "Straße gesperrt", "nuoc dong": "nước ở trường Đông", "饮用水": "学校有饮用水",
		"水": "学校有饮用水", "学校 水": "学校有饮用水", "โรงเรียน": "ในโรงเรียนมีน้ำ", "مدرسة": "مَدْرَسَة مفتوحة", "ВОДА": "Вода в школе",
		"drink": "don't drink it", "full": "ｆｕｌｌ width", "66": "road 66 closed", "6": "", "wat": "", "water cafe": "", "校学": "",
	} {
		got := m.search(words, "")
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%q finds %q, want %q", words, got, want)
		}
	}
}

func TestASearchGoesBackThroughAllOrOneChannel(t *testing.T) {
	m := newMoment(t)
	for i := range 70 {
		m.write(byte(i), []string{"town", "Elm Street"}[i%2], fmt.Sprintf("water %d", i), "a", time.Duration(i/7)*20*time.Minute)
		m.write(byte(i), "town", "bread", "b", time.Duration(i)*5*time.Minute)
	}
	if got := m.search("water", ""); len(got) != 70 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 70 {
		t.Errorf("%d of 70", len(got))
	}
	if got := m.search("water", "Elm Street"); len(got) != 35 {
		t.Errorf("%d of 35", len(got))
	}
	if got := m.search("bread", "Elm Street"); got != nil {
		t.Error(got)
	}
	if got := m.search("water 3", ""); !slices.Equal(got, []string{"water 3"}) {
		t.Error(got)
	}
}

func TestASearchFindsWhatStandsNow(t *testing.T) {
	m := newMoment(t)
	r := m.write(1, "town", "water at five", "a", time.Hour)
	if err := m.send(1, at(1, "a")+"/edit", 0, "text", "bread at five", "edits", r.ID().String()); err != nil {
		t.Fatal(err)
	}
	if got := m.search("water", ""); got != nil {
		t.Error(got)
	}
	if got := m.search("bread five", ""); len(got) != 1 {
		t.Error(got)
	}
}

func TestAQueryThatFindsNothingIsAnswered(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "water", "a", time.Hour)
	view := func(words string) messages.SearchView {
		p, err := messages.New().View(m, hub.Request{Path: "search", Query: url.Values{"q": {words}}})
		if err != nil {
			t.Fatal(err)
		}
		return p.Model.(messages.SearchView)
	}
	for words, problem := range map[string]bool{"": false, "bread": false, "!?": true, strings.Repeat("a", 101): true, "\x00": true} {
		if v := view(words); len(v.Posts) > 0 || (v.Problem != "") != problem {
			t.Errorf("%q: %+v", words, v)
		}
	}
	for _, q := range []url.Values{{}, {"q": {" "}}, {"q": {"water"}, "limit": {"0"}}, {"q": {"water"}, "before": {"x"}}} {
		_, err := messages.New().Answer(m, hub.Request{Path: "search", Query: q})
		code(t, err, hub.Invalid)
	}
	v, err := messages.New().Answer(m, hub.Request{Path: "search", Query: url.Values{"q": {"water"}}})
	if f := v.(messages.Found); err != nil || len(f.Items) != 1 || f.Items[0].Channel != "town" {
		t.Errorf("%+v %v", v, err)
	}
	_, err = m.act(1, "search", "no channel has this name", "a")
	code(t, err, hub.NotFound)
}

// What is found is what a reader of all posts would find.
func TestASearchMissesNothing(t *testing.T) {
	words := []string{"water", "bread", "school", "road", "水桶", "桶水"}
	rapid.Check(t, func(r *rapid.T) {
		m := newMoment(t)
		all := map[string][]string{}
		for i := range rapid.IntRange(0, 40).Draw(r, "posts") {
			has := rapid.SliceOfDistinct(rapid.SampledFrom(words), rapid.ID).Draw(r, "words")
			ch := rapid.SampledFrom([]string{"town", "Elm"}).Draw(r, "channel")
			text := fmt.Sprint(i, " ", strings.Join(has, " "))
			all[text] = append(has, ch)
			m.write(byte(i), ch, text, "x", time.Duration(rapid.IntRange(0, 8).Draw(r, "ago"))*25*time.Minute)
		}
		want := rapid.SliceOfNDistinct(rapid.SampledFrom(words), 1, 3, rapid.ID).Draw(r, "query")
		in := rapid.SampledFrom([]string{"", "town", "Elm"}).Draw(r, "in")
		n := 0
		for _, has := range all {
			if !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(has, w) }) && (in == "" || slices.Contains(has, in)) {
				n++
			}
		}
		if got := m.search(strings.Join(want, " "), in); len(got) != n {
			r.Fatalf("%q in %q finds %q, want %d", want, in, got, n)
		}
	})
}

// Whatever somebody writes is found by what they wrote, as far as a post is filed.
func FuzzSearch(f *testing.F) {
	for _, text := range []string{"Water at the School", "学校有饮用水 here", "مَدْرَسَة", "ΟΔΟΣ ΣΊΣΥΦΟΣ", "ｆｕｌｌ ﬁne ½", "İstanbul ẞ", "กินข้าว", "한국어 문장", "e\u0301\u0301 \u200d", "ǅ ŉ ΐ"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := newMoment(t)
		ds, err := m.act(1, "town", text, "a")
		if err != nil || len(text) > 100 {
			return
		}
		m.put(1, record.Record{Key: ds[0].Key, Body: ds[0].Body, Time: record.At(now)})
		p, err := messages.New().View(m, hub.Request{Path: "search", Query: url.Values{"q": {text}}})
		v, is := p.Model.(messages.SearchView)
		if err != nil || !is || v.Problem == "" && len(v.Posts) != 1 {
			t.Fatalf("%q is not found: %+v %v", text, v, err)
		}
	})
}
