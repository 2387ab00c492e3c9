package peer

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

var errKeyType = errors.New("a hub's key is Ed25519")

// authorOf is the key within a libp2p peer id: ids of Ed25519 keys embed it.
// Others are refused.
func authorOf(id peer.ID) (record.Author, error) {
	pub, err := id.ExtractPublicKey()
	if err != nil {
		return record.Author{}, fmt.Errorf("%w: %w", errKeyType, err)
	}
	if pub.Type() != crypto.Ed25519 {
		return record.Author{}, errKeyType
	}
	raw, err := pub.Raw()
	if err != nil {
		return record.Author{}, err
	}
	if len(raw) != ed25519.PublicKeySize {
		return record.Author{}, errKeyType
	}
	return record.Author(raw), nil
}

// idOf is the libp2p peer id of a hub's key.
func idOf(a record.Author) (peer.ID, error) {
	pub, err := crypto.UnmarshalEd25519PublicKey(a[:])
	if err != nil {
		return "", err
	}
	return peer.IDFromPublicKey(pub)
}

// identityOf is a hub's key as libp2p takes it.
func identityOf(k ed25519.PrivateKey) (crypto.PrivKey, error) {
	if len(k) != ed25519.PrivateKeySize {
		return nil, errKeyType
	}
	return crypto.UnmarshalEd25519PrivateKey(k)
}
