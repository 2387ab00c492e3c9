package local

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	"golang.org/x/crypto/chacha20poly1305"
)

// Token is the secret that a browser shows for its session: 32 random bytes in
// base64url without padding. Whoever has it is that person; it belongs in a
// cookie or a path and never in a log.
type Token string

// LogValue hides the token.
func (Token) LogValue() slog.Value { return slog.StringValue("(token)") }

const tokenSize = 32

// newToken draws a token.
func newToken(random io.Reader) (Token, error) {
	b := make([]byte, tokenSize)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("random numbers for a session: %w", err)
	}
	return Token(base64.RawURLEncoding.EncodeToString(b)), nil
}

// mark is SHA-256 of a token's bytes, all that is kept of it.
type mark [sha256.Size]byte

// open returns the token's secret and its mark.
func (t Token) open() (secret []byte, m mark, err error) {
	if len(t) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return nil, m, ErrNoSession
	}
	secret, err = base64.RawURLEncoding.Strict().DecodeString(string(t))
	if err != nil || len(secret) != tokenSize {
		return nil, m, ErrNoSession
	}
	return secret, sha256.Sum256(secret), nil
}

// What is sealed; each has a key of its own.
const (
	sealSeed  = "lamppost session 1 seed"
	sealWords = "lamppost session 1 words"
)

// seal encrypts plain under a key that only the token gives (HKDF-SHA256,
// RFC 5869; XChaCha20-Poly1305) and binds it to the session it is part of.
func seal(random io.Reader, secret []byte, what string, bound, plain []byte) ([]byte, error) {
	aead, err := cipherOf(secret, what)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("random numbers for a session: %w", err)
	}
	return aead.Seal(nonce, nonce, plain, bound), nil
}

// unseal reverses seal.
func unseal(secret []byte, what string, bound, sealed []byte) ([]byte, error) {
	aead, err := cipherOf(secret, what)
	if err != nil {
		return nil, err
	}
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, errors.New("sealed part is too short")
	}
	return aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], bound)
}

type aead interface {
	Seal(dst, nonce, plaintext, additionalData []byte) []byte
	Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error)
}

func cipherOf(secret []byte, what string) (aead, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, what, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.NewX(key)
}

// bind is what a session's sealed parts are bound to: they open for this
// session, person and, in a path, address alone. So the address needs not be kept.
func bind(m mark, s *session, addr netip.Addr) []byte {
	b := append(append(m[:len(m):len(m)], byte(s.Kind)), s.Author[:]...)
	if s.Kind == Path {
		a := plainAddr(addr).As16()
		b = append(b, a[:]...)
	}
	return b
}

// plainAddr is an address in the one form in which it is compared.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
