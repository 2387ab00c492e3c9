package messages_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// townHash is printf %s town | sha256sum | cut -c -16.
const townHash = "50ac81f970325a3e"

func code(t *testing.T, err error, want hub.Code) {
	t.Helper()
	var e *hub.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Errorf("%v, want code %d", err, want)
	}
}

func TestAPostIsASlotOfItsOwn(t *testing.T) {
	m := newMoment(t)
	ds, err := m.act(1, "town", " Water at the school\r\n", "id-1")
	if err != nil || len(ds) != 1 {
		t.Fatal(ds, err)
	}
	if want := townHash + "/id-1"; ds[0].Key != want {
		t.Errorf("key %q, want %q", ds[0].Key, want)
	}
	var body map[int]string
	if err := cbor.Unmarshal(ds[0].Body, &body); err != nil || body[1] != "town" || body[2] != "Water at the school" || len(body) != 2 {
		t.Errorf("body %v, %v", body, err)
	}
	if mf := messages.New().Manifest(); mf.Class != record.Talk || mf.TTL != 30 {
		t.Errorf("class %v, ttl %d", mf.Class, mf.TTL)
	}
}

func TestTheLargestPostFitsARecord(t *testing.T) {
	m := newMoment(t)
	m.write(1, strings.Repeat("c", 64), strings.Repeat("é", 2000), strings.Repeat("i", 64), 0)
}

func TestARepeatedClientIDIsTheSamePostOrAConflict(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "once", "a", time.Minute)
	if ds, err := m.act(1, "town", "once \r\n", "a"); err != nil || len(ds) != 0 {
		t.Errorf("again: %v %v", ds, err)
	}
	_, err := m.act(1, "town", "another", "a")
	code(t, err, hub.Conflict)
	if ds, err := m.act(2, "town", "once", "a"); err != nil || len(ds) != 1 {
		t.Errorf("somebody else's: %v %v", ds, err)
	}
	if ds, err := m.act(1, "Maple Street", "once", "a"); err != nil || len(ds) != 1 {
		t.Errorf("another channel's: %v %v", ds, err)
	}
}

func TestAPostWithdrawnCannotComeBackByARetry(t *testing.T) {
	m := newMoment(t)
	r := m.write(1, "town", "once", "a", time.Hour)
	m.put(1, record.Record{Key: r.Key, Time: r.Time + 1})
	_, err := m.act(1, "town", "once", "a")
	code(t, err, hub.Conflict)
	if v, err := m.view("town"); err != nil || len(v.Posts) != 0 {
		t.Errorf("%+v %v", v.Posts, err)
	}
}

func TestPagesGoBackThroughEverythingOnce(t *testing.T) {
	m := newMoment(t)
	for i := range 60 {
		m.write(byte(i%3), "town", fmt.Sprint("post ", i), fmt.Sprint("id", i), time.Duration(60-i)*time.Minute)
	}
	m.write(1, "Maple Street", "not here", "x", 0)
	var texts []string
	pages, before := 0, ""
	for {
		v, err := m.view("town", "before", before)
		if err != nil {
			t.Fatal(err)
		}
		if v.Paged != (pages > 0) {
			t.Errorf("page %d: paged %v", pages, v.Paged)
		}
		for _, p := range v.Posts {
			texts = append(texts, p.Text)
		}
		pages++
		if before = v.Older; before == "" {
			break
		}
	}
	if pages != 3 || len(texts) != 60 || texts[0] != "post 59" || texts[59] != "post 0" {
		t.Errorf("%d pages, %d posts, from %q to %q", pages, len(texts), texts[0], texts[len(texts)-1])
	}
}

func TestPostsOfOneMomentComeOnPagesOnce(t *testing.T) {
	m := newMoment(t)
	for i := range 30 {
		m.write(byte(i), "town", "hello", "same", time.Minute)
	}
	first, err := m.view("town")
	if err != nil || len(first.Posts) != 25 {
		t.Fatal(len(first.Posts), err)
	}
	rest, err := m.view("town", "before", first.Older)
	if err != nil || len(rest.Posts) != 5 || rest.Older != "" {
		t.Fatalf("%d posts, older %q, %v", len(rest.Posts), rest.Older, err)
	}
	seen := map[string]bool{}
	for _, p := range slices.Concat(first.Posts, rest.Posts) {
		seen[p.By.Key] = true
	}
	if len(seen) != 30 {
		t.Errorf("%d of 30", len(seen))
	}
}

