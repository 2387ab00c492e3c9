package main

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// stating makes what a hub asks the roots to sign.
func stating(t *testing.T, says ...interface {
	Record(record.Time, record.Via) (record.Record, error)
},
) (out []control.Statement) {
	t.Helper()
	for _, s := range says {
		r, err := s.Record(1, record.Via{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, control.Statement{Key: r.Key, Time: 1, Body: r.Body})
	}
	return out
}

// A hub that is in other hands asks the roots to sign something else than was typed.
func TestWhatTheRootsSignAboutAPersonIsWhatWasMeant(t *testing.T) {
	maria, other := record.Author{1}, record.Author{2}
	who := control.Somebody{ID: maria.String(), Name: "Maria"}
	act := control.RoleAct{Act: control.Grant, Who: who.ID, Roles: []string{"notices", "relay"}, Senders: []string{"nws"}, Area: "fire district", Until: 20_000}
	right := roster.Certificate{
		Kind: roster.Coordinator, Subject: maria, Label: "Maria", Roles: roster.Notices | roster.Relay, Senders: []string{"nws"}, Area: "fire district", Until: 20_000,
	}
	changed := func(change func(*roster.Certificate)) []control.Statement {
		c := right
		change(&c)
		return stating(t, c)
	}
	rebound := stating(t, right)
	rebound[0].Key = stating(t, roster.Certificate{Kind: roster.Coordinator, Subject: other, Label: "Maria"})[0].Key
	for name, c := range map[string]struct {
		says []control.Statement
		good bool
	}{
		"what was meant": {stating(t, right), true},
		"nothing":        {nil, false},
		"twice":          {stating(t, right, right), false},
		"and an end":     {stating(t, right, roster.Revocation{Subject: other}), false},
		"an end":         {stating(t, roster.Revocation{Subject: maria}), false},
		"new roots":      {stating(t, roster.Succession{Roots: []record.Author{other}, Threshold: 1}), false},
		"another person": {changed(func(c *roster.Certificate) { c.Subject = other }), false},
		"a hub":          {changed(func(c *roster.Certificate) { c.Kind = roster.Hub }), false},
		"more":           {changed(func(c *roster.Certificate) { c.Roles |= roster.Moderate }), false},
		"less":           {changed(func(c *roster.Certificate) { c.Roles = roster.Notices }), false},
		"another sender": {changed(func(c *roster.Certificate) { c.Senders = []string{"rogue"} }), false},
		"another area":   {changed(func(c *roster.Certificate) { c.Area = "everywhere" }), false},
		"another day":    {changed(func(c *roster.Certificate) { c.Until++ }), false},
		"under another key": {
			rebound, false,
		},
	} {
		if err := meansRoles(who, "Maria", act, c.says); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A name that was typed, and one that stands, are not another's to choose.
	renamed := changed(func(c *roster.Certificate) { c.Label = "Mona" })
	named := act
	named.Label = "Maria"
	if meansRoles(who, "Mona", named, renamed) == nil {
		t.Error("another name than was typed")
	}
	sworn := who
	sworn.Certified = true
	if meansRoles(sworn, "Mona", act, renamed) == nil {
		t.Error("another name than she has")
	}
}

func TestWhatTheRootsSignAboutAHubKeepsItsRight(t *testing.T) {
	at := record.Author{3}
	who := control.Somebody{ID: at.String(), Name: "Station", Hub: true, Certified: true, Roles: []string{"admit"}}
	act := control.RoleAct{Act: control.Grant, Who: who.ID, Roles: []string{"relay"}, Senders: []string{"nws"}}
	c := roster.Certificate{Kind: roster.Hub, Subject: at, Label: "Station", Roles: roster.Relay | roster.Admit, Senders: []string{"nws"}}
	if err := meansRoles(who, "Station", act, stating(t, c)); err != nil {
		t.Error(err)
	}
	c.Roles = roster.Relay
	if meansRoles(who, "Station", act, stating(t, c)) == nil {
		t.Error("it loses its right")
	}
	who.Roles = nil
	c.Roles |= roster.Admit
	if meansRoles(who, "Station", act, stating(t, c)) == nil {
		t.Error("it is given a right")
	}
}

func TestWhatTheRootsSignAgainstAPersonIsWhatWasMeant(t *testing.T) {
	maria, other := record.Author{1}, record.Author{2}
	who := control.Somebody{ID: maria.String(), Name: "Maria"}
	end := roster.Revocation{Subject: maria, Why: "stolen", Label: "Maria"}
	left := roster.Revocation{Subject: maria, Why: "stolen", Retired: true}
	for name, c := range map[string]struct {
		act  control.ActKind
		says []control.Statement
		good bool
	}{
		"an end":                    {control.Revoke, stating(t, end), true},
		"a retirement":              {control.Retire, stating(t, left), true},
		"an end for a retirement":   {control.Retire, stating(t, end), false},
		"a retirement for an end":   {control.Revoke, stating(t, left), false},
		"another's":                 {control.Revoke, stating(t, roster.Revocation{Subject: other, Why: "stolen"}), false},
		"for another reason":        {control.Revoke, stating(t, roster.Revocation{Subject: maria, Why: "lies"}), false},
		"with another's":            {control.Revoke, stating(t, end, roster.Revocation{Subject: other, Why: "stolen"}), false},
		"with something that stays": {control.Revoke, stating(t, roster.Revocation{Subject: maria, Why: "stolen", Stays: [][8]byte{{1}}}), false},
		"nothing":                   {control.Revoke, nil, false},
	} {
		if err := meansEndOf(who, control.RoleAct{Act: c.act, Who: who.ID, Why: "stolen"}, c.says); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatTheRootsSignForTheirSuccessorsIsWhatWasMeant(t *testing.T) {
	a, b, other := record.Author{1}, record.Author{2}, record.Author{3}
	next := control.Successors{Roots: []string{b.String(), a.String()}, Threshold: 2}
	list := func(threshold int, roots ...record.Author) []control.Statement {
		return stating(t, roster.Succession{Roots: roots, Threshold: threshold})
	}
	for name, c := range map[string]struct {
		says []control.Statement
		good bool
	}{
		"what was meant":  {list(2, a, b), true},
		"fewer to decide": {list(1, a, b), false},
		"another root":    {list(2, a, other), false},
		"one root more":   {list(2, a, b, other), false},
		"one root less":   {list(1, a), false},
		"a certificate":   {stating(t, roster.Certificate{Kind: roster.Hub, Subject: a, Label: "x"}), false},
		"twice":           {append(list(2, a, b), list(2, a, b)...), false},
	} {
		if err := meansSuccession(next, c.says); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheRegisterForPeople(t *testing.T) {
	since := time.Date(2026, 11, 25, 12, 0, 0, 0, time.Local)
	text := registerText(register.Register{
		Community: "Millbrook", Roots: []string{"1a2b-3c4d", "2a2b-3c4d", "3a2b-3c4d"}, Threshold: 2, Lists: 2, Rivals: 2,
		Coordinators: []register.Entry{
			{ID: "3fa2b1", Label: "Maria Ortiz of the fire district", Roles: []string{"notices", "moderate", "maps"}, Area: "fire district", Since: since, By: []string{"1a2b-3c4d", "2a2b-3c4d"}, Until: "2026-01-01", Over: true},
			{ID: "4fa2b1", Label: "Omar", Roles: []string{}, Since: since, By: []string{"1a2b-3c4d"}},
		},
		Hubs:  []register.Entry{{ID: "5fa2b1", Label: "School", Roles: []string{}, Since: since, Issuer: "Station"}},
		Ended: []register.End{{ID: "6fa2b1", Kind: register.Neighbor, At: since, Own: true}, {ID: "7fa2b1", Label: "Mill", Kind: register.Hub, Retired: true, At: since, Issuer: "Station"}},
	})
	for _, want := range []string{
		"They are the second list since the founding;\n", "2 different lists were signed to\n  follow them, so none does",
		"Maria Ortiz … 3fa2b1  notices, moderate, maps  fire district  2026-11-25  sheets 1a2b-3c4d, 2a2b-3c4d; was meant until 2026-01-01\n",
		"Omar 4fa2b1           nothing any more                        2026-11-25  sheet 1a2b-3c4d\n",
		"School 5fa2b1             2026-11-25  Station\n",
		"no name 6fa2b1  neighbor  revoked  2026-11-25  themselves\n", "Mill 7fa2b1     hub       retired  2026-11-25  Station\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

func TestWhoIsNamedAndMayNoMoreIsToldSo(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ended := []register.End{
		{ID: "3fa2b1" + strings.Repeat("0", 58), Tag: "3fa2b1", Label: "Card 2", Kind: register.Coordinator, At: at, Why: "the envelope was gone"},
		{ID: "4fa2b1" + strings.Repeat("0", 58), Tag: "4fa2b1", Label: "Old Chief", Kind: register.Coordinator, Retired: true, At: at},
		{ID: "5fa2b1" + strings.Repeat("0", 58), Tag: "5fa2b1", Label: "Mill", Kind: register.Hub, At: at},
		{ID: "6fa2b1" + strings.Repeat("0", 58), Tag: "6fa2b1", Kind: register.Neighbor, At: at},
	}
	for who, want := range map[string]string{
		"Card 2":        "the six words of Card 2 3fa2b1 were ended on 2026-11-22 (the envelope was gone)",
		" card  2":      "were ended on",
		"Card 2 3FA2B1": "were ended on",
		"3fa2b1":        "were ended on",
		ended[0].ID:     "were ended on",
		"Old Chief":     "no longer speaks for the community since 2026-11-22",
		"Mill":          "was a hub",
		"6fa2b1":        "the six words of 6fa2b1 were ended",
	} {
		if got := endedText(ended, who); !strings.Contains(got, want) {
			t.Errorf("%q: %q", who, got)
		}
	}
	for _, other := range []string{"Card", "Card 2 000000", "Maria", ""} {
		if got := endedText(ended, other); got != "" {
			t.Errorf("%q: %q", other, got)
		}
	}
}

func TestWhatAnEndDoesToNoticesIsSaid(t *testing.T) {
	all := []control.Effect{{Says: "These notices hold again:", Of: []string{"FS4-1 “Boil your water”", "FS4-2 “Road closed”"}}, {Says: "These are gone:", Of: []string{"FS4-7 “Meeting”"}}}
	const want = `These notices hold again:
  FS4-1 “Boil your water”
  FS4-2 “Road closed”
These are gone:
  FS4-7 “Meeting”
`
	if got := effectsText(all); got != want {
		t.Errorf("before it is done:\n%s", got)
	}
	if got := doneText(all); !strings.HasPrefix(got, want) || !strings.Contains(got, "Look at the notices at once") {
		t.Errorf("when it is done:\n%s", got)
	}
	if got := effectsText(nil) + doneText(nil); got != "" {
		t.Errorf("of what changes nothing: %s", got)
	}
}

func TestAPlaceIsGivenNothingThatIsForPeople(t *testing.T) {
	box := control.Somebody{ID: strings.Repeat("a", 64), Name: "School", Hub: true, Certified: true}
	person := control.Somebody{ID: strings.Repeat("b", 64), Name: "Maria", Certified: true}
	for role, ok := range map[string]bool{"notices": false, "moderate": false, "maps": false, "relay": true} {
		act := control.RoleAct{Act: control.Grant, Roles: []string{role}}
		if err := forBox(box, act); (err == nil) != ok {
			t.Errorf("a place, %s: %v", role, err)
		}
		if err := forBox(person, act); err != nil {
			t.Errorf("a person, %s: %v", role, err)
		}
	}
	none := control.RoleAct{Act: control.Grant}
	if said := grantText(box, none); !strings.Contains(said, "not confirmed") || strings.Contains(said, "six words") {
		t.Errorf("of a place: %s", said)
	}
	if said := grantText(person, none); !strings.Contains(said, "six words") {
		t.Errorf("of a person: %s", said)
	}
}

// A grant says all that somebody may: what it leaves out is told before it is signed.
func TestWhatAGrantTakesAwayIsSaid(t *testing.T) {
	box := control.Somebody{ID: strings.Repeat("a", 64), Name: "School", Hub: true, Certified: true, Roles: []string{"admit", "relay"}, Senders: []string{"nws@noaa.gov", "usgs.gov"}}
	person := control.Somebody{ID: strings.Repeat("b", 64), Name: "Maria", Certified: true, Roles: []string{"notices", "maps"}}
	for name, c := range map[string]struct {
		who         control.Somebody
		act         control.RoleAct
		says, hides string
	}{
		"another sender":  {box, control.RoleAct{Roles: []string{"relay"}, Senders: []string{"vedur.is"}}, "The warnings of nws@noaa.gov, usgs.gov, which they may pass on now", "any more"},
		"one more sender": {box, control.RoleAct{Roles: []string{"relay"}, Senders: []string{"vedur.is", "nws@noaa.gov", "usgs.gov"}}, "vedur.is", "which they may pass on now"},
		"another role":    {person, control.RoleAct{Roles: []string{"moderate"}}, "They may not do this any more: notices, maps.", "warnings"},
		"one more role":   {person, control.RoleAct{Roles: []string{"moderate", "notices", "maps"}}, "moderate", "any more"},
	} {
		c.act.Act = control.Grant
		said := strings.Join(strings.Fields(grantText(c.who, c.act)), " ")
		if !strings.Contains(said, c.says) || strings.Contains(said, c.hides) {
			t.Errorf("%s: %s", name, said)
		}
	}
}

func TestWhatBecomesOfTheAreaIsSaid(t *testing.T) {
	who := control.Somebody{ID: strings.Repeat("a", 64), Name: "Maria", Certified: true, Area: "fire district"}
	for area, want := range map[string]string{
		"fire district": "They speak for the same as before: fire district.",
		"north":         "They speak for: north.",
		"":              "That they speak for fire district is not said any more.",
	} {
		said := strings.Join(strings.Fields(grantText(who, control.RoleAct{Act: control.Grant, Roles: []string{"notices"}, Area: area})), " ")
		if !strings.Contains(said, want) {
			t.Errorf("%q: %s", area, said)
		}
	}
	g := granted{Roles: []string{"notices"}, Area: "none"}
	if act, err := g.act(); err != nil || act.Area != "" {
		t.Errorf("none: %+v, %v", act, err)
	}
}
