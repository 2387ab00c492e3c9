package fieldtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Found founds a community of hubs that do not run yet and returns its root key.
func Found(hubs ...*Hub) (ed25519.PrivateKey, error) {
	var places []node.Place
	for _, h := range hubs {
		places = append(places, node.Place{Folder: h.Folder, Label: h.Label})
	}
	return node.Found("Field Street", time.Now().Add(-age), places...)
}

// age is how long ago a community was founded: there is room for what its
// residents have written since.
const age = 4 * 24 * time.Hour

// Town makes up what the residents of one hub write, signed as they would.
type Town struct {
	codec  *record.Codec
	hub    ed25519.PrivateKey
	people []ed25519.PrivateKey
	begun  record.Time
	made   int
}

// perPerson is how many posts of one resident are made up: their quota holds
// their name besides.
const perPerson = 490

// NewTown makes up the residents for so many posts at a hub that was founded.
func NewTown(h *Hub, posts int) (*Town, error) {
	f, err := node.ReadFolder(h.Folder)
	if err != nil {
		return nil, err
	}
	t := &Town{hub: f.Key, begun: f.Founding.Time + 1<<32}
	if t.codec, err = record.NewCodec(f.Founding.Community(), f.Founding.Time); err != nil {
		return nil, err
	}
	for range max(1, (posts+perPerson-1)/perPerson) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		t.people = append(t.people, key)
	}
	return t, nil
}

// next stamps what is made up a second apart, from about the founding on.
func (t *Town) next() record.Time {
	t.made++
	return t.begun + record.Time(t.made)*1000<<16
}

// Vouches are the hub's word for the residents. Nothing of theirs counts before.
func (t *Town) Vouches() (rs []record.Record, _ error) {
	via := record.AuthorOf(t.hub).Via()
	for i, p := range t.people {
		r, err := roster.Vouch{Subject: record.AuthorOf(p), Name: fmt.Sprintf("Resident %d", i)}.Record(i+1, t.next(), via)
		if err != nil {
			return nil, err
		}
		if r, err = t.codec.Sign(r, t.hub); err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

// Posts are n texts of 200 bytes by the residents in turn.
func (t *Town) Posts(n int) (rs []record.Record, _ error) {
	for range n {
		at := t.next()
		text := fmt.Sprintf("%-200d", t.made)
		body, err := cbor.Marshal(messages.Body{Channel: "town", Text: text})
		if err != nil {
			return nil, err
		}
		r := record.Record{
			Via: record.AuthorOf(t.hub).Via(), App: "messages", Class: record.Talk, TTL: 30,
			Key: townKey(fmt.Sprintf("made-%d", t.made)), Time: at, Body: body,
		}
		if r, err = t.codec.Sign(r, t.people[t.made%len(t.people)]); err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

// Notices returns what makes a new key a coordinator that may write notices, and
// a notice by it, of an app that no hub has.
func (t *Town) Notices(root ed25519.PrivateKey, text string) (granted, notice record.Record, err error) {
	return t.official(root, "n/1", record.Record{Body: []byte(text)})
}

// official makes a coordinator and has it sign a notice.
func (t *Town) official(root ed25519.PrivateKey, slot string, r record.Record) (granted, notice record.Record, err error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return granted, notice, err
	}
	c := roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(key), Label: "Coordinator", Roles: roster.Notices}
	if granted, err = c.Record(t.next(), record.Via{}); err != nil {
		return granted, notice, err
	}
	if granted, err = t.codec.Sign(granted, root); err != nil {
		return granted, notice, err
	}
	r.Via, r.App, r.Class, r.TTL, r.Key, r.Time = record.AuthorOf(t.hub).Via(), "notices", record.Notice, 7, slot, t.next()
	notice, err = t.codec.Sign(r, key)
	return granted, notice, err
}

// Fill puts records into the store of a hub that does not run, all of which it
// must take.
func Fill(ctx context.Context, h *Hub, rs ...record.Record) (err error) {
	f, err := node.ReadFolder(h.Folder)
	if err != nil {
		return err
	}
	s, err := store.Open(filepath.Join(h.Folder, "records.db"), store.Config{Founding: f.Founding})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for part := range slices.Chunk(rs, 2048) {
		vs, err := s.Apply(ctx, part...)
		if err != nil {
			return err
		}
		for _, v := range vs {
			if v.Outcome != store.Added {
				return fmt.Errorf("a record that was made up was not taken: outcome %d, %w", v.Outcome, v.Err)
			}
		}
	}
	return nil
}

// Send puts records into a running hub at its console, all of which it must take.
func Send(ctx context.Context, h *Hub, rs ...record.Record) error {
	taken, err := h.Console().Records(ctx, rs...)
	if err != nil {
		return err
	}
	for _, one := range taken {
		if one.Outcome != control.Added {
			return fmt.Errorf("%s does not take a record: %+v", h.Label, one)
		}
	}
	return nil
}

// Attach keeps data at a hub that does not run, and returns what makes a new key a
// coordinator that may write notices, and a notice by it with the data attached.
func (t *Town) Attach(ctx context.Context, root ed25519.PrivateKey, h *Hub, data []byte) (granted, notice record.Record, err error) {
	kept, err := blob.Open(filepath.Join(h.Folder, "blobs"), blob.Config{})
	if err != nil {
		return granted, notice, err
	}
	b, err := kept.Put(ctx, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return granted, notice, err
	}
	return t.official(root, "n/attached", record.Record{Blobs: []record.Blob{b}, Body: []byte("with an attachment")})
}
