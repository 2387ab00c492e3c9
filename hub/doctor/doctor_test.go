package doctor_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// healthy is a hub with nothing to complain of.
func healthy() doctor.Facts {
	now := time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC)
	return doctor.Facts{
		Standing: doctor.Certified, Disk: doctor.Disk{Free: 20e9, Total: 32e9},
		Clock:      doctor.Clock{Now: now, Wall: now, Plausible: true},
		Hubs:       []doctor.Hub{{Label: "Library", Linked: time.Hour, Member: true}, {Label: "School"}},
		Membership: doctor.Membership{Wanted: true, Key: true, Port: "4681"},
		Network:    doctor.Network{Addrs: 1},
		Portal:     doctor.Portal{Wanted: true, Host: "millbrook.example.org", Until: now.AddDate(0, 2, 0)},
		Addresses:  doctor.Addresses{Interface: "wlan0", Hub: netip.MustParsePrefix("10.44.0.1/24"), Used: 12, All: 245},
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
		{"revoked", "certificate", doctor.Bad, func(f *doctor.Facts) { f.Standing, f.Hubs[0].Linked = doctor.Revoked, 0 }},
		{"disowned", "certificate", doctor.Bad, func(f *doctor.Facts) { f.Standing, f.Hubs[0].Linked = doctor.Disowned, 0 }},
		{"retired", "certificate", doctor.Warn, func(f *doctor.Facts) { f.Standing = doctor.Retired }},
		{"rival lists of roots", "roots", doctor.Warn, func(f *doctor.Facts) { f.Rivals = 2 }},
		{"4 % free", "disk", doctor.Warn, func(f *doctor.Facts) { f.Disk.Free = f.Disk.Total / 25 }},
		{"150 MB free of little", "disk", doctor.Warn, func(f *doctor.Facts) { f.Disk = doctor.Disk{Free: 150e6, Total: 1e9} }},
		{"disk full", "disk", doctor.Bad, func(f *doctor.Facts) { f.Disk.Free = 4096 }},
		{"little free of little", "disk", doctor.Bad, func(f *doctor.Facts) { f.Disk = doctor.Disk{Free: 8.2e6, Total: 8.4e6} }},
		{"disk unknown", "disk", doctor.Warn, func(f *doctor.Facts) { f.Disk = doctor.Disk{} }},
		{"no folder for attachments", "attachments", doctor.Bad, func(f *doctor.Facts) { f.Blobs.Missing = true }},
		{"no room for attachments", "attachments", doctor.Warn, func(f *doctor.Facts) { f.Blobs = doctor.Blobs{NoRoom: 2, Bytes: 250e6, Most: 256e6} }},
		{"no clock", "clock", doctor.Warn, func(f *doctor.Facts) { f.Clock.Plausible = false }},
		{"a clock that leapt", "clock", doctor.Warn, func(f *doctor.Facts) { f.Clock.Plausible, f.Clock.Leapt = false, true }},
		{"a clock that the others know to be wrong", "clock", doctor.Warn, func(f *doctor.Facts) { f.Clock.Wall = f.Clock.Wall.AddDate(-9, 0, 0) }},
		{"an operator's word that ends soon", "clock", doctor.Warn, func(f *doctor.Facts) { f.Clock.Until = f.Clock.Now.AddDate(0, 0, 2) }},
		{"no link", "neighbors", doctor.Bad, func(f *doctor.Facts) { f.Hubs[0].Linked = 0 }},
		{"a copy of the card", "identity", doctor.Bad, func(f *doctor.Facts) { f.Copies = []string{"192.0.2.7:4681"} }},
		{"somebody who claims to be this hub", "identity", doctor.Warn, func(f *doctor.Facts) { f.Claimed = []string{"192.0.2.7:4681"} }},
		{"somebody who passes on to this hub what is for it", "identity", doctor.Warn, func(f *doctor.Facts) {
			f.Claimed, f.Reflected = []string{"192.0.2.7:4681"}, []string{"192.0.2.7:4680"}
		}},
		{"a copy of the card, as another hub says", "identity", doctor.Warn, func(f *doctor.Facts) { f.Copied = true }},
		{"a copy of another's card", "copies", doctor.Warn, func(f *doctor.Facts) { f.Shared = []string{"School"} }},
		{"the portal's certificate has expired", "portal", doctor.Warn, func(f *doctor.Facts) { f.Portal = doctor.Portal{Wanted: true, Problem: "it has expired"} }},
		{"the portal's certificate is about to", "portal", doctor.Warn, func(f *doctor.Facts) {
			f.Portal = doctor.Portal{Wanted: true, Host: "millbrook.example.org", Until: f.Clock.Now.AddDate(0, 0, 13)}
		}},
		{"the certificate of the official pages ends", "official", doctor.Warn, func(f *doctor.Facts) { f.Portal.Official.Problem = "it ends" }},
		{"no address is left", "addresses", doctor.Warn, func(f *doctor.Facts) { f.Addresses.Used, f.Addresses.Refused = 245, true }},
		{"no network", "network", doctor.Bad, func(f *doctor.Facts) { f.Network.Addrs, f.Hubs = 0, nil }},
		{"only the phones' network", "network", doctor.Bad, func(f *doctor.Facts) { f.Network, f.Hubs = doctor.Network{LeftAlone: []string{"wlan0"}}, nil }},
		{"an interface that is not there", "phones", doctor.Warn, func(f *doctor.Facts) {
			f.Network.LeftAlone, f.Network.Missing = []string{"wlan0", "wlam1"}, []string{"wlam1"}
		}},
		{"the address has changed", "network", doctor.Bad, func(f *doctor.Facts) { f.Network.Gone = []string{"192.0.2.1:4680"} }},
		{"no network key", "membership", doctor.Warn, func(f *doctor.Facts) { f.Membership.Key = false }},
		{"another network key", "membership", doctor.Bad, func(f *doctor.Facts) { f.Membership.Strangers, f.Hubs[0].Member = 9, false }},
		{"not among the members", "membership", doctor.Warn, func(f *doctor.Facts) { f.Membership.Problem = "no address yet" }},
		{"the membership's port is blocked", "membership", doctor.Warn, func(f *doctor.Facts) { f.Hubs[0].Member = false }},
		{"a firewall", "reach", doctor.Warn, func(f *doctor.Facts) {
			f.Attempts = []doctor.Attempt{{Label: "School", Addr: "192.0.2.2:4680", Failure: doctor.Silent}}
		}},
		{"another community", "reach", doctor.Warn, func(f *doctor.Facts) {
			f.Attempts = []doctor.Attempt{{Addr: "192.0.2.2:4680", Failure: doctor.Foreign}}
		}},
	} {
		f := healthy()
		ill.make(&f)
		troubles := doctor.Troubles(doctor.Examine(f))
		if len(troubles) != 1 || troubles[0].Code != ill.code || troubles[0].Level != ill.level || troubles[0].Todo == "" {
			t.Errorf("%s: %+v", ill.name, troubles)
		}
	}
}

