package mesh

import "slices"

// graph is who is linked with whom, by places on the ring.
type graph [][]int

func (g graph) add(a, b int) {
	g[a] = append(g[a], b)
	g[b] = append(g[b], a)
}

// declared is this hub's own links, and those between others that both ends
// declare. This hub is at place 0.
func (s *sight) declared() graph {
	g := make(graph, len(s.ring))
	says := make([][]int, len(s.ring))
	for i, key := range s.ring[1:] {
		for _, o := range s.hubs[key].Links {
			if j, ok := s.place[o]; ok && j != 0 {
				says[i+1] = append(says[i+1], j)
			}
		}
	}
	for a, links := range says {
		for _, b := range links {
			if a < b && slices.Contains(says[b], a) {
				g.add(a, b)
			}
		}
	}
	for key := range s.linked {
		if i, ok := s.place[key]; ok {
			g.add(0, i)
		}
	}
	return g
}

// from is who is connected with a, leaving out the link between a and but, if
// there is one.
func (g graph) from(a, but int) []bool {
	reached := make([]bool, len(g))
	reached[a] = true
	for next := []int{a}; len(next) > 0; {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		for _, b := range g[at] {
			if !reached[b] && (at != a || b != but) {
				reached[b] = true
				next = append(next, b)
			}
		}
	}
	return reached
}
