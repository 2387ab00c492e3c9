package packaging_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// caseOf finds the row that a test or a case is about, by its name: TestRow9..., TestD24...,
// {"5 Android", ...}, "row 34 ...".
var caseOf = regexp.MustCompile(`(?:func Test(?:Row)?|[{(]\s*"|"row )(D?\d+)(?:[A-Z]\w*\(t \*testing| )`)

// TestEachRowOfTheCaptiveConformanceHasACase: 1 to 40 and D1 to D31, by the names of tests
// and of their cases.
func TestEachRowOfTheCaptiveConformanceHasACase(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir("../hub", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range caseOf.FindAllSubmatch(b, -1) {
			found[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 40; i++ {
		if !found[fmt.Sprint(i)] {
			t.Errorf("no case of row %d", i)
		}
	}
	for i := 1; i <= 31; i++ {
		if !found[fmt.Sprintf("D%d", i)] {
			t.Errorf("no case of row D%d", i)
		}
	}
}
