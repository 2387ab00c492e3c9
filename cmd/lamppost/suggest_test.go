package main

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatIsNearIsSuggested(t *testing.T) {
	words := []string{"data", "http", "log", "peer", "trust-clock"}
	for typed, want := range map[string]string{
		"http": "http", "HTTP": "http", "htp": "http", "htpp": "http", "https": "http", "peers": "peer",
		"trust_clock": "trust-clock", "TrustClock": "trust-clock", "thrust-clok": "trust-clock",
		"port": "", "zzz": "", "l": "", "": "", "\xff": "",
	} {
		got, near := nearest(typed, words)
		if near != (want != "") || near && got != want {
			t.Errorf("%q: %q, near %v", typed, got, near)
		}
	}
	if _, near := nearest("http", nil); near {
		t.Error("a word is near where there are none")
	}
}

func TestVariablesThatAreNoSettingsAreFound(t *testing.T) {
	p, err := newParser(t.Context(), streams{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := unknownVariables(strings.Fields("HOME=/ LAMPPOST_HTTP=:80 LAMPPOST_DATA=x LAMPPOST_COUNT=1 LAMPPOST_TEST_NETNS=1 LAMPPOST_PEERS=a LAMPPOST_WEATHER=red"), p.Model)
	if want := []string{"LAMPPOST_PEERS; did you mean LAMPPOST_PEER?", "LAMPPOST_WEATHER"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