// A hub whose membership has another port has that one let through, not the usual one.
func TestTheCureOfABlockedMembershipNamesItsPort(t *testing.T) {
	f := healthy()
	f.Membership.Port, f.Hubs[0].Member = "24681", false
	all := doctor.Troubles(doctor.Examine(f))
	if len(all) != 1 || !strings.Contains(all[0].Text, "port 24681 ") || !strings.Contains(all[0].Todo, "“ufw allow 24681”") || strings.Contains(all[0].Todo, " 4681") {
		t.Errorf("%+v", all)
	}
}

// A disk is not full of which nearly all is free.
func TestWhatIsSaidOfADiskIsTrue(t *testing.T) {
	for _, c := range []struct {
		free, total uint64
		want        string
	}{
		{4096, 32e9, "The disk is full: 4.1 kB of 32 GB are free on the disk of the data folder. A hub needs 21 MB."},
		{8.2e6, 8.4e6, "The disk is too small: 8.2 MB of 8.4 MB are free on the disk of the data folder. A hub needs 21 MB."},
		{150e6, 1e9, "The disk is nearly full: 150 MB of 1.0 GB are free on the disk of the data folder. There should be 210 MB."},
		{150e6, 160e6, "The disk is small: 150 MB of 160 MB are free on the disk of the data folder. There should be 210 MB."},
		{1e9, 32e9, "The disk is nearly full: 1.0 GB of 32 GB are free on the disk of the data folder. There should be 1.6 GB."},
	} {
		f := healthy()
		f.Disk = doctor.Disk{Free: c.free, Total: c.total}
		if got := doctor.Troubles(doctor.Examine(f)); len(got) != 1 || got[0].Text != c.want {
			t.Errorf("%+v, not %q", got, c.want)
		}
	}
}

