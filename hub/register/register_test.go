package register_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func who(name string) record.Author { return record.AuthorOf(key(name)) }

// town is a community of which any two of three roots decide.
type town struct {
	t     *testing.T
	f     roster.Founding
	codec *record.Codec
	now   time.Time
	said  []record.Record
}

func newTown(t *testing.T) *town {
	f := roster.Founding{Name: "Millbrook", Roots: []record.Author{who("r1"), who("r2"), who("r3")}, Threshold: 2, Time: record.At(noon)}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		t.Fatal(err)
	}
	return &town{t: t, f: f, codec: codec, now: noon}
}

// say has each of them sign a statement, an hour after the last.
func (w *town) say(s interface {
	Record(record.Time, record.Via) (record.Record, error)
}, by ...string,
) {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	for i, name := range by {
		r, err := s.Record(record.At(w.now.Add(time.Duration(i)*time.Minute)), who(name).Via())
		if err != nil {
			w.t.Fatal(err)
		}
		if r, err = w.codec.Sign(r, key(name)); err != nil {
			w.t.Fatal(err)
		}
		w.said = append(w.said, r)
	}
}

func (w *town) read(now time.Time) register.Register {
	w.t.Helper()
	all, err := register.Read(roster.Compute(w.f, w.said), func(yield func(record.Record, error) bool) {
		for _, r := range w.said {
			if !yield(r, nil) {
				return
			}
		}
	}, now)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func person(name string, roles roster.Roles) roster.Certificate {
	return roster.Certificate{Kind: roster.Coordinator, Subject: who(name), Label: name, Roles: roles}
}

func place(name string, roles roster.Roles) roster.Certificate {
	return roster.Certificate{Kind: roster.Hub, Subject: who(name), Label: name, Roles: roles}
}

func checks(names ...string) (out []string) {
	keys := make([]record.Author, len(names))
	for i, n := range names {
		keys[i] = who(n)
	}
	slices.SortFunc(keys, func(a, b record.Author) int { return slices.Compare(a[:], b[:]) })
	for _, k := range keys {
		out = append(out, rootsheet.Check(k))
	}
	return out
}

func TestTheRegisterSaysWhoMayWhatSinceWhenAndByWhom(t *testing.T) {
	w := newTown(t)
	w.say(place("Station", roster.Admit), "r1", "r2") // at 13:00
	w.say(place("School", 0), "Station")
	maria := person("Maria", roster.Notices|roster.Moderate)
	maria.Area, maria.Until = "fire district", register.Day(noon)
	w.say(person("Maria", roster.Maps), "r1", "r2")
	w.say(maria, "r2", "r3") // at 16:00 and 16:01
	w.say(person("Alone", roster.Notices), "r1")
	all := w.read(noon.AddDate(0, 0, 1))
	if all.Community != "Millbrook" || all.Threshold != 2 || !slices.Equal(all.Roots, checks("r1", "r2", "r3")) || all.Lists != 1 || len(all.Ended) != 0 {
		t.Errorf("%+v", all)
	}
	if len(all.Coordinators) != 1 || len(all.Hubs) != 2 {
		t.Fatalf("%+v", all)
	}
	m, school, station := all.Coordinators[0], all.Hubs[0], all.Hubs[1]
	if m.Label != "Maria" || m.Tag != who("Maria").Tag() || !slices.Equal(m.Roles, []string{"notices", "moderate"}) || m.Area != "fire district" ||
		!slices.Equal(m.By, checks("r2", "r3")) || !m.Since.Equal(noon.Add(4*time.Hour)) || m.Until != "2026-11-25" || !m.Over {
		t.Errorf("%+v", m)
	}
	if school.Label != "School" || school.Issuer != "Station" || len(school.By) != 0 || len(school.Roles) != 0 {
		t.Errorf("%+v", school)
	}
	if !slices.Equal(station.Roles, []string{"admit"}) || !station.Since.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", station)
	}
	if unsure := w.read(time.Time{}); unsure.Coordinators[0].Over {
		t.Error("nobody knows what day it is, and the certificate is over")
	}
}

