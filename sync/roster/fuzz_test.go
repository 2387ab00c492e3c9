package roster_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func FuzzFounding(f *testing.F) {
	enc, err := roster.Founding{Name: "Elm", Roots: authors("a", "b"), Threshold: 2, Time: founded}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(enc)
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, enc []byte) {
		got, err := roster.DecodeFounding(enc)
		if err != nil {
			if !errors.Is(err, roster.ErrBody) {
				t.Fatal(err)
			}
			return
		}
		again, err := got.Encode()
		if err != nil || !bytes.Equal(again, enc) {
			t.Fatalf("%x reads as %+v, which is %x, %v", enc, got, again, err)
		}
	})
}

// stable checks a body's decoder: what it reads is written and read back the
// same. Bodies that no writer makes may be read but, once in NFC, be too long
// to write.
func stable[S statement](t *testing.T, body []byte, decode func([]byte) (S, error)) {
	t.Helper()
	got, err := decode(body)
	if err != nil {
		if !errors.Is(err, roster.ErrBody) {
			t.Fatal(err)
		}
		return
	}
	r, err := got.Record(founded, record.Via{})
	if err != nil {
		if expanded(got) {
			return
		}
		t.Fatalf("%x reads as %+v, which cannot be written: %v", body, got, err)
	}
	again, err := decode(r.Body)
	if err != nil || !reflect.DeepEqual(got, again) {
		t.Fatalf("%x reads as %+v, and then as %+v, %v", body, got, again, err)
	}
}

// expanded reports whether a text in s is longer than one that is written.
func expanded(s any) bool {
	switch s := s.(type) {
	case roster.Certificate:
		texts := append([]string{s.Label, s.Area}, s.Senders...)
		return slices.ContainsFunc(texts, func(t string) bool { return len(t) > roster.MaxText })
	case placed:
		return len(s.Name) > roster.MaxText
	case roster.Revocation:
		return len(s.Why) > roster.MaxWhy
	}
	return false
}

// placed is a vouch as a statement, at place 0.
type placed struct{ roster.Vouch }

func (p placed) Record(t record.Time, via record.Via) (record.Record, error) {
	return p.Vouch.Record(0, t, via)
}

func seed(f *testing.F, ss ...statement) {
	f.Helper()
	for _, s := range ss {
		r, err := s.Record(founded, record.Via{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.Body)
	}
	f.Add([]byte{0xa0})
}

func FuzzCertificate(f *testing.F) {
	full := coordinatorCert("x", roster.Relay|roster.Maps)
	full.Senders, full.Area, full.From, full.Until, full.Quota = []string{"Río"}, "north", 1, 2, 3
	seed(f, hubCert("x", 0), full)
	f.Fuzz(func(t *testing.T, body []byte) { stable(t, body, roster.DecodeCertificate) })
}

func FuzzVouch(f *testing.F) {
	seed(f, placed{roster.Vouch{Subject: author("x"), Name: "Zoë"}}, placed{})
	f.Fuzz(func(t *testing.T, body []byte) {
		stable(t, body, func(b []byte) (placed, error) {
			v, err := roster.DecodeVouch(b)
			return placed{v}, err
		})
	})
}

func FuzzRevocation(f *testing.F) {
	seed(f, roster.Revocation{Subject: author("x"), Retired: true}, roster.Revocation{Part: 1, Parts: 2, Stays: [][8]byte{{1}, {2}}, Why: "lost"})
	f.Fuzz(func(t *testing.T, body []byte) { stable(t, body, roster.DecodeRevocation) })
}

func FuzzPurge(f *testing.F) {
	seed(f, roster.Purge{Slot: record.Slot{App: "app", Key: "k", TTL: 3}, Time: founded})
	f.Fuzz(func(t *testing.T, body []byte) { stable(t, body, roster.DecodePurge) })
}

func FuzzSuccession(f *testing.F) {
	seed(f, roster.Succession{Roots: authors("a", "b"), Threshold: 2})
	f.Fuzz(func(t *testing.T, body []byte) { stable(t, body, roster.DecodeSuccession) })
}

// FuzzKey hands any key and body to everything that reads them, signed by roots
// and by the key itself.
func FuzzKey(f *testing.F) {
	w := found(f, 1, "root1")
	for _, r := range append(w.say(hubCert("x", 0), "root1"), w.say(revoke("x"), "root1")...) {
		f.Add(r.Key, r.Body, uint8(r.Class))
	}
	f.Add("v/7", []byte{0xa0}, uint8(record.Vouch))
	before := w.state()
	f.Fuzz(func(t *testing.T, key string, body []byte, class uint8) {
		var rs []record.Record
		for _, who := range []string{"root1", "x"} {
			r := record.Record{Author: author(who), App: record.Roster, Class: record.Class(class), Key: key, Body: body, Time: founded}
			_ = before.Admits(r, true)
			roster.VouchOf(r)
			rs = append(rs, r)
		}
		s := roster.Compute(w.f, rs)
		for _, r := range rs {
			if s.Admits(r, true) == nil && roster.Own(r) && !s.Revoked(r.Author) {
				t.Fatalf("%s is in the set and does not revoke its author", key)
			}
		}
	})
}
