package main

import (
	"testing"
	"time"
)

func TestATimeIsReadAsItIsTyped(t *testing.T) {
	here := time.FixedZone("here", 2*60*60)
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, here)
	for typed, want := range map[string]string{
		"now": "2026-11-25T07:00:00Z", " NOW ": "2026-11-25T07:00:00Z",
		"2026-11-25 18:40": "2026-11-25T16:40:00Z", "2026-11-25 18:40:09": "2026-11-25T16:40:09Z",
		"2026-11-25T18:40": "2026-11-25T16:40:00Z", "2026-11-25T18:40Z": "2026-11-25T18:40:00Z",
		"2026-11-25 18:40-05:00": "2026-11-25T23:40:00Z", "2026-11-25T18:40:09+01:00": "2026-11-25T17:40:09Z",
		"": "", "18:40": "", "25.11.2026 18:40": "", "2026-13-01 00:00": "", "2026-11-25": "",
	} {
		got, err := readTime(typed, now)
		if (err != nil) != (want == "") || err == nil && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v", typed, got, err)
		}
	}
}

func TestDurationsInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than a minute", time.Minute: "1 minute", 90 * time.Minute: "1 hour", 50 * time.Hour: "2 days", 9 * 365 * 24 * time.Hour: "9 years",
	} {
		if got := inWords(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
}
