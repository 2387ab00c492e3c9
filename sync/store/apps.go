package store

import (
	"bytes"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Apps counts the set's records by app. It looks at the key of every slot, some
// 20 ms for 100,000: for people who ask, not for every request.
func (s *Store) Apps() (map[record.App]uint64, error) {
	counts := map[record.App]uint64{}
	err := s.engine.View(func(t tx) error {
		app, n := []byte(nil), uint64(0)
		done := func() {
			if n > 0 {
				counts[record.App(app)] += n
			}
		}
		t.Ascend(tSlot, nil, func(k, _ []byte) bool {
			name, _, _ := bytes.Cut(k, []byte{0})
			if !bytes.Equal(name, app) {
				done()
				app, n = bytes.Clone(name), 0
			}
			n++
			return true
		})
		done()
		return nil
	})
	return counts, err
}
