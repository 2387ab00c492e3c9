package paper_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub/paper"
)

func card() paper.Sheet {
	return paper.Sheet{
		Community: "Millbrook & <Town>", Title: "Card 1", Words: []string{"abacus", "zoom", "t-shirt", "cable", "lantern"}, Check: "3fa2b1",
		For: strings.Repeat("It is for trying out. ", 9), Keep: []string{strings.Repeat("Keep it dry. ", 9), "Give it away."},
	}
}

func TestALeafHoldsItsWordsInOrder(t *testing.T) {
	text, err := card().Text(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Millbrook & <Town>\nCard 1\n", "1. abacus                      4. cable\n", "2. zoom                        5. lantern\n", "3. t-shirt", "Check: 3fa2b1", "- Give it away.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 76 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	colored, err := card().Text(true)
	if err != nil || !strings.Contains(colored, "\x1b[") {
		t.Errorf("for a terminal: %v\n%s", err, colored)
	}
}

func TestAPageHasALeafEach(t *testing.T) {
	html, err := paper.HTML("Cards <1>", []paper.Sheet{card(), card()})
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	for text, n := range map[string]int{
		"<section>": 2, "<li>t-shirt</li>": 2, "<svg": 2, "Millbrook &amp; &lt;Town&gt;": 2, "<title>Cards &lt;1&gt;</title>": 1,
		"<script": 0, "https://": 0, "ZgotmplZ": 0, "src=": 0, "href=": 0,
	} {
		if got := strings.Count(page, text); got != n {
			t.Errorf("%q is there %d times, want %d", text, got, n)
		}
	}
}
