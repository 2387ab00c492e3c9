package fieldtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Hubs makes up so many hubs more, with their certificates by the root, and the word of
// each for so many people, up to roster.Places.
func (t *Town) Hubs(root ed25519.PrivateKey, hubs, people int) (certificates, vouches []record.Record, _ error) {
	for i := range hubs {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		via := record.AuthorOf(key).Via()
		c := roster.Certificate{Kind: roster.Hub, Subject: record.AuthorOf(key), Label: fmt.Sprintf("Made %d", i)}
		r, err := c.Record(t.next(), via)
		if err != nil {
			return nil, nil, err
		}
		if r, err = t.codec.Sign(r, root); err != nil {
			return nil, nil, err
		}
		certificates = append(certificates, r)
		for place := range people {
			v := roster.Vouch{Name: fmt.Sprintf("Person %d", place)}
			_, _ = rand.Read(v.Subject[:]) // nobody of whom anything is there; it does not fail
			if r, err = v.Record(place, t.next(), via); err != nil {
				return nil, nil, err
			}
			if r, err = t.codec.Sign(r, key); err != nil {
				return nil, nil, err
			}
			vouches = append(vouches, r)
		}
	}
	return certificates, vouches, nil
}
