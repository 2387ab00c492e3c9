package simnet

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Born is when simulated communities are founded.
var Born = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// Key is the private key that belongs to a name.
func Key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("simnet " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Author is the public half of Key.
func Author(name string) record.Author { return record.AuthorOf(Key(name)) }

// Town is a founded community whose hubs h0 … hn-1 are certified; h0 may admit.
type Town struct {
	Founding roster.Founding
	Codec    *record.Codec
	Trust    []record.Record
}

// Found founds a community with one root and n certified hubs.
func Found(n int) (*Town, error) {
	f := roster.Founding{
		Name: "Elm Street", Roots: []record.Author{Author("root")}, Threshold: 1,
		Time: record.At(Born), Nonce: [16]byte{1},
	}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		return nil, err
	}
	t := &Town{Founding: f, Codec: codec}
	for i := range n {
		c := roster.Certificate{Kind: roster.Hub, Subject: Author(HubName(i)), Label: HubName(i)}
		if i == 0 {
			c.Roles = roster.Admit
		}
		r, err := t.Say(Key("root"), f.Time+record.Time(i+1)<<16, c)
		if err != nil {
			return nil, err
		}
		t.Trust = append(t.Trust, r)
	}
	return t, nil
}

// HubName is the name of the i-th hub's key.
func HubName(i int) string { return fmt.Sprintf("h%d", i) }

// Statement is a body of class trust.
type Statement interface {
	Record(record.Time, record.Via) (record.Record, error)
}

// Say signs a statement.
func (t *Town) Say(key ed25519.PrivateKey, at record.Time, s Statement) (record.Record, error) {
	r, err := s.Record(at, record.AuthorOf(key).Via())
	if err != nil {
		return r, err
	}
	return t.Codec.Sign(r, key)
}

// Vouch signs a hub's word for a resident.
func (t *Town) Vouch(hub ed25519.PrivateKey, place int, at record.Time, subject record.Author, name string) (record.Record, error) {
	r, err := roster.Vouch{Subject: subject, Name: name}.Record(place, at, record.AuthorOf(hub).Via())
	if err != nil {
		return r, err
	}
	return t.Codec.Sign(r, hub)
}

// Post signs a message of class talk.
func (t *Town) Post(author ed25519.PrivateKey, via record.Via, key string, at record.Time, ttl record.Days, body string) (record.Record, error) {
	return t.Codec.Sign(record.Record{
		Via: via, App: "messages", Class: record.Talk, Key: key, Time: at, TTL: ttl, Body: []byte(body),
	}, author)
}
