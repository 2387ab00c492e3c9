package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// parseBudget reads what one phone may use in a day. Nothing is no bound.
func parseBudget(typed string) (bytes uint64, _ error) { return parseSize("--budget", typed) }

// parseSize reads an amount of data as people type it, in MB or GB of a thousand
// each. Nothing is 0.
func parseSize(flag, typed string) (bytes uint64, _ error) {
	if typed == "" {
		return 0, nil
	}
	s := strings.ToUpper(strings.ReplaceAll(typed, " ", ""))
	unit := 1e6
	number, ok := strings.CutSuffix(s, "MB")
	if !ok {
		unit = 1e9
		number, ok = strings.CutSuffix(s, "GB")
	}
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || math.IsNaN(n) || n <= 0 || n*unit > 1e15 {
		return 0, fmt.Errorf("%s: %q is not an amount of data; write it like \"200MB\" or \"1.5GB\"", flag, typed)
	}
	return uint64(n * unit), nil
}
