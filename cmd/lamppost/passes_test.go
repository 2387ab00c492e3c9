package main

import (
	"strings"
	"testing"
)

func TestWhatPassesAndTheListBelongTogether(t *testing.T) {
	for name, c := range map[string]struct {
		passes string
		allow  []string
		says   string // "" if it can be
	}{
		"all":                 {"everything", nil, ""},
		"a list":              {"listed", []string{"9.9.9.0/24"}, ""},
		"no list":             {"listed", nil, "give at least one, such as --allow 9.9.9.0/24"},
		"a list for nothing":  {"nothing", []string{"9.9.9.0/24"}, "--allow is for --passes listed"},
		"a list of something": {"listed", []string{"example.org"}, "is not a network"},
	} {
		p := phonesPlan{Interface: "wlan0", Address: "10.44.0.1/20", Virtual: "192.0.2.1", Names: 53, Passes: c.passes, Allow: c.allow}
		if _, err := p.plan(); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
