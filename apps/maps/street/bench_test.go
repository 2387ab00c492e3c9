package street_test

import (
	"fmt"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/street"
)

func BenchmarkLearnRealStreets(b *testing.B) {
	tiles := monaco(b)
	for b.Loop() {
		if _, err := street.Learn(b.Context(), tiles, port(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFind is in a city of 20,000 names.
func BenchmarkFind(b *testing.B) {
	m := towns{}
	for i := range uint32(100) {
		var all []road
		for k := range 100 {
			n := int(i)*100 + k
			all = append(all, ew(fmt.Sprintf("%s Street", word(n)), float64(k)*10), ns(fmt.Sprintf("%s Avenue", word(n+10_000)), float64(k)*10))
		}
		m.build(b, townX+i%10, townY+i/10, all...)
	}
	x := learn(b, m, at(townX+5, townY+5, 0, 0))
	b.Logf("%d names, %d crossings", x.Names(), x.Crossings())
	for name, text := range map[string]string{"as it is": word(42) + " Street & " + word(10_042) + " Avenue", "misspelled": "x" + word(42) + " st and x" + word(10_042) + " av", "unknown": "Nowhere & Never"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				x.Find(text, orb.Point{}, 5)
			}
		})
	}
}

// word is a name for a number.
func word(n int) string {
	s := ""
	for n += 1000; n > 0; n /= 20 {
		s += []string{"ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo", "zu"}[n%20]
	}
	return s
}
