package pmtilestest

import (
	"os"
	"path/filepath"
	"testing"
)

// Streets is an extract of real streets, of Monaco, in the form of a Protomaps basemap of
// version 4. Where there is no sample data the test does not run and says so; in continuous
// integration it fails.
func Streets(t testing.TB) []byte {
	t.Helper()
	dir := os.Getenv("LAMPPOST_CORPORA")
	switch {
	case dir == "" && os.Getenv("CI") == "true":
		t.Fatal("LAMPPOST_CORPORA is not set: it names the folder of the sample data")
	case dir == "":
		t.Skip("did not run: LAMPPOST_CORPORA is not set; it names the folder of the sample data")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "maps", "monaco-osm-protomaps-v4.pmtiles"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
