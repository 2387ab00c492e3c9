// Package rootsheet is a community's root keys on paper: ten words a key, sheets to
// print, and the words typed in again when an act of the roots is to be signed.
//
// The words alone make the key, in every community: the founding statement, which
// names the community, holds the roots' public keys, and so cannot be their salt.
// There is no checksum among the words, for the public keys are one.
//
// A Secret is worth the community. It prints as a placeholder, so that it gets
// into no log by accident; Text reveals it.
package rootsheet

import (
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"log/slog"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/words"
	"github.com/lamppost-hub/lamppost/sync/record"
	"golang.org/x/crypto/argon2"
)

// Words is how many words make a root key: 129 bits, as many as an Ed25519 key is
// worth.
const Words = 10

// Key's derivation: argon2id with 19 MiB, two passes, one lane. The salt keeps its
// keys apart from those of return codes, whose salt is 16 bytes long. All of it can
// never change: other values are other keys.
const (
	salt   = "lamppost root sheet"
	memory = 19 * 1024 // KiB
	passes = 2
	lanes  = 1
)

// Secret is ten words of the EFF long list. The zero Secret is none.
type Secret struct{ words [Words]string }

// New draws a secret. A nil source is crypto/rand; New panics when the source fails.
func New(source io.Reader) Secret { return Secret{[Words]string(words.Draw(Words, source))} }

// Parse reads the words of a sheet in whatever way they were typed. Its errors say
// which word is not on the list and what it may have been.
func Parse(text string) (Secret, error) {
	kind := words.Kind{Count: Words, Field: "sheet"}
	found, err := kind.Read(text)
	if err != nil {
		return Secret{}, err
	}
	return Secret{[Words]string(found)}, nil
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// Words reveals the words in their order.
func (s Secret) Words() [Words]string { return s.words }

// Text reveals the words, joined by one space.
func (s Secret) Text() string { return strings.Join(s.words[:], " ") }

// String hides the words.
func (s Secret) String() string { return "(root sheet)" }

// GoString hides the words.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the words.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Key derives the root key; it takes as long as that of a return code. It panics on
// the zero Secret.
func (s Secret) Key() ed25519.PrivateKey {
	if s.IsZero() {
		panic("rootsheet: a key of no words")
	}
	return ed25519.NewKeyFromSeed(argon2.IDKey([]byte(s.Text()), []byte(salt), passes, memory, lanes, ed25519.SeedSize))
}

// Check is the beginning of a root's public key, short enough to compare by eye.
func Check(root record.Author) string {
	return hex.EncodeToString(root[:2]) + "-" + hex.EncodeToString(root[2:4])
}
