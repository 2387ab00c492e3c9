package main

import "testing"

func TestAmountsOfData(t *testing.T) {
	for typed, want := range map[string]uint64{"": 0, "200MB": 200_000_000, "1.5 gb": 1_500_000_000, "1mb": 1_000_000} {
		if got, err := parseBudget(typed); err != nil || got != want {
			t.Errorf("%q: %d, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"200", "MB", "-1MB", "0MB", "NaNMB", "InfGB", "1e30GB", "200KB"} {
		if got, err := parseBudget(typed); err == nil {
			t.Errorf("%q: %d", typed, got)
		}
	}
}
