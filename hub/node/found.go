package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Place is a hub to be certified at a founding.
type Place struct {
	Folder string // its data folder
	Label  string // what people call it
}

// earliest is before any founding: a clock that shows less has not been set.
func earliest() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// Found founds a community with one root, certifies the places' hubs and writes
// their data folders; the first may admit others. The root's key is returned to
// be printed or thrown away; it is kept nowhere.
func Found(name string, now time.Time, places ...Place) (ed25519.PrivateKey, error) {
	if now.Before(earliest()) {
		now = earliest()
	}
	_, root, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	f := roster.Founding{Name: name, Roots: []record.Author{record.AuthorOf(root)}, Threshold: 1, Time: record.At(now)}
	if _, err := rand.Read(f.Nonce[:]); err != nil {
		return nil, err
	}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		return nil, err
	}
	var trust []record.Record
	keys := make([]ed25519.PrivateKey, len(places))
	for i, p := range places {
		if keys[i], err = HubKey(p.Folder); err != nil {
			return nil, err
		}
		c := roster.Certificate{Kind: roster.Hub, Subject: record.AuthorOf(keys[i]), Label: p.Label}
		if i == 0 {
			c.Roles = roster.Admit
		}
		r, err := c.Record(f.Time+record.Time(i+1), c.Subject.Via())
		if err != nil {
			return nil, fmt.Errorf("certify %s: %w", p.Label, err)
		}
		if r, err = codec.Sign(r, root); err != nil {
			return nil, fmt.Errorf("certify %s: %w", p.Label, err)
		}
		trust = append(trust, r)
	}
	network := make([]byte, gossip.KeySize)
	if _, err := rand.Read(network); err != nil {
		return nil, err
	}
	for i, p := range places {
		if err := MakeFolder(p.Folder, f, keys[i], network, trust); err != nil {
			return nil, err
		}
	}
	return root, nil
}
