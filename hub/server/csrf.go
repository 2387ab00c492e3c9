package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/netip"
	"time"
)

// formLife is how long a form of somebody without a session can be sent.
const formLife = 12 * time.Hour

const (
	nonceLen = 12
	macLen   = 16
)

// forge makes and checks the tokens that forms carry against cross-site request
// forgery. Within a session a token is bound to the session's own secret and
// lives as long; before one it is bound to the client's address and to this run
// of the hub, for twelve hours of its running (the wall clock may jump).
type forge struct {
	secret  [32]byte
	started time.Time
}

func newForge(random io.Reader) forge {
	f := forge{started: time.Now()}
	if _, err := io.ReadFull(random, f.secret[:]); err != nil {
		panic("server: no random numbers: " + err.Error())
	}
	return f
}

// forSession makes a token for a form in a session.
func (f forge) forSession(nonce [nonceLen]byte, session string) string {
	return seal(nonce, sessionMAC(nonce, session))
}

// forAddress makes a token for a form before there is a session. Its nonce
// begins with the second of this run until which it counts.
func (f forge) forAddress(nonce [nonceLen]byte, addr netip.Addr) string {
	until := time.Since(f.started) + formLife
	binary.BigEndian.PutUint32(nonce[:4], uint32(until/time.Second)) //nolint:gosec // a run of 136 years
	return seal(nonce, f.addressMAC(nonce, addr))
}

// check reports whether a token belongs to the session, if there is one, or
// else to the address. A form that was opened before the session began stays
// good in it.
func (f forge) check(token, session string, addr netip.Addr) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != nonceLen+macLen {
		return false
	}
	nonce, mac := [nonceLen]byte(b), b[nonceLen:]
	if session != "" && subtle.ConstantTimeCompare(mac, sessionMAC(nonce, session)) == 1 {
		return true
	}
	until := time.Duration(binary.BigEndian.Uint32(nonce[:4])) * time.Second
	return subtle.ConstantTimeCompare(mac, f.addressMAC(nonce, addr)) == 1 && time.Since(f.started) < until
}

func (f forge) addressMAC(nonce [nonceLen]byte, addr netip.Addr) []byte {
	h := hmac.New(sha256.New, f.secret[:])
	h.Write([]byte("lamppost form of an address 1\x00"))
	h.Write(nonce[:])
	a := addr.As16()
	h.Write(a[:])
	return h.Sum(nil)[:macLen]
}

func sessionMAC(nonce [nonceLen]byte, session string) []byte {
	h := hmac.New(sha256.New, []byte(session))
	h.Write([]byte("lamppost form of a session 1\x00"))
	h.Write(nonce[:])
	return h.Sum(nil)[:macLen]
}

func seal(nonce [nonceLen]byte, mac []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(nonce[:], mac...))
}
