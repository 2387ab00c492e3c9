package messages_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
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
	for name, n := range map[string]string{strings.Repeat("x", 67): "by 3 characters", strings.Repeat("街", 23): "by 2 characters"} {
		if v := m.list(url.Values{"name": {name}}); !strings.Contains(v.Problem, n) || v.Asked != name {
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
	m.write(1, "Copper St", "hello", "a", time.Hour)
	m.write(1, "🌻", "hello", "a", time.Hour)
	for name, want := range map[string]string{
		"elm Street": "Elm street", "ELM-STREET": "Elm street", "Elrn Street": "Elm street", "ｅｌｍ ｓｔｒｅｅｔ": "Elm street", "e1m 5treet": "Elm street", "erables": "Érables",
		"Соррег St": "Copper St", // all Cyrillic
		"🌷":         "", "Elm": "", "Town Talk": "town", "Elm street": "",
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

func TestNoTalkSeemsOfficialOrMixesAlphabets(t *testing.T) {
	m := newMoment(t)
	m.write(1, "Rue de la Mairie", "bonjour", "a", time.Hour)
	for name, says := range map[string]string{"official": "would seem official", "Officiаl": "would seem official", "警察": "would seem official", "Elm Strееt": "alphabets"} {
		for _, err := range []error{second(m.view(name)), second(m.answer(name)), second(m.answer("search", "q", "water", "in", name)), second(m.act(1, name, "hello", "a"))} {
			if code(t, err, hub.Invalid); !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "“") {
				t.Errorf("%q: %v", name, err)
			}
		}
		if v := m.list(url.Values{"name": {name}}); !strings.Contains(v.Problem, says) || v.Asked != name {
			t.Errorf("%q: %+v", name, v)
		}
	}
}

// Another hub may be less strict, or hostile: what it sends is kept, and not shown.
func TestATalkThatSeemsOfficialElsewhereIsNotListed(t *testing.T) {
	m := newMoment(t)
	for i, name := range []string{"Official", "Оffiсiаl news", "Elm Street"} {
		sum := sha256.Sum256([]byte(name))
		body, err := cbor.Marshal(map[int]string{1: name, 2: "Leave your houses"})
		if err != nil {
			t.Fatal(err)
		}
		m.put(2, record.Record{Key: hex.EncodeToString(sum[:8]) + "/a", Body: body, Time: record.At(now.Add(-time.Duration(i) * time.Hour))})
	}
	if v := m.list(nil); len(v.Rows) != 2 || v.Rows[1].Channel.Name != "Elm Street" {
		t.Errorf("%+v", v.Rows)
	}
	card, err := messages.New().Front(m, hub.Request{})
	if err != nil || len(card.Model.(messages.Card).Posts) != 1 {
		t.Errorf("%+v %v", card, err)
	}
}

func TestATalkThatLooksLikeAnotherBeginsOnlyOnPurpose(t *testing.T) {
	m := newMoment(t)
	m.write(1, "Elm Street", "hello", "a", time.Hour)
	err := m.send(2, "elm-street", 0, "text", "hello", "client_id", "a")
	code(t, err, hub.Conflict)
	if told := (*hub.Error)(nil); !errors.As(err, &told) || told.Field != "sure" || !strings.Contains(told.Error(), "“Elm Street”") || !strings.Contains(told.Program, `"Elm Street"`) || !strings.Contains(told.Program, "sure") {
		t.Errorf("%v", err)
	}
	for _, fields := range [][]string{{"sure", "no"}, {"sure", ""}} {
		code(t, m.send(2, "elm-street", 0, append(fields, "text", "hello", "client_id", "a")...), hub.Conflict)
	}
	for _, c := range [][]string{ // channel, client_id, sure
		{"Elm Street", "b", ""}, {"Oak Street", "a", ""}, {"elm-street", "a", "yes"}, {"elm-street", "b", ""}, {"town", "a", ""},
	} {
		if err := m.send(2, c[0], 0, "text", "hello", "client_id", c[1], "sure", c[2]); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
	if v, err := m.view("elm-street"); err != nil || len(v.Posts) != 2 || len(v.Similar) != 0 {
		t.Errorf("%+v %v", v, err)
	}
}
