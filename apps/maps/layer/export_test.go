package layer

import (
	"github.com/paulmach/orb"
)

// Away is how far bounds are from a point, in meters.
func Away(from orb.Point, b orb.Bound) float64 {
	x, err := extentOf(b)
	if err != nil {
		panic(err)
	}
	return x.away(from)
}

// Kept is bounds as they are kept.
func Kept(b orb.Bound) (orb.Bound, error) {
	x, err := extentOf(b)
	return x.bound(), err
}

// ReadBlock reads a block and writes it again.
func ReadBlock(b []byte) (all []Entry, again []byte, _ error) {
	es, err := readBlock(nil, b)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range es {
		all = append(all, e.entry())
	}
	return all, appendBlock(nil, es), nil
}

// Block is entries as they stand in a file.
func Block(all ...Entry) ([]byte, error) {
	var es []entry
	for _, e := range all {
		one, err := entryOf(e)
		if err != nil {
			return nil, err
		}
		es = append(es, one)
	}
	return appendBlock(nil, es), nil
}

// Where the pieces of an index of so many entries begin and end, behind so many bytes.
func Pieces(count int, pages int64) (leaves, ids, foot int64) {
	p := planOf(count, pages)
	return p.leaves, p.ids, p.foot
}
