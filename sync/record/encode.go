package record

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/sync/strict"
)

// What is wrong with a record. Match with errors.Is.
var (
	ErrMalformed = errors.New("record is malformed")
	ErrVersion   = fmt.Errorf("%w: unknown version", ErrMalformed)
	ErrForeign   = errors.New("record is of another community")
	ErrSignature = errors.New("record's signature does not verify")
)

// domain keeps a record's signature from meaning anything elsewhere.
const domain = "lamppost record 1\x00"

// sigTail is the last map entry: key 12, a byte string of 64.
const sigTail = 1 + 2 + ed25519.SignatureSize

// wire is the record's map (RFC 8949 §4.2.1: keys ascending, shortest heads).
type wire struct {
	Version   uint64 `cbor:"1,keyasint"`
	Community []byte `cbor:"2,keyasint"`
	Author    []byte `cbor:"3,keyasint"`
	Via       []byte `cbor:"4,keyasint"`
	App       string `cbor:"5,keyasint"`
	Class     uint64 `cbor:"6,keyasint"`
	Key       string `cbor:"7,keyasint"`
	Time      uint64 `cbor:"8,keyasint"`
	TTL       uint64 `cbor:"9,keyasint"`
	Blobs     []Blob `cbor:"10,keyasint,omitempty"`
	Body      []byte `cbor:"11,keyasint"`
	Sig       []byte `cbor:"12,keyasint"`
}

// Codec encodes and decodes the records of one community.
type Codec struct {
	community Community
	founded   Time
	form      strict.Form
}

// firstFounding keeps a time's encoding at 8 bytes, which HeadOf relies on.
const firstFounding = Time(1 << 48)

// NewCodec makes a codec. Times before founded are malformed.
func NewCodec(c Community, founded Time) (*Codec, error) {
	founded = max(founded, firstFounding)
	form, err := strict.New(strict.Rules{Elements: 16, Pairs: 16, Levels: 4, Closed: true})
	if err != nil {
		return nil, err
	}
	return &Codec{community: c, founded: founded, form: form}, nil
}

// Community is whose records the codec reads and writes.
func (c *Codec) Community() Community { return c.community }

// Founded is the earliest time a record may have.
func (c *Codec) Founded() Time { return c.founded }

// Sign completes r: it fills in community, author and signature and returns the
// record with its encoding and id.
func (c *Codec) Sign(r Record, key ed25519.PrivateKey) (Record, error) {
	r.Community, r.Author = c.community, AuthorOf(key)
	r.Sig = [64]byte{}
	if err := r.check(c.founded); err != nil {
		return Record{}, err
	}
	enc, err := c.marshal(&r)
	if err != nil {
		return Record{}, err
	}
	copy(r.Sig[:], ed25519.Sign(key, signed(enc)))
	copy(enc[len(enc)-len(r.Sig):], r.Sig[:])
	r.enc, r.id = enc, Sum(enc)
	return r, nil
}

// Decode reads one record: all of it, canonical, within bounds, of this
// community. It does not check the signature: see Verify. The record keeps enc.
func (c *Codec) Decode(enc []byte) (Record, error) {
	if len(enc) > MaxSize {
		return Record{}, fmt.Errorf("%w: %d bytes, at most %d", ErrMalformed, len(enc), MaxSize)
	}
	if len(enc) > 2 && enc[1] == 1 && enc[2] != Version {
		return Record{}, ErrVersion
	}
	var w wire
	if err := c.form.Unmarshal(enc, &w); err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if w.Version != Version {
		return Record{}, ErrVersion
	}
	r := Record{App: App(w.App), Key: w.Key, Time: Time(w.Time), Blobs: w.Blobs, Body: w.Body}
	if len(w.Community) != len(r.Community) || len(w.Author) != len(r.Author) || len(w.Via) != len(r.Via) || len(w.Sig) != len(r.Sig) {
		return Record{}, fmt.Errorf("%w: a fixed-size field has another size", ErrMalformed)
	}
	if w.Class >= Classes || w.TTL > uint64(MaxTTL) {
		return Record{}, fmt.Errorf("%w: class or ttl out of bounds", ErrMalformed)
	}
	copy(r.Community[:], w.Community)
	copy(r.Author[:], w.Author)
	copy(r.Via[:], w.Via)
	copy(r.Sig[:], w.Sig)
	r.Class, r.TTL = Class(w.Class), Days(w.TTL)
	if r.Community != c.community {
		return Record{}, ErrForeign
	}
	if err := r.check(c.founded); err != nil {
		return Record{}, err
	}
	canon, err := c.marshal(&r)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(canon, enc) {
		return Record{}, fmt.Errorf("%w: not in canonical form", ErrMalformed)
	}
	r.enc, r.id = enc, Sum(enc)
	return r, nil
}

func (c *Codec) marshal(r *Record) ([]byte, error) {
	return c.form.Marshal(wire{
		Version: Version, Community: r.Community[:], Author: r.Author[:], Via: r.Via[:],
		App: string(r.App), Class: uint64(r.Class), Key: r.Key, Time: uint64(r.Time), TTL: uint64(r.TTL),
		Blobs: r.Blobs, Body: r.Body, Sig: r.Sig[:],
	})
}

// signed is what a signature covers: the domain and the map without entry 12.
func signed(enc []byte) []byte {
	n := len(enc) - sigTail
	out := make([]byte, 0, len(domain)+n)
	out = append(out, domain...)
	out = append(out, enc[0]-1)
	return append(out, enc[1:n]...)
}

// check holds r against the bounds of the format.
func (r Record) check(founded Time) error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
	switch {
	case !validApp(r.App):
		return bad("an app's name is 1 to 16 of a-z 0-9")
	case r.Class >= Classes:
		return bad("class out of bounds")
	case !ValidKey(r.Key):
		return bad("a key is 1 to 128 of a-z A-Z 0-9 . _ - /")
	case r.Time < founded:
		return bad("time before the founding")
	case r.Time >= MaxTime:
		return bad("time after the year 2100")
	case r.TTL > MaxTTL:
		return bad("ttl out of bounds")
	case (r.App == Roster) != (r.TTL == 0):
		return bad("app roster, and no other, never expires")
	case r.App == Roster && r.Class != Trust && r.Class != Vouch:
		return bad("app roster has classes 0 and 2 only")
	case len(r.Body) > MaxBody:
		return bad("body over 4096 bytes")
	case len(r.Blobs) > MaxBlobs:
		return bad("more than 8 blobs")
	}
	return nil
}

func validApp(a App) bool {
	if len(a) < 1 || len(a) > MaxApp {
		return false
	}
	for _, c := range []byte(a) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// ValidKey reports whether k can be a record's key.
func ValidKey(k string) bool {
	if len(k) < 1 || len(k) > MaxKey {
		return false
	}
	for _, c := range []byte(k) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-', c == '/':
		default:
			return false
		}
	}
	return true
}
