package place_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

func well() place.Sheet {
	people := uint32(12)
	return place.Sheet{
		Details: place.Details{Kind: place.Water, Name: "Well", Shape: place.Shape{Kind: place.Spot, Parts: []place.Part{{{place.PointAt(44, -73)}}}}, Langs: []string{"en"}},
		State:   &place.State{Status: place.Open, Offers: 4},
		People:  &people,
	}
}

func TestASheetIsReadAsItWasWritten(t *testing.T) {
	bare := well()
	bare.State, bare.People = nil, nil
	for _, s := range []place.Sheet{well(), bare} {
		b, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := place.DecodeSheet(b)
		if err != nil || !reflect.DeepEqual(back, s) {
			t.Errorf("%+v became %+v, %v", s, back, err)
		}
		if again, err := back.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x became %x, %v", b, again, err)
		}
	}
}

func TestASheetThatSaysTooMuchIsNotRead(t *testing.T) {
	for says, change := range map[string]func(*place.Sheet){
		"of a kind":        func(s *place.Sheet) { s.Details.Kind = 200 },
		"a name":           func(s *place.Sheet) { s.Details.Name = " " },
		"text of a place":  func(s *place.Sheet) { s.Details.About = strings.Repeat("x", place.MaxAbout+1) },
		"points, lines":    func(s *place.Sheet) { s.Details.Shape = place.Shape{} },
		"one way or":       func(s *place.Sheet) { s.State.Status = 0 },
		"none of the":      func(s *place.Sheet) { s.State.Needs = 1 << 31 },
		"at most 100,000":  func(s *place.Sheet) { *s.People = place.MaxPeople + 1 },
		"too many version": func(s *place.Sheet) { s.Details.Seen = make([]place.Prefix, place.MaxSeen+1) },
	} {
		s := well()
		change(&s)
		b, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := place.DecodeSheet(b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
	if _, err := place.DecodeSheet([]byte{0xff}); err == nil {
		t.Error("what is no CBOR is read")
	}
}

func FuzzSheet(f *testing.F) {
	b, err := well().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := place.DecodeSheet(b)
		if err != nil {
			return
		}
		if s.Details.Shape.Geometry() == nil {
			t.Fatal("it is nowhere")
		}
		again, err := s.Encode()
		if err != nil {
			return // it was not in the shortest form
		}
		back, err := place.DecodeSheet(again)
		if err != nil {
			t.Fatalf("%+v is not read again: %v", s, err)
		}
		if once, err := back.Encode(); err != nil || !bytes.Equal(once, again) {
			t.Fatalf("%x became %x, %v", again, once, err)
		}
	})
}
