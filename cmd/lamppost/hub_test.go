package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestWhichHubIsMeant(t *testing.T) {
	all := []control.CertifiedHub{
		{ID: "abcd12" + strings.Repeat("0", 58), Label: "Library"},
		{ID: "abcd34" + strings.Repeat("0", 58), Label: "School", Self: true},
		{ID: "ff0000" + strings.Repeat("0", 58), Label: "abcd"},
		{ID: "ee0000" + strings.Repeat("0", 58), Label: "Barn", Retired: true},
		{ID: "dd0000" + strings.Repeat("0", 58), Label: "Barn"},
		{ID: "aa1111" + strings.Repeat("0", 58), Label: "Dock"},
		{ID: "aa2222" + strings.Repeat("0", 58), Label: "Dock"},
		{ID: "990000" + strings.Repeat("0", 58), Label: "Kiosk", Retired: true},
	}
	end := &control.Revoked{}
	all = append(all,
		control.CertifiedHub{ID: "cc0000" + strings.Repeat("0", 58), Label: "School", Revoked: end},
		control.CertifiedHub{ID: "bb0000" + strings.Repeat("0", 58), Label: "Mill", Revoked: end})
	for name, want := range map[string]string{
		"school": "School", "cc00": "School", "mill": "Mill", "BB00": "Mill",
		"": "School", "library": "Library", "abcd1": "Library", "ABCD34": "School", "abcd": "abcd",
		"Dock": "more than one hub (Dock aa1111, Dock aa2222)", "ee00": "Barn", "kiosk": "Kiosk",
		"abc": "no hub", "nobody": "no hub", "abcd5": "no hub",
	} {
		got, err := meant(all, name)
		if err == nil && got.Label != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q means %q, %v; want %q", name, got.Label, err, want)
		}
	}
	for _, name := range []string{"Barn", "barn"} {
		if got, err := meant(all, name); err != nil || got.Retired {
			t.Errorf("%q means %+v, %v, and not the one in use", name, got, err)
		}
	}
}

