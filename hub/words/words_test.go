package words_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/words"
	"pgregory.net/rapid"
)

func kind(n int) words.Kind {
	return words.Kind{Count: n, Field: "secret"}
}

func TestWhatIsDrawnReadsBackWithNumbersAndInCapitals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "words")
		drawn := words.Draw(n, nil)
		var text strings.Builder
		for i, w := range drawn {
			text.WriteString(rapid.SampledFrom([]string{" ", "\n", " " + string(rune('0'+(i+1)%10)) + ". "}).Draw(t, "between"))
			text.WriteString(strings.ToUpper(w))
		}
		if n > 9 && strings.Contains(text.String(), "0.") {
			return // not how people number
		}
		got, err := kind(n).Read(text.String())
		if err != nil || strings.Join(got, " ") != strings.Join(drawn, " ") {
			t.Fatalf("%q reads as %q (%v)", text.String(), got, err)
		}
	})
}

func TestErrorsNameTheSecret(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "Enter the 2 words.",
		"kettle":                       "There must be 2 words, in their order. You entered 1.",
		"kettle ketle":                 "Word 2, “ketle”, is not on the list of words. Is it “kettle”? Compare each word with what is on the paper.",
		"kettle actin":                 "Word 2, “actin”, is not on the list of words. Is it “acting” or “action”? Compare each word with what is on the paper.",
		"kettle alof":                  "Word 2, “alof”, is not on the list of words. Is it “aloe”, “aloft” or “aloof”? Compare each word with what is on the paper.",
		"11 kettle kettle":             "Word 1, “11”, is not on the list of words. There must be 2 words, in their order. You entered 3. Compare each word with what is on the paper.",
		strings.Repeat("kettle ", 100): "That is too much. Enter the 2 words and nothing else.",
	} {
		_, err := kind(2).Read(text)
		var e *hub.Error
		if !errors.As(err, &e) || e.Error() != want || e.Field != "secret" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
