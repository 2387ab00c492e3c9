package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// budget is an amount of data, as people type it.
type budget uint64

var errBudget = errors.New("write it like 200MB or 1.5GB")

// UnmarshalText reads a number with MB or GB, of a thousand each.
func (b *budget) UnmarshalText(text []byte) error {
	s := strings.ToUpper(strings.ReplaceAll(string(text), " ", ""))
	unit := 1e6
	number, ok := strings.CutSuffix(s, "MB")
	if !ok {
		unit = 1e9
		if number, ok = strings.CutSuffix(s, "GB"); !ok {
			return errBudget
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(n) || n <= 0 || n*unit > 1e15 {
		return errBudget
	}
	*b = budget(n * unit)
	return nil
}

func (b budget) bytes() uint64 { return uint64(b) }
