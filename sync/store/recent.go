package store

import "github.com/lamppost-hub/lamppost/sync/record"

// nearBytes is about how much memory the records take that views keep at hand.
const nearBytes = 6 << 20

// nearEach is about what one takes besides its encoding, with what is made of it.
const nearEach = 1 << 10

// atHand is a record that was read lately. Nobody changes it.
type atHand struct {
	record.Record
	memo record.Memo
}

// atHand reads a stored record, or finds it at hand: its id says all of it.
func (s *Store) atHand(v []byte) (*atHand, error) {
	if len(v) >= 32 {
		if h, ok := s.near.Get(record.ID(v[:32])); ok {
			return h, nil
		}
	}
	r, err := s.decode(v)
	if err != nil {
		return nil, err
	}
	h := &atHand{Record: r}
	s.near.Put(r.ID(), h, nearEach+4*len(v))
	return h, nil
}
