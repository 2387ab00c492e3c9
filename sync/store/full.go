package store

import "errors"

// errUnkept ends a transaction that changes nothing on disk.
var errUnkept = errors.New("not to be kept")

// openFull opens a store on a full disk: what it holds can be read. Its epoch begins
// on disk with the first commit that finds room. Until then it is told all the same:
// a peer that remembers an epoch which never began compares the sets, as it does
// after a restore. A store that is new, or has something to be mended, cannot be
// opened so.
func (s *Store) openFull(full error) error {
	err := s.engine.Update(func(t tx) error {
		if t.Get(tMeta, metaCommunity) == nil {
			return full
		}
		if err := s.belongs(t); err != nil {
			return err
		}
		var err error
		if s.epoch, err = drawEpoch(s.conf.Rand); err != nil {
			return err
		}
		if mended, err := s.found(t); mended || err != nil {
			return errors.Join(full, err)
		}
		return errUnkept
	})
	if !errors.Is(err, errUnkept) {
		return err
	}
	s.unbegun = true
	s.full.Store(true)
	return nil
}

// Full reports whether the disk was full when something was last to be written, at
// Open or since. Reading works; Apply fails with ErrFull until there is room.
func (s *Store) Full() bool { return s.full.Load() }