// What a hub that is not to be trusted has the roots sign is looked at first.
func TestTheRootsSignOnlyWhatWasMeant(t *testing.T) {
	subject, other, out, idle := record.Author{1}, record.Author{2}, record.Author{3}, record.Author{4}
	which := control.CertifiedHub{ID: subject.String(), Label: "Library", Roles: "admit"}
	type stated interface {
		Record(record.Time, record.Via) (record.Record, error)
	}
	hub := func(a record.Author, roles roster.Roles) stated {
		return roster.Certificate{Kind: roster.Hub, Subject: a, Label: "x", Roles: roles}
	}
	end := func(a record.Author, retired bool) stated { return roster.Revocation{Subject: a, Retired: retired} }
	for _, c := range []struct {
		name string
		act  control.ActKind
		good bool
		says []stated
	}{
		{"a rename", control.Rename, true, []stated{hub(subject, roster.Admit)}},
		{"a rename that takes the role", control.Rename, false, []stated{hub(subject, 0)}},
		{"a rename that gives a role", control.Rename, false, []stated{hub(subject, roster.Admit|roster.Moderate)}},
		{"a rename with another hub", control.Rename, false, []stated{hub(subject, roster.Admit), hub(other, 0)}},
		{"a rename of another hub", control.Rename, false, []stated{hub(other, 0)}},
		{"a rename that revokes", control.Rename, false, []stated{hub(subject, roster.Admit), end(subject, false)}},
		{"a coordinator", control.Rename, false, []stated{roster.Certificate{Kind: roster.Coordinator, Subject: subject, Label: "x", Roles: roster.Admit}}},
		{"a retirement", control.Retire, true, []stated{end(subject, true)}},
		{"a retirement that revokes", control.Retire, false, []stated{end(subject, false)}},
		{"a revocation", control.Revoke, true, []stated{hub(other, 0), end(subject, false)}},
		{"a revocation of another", control.Revoke, false, []stated{end(subject, false), end(other, false)}},
		{"a revocation that gives a role", control.Revoke, false, []stated{hub(other, roster.Admit), end(subject, false)}},
		{"new roots", control.Revoke, false, []stated{end(subject, false), roster.Succession{Roots: []record.Author{other}, Threshold: 1}}},
		{"nothing", control.Revoke, false, nil},
		{"a grant", control.Grant, true, []stated{hub(subject, roster.Admit)}},
		{"a grant that renames", control.Grant, false, []stated{roster.Certificate{Kind: roster.Hub, Subject: subject, Label: "y", Roles: roster.Admit}}},
		{"a grant that gives another role", control.Grant, false, []stated{hub(subject, roster.Admit|roster.Moderate)}},
		{"a grant that gives none", control.Grant, false, []stated{hub(subject, 0)}},
		{"a grant to another", control.Grant, false, []stated{hub(subject, roster.Admit), hub(other, roster.Admit)}},
		{"a grant that revokes", control.Grant, false, []stated{hub(subject, roster.Admit), end(subject, false)}},
		{"a revocation with one it has put out", control.Revoke, true, []stated{end(subject, false), end(out, false)}},
		{"a right taken back", control.Ungrant, true, []stated{hub(subject, 0), hub(other, 0), end(out, false)}},
		{"a right that is left", control.Ungrant, false, []stated{hub(subject, roster.Admit)}},
		{"a right taken back that renames", control.Ungrant, false, []stated{roster.Certificate{Kind: roster.Hub, Subject: subject, Label: "y"}}},
		{"a right taken back and given to another", control.Ungrant, false, []stated{hub(subject, 0), hub(other, roster.Admit)}},
		{"a right taken back that revokes", control.Ungrant, false, []stated{hub(subject, 0), end(subject, false)}},
		{"a right taken back that revokes another", control.Ungrant, false, []stated{hub(subject, 0), end(other, false)}},
		{"a right taken back that retires", control.Ungrant, false, []stated{hub(subject, 0), end(out, true)}},
		{"a right taken back with one it has retired", control.Ungrant, true, []stated{hub(subject, 0), hub(idle, 0), end(idle, true)}},
		{"a right taken back that ends one it has retired", control.Ungrant, false, []stated{hub(subject, 0), end(idle, false)}},
		{"a rename that retires", control.Rename, false, []stated{hub(subject, roster.Admit), end(subject, true)}},
	} {
		var plan control.HubPlan
		for _, s := range c.says {
			r, err := s.Record(1, record.Via{})
			if err != nil {
				t.Fatal(err)
			}
			plan.Statements = append(plan.Statements, control.Statement{Key: r.Key, Body: r.Body})
		}
		which := which
		if c.act == control.Grant {
			which.Label, which.Roles = "x", ""
		}
		if c.act == control.Ungrant {
			which.Label = "x"
		}
		which.PutOut, which.Idle = []string{out.String()}, []string{idle.String()}
		if err := means(which, control.HubAct{Act: c.act}, plan); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRootSheetsAreNotShownWhileTheyAreTyped(t *testing.T) {
	keyboard, terminal := openTerminal(t)
	sheets, _ := rootsheet.Draw("Millbrook", 1, 1)
	words := sheets[0].Secret
	var said bytes.Buffer
	std := streams{terminal, &said, &said}
	hand := rootsheet.NewHand([]record.Author{sheets[0].Root}, 1)
	asked := make(chan error, 1)
	go func() { asked <- rootAct{}.ask(t.Context(), std, newAsker(std), hand, 1) }()
	if err := waitFor(t.Context(), patience, func() (bool, error) { return !echoes(t, terminal), nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := keyboard.WriteString(words.Text() + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-asked; err != nil || hand.Missing() > 0 {
		t.Errorf("%v, %s", err, hand)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal shows nothing any more")
	}
	if _, err := keyboard.WriteString("end\n"); err != nil {
		t.Fatal(err)
	}
	shown, err := readUntil(bufio.NewReader(keyboard), "end")
	typed := words.Words()
	two := typed[0] + " " + typed[1] // one may be in what was asked
	if err != nil || strings.Contains(shown, two) || strings.Contains(said.String(), two) {
		t.Errorf("shown: %q (%v)", shown, err)
	}
}
