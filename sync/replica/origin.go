package replica

import (
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// origin is on which link came what is on its way through the inbox and the
// store, so that it is not offered back however much that is. The inbox bounds it.
type origin struct {
	of   map[store.Short]LinkID
	past []store.Short // in the store; the next Changed has read them
}

func newOrigin() origin { return origin{of: map[store.Short]LinkID{}} }

func (o *origin) came(id record.ID, l LinkID) { o.of[store.Short(id[:8])] = l }

// from is the link on which a record came last; 0 for one of our own.
func (o *origin) from(id record.ID) LinkID { return o.of[store.Short(id[:8])] }

// stored notes that records have left the inbox. If some of them changed the
// set, Changed is going to ask where they came from, or has.
func (o *origin) stored(items []item, changed bool) {
	for _, it := range items {
		o.past = append(o.past, store.Short(it.id[:8]))
	}
	if !changed {
		o.forget()
	}
}

// forget lets go of what was stored before the log was last read to its end.
func (o *origin) forget() {
	for _, id := range o.past {
		delete(o.of, id)
	}
	o.past = nil
}
