package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

const (
	residents = 125                // of the first hub, so that 50,000 records are 400 slots each
	textLen   = 200                // bytes of a fabricated post's text
	postTTL   = 30                 // days
	age       = 3 * 24 * time.Hour // of a fabricated community
	batch     = 2048
)

// town is a community fabricated for measuring: hubs with their folders, the
// first hub's residents, and posts of theirs without the hours it took to write them.
type town struct {
	dir     string // of all its files
	root    ed25519.PrivateKey
	folders []node.Folder
	codec   *record.Codec
	people  []ed25519.PrivateKey
	at      record.Time                        // of the last record made
	every   time.Duration                      // between two
	text    func(n int, at record.Time) string // of a post
	posted  int
}

// foundTown founds a community of n hubs in a temporary folder.
func foundTown(n int) (*town, error) { return foundTownOf(n, residents) }

// foundTownOf is foundTown with so many residents of the first hub.
func foundTownOf(n, residents int) (_ *town, err error) {
	t := &town{every: 3 * time.Second, text: noise}
	if t.dir, err = os.MkdirTemp("", "lampbench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.remove())
		}
	}()
	var places []node.Place
	for i := range n {
		places = append(places, node.Place{Folder: filepath.Join(t.dir, fmt.Sprintf("hub%d", i+1)), Label: fmt.Sprintf("Hub %d", i+1)})
	}
	if t.root, err = node.Found("Bench Street", time.Now().Add(-age), places...); err != nil {
		return nil, err
	}
	for _, p := range places {
		f, err := node.ReadFolder(p.Folder)
		if err != nil {
			return nil, err
		}
		t.folders = append(t.folders, f)
	}
	f := t.folders[0].Founding
	t.at = f.Time + 1<<32
	if t.codec, err = record.NewCodec(f.Community(), f.Time); err != nil {
		return nil, err
	}
	for i := range residents {
		seed := sha256.Sum256(fmt.Appendf(nil, "%s resident %d", t.dir, i))
		t.people = append(t.people, ed25519.NewKeyFromSeed(seed[:]))
	}
	return t, nil
}

func (t *town) remove() error { return os.RemoveAll(t.dir) }

// now stamps the next record: by default they are three seconds apart, the last about
// now.
func (t *town) now() record.Time {
	t.at += record.Time(t.every.Milliseconds()) << 16
	return t.at
}

// vouches are the first hub's word for all residents.
func (t *town) vouches() (rs []record.Record, _ error) {
	hub := t.folders[0].Key
	for i, p := range t.people {
		r, err := roster.Vouch{Subject: record.AuthorOf(p), Name: fmt.Sprintf("Resident %d", i)}.Record(i+1, t.now(), record.AuthorOf(hub).Via())
		if err != nil {
			return nil, err
		}
		if r, err = t.codec.Sign(r, hub); err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

// posts are the next n texts, by the residents in turn.
func (t *town) posts(n int) ([]record.Record, error) {
	drafts := make([]record.Record, n)
	for i := range drafts {
		drafts[i] = t.draft(t.posted, t.now())
		t.posted++
	}
	return t.sign(drafts)
}

// edits are new texts in the slots of posts from and on.
func (t *town) edits(from, n int) ([]record.Record, error) {
	drafts := make([]record.Record, n)
	for i := range drafts {
		drafts[i] = t.draft(from+i, t.now())
	}
	return t.sign(drafts)
}

func (t *town) draft(n int, at record.Time) record.Record {
	sum := sha256.Sum256([]byte("town"))
	return record.Record{
		Author: record.AuthorOf(t.people[n%len(t.people)]), Via: record.AuthorOf(t.folders[0].Key).Via(),
		App: "messages", Class: record.Talk, Key: fmt.Sprintf("%s/%08x", hex.EncodeToString(sum[:8]), n),
		Time: at, TTL: postTTL, Body: body(t.text(n, at)),
	}
}

// noise is a text of its own that nobody would write.
func noise(n int, at record.Time) string {
	seed := sha256.Sum256(fmt.Appendf(nil, "%d %d", n, at))
	return strings.Repeat(hex.EncodeToString(seed[:])+" ", textLen/65+1)[:textLen]
}

func body(text string) []byte {
	b, err := cbor.Marshal(messages.Body{Channel: "town", Text: text})
	if err != nil {
		panic(err) // two strings encode
	}
	return b
}

// sign signs on all cores.
func (t *town) sign(drafts []record.Record) ([]record.Record, error) {
	keys := map[record.Author]ed25519.PrivateKey{}
	for _, p := range t.people {
		keys[record.AuthorOf(p)] = p
	}
	var wg sync.WaitGroup
	errs := make(chan error, len(drafts)/1000+1)
	for part := range slices.Chunk(drafts, 1000) {
		wg.Go(func() {
			for i := range part {
				r, err := t.codec.Sign(part[i], keys[part[i].Author])
				if err != nil {
					errs <- err
					return
				}
				part[i] = r
			}
		})
	}
	wg.Wait()
	close(errs)
	return drafts, <-errs
}

// fill puts the vouches and n posts into the first hub's store, as long use would have.
func (t *town) fill(ctx context.Context, n int) error {
	rs, err := t.vouches()
	if err != nil {
		return err
	}
	posts, err := t.posts(n)
	if err != nil {
		return err
	}
	return t.put(ctx, 0, append(rs, posts...))
}

func (t *town) put(ctx context.Context, hub int, rs []record.Record) (err error) {
	s, err := store.Open(t.records(hub), store.Config{Founding: t.folders[hub].Founding, Index: index()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return write(ctx, s, rs)
}

// index files the records as the hubs do, so that they need not file them anew.
func index() store.Index { return node.IndexOf(apps.All(apps.Given{})...) }

// write puts records into a store that must take all of them.
func write(ctx context.Context, s *store.Store, rs []record.Record) error {
	for part := range slices.Chunk(rs, batch) {
		vs, err := s.Apply(ctx, part...)
		if err != nil {
			return err
		}
		for _, v := range vs {
			if v.Outcome != store.Added {
				return fmt.Errorf("a fabricated record was not taken: outcome %d, %w", v.Outcome, v.Err)
			}
		}
	}
	return nil
}

func (t *town) records(hub int) string { return filepath.Join(t.folders[hub].Path, "records.db") }

// copyRecords gives a hub the records of another.
func (t *town) copyRecords(from, to int) error { return copyFile(t.records(from), t.records(to)) }

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// encoded is how many bytes the records are.
func encoded(rs []record.Record) (n int) {
	for i := range rs {
		n += len(rs[i].Encoding())
	}
	return n
}
