package roster

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// The bodies are deterministic CBOR maps with integer keys. Record makes of
// each an unsigned record, to be completed by record.Codec.Sign; it fails with
// ErrBody where a field is out of bounds. Decoders tolerate fields they do not
// know and fail with ErrBody. Texts are written in NFC and come back in NFC.

// Certificate says what a key is and what it may do.
type Certificate struct {
	Kind    Kind
	Subject record.Author
	Label   string   // 1–64 bytes of text: what people call it
	Roles   Roles    // by root act only
	Senders []string // with Relay: up to 16 names of 1–64 bytes
	Area    string   // up to 64 bytes; people read it, nothing hangs on it
	From    uint32   // days since 1970, 0 for none; people read them
	Until   uint32
	Quota   int // slots, 0 for the default
}

type certificateWire struct {
	Kind    uint64   `cbor:"1,keyasint"`
	Subject []byte   `cbor:"2,keyasint"`
	Label   string   `cbor:"3,keyasint"`
	Roles   uint64   `cbor:"4,keyasint,omitempty"`
	Senders []string `cbor:"5,keyasint,omitempty"`
	Area    string   `cbor:"6,keyasint,omitempty"`
	From    uint32   `cbor:"7,keyasint,omitempty"`
	Until   uint32   `cbor:"8,keyasint,omitempty"`
	Quota   uint32   `cbor:"9,keyasint,omitempty"`
}

// Record is the certificate as a record at key c/SUBJECT/HASH.
func (c Certificate) Record(t record.Time, via record.Via) (record.Record, error) {
	if c.Kind != Hub && c.Kind != Coordinator {
		return record.Record{}, malformed("unknown kind of certificate")
	}
	if c.Quota < 0 || c.Quota > QuotaMost {
		return record.Record{}, malformed("a quota is 0 to %d", QuotaMost)
	}
	if len(c.Senders) > MaxSenders {
		return record.Record{}, malformed("more than %d senders", MaxSenders)
	}
	w := certificateWire{
		Kind: uint64(c.Kind), Subject: c.Subject[:], Roles: uint64(c.Roles),
		From: c.From, Until: c.Until, Quota: uint32(c.Quota),
	}
	var err error
	if w.Label, err = writable("label", c.Label, 1, MaxText); err != nil {
		return record.Record{}, err
	}
	if w.Area, err = writable("area", c.Area, 0, MaxText); err != nil {
		return record.Record{}, err
	}
	for _, s := range c.Senders {
		if s, err = writable("sender", s, 1, MaxText); err != nil {
			return record.Record{}, err
		}
		w.Senders = append(w.Senders, s)
	}
	return trustRecord(formCertificate, c.Subject[:], w, t, via)
}

// DecodeCertificate reads a certificate's body.
func DecodeCertificate(body []byte) (Certificate, error) {
	var w certificateWire
	if err := unmarshal(body, &w); err != nil {
		return Certificate{}, err
	}
	switch {
	case w.Kind != uint64(Hub) && w.Kind != uint64(Coordinator):
		return Certificate{}, malformed("unknown kind of certificate")
	case len(w.Subject) != 32:
		return Certificate{}, malformed("a key has 32 bytes")
	case w.Roles > math.MaxUint16:
		return Certificate{}, malformed("roles out of bounds")
	case len(w.Senders) > MaxSenders:
		return Certificate{}, malformed("more than %d senders", MaxSenders)
	case w.Label == "" || !readable(w.Label, MaxText) || !readable(w.Area, MaxText):
		return Certificate{}, malformed("label or area unreadable")
	}
	c := Certificate{
		Kind: Kind(w.Kind), Subject: record.Author(w.Subject), Label: norm.NFC.String(w.Label),
		Roles: Roles(w.Roles), Area: norm.NFC.String(w.Area), From: w.From, Until: w.Until, Quota: int(min(w.Quota, QuotaMost)),
	}
	for _, s := range w.Senders {
		if s == "" || !readable(s, MaxText) {
			return Certificate{}, malformed("sender unreadable")
		}
		c.Senders = append(c.Senders, norm.NFC.String(s))
	}
	return c, nil
}

// Vouch is a hub's word that a key is a resident there.
type Vouch struct {
	Subject record.Author
	Name    string // up to 64 bytes: the first name, later ones are the resident's own record
}

type vouchWire struct {
	Subject []byte `cbor:"1,keyasint"`
	Name    string `cbor:"2,keyasint,omitempty"`
}