// Where there are link-local addresses alone hubs find each other by multicast, and link.
func TestHubsLinkedByLinkLocalAddressesAloneAreWell(t *testing.T) {
	f := healthy()
	f.Network.Addrs, f.Membership.Problem, f.Hubs[0].Member = 0, "no address yet", false
	if troubles := doctor.Troubles(doctor.Examine(f)); len(troubles) > 0 {
		t.Errorf("%+v", troubles)
	}
}

// Only a machine that has proved this hub's key is a reason to take it for stolen: what
// others say, with a certificate or without, anybody among them can make up.
func TestWhatOthersSayHasNobodyRevoked(t *testing.T) {
	at := []string{"192.0.2.7:4681"}
	for name, told := range map[string]doctor.Facts{
		"a hub tells of another log": {Copied: true}, "a member claims it": {Claimed: at}, "an address leads back": {Claimed: at, Reflected: at},
		"all of it": {Copied: true, Claimed: at, Reflected: at},
	} {
		f := healthy()
		f.Copied, f.Claimed, f.Reflected = told.Copied, told.Claimed, told.Reflected
		for _, one := range doctor.Troubles(doctor.Examine(f)) {
			if one.Level == doctor.Bad || strings.Contains(one.Text+one.Todo, "hub revoke") {
				t.Errorf("%s: %+v", name, one)
			}
		}
	}
}

// Two machines with one key have each link in turn: that no access point mends.
func TestACopyWithoutALinkIsNotBlamedOnTheWiFi(t *testing.T) {
	proved, said := healthy(), healthy()
	proved.Copies, said.Copied = []string{"192.0.2.7:4680"}, true
	for name, f := range map[string]doctor.Facts{"proved": proved, "as another hub says": said} {
		f.Hubs[0].Linked = 0
		for _, one := range doctor.Troubles(doctor.Examine(f)) {
			if strings.Contains(one.Text+one.Todo, "Wi-Fi") || one.Todo == "" {
				t.Errorf("%s: %+v", name, one)
			}
			if stop := strings.Contains(one.Todo, "Stop one of the two"); one.Code == "neighbors" && stop != (name == "proved") {
				t.Errorf("%s: %+v", name, one)
			}
		}
	}
}

// A wider network is the cure as long as a hub gives out more addresses of it.
func TestAWiderNetworkIsNamed(t *testing.T) {
	for hub, want := range map[string]string{
		"10.44.0.1/29": "--address 10.44.0.1/27 ", "10.44.0.1/24": "--address 10.44.0.1/22 ", "10.44.0.1/19": "--address 10.44.0.1/18 ",
		"10.44.0.1/18": "another hub", "10.44.0.1/16": "another hub",
	} {
		f := healthy()
		f.Addresses.Hub, f.Addresses.Refused = netip.MustParsePrefix(hub), true
		if troubles := doctor.Troubles(doctor.Examine(f)); len(troubles) != 1 || !strings.Contains(troubles[0].Todo, want) {
			t.Errorf("%s: %+v", hub, troubles)
		}
	}
}

func TestEachFailureToLinkHasACure(t *testing.T) {
	for failure := doctor.Unknown; failure <= doctor.Outcast; failure++ {
		f := healthy()
		f.Attempts = []doctor.Attempt{{Addr: "192.0.2.2:4680", Failure: failure}}
		troubles := doctor.Troubles(doctor.Examine(f))
		if len(troubles) != 1 || !strings.Contains(troubles[0].Text, "192.0.2.2:4680") || troubles[0].Todo == "" {
			t.Errorf("failure %d: %+v", failure, troubles)
		}
	}
}

