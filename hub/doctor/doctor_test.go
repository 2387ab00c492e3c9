package doctor_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// healthy is a hub with nothing to complain of.
func healthy() doctor.Facts {
	now := time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC)
	return doctor.Facts{
		Standing: doctor.Certified, Disk: doctor.Disk{Free: 20e9, Total: 32e9},
		Clock: doctor.Clock{Now: now, Wall: now, Plausible: true},
		Hubs:  []doctor.Hub{{Label: "Library", Linked: true}, {Label: "School"}},
	}
}

func TestAHealthyHubHasNoTroubles(t *testing.T) {
	all := doctor.Examine(healthy())
	if troubles := doctor.Troubles(all); len(troubles) > 0 || doctor.Worst(all) != doctor.OK {
		t.Errorf("%+v", troubles)
	}
}

// Each ill is found, alone, and comes with a cure.
func TestEachIllIsFound(t *testing.T) {
	for _, ill := range []struct {
		name  string
		code  string
		level doctor.Level
		make  func(*doctor.Facts)
	}{
		{"no certificate", "certificate", doctor.Bad, func(f *doctor.Facts) { f.Standing = doctor.Uncertified }},
		{"revoked", "certificate", doctor.Bad, func(f *doctor.Facts) { f.Standing = doctor.Revoked }},
		{"retired", "certificate", doctor.Warn, func(f *doctor.Facts) { f.Standing = doctor.Retired }},
		{"4 % free", "disk", doctor.Warn, func(f *doctor.Facts) { f.Disk.Free = f.Disk.Total / 25 }},
		{"150 MB free of little", "disk", doctor.Warn, func(f *doctor.Facts) { f.Disk = doctor.Disk{Free: 150e6, Total: 1e9} }},
		{"disk full", "disk", doctor.Bad, func(f *doctor.Facts) { f.Disk.Free = 4096 }},
		{"disk unknown", "disk", doctor.Warn, func(f *doctor.Facts) { f.Disk = doctor.Disk{} }},
		{"no clock", "clock", doctor.Warn, func(f *doctor.Facts) { f.Clock.Plausible = false }},
		{"no link", "neighbors", doctor.Bad, func(f *doctor.Facts) { f.Hubs[0].Linked = false }},
	} {
		f := healthy()
		ill.make(&f)
		troubles := doctor.Troubles(doctor.Examine(f))
		if len(troubles) != 1 || troubles[0].Code != ill.code || troubles[0].Level != ill.level || troubles[0].Todo == "" {
			t.Errorf("%s: %+v", ill.name, troubles)
		}
	}
}

func TestSizesForPeople(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 9_940_000: "9.9 MB", 12_400_000_000: "12 GB", 999_600_000: "1.0 GB", 5e15: "5000 TB"} {
		if got := doctor.Bytes(n); got != want {
			t.Errorf("%d is %q, not %q", n, got, want)
		}
	}
}
