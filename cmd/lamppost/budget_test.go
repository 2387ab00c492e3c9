package main

import "testing"

func TestAmountsOfData(t *testing.T) {
	for typed, want := range map[string]budget{"200MB": 200_000_000, "1.5 gb": 1_500_000_000, "1mb": 1_000_000} {
		var b budget
		if err := b.UnmarshalText([]byte(typed)); err != nil || b != want {
			t.Errorf("%q: %d, %v", typed, b, err)
		}
	}
	for _, typed := range []string{"", "200", "MB", "-1MB", "0MB", "NaNMB", "InfGB", "1e30GB", "200KB"} {
		var b budget
		if err := b.UnmarshalText([]byte(typed)); err == nil {
			t.Errorf("%q: %d", typed, b)
		}
	}
}