func TestAClockThatRunsAheadDoesNotTakeTheTop(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "true", "a", time.Minute)
	m.write(2, "town", "from 2036", "b", -10*365*24*time.Hour)
	v, err := m.view("town")
	if err != nil || len(v.Posts) != 1 || len(v.Ahead) != 1 || v.Posts[0].Text != "true" || !v.Ahead[0].At.IsZero() {
		t.Errorf("%+v %v", v, err)
	}
	m.write(2, "Elm Street", "from 2036 as well", "c", -10*365*24*time.Hour)
	p, err := messages.New().View(m, hub.Request{})
	if l := p.Model.(messages.ListView); err != nil || len(l.Rows) != 2 || l.Rows[0].Channel.Name != "town" || l.Rows[1].Newest == nil {
		t.Errorf("a talk of a wrong clock alone is listed, last: %+v %v", l.Rows, err)
	}
	p, err = messages.New().Front(m, hub.Request{})
	if c := p.Model.(messages.Card); err != nil || len(c.Posts) != 1 || c.Posts[0].Text != "true" {
		t.Errorf("%+v %v", c, err)
	}
}

func TestWhatIsCutOnTheHomePageSaysSo(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "Soup at six.", "a", time.Minute)
	m.write(2, "town", "Is the tap water safe again?\nNo, boil it. "+strings.Repeat("It takes a minute. ", 40), "b", 0)
	p, err := messages.New().Front(m, hub.Request{})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Model.(messages.Card)
	if text := c.Posts[0].Text; !strings.HasPrefix(text, "Is the tap water safe again?\nNo, boil it.") || !strings.HasSuffix(text, " …") || len(text) > 510 {
		t.Errorf("%q", text)
	}
	if text := c.Posts[1].Text; text != "Soup at six." {
		t.Errorf("%q is whole", text)
	}
}

