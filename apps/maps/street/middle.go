package street

import "math"

// middles are the middles of the streets of a name: several streets may be called alike.
func (x *Index) middles(n int32) (all []point) {
	spots := x.spotsOf(n)
	spots = spots[:min(len(spots), maxPerKey)]
	group := make([]int, len(spots))
	for i := range group {
		group[i] = i
	}
	of := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	apart := 1.2 * x.tile
	for i := range spots {
		for j := range i {
			if away(spots[i].at, spots[j].at) < apart {
				group[of(i)] = of(j)
			}
		}
	}
	for i := range spots {
		if of(i) == i {
			all = append(all, middle(spots, func(k int) bool { return of(k) == i }))
		}
	}
	return all
}

// middle is the spot that is nearest to the middle of those in a group.
func middle(spots []spot, in func(int) bool) (best point) {
	var lon, lat, weight float64
	origin := point{}
	for i, s := range spots {
		if in(i) {
			if weight == 0 {
				origin = s.at
			}
			w := float64(s.meters) + 1
			dx := math.Mod(float64(s.at.lon)-float64(origin.lon)+540*perDegree, 360*perDegree) - 180*perDegree
			lon, lat, weight = lon+w*dx, lat+w*(float64(s.at.lat)-float64(origin.lat)), weight+w
		}
	}
	x, y := float64(origin.lon)+lon/weight, float64(origin.lat)+lat/weight
	least := math.Inf(1)
	for i, s := range spots {
		if !in(i) {
			continue
		}
		if d := math.Hypot(float64(s.at.lon)-x, float64(s.at.lat)-y); d < least {
			least, best = d, s.at
		}
	}
	return best
}