// Record is the vouch as a record at key v/place, 0–999.
func (v Vouch) Record(place int, t record.Time, via record.Via) (record.Record, error) {
	if place < 0 || place >= Places {
		return record.Record{}, malformed("a place is 0 to %d", Places-1)
	}
	name, err := writable("name", v.Name, 0, MaxText)
	if err != nil {
		return record.Record{}, err
	}
	body, err := marshal(vouchWire{Subject: v.Subject[:], Name: name})
	if err != nil {
		return record.Record{}, err
	}
	return record.Record{
		App: record.Roster, Class: record.Vouch, Key: "v/" + strconv.Itoa(place), Time: t, Via: via, Body: body,
	}, nil
}

// DecodeVouch reads a vouch's body.
func DecodeVouch(body []byte) (Vouch, error) {
	var w vouchWire
	if err := unmarshal(body, &w); err != nil {
		return Vouch{}, err
	}
	if len(w.Subject) != 32 || !readable(w.Name, MaxText) {
		return Vouch{}, malformed("a vouch has a key of 32 bytes and a readable name")
	}
	return Vouch{Subject: record.Author(w.Subject), Name: norm.NFC.String(w.Name)}, nil
}

// VouchOf reads a vouch: app roster, class vouch, at a place, with a body that
// can be read. It does not say whether the author may vouch: see State.Admits.
func VouchOf(r record.Record) (place int, v Vouch, ok bool) {
	if r.App != record.Roster || r.Class != record.Vouch || r.TTL != 0 {
		return 0, Vouch{}, false
	}
	if place, ok = placeOf(r.Key); !ok {
		return 0, Vouch{}, false
	}
	v, err := DecodeVouch(r.Body)
	if err != nil {
		return 0, Vouch{}, false
	}
	return place, v, true
}

// Revocation ends a key, or with Retired marks it as no longer in use.
type Revocation struct {
	Subject     record.Author
	Retired     bool
	Part, Parts int       // where the list does not fit: 1 of 3; parts are united
	Stays       [][8]byte // up to 400 id prefixes of vouch records that stay
	Why         string    // up to 256 bytes; people read it
	Label       string    // up to 64 bytes: what people called it, whose certificate may be gone
}

type revocationWire struct {
	Subject []byte `cbor:"1,keyasint"`
	Retired bool   `cbor:"2,keyasint,omitempty"`
	Part    uint16 `cbor:"3,keyasint,omitempty"`
	Parts   uint16 `cbor:"4,keyasint,omitempty"`
	Stays   []byte `cbor:"5,keyasint,omitempty"` // the prefixes, ascending, one after the other
	Why     string `cbor:"6,keyasint,omitempty"`
	Label   string `cbor:"7,keyasint,omitempty"`
}

// Record is the revocation as a record at key r/SUBJECT/HASH, or t/… if Retired.
func (v Revocation) Record(t record.Time, via record.Via) (record.Record, error) {
	if len(v.Stays) > MaxStays {
		return record.Record{}, malformed("more than %d vouches that stay in one part", MaxStays)
	}
	if v.Part < 0 || v.Parts < v.Part || v.Parts > math.MaxUint16 {
		return record.Record{}, malformed("part out of bounds")
	}
	why, err := writable("reason", v.Why, 0, MaxWhy)
	if err != nil {
		return record.Record{}, err
	}
	label, err := writable("label", v.Label, 0, MaxText)
	if err != nil {
		return record.Record{}, err
	}
	w := revocationWire{
		Subject: v.Subject[:], Retired: v.Retired, Part: uint16(v.Part), Parts: uint16(v.Parts), Why: why, Label: label,
	}
	for _, p := range sortedPrefixes(v.Stays) {
		w.Stays = append(w.Stays, p[:]...)
	}
	form := byte(formRevocation)
	if v.Retired {
		form = formRetirement
	}
	return trustRecord(form, v.Subject[:], w, t, via)
}

// DecodeRevocation reads a revocation's body.
func DecodeRevocation(body []byte) (Revocation, error) {
	var w revocationWire
	if err := unmarshal(body, &w); err != nil {
		return Revocation{}, err
	}
	switch {
	case len(w.Subject) != 32:
		return Revocation{}, malformed("a key has 32 bytes")
	case w.Part > w.Parts:
		return Revocation{}, malformed("part out of bounds")
	case len(w.Stays)%8 != 0 || len(w.Stays) > 8*MaxStays:
		return Revocation{}, malformed("up to %d prefixes of 8 bytes", MaxStays)
	case !readable(w.Why, MaxWhy) || !readable(w.Label, MaxText):
		return Revocation{}, malformed("reason or label unreadable")
	}
	v := Revocation{
		Subject: record.Author(w.Subject), Retired: w.Retired, Part: int(w.Part), Parts: int(w.Parts),
		Why: norm.NFC.String(w.Why), Label: norm.NFC.String(w.Label),
	}
	for p := range slices.Chunk(w.Stays, 8) {
		v.Stays = append(v.Stays, [8]byte(p))
	}
	v.Stays = sortedPrefixes(v.Stays)
	return v, nil
}

