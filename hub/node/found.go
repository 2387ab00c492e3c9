package node

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Place is a hub to be certified at a founding.
type Place struct {
	Folder string // its data folder
	Label  string // what people call it
}

// Plan is a community to be founded.
type Plan struct {
	Name      string
	Now       time.Time
	Roots     []ed25519.PrivateKey // 1–16
	Threshold int                  // how many make an act
	Places    []Place              // the first may admit others
	Sheets    []byte               // kept in the first place's folder as roots.txt; nil = kept nowhere
}

// earliest is before any founding: a clock that shows less has not been set.
func earliest() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// Found founds a community with one root, as for trying out, and returns its key
// to be thrown away; it is kept nowhere.
func Found(name string, now time.Time, places ...Place) (ed25519.PrivateKey, error) {
	_, root, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return root, Plan{Name: name, Now: now, Roots: []ed25519.PrivateKey{root}, Threshold: 1, Places: places}.Found()
}

// Found certifies the places' hubs and writes their data folders, each wholly or
// not at all.
func (p Plan) Found() error {
	f, err := p.statement()
	if err != nil {
		return err
	}
	keys := make([]ed25519.PrivateKey, len(p.Places))
	for i, place := range p.Places {
		if keys[i], err = HubKey(place.Folder); err != nil {
			return err
		}
	}
	trust, err := p.certify(f, keys)
	if err != nil {
		return err
	}
	network := make([]byte, gossip.KeySize)
	if _, err := rand.Read(network); err != nil {
		return err
	}
	for i, place := range p.Places {
		made := newFolder{Folder: Folder{Path: place.Folder, Key: keys[i], Founding: f, Network: network}, trust: trust}
		if i == 0 {
			made.sheets = p.Sheets
		}
		if err := made.write(); err != nil {
			return err
		}
	}
	return nil
}

func (p Plan) statement() (f roster.Founding, err error) {
	if p.Threshold < 1 || p.Threshold > len(p.Roots) {
		return f, errors.New("an act of the roots takes at least one of them, and no more than there are")
	}
	now := p.Now
	if now.Before(earliest()) {
		now = earliest()
	}
	f = roster.Founding{Name: p.Name, Threshold: p.Threshold, Time: record.At(now)}
	for _, key := range p.Roots {
		f.Roots = append(f.Roots, record.AuthorOf(key))
	}
	_, err = rand.Read(f.Nonce[:])
	return f, err
}

// certify makes the certificates of the places' hubs as acts of the roots.
func (p Plan) certify(f roster.Founding, keys []ed25519.PrivateKey) ([]record.Record, error) {
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		return nil, err
	}
	var trust []record.Record
	for i, place := range p.Places {
		c := roster.Certificate{Kind: roster.Hub, Subject: record.AuthorOf(keys[i]), Label: place.Label}
		if i == 0 {
			c.Roles = roster.Admit
		}
		r, err := c.Record(f.Time+record.Time(i+1), c.Subject.Via())
		if err != nil {
			return nil, fmt.Errorf("certify %s: %w", place.Label, err)
		}
		signed, err := rootsheet.SignAs(codec, p.Roots[:p.Threshold], r)
		if err != nil {
			return nil, fmt.Errorf("certify %s: %w", place.Label, err)
		}
		trust = append(trust, signed...)
	}
	return trust, nil
}