func TestTheListShowsChannelsByTheirNewestPost(t *testing.T) {
	m := newMoment(t)
	rows := func() (names []string) {
		p, err := messages.New().View(m, hub.Request{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Model.(messages.ListView).Rows {
			names = append(names, r.Channel.Name)
		}
		return names
	}
	if got := fmt.Sprint(rows()); got != "[town]" {
		t.Error(got)
	}
	m.write(1, "Maple Street", "tree down", "a", time.Hour)
	m.write(1, "Maple Street", "tree gone", "b", time.Minute)
	m.write(1, "Oak", "hello", "c", time.Second)
	if got := fmt.Sprint(rows()); got != "[town Oak Maple Street]" {
		t.Error(got)
	}
}

func TestWhatAnotherHubLetThroughIsNotShown(t *testing.T) {
	m := newMoment(t)
	post := func(id string, body any) {
		b, err := cbor.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		m.put(2, record.Record{Key: townHash + "/" + id, Body: b, Time: record.At(now)})
	}
	post("number", 5)
	post("channel", map[int]string{1: "elsewhere", 2: "hello"})
	post("empty", map[int]string{1: "town", 2: " "})
	post("control", map[int]string{1: "town", 2: "a\x1bb"})
	post("long", map[int]string{1: "town", 2: strings.Repeat("a", 2001)})
	m.put(2, record.Record{Key: townHash, Body: []byte{0xa0}, Time: record.At(now)})
	m.put(2, record.Record{Key: townHash + "/a/b", Body: []byte{0xa0}, Time: record.At(now)})
	post("later", map[int]any{1: "town", 2: "with a field of a later version", 9: true})
	post("bidi", map[int]string{1: "town", 2: "a\u202eb"})
	v, err := m.view("town")
	if err != nil || len(v.Posts) != 2 {
		t.Fatalf("%+v %v", v.Posts, err)
	}
	for _, p := range v.Posts {
		if p.ClientID != "later" && p.Text != "ab" {
			t.Errorf("%+v", p)
		}
	}
}

func TestOneAuthorsSlotsOfOneKeyAreOnePost(t *testing.T) {
	m := newMoment(t)
	r := m.write(1, "town", "with a clock nobody trusts", "a", time.Hour)
	m.put(1, record.Record{Key: r.Key, Body: r.Body, TTL: 400, Time: r.Time + 1})
	if v, err := m.view("town"); err != nil || len(v.Posts) != 1 {
		t.Errorf("%+v %v", v.Posts, err)
	}
}

func TestPostsOfTwoAuthorsUnderOneClientIDAreTwo(t *testing.T) {
	m := newMoment(t)
	m.write(1, "town", "water at five", "a", 0)
	m.write(2, "town", "no water at all", "a", 0)
	v, err := m.view("town")
	if err != nil || len(v.Posts) != 2 || v.Posts[0].Anchor() == v.Posts[1].Anchor() || v.Posts[0].Path() == v.Posts[1].Path() {
		t.Errorf("%+v %v", v.Posts, err)
	}
}

func TestAChannelIsCalledTheSameInEveryForm(t *testing.T) {
	m := newMoment(t)
	m.write(1, "Cafe\u0301 ", "hello", "a", 0)
	if v, err := m.view("Café"); err != nil || len(v.Posts) != 1 || v.Channel.Path != "/messages/Caf%C3%A9" {
		t.Errorf("%+v %v", v, err)
	}
	for _, bad := range []string{"a/b", ".", "..", "\x00", "\u200b", "a\xff"} {
		_, err := m.view(bad)
		code(t, err, hub.NotFound)
	}
}

func TestALongPostIsFolded(t *testing.T) {
	m := newMoment(t)
	for name, text := range map[string]string{
		"lines":     strings.TrimSuffix(strings.Repeat("a line\n", 200), "\n"),
		"words":     strings.TrimSpace(strings.Repeat("word ", 390)),
		"no spaces": strings.Repeat("é", 1990),
	} {
		m.write(1, name, text, "a", 0)
		v, err := m.view(name)
		if err != nil || len(v.Posts) != 1 {
			t.Fatal(err)
		}
		p := v.Posts[0]
		if p.Rest == "" || len(p.Text) > 520 || strings.Count(p.Text, "\n") > 12 {
			t.Errorf("%s: %d bytes shown, %d folded", name, len(p.Text), len(p.Rest))
		}
		if strip(p.Text+p.Rest) != strip(text) {
			t.Errorf("%s: something is lost", name)
		}
	}
	m.write(1, "short", "a\nb\nc", "a", 0)
	if v, err := m.view("short"); err != nil || v.Posts[0].Rest != "" {
		t.Error("a short one is folded")
	}
}

func strip(s string) string { return strings.Join(strings.Fields(s), "") }

func TestYoursIsYours(t *testing.T) {
	m := newMoment(t)
	m.names[author(2)] = "Bo"
	m.write(1, "town", "mine", "a", time.Minute)
	m.write(2, "town", "not mine", "b", 0)
	v, err := m.view("town")
	if err != nil || v.Posts[0].Mine || !v.Posts[1].Mine || v.Posts[0].By.Name != "Bo" || !v.NeedName {
		t.Errorf("%+v %v", v, err)
	}
}

func FuzzBody(f *testing.F) {
	f.Add(townHash+"/a", []byte("\xa2\x01\x64town\x02\x62hi"))
	f.Add(townHash+"/a", []byte("\xa0"))
	f.Add(townHash+"/a", []byte("\xa4\x01\x64town\x02\x62hi\x03\x82\x58\x20"+strings.Repeat("k", 32)+"\x61c\x04\x01"))
	f.Add("x", []byte{})
	mf := messages.New().Manifest()
	f.Fuzz(func(t *testing.T, key string, body []byte) {
		r := record.Record{Key: key, Body: body, Time: 1}
		terms := mf.Index(r)
		if err := mf.Check(r); err == nil && !r.Withdrawn() && (len(terms) == 0 || len(terms) > store.MaxTerms || mf.Listed(r) > r.Time) {
			t.Fatalf("%q is good under %v, listed at %v", key, terms, mf.Listed(r))
		}
		for _, term := range terms {
			if len(term) > store.MaxTerm {
				t.Fatalf("term %q", term)
			}
		}
	})
}
