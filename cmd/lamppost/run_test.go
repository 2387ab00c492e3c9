package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestTheLogIsTextOrJSON(t *testing.T) {
	for _, c := range []struct {
		form    string
		verbose bool
		lines   int
	}{{"text", false, 1}, {"text", true, 2}, {"json", false, 1}, {"json", true, 2}} {
		var out bytes.Buffer
		log := (&runCommand{Log: c.form, Verbose: c.verbose}).logger(&out)
		log.Info("linked", "peer", "Hill School")
		log.Debug("page", "status", 200)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != c.lines || !strings.Contains(lines[0], "linked") {
			t.Errorf("%+v: %q", c, out.String())
		}
		for _, line := range lines {
			if json.Valid([]byte(line)) != (c.form == "json") {
				t.Errorf("%s: %s", c.form, line)
			}
		}
	}
}
