package hub

import (
	"encoding/json"
	"iter"
)

// Layerer is an App with something to draw on a map, whatever app that belongs to.
type Layerer interface {
	// Layer yields GeoJSON features (RFC 7946), the gravest first, in few hundreds at the
	// most. Of their properties "title" says what one is, in the reader's language, and
	// "path" where on this hub more of it is said. The Request names nobody.
	Layer(Snapshot, Request) iter.Seq2[json.RawMessage, error]
}

// Layered is a Snapshot of a hub with other apps.
type Layered interface {
	// Layers yields what every Layerer has, each as it sees the same moment.
	Layers(Request) iter.Seq2[json.RawMessage, error]
}

// Layers is what there is to draw of all apps; nothing where the snapshot knows of none.
func Layers(s Snapshot, q Request) iter.Seq2[json.RawMessage, error] {
	if l, ok := s.(Layered); ok {
		return l.Layers(q)
	}
	return func(func(json.RawMessage, error) bool) {}
}
