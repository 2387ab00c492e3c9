// Package store keeps the accepted set: the records of one community that the
// roster allows, each slot's newest, within each author's quota, until they
// expire. Equal records and equal roster make an equal set, whatever the order,
// repetition or path (DESIGN §2).
//
// Per author the set is topK(winners(allowed(seen))): first the roster, then the
// slot, then the quota. Records, indexes and fingerprints change in one
// transaction, and so does the roster that follows from them. What is
// acknowledged has been synced to disk.
//
// The same code runs over bbolt and over memory; package storetest holds both to
// one suite.
package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/lamppost-hub/lamppost/sync/recent"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Config is what a store needs to know.
type Config struct {
	Founding roster.Founding
	Index    Index     // optional: terms by app
	Rand     io.Reader // of epochs; nil = crypto/rand
}

// Index says under which terms (at most MaxTerms of at most MaxTerm bytes) an
// app's records are listed. It is asked about records of the apps in Versions
// that are not withdrawn. Where the version of an app differs from the one last
// used, its terms are built anew at Open.
type Index struct {
	Terms    func(record.Record) []string
	Versions map[record.App]int
	// Listed is where a record stands in its lists: never after its own time.
	// Nil, or 0 of a record, is that time.
	Listed func(record.Record) record.Time
	// Counted are the terms of which it is kept when what they list first came; nil:
	// none. Of what came before a term was one of them that is not known.
	Counted func(app record.App, term string) bool
}

// Bounds of an index.
const (
	MaxTerms = 64
	MaxTerm  = 64
)

// Store is safe for concurrent use.
type Store struct {
	engine engine
	codec  *record.Codec
	conf   Config
	epoch  uint64
	near   *recent.Map[record.ID, *atHand] // what views read

	commits committer
	writing sync.Mutex // held from a transaction's begin until it is published
	unbegun bool       // the epoch is not on disk: see openFull; guarded by writing
	full    atomic.Bool
	naming  atomic.Uint64 // see Naming

	mu    sync.Mutex // guards what follows
	now   *standing
	prev  *standing
	watch map[chan struct{}]struct{}

	watchTerms map[chan Touched]struct{}
}

// standing is the roster of one generation; a transaction names its generation.
type standing struct {
	gen   uint64
	state *roster.State
}

// Open opens or creates the store at path. Errors wrap ErrInUse, ErrDamaged,
// ErrOther or ErrFull where they apply. On a full disk a store that is whole opens
// all the same: see Full.
func Open(path string, c Config) (*Store, error) {
	e, err := openBolt(path)
	if err != nil {
		return nil, err
	}
	s, err := open(e, c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), e.Close())
	}
	return s, nil
}

// Memory is a store that ends with the process.
func Memory(c Config) (*Store, error) { return open(newMem(), c) }

// Fork opens a copy of a memory store as a restart, a restored backup or a cloned
// card would find it: for tests.
func (s *Store) Fork(c Config) (*Store, error) {
	m, ok := s.engine.(*mem)
	if !ok {
		return nil, errors.New("only a memory store can be forked")
	}
	return open(m.fork(), c)
}

func open(e engine, c Config) (*Store, error) {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	codec, err := record.NewCodec(c.Founding.Community(), c.Founding.Time)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, codec: codec, conf: c, near: recent.New[record.ID, *atHand](nearBytes), watch: map[chan struct{}]struct{}{}, watchTerms: map[chan Touched]struct{}{}}
	s.commits.init()
	err = s.engine.Update(s.start)
	if errors.Is(err, ErrFull) {
		err = s.openFull(err)
	}
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.reindex(), s.findBlobs()); err != nil {
		return nil, err
	}
	return s, nil
}

// start checks whose store it is, begins a new epoch and brings the roster up to
// date.
func (s *Store) start(t tx) error {
	if err := s.belongs(t); err != nil {
		return err
	}
	var err error
	if s.epoch, err = drawEpoch(s.conf.Rand); err != nil {
		return err
	}
	if err := beginEpoch(t, s.epoch); err != nil {
		return err
	}
	_, err = s.found(t)
	return err
}

