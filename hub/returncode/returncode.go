// Package returncode is what a resident takes home: six words that are their
// key. The same words make the same key at any hub of the community, so there
// is nothing to look up and nothing to replicate, and nobody but the holder can
// bring them back.
//
// A code is a secret. Code prints as a placeholder, so that it gets into no log
// and no page by accident; Text and Words reveal it.
package returncode

import (
	"crypto/ed25519"
	"io"
	"log/slog"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/words"
	"github.com/lamppost-hub/lamppost/sync/record"
	"golang.org/x/crypto/argon2"
)

// Words is how many words make a code: 77 bits, which argon2id stretches.
const Words = 6

// Cost of Key: argon2id with 19 MiB, two passes, one lane, the least that OWASP's
// Password Storage Cheat Sheet recommends; about 50 ms on a laptop, 0.3 s on a Pi.
// They can never change: other values make another person of everybody.
const (
	Memory = 19 * 1024 // KiB that one derivation holds
	passes = 2
	lanes  = 1
)

// Code is six words of the EFF long list. The zero Code is none. Codes compare
// with ==.
type Code struct{ words [Words]string }

// New makes a code, each word drawn evenly from those of the list that nobody
// can write in two ways. A nil source is crypto/rand; New panics when the source
// fails, for a code that can be guessed is worse than none.
func New(source io.Reader) Code {
	return Code{[Words]string(words.Draw(Words, source))}
}

// Field is the form field that Parse's errors are about.
const Field = "code"

// MaxInput bounds what Parse reads, in bytes.
const MaxInput = words.MaxInput

// Parse reads a code as people type, dictate and photograph it: in any case and
// width, with spaces, commas, hyphens or line breaks between the words, and with
// or without numbers before them. Its errors are *hub.Error and say which word
// is not on the list and what it may have been, or how many words there are.
func Parse(text string) (Code, error) {
	kind := words.Kind{Count: Words, Field: Field}
	found, err := kind.Read(text)
	if err != nil {
		return Code{}, err
	}
	return Code{[Words]string(found)}, nil
}

// IsZero reports whether there is no code.
func (c Code) IsZero() bool { return c == Code{} }

// Words reveals the words in their order.
func (c Code) Words() [Words]string { return c.words }

// Text reveals the code: its words, joined by one space.
func (c Code) Text() string { return strings.Join(c.words[:], " ") }

// String hides the code.
func (c Code) String() string { return "(return code)" }

// GoString hides the code.
func (c Code) GoString() string { return c.String() }

// LogValue hides the code.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Key derives the holder's key: argon2id over the words joined by one space,
// salted with the community, is the Ed25519 seed (RFC 8032). The same words are
// another person in another community.
//
// One derivation holds 19 MiB while it runs. Whoever calls it for strangers
// limits how many run at once. It panics on the zero Code.
func Key(c Code, community record.Community) ed25519.PrivateKey {
	if c.IsZero() {
		panic("returncode: a key of no code")
	}
	return ed25519.NewKeyFromSeed(argon2.IDKey([]byte(c.Text()), community[:], passes, Memory, lanes, ed25519.SeedSize))
}
