package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// untilRead waits until each of the texts stands on the newest page of each of
// the neighbors, and returns how long that took.
func untilRead(t *testing.T, within time.Duration, ns []*neighbor, texts ...string) time.Duration {
	t.Helper()
	begun := time.Now()
	err := waitFor(t.Context(), within, func() (bool, error) {
		for _, n := range ns {
			for _, text := range texts {
				if _, ok, err := n.find(text); !ok || err != nil {
					return false, err
				}
			}
		}
		return true, nil
	})
	if err != nil {
		t.Fatalf("%q not everywhere: %v", texts, err)
	}
	return time.Since(begun)
}

func TestAPostGoesFromHubToHub(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	ana, cem := newNeighbor(hubs[0].http), newNeighbor(hubs[2].http)

	if err := ana.begin("Water at the school", "Ana"); err != nil {
		t.Fatal(err)
	}
	t.Logf("written at hub 1, read at hub 3 after %v", untilRead(t, 5*time.Second, []*neighbor{cem}, "Water at the school"))
	if p, _, err := cem.find("Water at the school"); err != nil || p.name != "Ana" {
		t.Errorf("hub 3 says %q wrote it: %v", p.name, err)
	}

	cut(t, hubs[0], hubs[1])
	var texts []string
	for i := range 5 {
		for side, n := range map[string]*neighbor{"one side": ana, "the other": cem} {
			text := fmt.Sprintf("Post %d on %s", i, side)
			if err := n.begin(text, "Somebody"); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
	}
	untilRead(t, 5*time.Second, []*neighbor{newNeighbor(hubs[1].http)}, "Post 4 on the other")
	if _, ok, err := ana.find("Post 0 on the other"); ok || err != nil {
		t.Fatalf("the cut link carries posts: %v", err)
	}
	for _, l := range hubs[0].status(t).Links {
		if l.Up() {
			t.Fatal("the cut link is up")
		}
	}

	mend(t, hubs[0], hubs[1])
	t.Logf("mended, both sides read everything after %v", untilRead(t, 5*time.Second, []*neighbor{ana, cem}, texts...))
}

func TestSixWordsMakeTheSamePersonAtAnotherHub(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	home, away := newNeighbor(hubs[0].http), newNeighbor(hubs[2].http)
	if err := home.begin("From home", "Ana Díaz"); err != nil {
		t.Fatal(err)
	}
	_, body, err := home.get("/code")
	var words []string
	for _, m := range wordTag.FindAllStringSubmatch(body, -1) {
		words = append(words, m[1])
	}
	if err != nil || len(words) != 6 {
		t.Fatalf("words %q %v\n%s", words, err, body)
	}
	untilRead(t, 5*time.Second, []*neighbor{away}, "From home")

	if _, _, err := away.get("/return"); err != nil {
		t.Fatal(err)
	}
	if _, err := away.send("/return", "code", strings.Join(append([]string{"notaword"}, words[1:]...), " ")); err == nil || !strings.Contains(err.Error(), "notaword") {
		t.Errorf("a wrong word: %v", err)
	}
	to, err := away.send("/return", "code", strings.ToUpper(strings.Join(words, "  ")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := away.get(to); err != nil {
		t.Fatal(err)
	}
	if err := away.post("From away"); err != nil {
		t.Fatal(err)
	}
	untilRead(t, 5*time.Second, []*neighbor{home, away}, "From away")
	for _, n := range []*neighbor{home, away} {
		first, _, err1 := n.find("From home")
		second, _, err2 := n.find("From away")
		if err1 != nil || err2 != nil || first.tag == "" || first.name != "Ana Díaz" || second.name != first.name || second.tag != first.tag {
			t.Errorf("%+v and %+v: %v %v", first, second, err1, err2)
		}
		if !strings.Contains(first.rest, "Yours") || !strings.Contains(second.rest, "Yours") {
			t.Errorf("not both are theirs: %+v, %+v", first, second)
		}
	}
}
