package join

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/lamppost-hub/lamppost/sync/record"
	"golang.org/x/crypto/argon2"
)

type (
	// ID names an invitation on the wire.
	ID [16]byte
	// Key proves that somebody has the code. It is as secret as that.
	Key [32]byte
)

// The stretching, which is for ever: the second of the choices that RFC 9106 §4
// recommends, for machines with little memory.
const (
	stretchSalt   = "lamppost join 1 " // and the community's byte
	stretchPasses = 3
	stretchMemory = 64 << 10 // KiB
	stretchLanes  = 4
)

// Stretch makes the invitation's id and key from the code. It takes 64 MiB for
// 0.2 s on a laptop's core, for about 1 s on a Raspberry Pi 4.
//
// What it is for: the id is shown to whoever answers at the inviter's address. A
// trial moves 3 × 64 MiB through memory, twice, so a graphics card with 1 TB/s does
// at most 2,500 a second, whatever it can compute. A thousand of them cover 2.5e6 ×
// 86,400 s of 2^50 secrets in a day: one in 5,000. An invitation lives for a day,
// and after that the secret is worth nothing.
func (c Code) Stretch() (ID, Key) {
	secret := binary.BigEndian.AppendUint64(nil, c.Secret)
	b := argon2.IDKey(secret, append([]byte(stretchSalt), c.Town), stretchPasses, stretchMemory, stretchLanes, 16+32)
	return ID(b[:16]), Key(b[16:])
}

// role is whose MAC it is.
type role byte

const (
	inviterRole role = 'i'
	joinerRole  role = 'j'
)

const macPrefix = "lamppost join 1 mac\x00"

// nonce makes each run of the protocol another.
type nonce [32]byte

// talk is what both MACs of one run are over.
type talk struct {
	joiner, inviter           record.Author
	joinerNonce, inviterNonce nonce
	id                        ID
}

// mac is by the inviter over the talk, by the joiner over its label besides.
func (t *talk) mac(k Key, r role, label string) []byte {
	h := hmac.New(sha256.New, k[:])
	h.Write([]byte(macPrefix))
	h.Write([]byte{byte(r)})
	for _, part := range [][]byte{t.joiner[:], t.inviter[:], t.joinerNonce[:], t.inviterNonce[:], t.id[:]} {
		h.Write(part)
	}
	h.Write([]byte(label)) // the only part whose length may vary comes last
	return h.Sum(nil)
}