func TestTheRegisterSaysWhoMayNoMore(t *testing.T) {
	w := newTown(t)
	w.say(place("Station", roster.Admit), "r1", "r2")
	for _, name := range []string{"School", "Mill"} {
		w.say(place(name, 0), "Station")
	}
	for _, name := range []string{"Maria", "Omar", "Lea", "Tom"} {
		w.say(person(name, roster.Notices), "r1", "r3")
	}
	w.say(roster.Revocation{Subject: who("Maria"), Why: "stolen"}, "r2", "r3")
	w.say(roster.Revocation{Subject: who("Maria"), Why: "found later"}, "r1", "r2")
	w.say(roster.Revocation{Subject: who("Omar")}, "Omar")
	w.say(roster.Revocation{Subject: who("Lea"), Retired: true}, "r1", "r2")
	w.say(roster.Revocation{Subject: who("Tom"), Why: "one root alone"}, "r1")
	w.say(roster.Revocation{Subject: who("Tom"), Why: "a hub"}, "Station")
	w.say(roster.Revocation{Subject: who("School"), Why: "burnt"}, "Station")
	w.say(roster.Revocation{Subject: who("Mill"), Retired: true}, "Station")
	w.say(roster.Revocation{Subject: who("ann"), Label: "Ann"}, "ann")
	w.say(roster.Revocation{Subject: who("Church"), Label: "Church"}, "r1", "r2") // its certificate is gone
	all := w.read(noon)
	got := map[string]register.End{}
	for _, e := range all.Ended {
		got[e.Label] = e
	}
	for label, want := range map[string]register.End{
		"Maria":  {Kind: register.Coordinator, By: checks("r2", "r3"), Why: "stolen"},
		"Omar":   {Kind: register.Coordinator, Own: true},
		"Lea":    {Kind: register.Coordinator, Retired: true, By: checks("r1", "r2")},
		"School": {Kind: register.Hub, Issuer: "Station", Why: "burnt"},
		"Mill":   {Kind: register.Hub, Retired: true, Issuer: "Station"},
		"Ann":    {Kind: register.Neighbor, Own: true},
		"Church": {Kind: register.Hub, By: checks("r1", "r2")},
	} {
		e, ok := got[label]
		if !ok || e.Kind != want.Kind || e.Own != want.Own || e.Retired != want.Retired || e.Issuer != want.Issuer || e.Why != want.Why || !slices.Equal(e.By, want.By) || e.At.IsZero() {
			t.Errorf("%s: %+v, want %+v", label, e, want)
		}
	}
	if len(all.Ended) != 7 || len(all.Coordinators) != 1 || all.Coordinators[0].Label != "Tom" {
		t.Errorf("%d ended; who may: %+v", len(all.Ended), all.Coordinators)
	}
	if !slices.IsSortedFunc(all.Ended, func(a, b register.End) int { return b.At.Compare(a.At) }) {
		t.Error("the latest is not the first")
	}
}

func TestRivalListsAreTold(t *testing.T) {
	w := newTown(t)
	list, _, _ := roster.Compute(w.f, nil).Roots()
	w.say(roster.Succession{Follows: list, Roots: []record.Author{who("n1"), who("n2")}, Threshold: 1}, "r1", "r2")
	if all := w.read(noon); all.Lists != 2 || all.Threshold != 1 || all.Rivals != 0 || !slices.Equal(all.Roots, checks("n1", "n2")) {
		t.Errorf("%+v", all)
	}
	w.say(roster.Succession{Follows: list, Roots: []record.Author{who("x")}, Threshold: 1}, "r1", "r3")
	if all := w.read(noon); all.Lists != 1 || all.Threshold != 2 || all.Rivals != 2 || !slices.Equal(all.Roots, checks("r1", "r2", "r3")) {
		t.Errorf("%+v", all)
	}
}

func TestWhatCannotBeReadIsNoRegister(t *testing.T) {
	w := newTown(t)
	broken := errors.New("the disk")
	_, err := register.Read(roster.Compute(w.f, nil), func(yield func(record.Record, error) bool) { yield(record.Record{}, broken) }, noon)
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}
