package server_test

import (
	"strings"
	"testing"
)

// Whoever has the page of a talk before them that others have begun meanwhile under a
// name that looks the same is told, keeps the text, and says yes by posting again.
func TestATalkThatLooksLikeAnotherIsAskedAbout(t *testing.T) {
	h := newFakeHub(t)
	s := newServer(t, h)
	ana, bo := newBrowser(t, s), newBrowser(t, s)
	late := ana.open("/messages/elm-street").want(t, 200).wantNot(t, "Did you mean", `name="sure"`)
	bo.open("/messages/Elm%20Street")
	bo.send("text", "Water here", "name", "Bo").want(t, 200, "Water here")

	ana.at = late
	ana.send("text", "Anybody here?", "name", "Ana").want(t, 409, "already a talk called “Elm Street”", "Did you mean", `name="sure"`, "Anybody here?")
	ana.send().want(t, 200, "Anybody here?", "Ana")
	newBrowser(t, s).open("/messages/").want(t, 200, "elm-street", "Elm Street")

	p := newProgram(t, s)
	p.call("POST", "/api/v1/messages/ELM%20STREET", object{"text": "a", "client_id": "c"}).problem(t, 409, "sure", `"`)
	p.call("POST", "/api/v1/messages/ELM%20STREET", object{"text": "a", "client_id": "c", "sure": "yes"}).object(t, 201)
	p.call("POST", "/api/v1/messages/0fficial", object{"text": "a", "client_id": "c"}).problem(t, 422, "", "would seem official")
}

// The names of places are nobody's own, in whatever letters; a person without a name
// is a neighbor.
func TestANameThatIsAPlacesIsRefusedInTheReadersLanguage(t *testing.T) {
	h := newFakeHub(t)
	b := newBrowser(t, newServer(t, h))
	for lang, says := range map[string]string{"en": "a place here is called", "es": "el nombre de un lugar", "zh-Hans": "地点的名称"} {
		b.open("/~" + lang + "/messages/town")
		b.send("text", "hello", "name", "Harbor CIinic").want(t, 422, says, "Harbor CIinic", "hello")
	}
	b.open("/~en/messages/town")
	b.send("text", "hello", "name", "Аnna").want(t, 422, "different alphabets")
	if p := b.send("name", "Anna").want(t, 200, "hello", "Anna"); strings.Contains(p.body, "alphabets") {
		t.Error("the problem stays")
	}
}