// belongs checks whose store it is; a new one is the community's.
func (s *Store) belongs(t tx) error {
	community := s.codec.Community()
	have := t.Get(tMeta, metaCommunity)
	switch {
	case have == nil:
		return t.Put(tMeta, metaCommunity, community[:])
	case string(have) != string(community[:]):
		return ErrOther
	}
	return nil
}

// found computes the roster from the trust records of the set. Where one of them
// was damaged, everybody is ruled anew. It says whether anything had to be mended.
func (s *Store) found(t tx) (mended bool, err error) {
	w := newWriter(s, t, roster.New(s.conf.Founding))
	w.resum()
	mended = len(w.sums) > 0
	have, err := w.trust()
	if err != nil {
		return mended, err
	}
	w.state = roster.Compute(s.conf.Founding, have)
	if w.trustMoved {
		t.Ascend(tCount, nil, func(k, _ []byte) bool {
			w.queue(record.Author(k))
			return true
		})
		if err := w.settle(); err != nil {
			return mended, err
		}
	}
	if err := w.finish(); err != nil {
		return mended, err
	}
	s.now = &standing{gen: w.gen, state: w.state}
	return mended || w.trustMoved, nil
}

// Close closes the store; what was acknowledged is on disk already.
func (s *Store) Close() error { return s.engine.Close() }

// Codec reads and writes the records of the store's community.
func (s *Store) Codec() *record.Codec { return s.codec }

// Size is what the store takes on disk, in bytes.
func (s *Store) Size() int64 { return s.engine.Size() }

// Roster is who may do what now.
func (s *Store) Roster() *roster.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.state
}

// publish makes a committed change visible: the roster's generation and the watchers.
func (s *Store) publish(w *writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.gen != s.now.gen || w.state != s.now.state {
		s.prev, s.now = s.now, &standing{gen: w.gen, state: w.state}
	}
	if w.lists.naming {
		s.naming.Add(1)
	}
	if w.changed {
		s.tell(w.lists.touched)
	}
}

// view runs f on one moment of the store with the roster of that moment.
func (s *Store) view(f func(tx, *roster.State) error) error {
	unpublished := false
	try := func(t tx) error {
		state := s.standing(generation(t))
		if state == nil {
			unpublished = true
			return nil
		}
		return f(t, state)
	}
	err := s.engine.View(try)
	if !unpublished || err != nil {
		return err
	}
	s.writing.Lock() // what is committed by now is published by now
	defer s.writing.Unlock()
	unpublished = false
	err = s.engine.View(try)
	if !unpublished || err != nil {
		return err
	}
	// A commit that failed may have reached the file.
	return s.engine.View(func(t tx) error { return f(t, s.compute(t)) })
}

// standing is the roster of a generation, nil unless it is one of the last two.
func (s *Store) standing(gen uint64) *roster.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.now.gen == gen:
		return s.now.state
	case s.prev != nil && s.prev.gen == gen:
		return s.prev.state
	}
	return nil
}

// compute is the roster that follows from a moment's trust records.
func (s *Store) compute(t tx) *roster.State {
	var have []record.Record
	t.Ascend(tOrder, []byte{byte(record.Trust)}, func(k, _ []byte) bool {
		if record.Class(k[0]) != record.Trust {
			return false
		}
		if r, err := s.byID(t, record.ID(k[9:])); err == nil && isTrust(&r) {
			have = append(have, r)
		}
		return true
	})
	return roster.Compute(s.conf.Founding, have)
}

func (s *Store) decode(v []byte) (record.Record, error) {
	if len(v) < 32 {
		return record.Record{}, fmt.Errorf("%w: a stored record is %d bytes", ErrDamaged, len(v))
	}
	enc := append([]byte(nil), v[32:]...)
	r, err := s.codec.Decode(enc)
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if r.ID() != record.ID(v[:32]) {
		return r, fmt.Errorf("%w: a stored record does not match its id", ErrDamaged)
	}
	return r, nil
}