func sortedPrefixes(ps [][8]byte) [][8]byte {
	ps = slices.Clone(ps)
	slices.SortFunc(ps, func(a, b [8]byte) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ps)
}

// Purge removes a record and bars its slot up to and including Time.
type Purge struct {
	Slot record.Slot // never of app roster
	Time record.Time
	ID   record.ID
}

type purgeWire struct {
	App    string `cbor:"1,keyasint"`
	Key    string `cbor:"2,keyasint"`
	Author []byte `cbor:"3,keyasint"`
	TTL    uint64 `cbor:"4,keyasint"`
	Time   uint64 `cbor:"5,keyasint"`
	ID     []byte `cbor:"6,keyasint"`
}

// Record is the purge as a record at key p/HASH.
func (p Purge) Record(t record.Time, via record.Via) (record.Record, error) {
	if err := p.check(); err != nil {
		return record.Record{}, err
	}
	return trustRecord(formPurge, nil, purgeWire{
		App: string(p.Slot.App), Key: p.Slot.Key, Author: p.Slot.Author[:], TTL: uint64(p.Slot.TTL),
		Time: uint64(p.Time), ID: p.ID[:],
	}, t, via)
}

// DecodePurge reads a purge's body.
func DecodePurge(body []byte) (Purge, error) {
	var w purgeWire
	if err := unmarshal(body, &w); err != nil {
		return Purge{}, err
	}
	if len(w.Author) != 32 || len(w.ID) != 32 || w.TTL > uint64(record.MaxTTL) {
		return Purge{}, malformed("a fixed-size field has another size")
	}
	p := Purge{
		Slot: record.Slot{App: record.App(w.App), Key: w.Key, Author: record.Author(w.Author), TTL: record.Days(w.TTL)},
		Time: record.Time(w.Time), ID: record.ID(w.ID),
	}
	return p, p.check()
}

const appLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

func (p Purge) check() error {
	switch {
	case p.Slot.App == "" || len(p.Slot.App) > record.MaxApp || strings.Trim(string(p.Slot.App), appLetters) != "",
		!record.ValidKey(p.Slot.Key):
		return malformed("not a slot")
	case p.Slot.App == record.Roster || p.Slot.TTL < 1 || p.Slot.TTL > record.MaxTTL:
		return malformed("nothing of app roster can be purged")
	case p.Time == 0 || p.Time >= record.MaxTime:
		return malformed("time out of bounds")
	}
	return nil
}

// Succession names the roots that follow a list.
type Succession struct {
	Follows   ListID          // see State.Roots
	Roots     []record.Author // 1–16, distinct; in ascending order once encoded
	Threshold int
}

type successionWire struct {
	Follows   []byte `cbor:"1,keyasint"`
	Roots     []byte `cbor:"2,keyasint"`
	Threshold uint64 `cbor:"3,keyasint"`
}

// Record is the succession as a record at key s/LIST/HASH.
func (s Succession) Record(t record.Time, via record.Via) (record.Record, error) {
	roots, err := encodeRoots(s.Roots, s.Threshold)
	if err != nil {
		return record.Record{}, err
	}
	return trustRecord(formSuccession, s.Follows[:], successionWire{
		Follows: s.Follows[:], Roots: roots, Threshold: uint64(s.Threshold),
	}, t, via)
}

// DecodeSuccession reads a succession's body.
func DecodeSuccession(body []byte) (Succession, error) {
	var w successionWire
	if err := unmarshal(body, &w); err != nil {
		return Succession{}, err
	}
	if len(w.Follows) != len(ListID{}) {
		return Succession{}, malformed("a list's hash has 16 bytes")
	}
	roots, threshold, err := decodeRoots(w.Roots, w.Threshold)
	if err != nil {
		return Succession{}, err
	}
	return Succession{Follows: ListID(w.Follows), Roots: roots, Threshold: threshold}, nil
}

func trustRecord(form byte, middle []byte, w any, t record.Time, via record.Via) (record.Record, error) {
	body, err := marshal(w)
	if err != nil {
		return record.Record{}, err
	}
	return record.Record{
		App: record.Roster, Class: record.Trust, Key: newKey(form, middle, body), Time: t, Via: via, Body: body,
	}, nil
}
