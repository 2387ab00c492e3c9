package maps

import (
	"iter"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/stock"
)

// ofKind are the classes of a kind of place; of all if it is empty.
func ofKind(kind string) layer.Classes {
	return stock.Choice{Kind: func(k place.Kind) bool { return kind == "" || k.String() == kind }}.Classes()
}

// stockedOf is how many places of a kind are in layers alone.
func (l *look) stockedOf(kind string) (n int) {
	if len(l.layers) == 0 {
		return 0
	}
	g := stocking{look: l, of: ofKind(kind), not: l.besides()}
	for i := range l.layers {
		if s := &l.layers[i]; s.index != nil {
			if _, err := g.count(s); err != nil {
				l.lost(s, err)
			}
		}
	}
	return max(0, g.left)
}

// exportedStock are the places of a kind that are in layers alone, as files have them. They may
// be read after the moment.
func (l *look) exportedStock(kind string) iter.Seq2[feature.Feature, error] {
	by := make([]Told, len(l.layers))
	for i, s := range l.layers {
		by[i] = toldOf(l, s.by, oldDetails)
	}
	return func(yield func(feature.Feature, error) bool) {
		not := l.besides()
		for i := range l.layers {
			s := &l.layers[i]
			if s.index == nil {
				continue
			}
			for e, err := range s.index.Box(everywhere(), ofKind(kind)) {
				if err != nil {
					yield(feature.Feature{}, err)
					return
				}
				if not[e.ID] {
					continue
				}
				not[e.ID] = true
				for _, one := range s.read(e) {
					f := exchange.FeatureOf(e.ID, one.sheet, exchange.Told{Version: place.PrefixOf(one.Versions.Details).String(), By: by[i].Name, At: by[i].At})
					if !yield(f, nil) {
						return
					}
				}
			}
		}
	}
}
