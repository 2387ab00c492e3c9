package rootsheet_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/rootsheet"
)

func TestSheetsAreFoundInATextAsTheyWerePrinted(t *testing.T) {
	sheets, _ := rootsheet.Draw("Millbrook", 3, 2)
	var printed, lines string
	var want []string
	for _, s := range sheets {
		text, err := s.Text(false)
		if err != nil {
			t.Fatal(err)
		}
		printed += text + "\n"
		lines += "# sheet\n\n  " + strings.ToUpper(s.Secret.Text()) + "\n"
		want = append(want, s.Secret.Text())
	}
	page, err := rootsheet.HTML(sheets)
	if err != nil {
		t.Fatal(err)
	}
	if got := rootsheet.Find(string(page)); !slices.Equal(got, want) {
		t.Errorf("of the page: %q", got)
	}
	saved := strings.NewReplacer("<ol ", "<OL class=\"x\"\n ", "</ol>", "</OL>", "<li>", "<LI style=\"\">\n  ").Replace(string(page))
	if got := rootsheet.Find(saved); !slices.Equal(got, want) {
		t.Errorf("of the page as a browser may save it: %q", got)
	}
	if got := rootsheet.Find(printed); !slices.Equal(got, want) {
		t.Errorf("of printed sheets: %q", got)
	}
	if got := strings.ToLower(strings.Join(rootsheet.Find(lines), "\n")); got != strings.Join(want, "\n") {
		t.Errorf("of lines: %q", got)
	}
	if got := rootsheet.Find("\n# nothing\n"); len(got) > 0 {
		t.Errorf("of nothing: %q", got)
	}
}

func FuzzFind(f *testing.F) {
	f.Add("Root sheet 1 of 1\n 1. abacus 6. zoom\nRoot sheet 2")
	f.Add("<ol translate=no><li>abacus<li>zoom</ol><ol>")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range rootsheet.Find(text) {
			_, _ = rootsheet.Parse(s) // whatever it is, it ends
		}
	})
}
