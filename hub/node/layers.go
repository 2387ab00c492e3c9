package node

import (
	"encoding/json"
	"fmt"
	"iter"

	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Layered = (*snapshot)(nil)

// Layers yields what the hub's apps have to draw on a map. An app that fails is told, and
// costs no other what it has.
func (s *snapshot) Layers(q hub.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for _, a := range s.apps {
			l, ok := a.(hub.Layerer)
			if !ok {
				continue
			}
			m := a.Manifest()
			one := *s
			one.app = m
			for raw, err := range l.Layer(&one, q) {
				if err != nil {
					err = fmt.Errorf("what %s draws on the map: %w", m.Name, err)
				}
				if !yield(raw, err) {
					return
				}
			}
		}
	}
}
