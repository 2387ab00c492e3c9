package haul_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/haul"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scene is a world whose hubs haul blobs: but those that are from before.
type scene struct {
	t *testing.T
	*simnet.World
	hubs   []*crew
	before map[int]bool
	lying  map[int]bool
	most   map[int]int64
	dir    string
}

// crew drives one hub's haul, as hub/node does.
type crew struct {
	*haul.Haul
	s      *scene
	i      int
	blobs  *blob.Store
	naming uint64
	state  *roster.State
	errs   []error // of the disk, and lies
	broke  []error // of what peers said
}

// newScene is a world with n hubs and nothing linked, and with the coordinators
// "fire", who may write notices, and "maps".
func newScene(t *testing.T, seed uint64, n int, change ...func(*scene)) *scene {
	t.Helper()
	w, err := simnet.New(seed, n, replica.Limits{})
	ok(t, err)
	s := &scene{t: t, World: w, hubs: make([]*crew, n), before: map[int]bool{}, lying: map[int]bool{}, most: map[int]int64{}}
	for _, f := range change {
		f(s)
	}
	s.dir = t.TempDir()
	ok(t, w.Load(func(i int) simnet.Cargo {
		if s.before[i] {
			return nil
		}
		b, err := blob.Open(filepath.Join(s.dir, simnet.HubName(i)), blob.Config{Most: s.most[i], Now: func() time.Time { return w.Now }})
		ok(t, err)
		h, err := haul.New(b)
		ok(t, err)
		s.hubs[i] = &crew{Haul: h, s: s, i: i, blobs: b}
		return s.hubs[i]
	}))
	for i, c := range []roster.Certificate{
		{Kind: roster.Coordinator, Subject: simnet.Author("fire"), Label: "fire", Roles: roster.Notices},
		{Kind: roster.Coordinator, Subject: simnet.Author("maps"), Label: "maps", Roles: roster.Maps},
	} {
		r, err := w.Town.Say(simnet.Key("root"), record.At(w.Now)+record.Time(i), c)
		ok(t, err)
		for at := range n {
			s.write(at, r)
		}
	}
	return s
}

func (s *scene) write(hub int, r record.Record) {
	s.t.Helper()
	vs, err := s.Write(hub, r)
	ok(s.t, err)
	if vs[0].Outcome != store.Added {
		s.t.Fatalf("not added at hub %d: %+v", hub, vs[0])
	}
}

// Step does the disk's work of one step and takes in which blobs are named now.
func (c *crew) Step(now time.Time) error {
	st := c.s.Hubs[c.i].Store
	if n, state := st.Naming(), st.Roster(); c.state == nil || n != c.naming || state != c.state {
		c.naming, c.state = n, state
		err := st.Read(func(v *store.View) error {
			named := blob.Named(v.Roster(), v.Naming())
			c.blobs.SetNames(named)
			c.SetNames(now, named)
			return nil
		})
		if err != nil {
			return err
		}
	}
	c.Tick(now)
	if w := c.Take(); w != nil {
		w.Run(context.Background(), c.blobs)
		if err := c.Done(now, w); err != nil {
			c.errs = append(c.errs, err)
		}
	}
	return nil
}

// Receive notes what was no honest hub's word.
func (c *crew) Receive(now time.Time, id replica.LinkID, m []byte) error {
	err := c.Haul.Receive(now, id, m)
	if err != nil {
		c.broke = append(c.broke, err)
	}
	return err
}

// Load spoils what a lying hub sends.
func (c *crew) Load(now time.Time, id replica.LinkID) []byte {
	m := c.Haul.Load(now, id)
	if m != nil && c.s.lying[c.i] {
		m[len(m)-1] ^= 1
	}
	return m
}

func some(seed byte, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// publish puts data at a hub and has somebody write a record that names it.
func (s *scene) publish(hub int, who string, c record.Class, data []byte) record.Blob {
	s.t.Helper()
	b, err := s.hubs[hub].blobs.Put(s.t.Context(), bytes.NewReader(data), int64(len(data)))
	ok(s.t, err)
	s.name(hub, who, c, b)
	return b
}

func (s *scene) name(hub int, who string, c record.Class, b record.Blob) record.Record {
	s.t.Helper()
	r, err := s.Town.Codec.Sign(record.Record{
		Via: s.Hubs[hub].Key.Via(), App: "any", Class: c, Key: fmt.Sprintf("b/%x", b.Sum[:4]),
		Time: record.At(s.Now), TTL: 30, Blobs: []record.Blob{b}, Body: []byte("x"),
	}, simnet.Key(who))
	ok(s.t, err)
	s.write(hub, r)
	return r
}

func (s *scene) has(hub int, b record.Blob) bool { return s.hubs[hub].blobs.Has(b) }

// until runs the world until something holds, and says how long that took.
func (s *scene) until(limit time.Duration, what string, holds func() bool) time.Duration {
	s.t.Helper()
	begun := s.Now
	for !holds() {
		if s.Now.Sub(begun) > limit {
			for i, c := range s.hubs {
				if c != nil {
					s.t.Logf("hub %d: %+v %+v %v", i, c.Haul.Status(), c.blobs.Status(), c.errs)
				}
			}
			s.t.Fatalf("%s: not within %s", what, limit)
		}
		ok(s.t, s.Run(simnet.Tick))
	}
	return s.Now.Sub(begun)
}

func (s *scene) line() {
	for i := 1; i < len(s.Hubs); i++ {
		s.Connect(i-1, i)
	}
}

// sound checks what a hub has.
func (s *scene) sound(hub int, data []byte) {
	s.t.Helper()
	f, err := s.hubs[hub].blobs.Open(s.t.Context(), sha256.Sum256(data))
	ok(s.t, err)
	got, err := io.ReadAll(f)
	ok(s.t, err)
	ok(s.t, f.Close())
	if !bytes.Equal(got, data) {
		s.t.Fatal("something else came out")
	}
}

// damage changes a byte on a hub's disk.
func (s *scene) damage(hub int, b record.Blob) {
	s.t.Helper()
	path := filepath.Join(s.dir, simnet.HubName(hub), hex.EncodeToString(b.Sum[:]))
	data, err := os.ReadFile(path)
	ok(s.t, err)
	data[len(data)/2] ^= 1
	ok(s.t, os.WriteFile(path, data, 0o600))
}