// A hub has one link for two machines with one key, and ends the other before it has proved
// itself: that is no other program at its port.
func TestALinkThatEndsForATwinIsBlamedOnTheTwin(t *testing.T) {
	f := healthy()
	f.Copies = []string{"192.0.2.7:4681"}
	f.Attempts = []doctor.Attempt{{Addr: "192.0.2.2:4680", Failure: doctor.NoHub}}
	for _, trouble := range doctor.Troubles(doctor.Examine(f)) {
		if strings.Contains(trouble.Text, "no hub") {
			t.Errorf("%+v", trouble)
		}
	}
}

func TestAnOperatorsWordThatCountsForLongIsNoTrouble(t *testing.T) {
	f := healthy()
	f.Clock.Until = f.Clock.Now.AddDate(0, 0, 20)
	if troubles := doctor.Troubles(doctor.Examine(f)); len(troubles) > 0 {
		t.Errorf("%+v", troubles)
	}
}

func TestALinkThatIsNewIsNotBlamedOnTheMembership(t *testing.T) {
	f := healthy()
	f.Hubs[0] = doctor.Hub{Label: "Library", Linked: time.Second}
	if troubles := doctor.Troubles(doctor.Examine(f)); len(troubles) > 0 {
		t.Errorf("%+v", troubles)
	}
}

func TestWhatAFolderShows(t *testing.T) {
	now := time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC)
	sound := doctor.Folder{Path: "/hub", Network: true, Standing: doctor.Certified, Disk: doctor.Disk{Free: 20e9, Total: 32e9}, Wall: now, Earliest: now.AddDate(0, -1, 0)}
	for _, c := range []struct {
		code  string
		level doctor.Level
		make  func(*doctor.Folder)
	}{
		{"running", doctor.Bad, func(*doctor.Folder) {}},
		{"permissions", doctor.Bad, func(f *doctor.Folder) { f.Open = []string{"hub.key"} }},
		{"folder", doctor.Bad, func(f *doctor.Folder) { f.ReadOnly = true }},
		{"databases", doctor.Bad, func(f *doctor.Folder) { f.Damaged = []string{"records.db is damaged"} }},
		{"ports", doctor.Bad, func(f *doctor.Folder) { f.Taken = []string{"the pages (:8080)"} }},
		{"membership", doctor.Warn, func(f *doctor.Folder) { f.Network = false }},
		{"disk", doctor.Bad, func(f *doctor.Folder) { f.Disk.Free = 0 }},
		{"phones", doctor.Warn, func(f *doctor.Folder) { f.Phones, f.Missing = []string{"wlam1"}, []string{"wlam1"} }},
		{"clock", doctor.Warn, func(f *doctor.Folder) { f.Wall = time.Unix(5, 0) }},
		{"certificate", doctor.Warn, func(f *doctor.Folder) { f.Standing = doctor.Retired }},
		{"certificate", doctor.Bad, func(f *doctor.Folder) { f.Standing = doctor.Revoked }},
	} {
		f := sound
		c.make(&f)
		found := false
		for _, one := range doctor.Troubles(doctor.ExamineFolder(f)) {
			found = found || one.Code == c.code && one.Level == c.level && one.Todo != ""
			if one.Code != c.code && one.Code != "running" {
				t.Errorf("%s: besides %+v", c.code, one)
			}
		}
		if !found {
			t.Errorf("%s: not found", c.code)
		}
	}
	sound.Standing = doctor.Retired
	if all := doctor.Troubles(doctor.ExamineFolder(sound)); len(all) != 1 || all[0].Code != "certificate" {
		t.Errorf("one that need not run: %+v", all)
	}
	sound.Problem = "It belongs to no community yet."
	if all := doctor.Troubles(doctor.ExamineFolder(sound)); len(all) != 1 || all[0].Code != "folder" {
		t.Errorf("of a folder that is nobody's: %+v", all)
	}
}

func TestSizesForPeople(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 9_940_000: "9.9 MB", 12_400_000_000: "12 GB", 999_600_000: "1.0 GB", 5e15: "5000 TB"} {
		if got := doctor.Bytes(n); got != want {
			t.Errorf("%d is %q, not %q", n, got, want)
		}
	}
}
