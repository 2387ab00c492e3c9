package messages_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
)

func (m *moment) list(query url.Values) messages.ListView {
	m.t.Helper()
	p, err := messages.New().View(m, hub.Request{Query: query})
	if err != nil {
		m.t.Fatal(err)
	}
	return p.Model.(messages.ListView)
}

func TestAChannelIsListedWhileItHasPosts(t *testing.T) {
	m := newMoment(t)
	old := m.write(1, "Elm Street", "tree down", "a", 20*24*time.Hour)
	for i := range 600 {
		m.write(byte(i), "town", "talk", fmt.Sprint(i/200), time.Duration(i)*time.Minute)
	}
	v := m.list(nil)
	if len(v.Rows) != 2 || v.Rows[0].Channel.Name != "town" || v.Rows[1].Channel.Name != "Elm Street" {
		t.Errorf("%+v", v.Rows)
	}
	if err := m.send(1, "Elm Street", 0, "client_id", "a", "withdraws", old.ID().String()); err != nil {
		t.Fatal(err)
	}
	if v := m.list(nil); len(v.Rows) != 1 {
		t.Errorf("%+v", v.Rows)
	}
}

func TestTheListOfChannelsGoesOn(t *testing.T) {
	m := newMoment(t)
	for i := range 120 {
		m.write(byte(i), fmt.Sprint("Street ", i), "hello", "a", time.Duration(i/3)*time.Minute)
	}
	seen, before := map[string]bool{}, ""
	for pages := 0; pages == 0 || before != ""; pages++ {
		v := m.list(url.Values{"before": {before}})
		for _, r := range v.Rows {
			if seen[r.Channel.Name] {
				t.Fatalf("%s comes twice", r.Channel.Name)
			}
			seen[r.Channel.Name] = true
		}
		if before = v.More; pages > 3 {
			t.Fatal("it does not end")
		}
	}
	if len(seen) != 121 { // and the town's
		t.Errorf("%d channels", len(seen))
	}
}

func TestANameOpensAChannelOrSaysWhyNot(t *testing.T) {
	m := newMoment(t)
	p, err := messages.New().View(m, hub.Request{Query: url.Values{"name": {" Elm  Street\u202e "}}})
	if v, ok := p.Model.(messages.ChannelView); err != nil || !ok || v.Channel.Path != "/messages/Elm%20Street" {
		t.Errorf("%+v %v", p.Model, err)
	}
	for _, bad := range []string{"", " ", "a/b", "..", "search", "a\x00", "\u200b"} {
		if v := m.list(url.Values{"name": {bad}}); v.Problem == "" || len(v.Rows) != 1 {
			t.Errorf("%q: %+v", bad, v)
		}
	}
}

// 64 bytes are 21 of the letters that take three: less than its field takes.
func TestATooLongNameOfAChannelSaysSoAndStays(t *testing.T) {
	m := newMoment(t)
	for name, n := range map[string]string{strings.Repeat("x", 65): "65 bytes", strings.Repeat("街", 22): "66 bytes"} {
		if v := m.list(url.Values{"name": {name}}); !strings.Contains(v.Problem, n) || !strings.Contains(v.Problem, "at most 64") || v.Asked != name {
			t.Errorf("%s: %q, and %q stays", name, v.Problem, v.Asked)
		}
		for _, err := range []error{second(m.answer(name)), second(m.view(name)), second(m.answer("search", "q", "water", "in", name)), m.send(1, name, 0, "text", "hello", "client_id", "a")} {
			code(t, err, hub.Invalid)
			if told := (*hub.Error)(nil); errors.As(err, &told) && !strings.Contains(told.Program+told.Error(), "64 bytes") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	code(t, second(m.view("a/"+strings.Repeat("x", 65))), hub.NotFound)
}

func second[T any](_ T, err error) error { return err }

func TestANameLikeAnotherOneIsOffered(t *testing.T) {
	m := newMoment(t)
	m.write(1, "Elm street", "hello", "a", time.Hour)
	m.write(1, "Érables", "bonjour", "a", time.Hour)
	for name, want := range map[string]string{
		"elm Street": "Elm street", "ELM-STREET": "Elm street", "Еlm ѕtrееt": "Elm street", "e1m 5treet": "", "erables": "Érables",
		"Elm": "", "Town Talk": "town", "Elm street": "",
	} {
		v, err := m.view(name)
		got := ""
		for _, ch := range v.Similar {
			got += ch.Name
		}
		if err != nil || got != want {
			t.Errorf("%q: %q, want %q (%v)", name, got, want, err)
		}
	}
}
