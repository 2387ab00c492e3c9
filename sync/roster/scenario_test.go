package roster_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func isHub(s *roster.State, name string) bool {
	_, ok := s.Hub(author(name))
	return ok
}

func TestRootsActTogether(t *testing.T) {
	w := found(t, 2, "root1", "root2", "root3")
	cert := hubCert("station", roster.Admit|roster.Notices)
	w.say(cert, "root1")
	w.say(cert, "root1")
	if isHub(w.state(), "station") {
		t.Fatal("one root of two, twice, certified a hub")
	}
	other := cert
	other.Label = "Station"
	w.say(other, "root2")
	if isHub(w.state(), "station") {
		t.Fatal("two roots who say different things certified a hub")
	}
	w.say(cert, "stranger")
	if isHub(w.state(), "station") {
		t.Fatal("a root and a stranger certified a hub")
	}
	w.say(cert, "root3")
	s := w.state()
	got, ok := s.Hub(author("station"))
	if !ok || got.Label != "station" || !s.Has(author("station"), roster.Admit) || s.Has(author("station"), roster.Admit|roster.Maps) {
		t.Fatalf("two roots certified %+v, %v", got, ok)
	}
	if _, ok := s.Coordinator(author("station")); ok {
		t.Fatal("a hub is not a coordinator")
	}
}

func TestTheNewestCertificateOfAKeyStands(t *testing.T) {
	w := found(t, 2, "root1", "root2", "root3")
	with, without := hubCert("station", roster.Admit), hubCert("station", 0)
	w.say(with, "root1", "root2")
	w.say(without, "root2", "root3")
	if w.state().Has(author("station"), roster.Admit) {
		t.Fatal("the role outlived the certificate that took it")
	}
	w.say(with, "root1")
	if w.state().Has(author("station"), roster.Admit) {
		t.Fatal("one root alone brought an older certificate back")
	}
	w.say(with, "root2")
	if !w.state().Has(author("station"), roster.Admit) {
		t.Fatal("two roots could not bring a certificate back")
	}
}

func TestNobodyTakesASignatureBack(t *testing.T) {
	w := station(t)
	before := w.state()
	for _, r := range keep(w.seen, func(r record.Record) bool { return r.Author == author("root1") }) {
		for _, body := range [][]byte{nil, {0xa0}, append(slices.Clone(r.Body), 0)} {
			over := w.write("root1", record.Record{App: record.Roster, Class: record.Trust, Key: r.Key, Body: body})
			if err := before.Admits(over, false); !errors.Is(err, roster.ErrForm) {
				t.Fatalf("a statement with another body under its key: %v", err)
			}
		}
	}
	if !w.state().Equal(before) {
		t.Fatal("a root alone undid an act")
	}
}

func TestAdmitCertifiesHubsAndNothingElse(t *testing.T) {
	w := station(t)
	s := w.state()
	if !isHub(s, "school") || s.Has(author("school"), roster.Admit) {
		t.Fatal("the station's certificate of the school does not hold as it should")
	}
	quota, senders := hubCert("x", 0), hubCert("x", 0)
	quota.Quota, senders.Senders = 3000, []string{"Weather Service"}
	for _, c := range []roster.Certificate{
		hubCert("x", roster.Notices), hubCert("x", 1<<15), coordinatorCert("x", 0), quota, senders,
	} {
		w.say(c, "station")
	}
	w.say(hubCert("x", 0), "school") // two below the roots already
	w.say(hubCert("x", 0), "chief")  // no such role
	w.say(hubCert("x", 0), "x")
	w.say(hubCert("station", 0), "station") // the roots' word stands
	if w.state().Certified(author("x")) {
		t.Fatal("somebody certified what only the roots may")
	}
	if !w.state().Equal(s) {
		t.Fatal("certificates that do not hold changed the state")
	}
	w.say(coordinatorCert("x", roster.Maps), "root1", "root3")
	w.say(hubCert("x", 0), "station")
	if c, ok := w.state().Coordinator(author("x")); !ok || c.Roles != roster.Maps {
		t.Fatal("the issuer's certificate came before the roots'")
	}
}

func TestTheRootsRevokeAHubAndWhatItIssued(t *testing.T) {
	w := station(t)
	v := w.vouch("station", 0, "ann")
	post := w.post("ann", record.Talk, "k")
	notice := w.post("chief", record.Notice, "n")
	w.say(revoke("station"), "root1")
	if !isHub(w.state(), "station") || !w.in(post) {
		t.Fatal("one root of two revoked a hub")
	}
	w.say(revoke("station"), "root3")
	s := w.state()
	for _, hub := range []string{"station", "school", "library"} {
		if isHub(s, hub) {
			t.Errorf("%s is still a hub", hub)
		}
	}
	if !s.Revoked(author("station")) || s.Revoked(author("school")) {
		t.Error("who issued is revoked, who was issued to only has lost the certificate")
	}
	if err := s.Admits(v, false); !errors.Is(err, roster.ErrRevoked) {
		t.Errorf("vouch of a revoked hub: %v", err)
	}
	if w.in(post) || !w.in(notice) {
		t.Error("the resident of a revoked hub wrote on, or a bystander was hit")
	}
	w.say(hubCert("station", roster.Admit), "root1", "root2", "root3")
	if isHub(w.state(), "station") {
		t.Error("a revocation is final")
	}
	w.say(hubCert("school", 0), "root1", "root2")
	if !isHub(w.state(), "school") {
		t.Error("the roots can certify anew what a revoked issuer had issued")
	}
}

func TestAnIssuerTakesBackOnlyWhatItIssued(t *testing.T) {
	w := station(t)
	w.say(hubCert("market", roster.Admit), "root1", "root2")
	w.say(hubCert("clinic", 0), "market")
	stays := w.vouch("clinic", 1, "eve")
	before := w.state()
	w.say(revoke("clinic"), "station") // not the issuer
	w.say(revoke("market"), "station") // issued by the roots
	w.say(revoke("station"), "market")
	w.say(revoke("chief"), "station")
	w.say(revoke("root1"), "station")
	w.say(revoke("school"), "market")
	if !w.state().Equal(before) {
		t.Fatal("authority flowed sideways")
	}
	w.say(hubCert("clinic", 0), "station") // to have issued it too does not help either
	if !isHub(w.state(), "clinic") || !w.in(stays) {
		t.Fatal("a second issuer's word cut another's hub")
	}
	w.say(revoke("clinic", stays), "market")
	s := w.state()
	if isHub(s, "clinic") || s.Revoked(author("clinic")) {
		t.Fatal("without certificate, but not revoked outright")
	}
	if !w.in(stays) {
		t.Fatal("the vouch that the issuer lets stay fell")
	}
	w.say(hubCert("clinic", 0), "market")
	if isHub(w.state(), "clinic") {
		t.Fatal("an issuer's revocation is final for that issuer")
	}
}

func TestAKeyRevokesItself(t *testing.T) {
	w := station(t)
	w.vouch("school", 3, "ann")
	post := w.post("ann", record.Talk, "k")
	own := w.say(revoke("ann"), "ann")[0]
	if w.in(post) || !w.in(own) {
		t.Fatal("of a key that revoked itself only that stays")
	}
	// The thief of the key buries the revocation and says the opposite.
	w.say(roster.Revocation{Subject: author("ann"), Retired: true}, "ann")
	junk := w.write("ann", bound("r", author("ann").String(), []byte{0xff}))
	if s := w.state(); !s.Revoked(author("ann")) || !w.in(own) || !w.in(junk) {
		t.Fatal("a thief undid a revocation")
	}
	if !roster.Own(own) || !roster.Own(junk) || roster.Own(post) {
		t.Fatal("Own does not tell what a key says of itself")
	}
	alone := roster.Compute(w.f, []record.Record{junk})
	if !alone.Revoked(author("ann")) {
		t.Fatal("a revocation with an unreadable body still is one")
	}

	stranger := w.say(revoke("zed"), "zed")[0]
	if err := w.state().Admits(stranger, false); !errors.Is(err, roster.ErrUnknown) {
		t.Fatalf("a stranger's revocation of itself: %v", err)
	}
	chief := w.say(revoke("chief"), "chief")[0]
	if s := w.state(); !s.Revoked(author("chief")) || s.Certified(author("chief")) || s.Admits(chief, false) != nil {
		t.Fatal("a coordinator could not revoke itself")
	}
	other := w.say(revoke("nurse"), "chief")[0]
	if err := w.state().Admits(other, false); !errors.Is(err, roster.ErrRevoked) {
		t.Fatalf("a revoked key speaks of others: %v", err)
	}
}

func TestTwoCoordinatorsCannotRevokeEachOther(t *testing.T) {
	w := station(t)
	before := w.state()
	a := w.say(revoke("nurse"), "chief")[0]
	b := w.say(revoke("chief"), "nurse")[0]
	if s := w.state(); !s.Equal(before) || s.Admits(a, false) != nil || s.Admits(b, false) != nil {
		t.Fatal("both are in the set and confer nothing")
	}
}

func TestARogueHubCannotHarmANeighbor(t *testing.T) {
	w := station(t)
	w.vouch("school", 0, "ann")
	post := w.post("ann", record.Talk, "k")
	before := w.state()
	w.vouch("library", 0, "ann") // the rogue
	w.vouch("library", 1, "chief")
	r := w.say(revoke("ann"), "library")[0]
	w.say(revoke("chief"), "library")
	w.say(roster.Purge{Slot: post.Slot(), Time: post.Time, ID: post.ID()}, "library")
	if err := w.state().Admits(r, true); !errors.Is(err, roster.ErrRole) {
		t.Fatalf("a hub without roles wrote a trust record: %v", err)
	}
	if !w.state().Equal(before) || !w.in(post) {
		t.Fatal("a hub's vouch gave it power over the key")
	}
	w.say(revoke("library"), "root1", "root2")
	if !w.in(post) {
		t.Fatal("the rogue took its victim down with it")
	}
}

func TestVouchesThatStay(t *testing.T) {
	type says struct{ roots, issuer, own []string }
	for name, c := range map[string]struct {
		says
		stay []string
	}{
		"roots alone":           {says{roots: []string{"a"}}, []string{"a"}},
		"roots before all":      {says{roots: []string{"a"}, issuer: []string{"b"}, own: []string{"c"}}, []string{"a"}},
		"roots, and none":       {says{roots: []string{}, issuer: []string{"b"}, own: []string{"c"}}, nil},
		"issuer before its own": {says{issuer: []string{"b"}, own: []string{"c"}}, []string{"b"}},
		"issuer, and none":      {says{issuer: []string{}, own: []string{"c"}}, nil},
		"its own":               {says{own: []string{"a", "c"}}, []string{"a", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := station(t)
			vouches := map[string]record.Record{}
			for i, who := range []string{"a", "b", "c"} {
				vouches[who] = w.vouch("school", i, who)
			}
			// One part a name: parts are united.
			say := func(who []string, signers ...string) {
				if who == nil {
					return
				}
				w.say(revoke("school"), signers...)
				for i, n := range who {
					v := revoke("school", vouches[n])
					v.Part, v.Parts = i+1, len(who)
					w.say(v, signers...)
				}
			}
			say(c.roots, "root1", "root2")
			say(c.issuer, "station")
			say(c.own, "school")
			for who, v := range vouches {
				if got, want := w.in(v), slices.Contains(c.stay, who); got != want {
					t.Errorf("vouch for %s in the set: %v", who, got)
				}
			}
			late := w.vouch("school", 7, "d")
			again := w.vouch("school", 0, "d") // over a vouch that stays
			if w.in(late) || w.in(again) || isHub(w.state(), "school") {
				t.Error("a revoked hub vouches on")
			}
			if got := w.state().Quota(author("school")); got != roster.QuotaHub {
				t.Errorf("room for what stays: %d slots", got)
			}
		})
	}
}

func TestASecondIssuerDoesNotReplaceTheFirstOnesList(t *testing.T) {
	w := station(t)
	w.say(hubCert("market", roster.Admit), "root1", "root2")
	ann, bob := w.vouch("school", 0, "ann"), w.vouch("school", 1, "bob")
	w.say(revoke("school", bob), "school")
	w.say(revoke("school", ann), "station")
	if !w.in(ann) || w.in(bob) {
		t.Fatal("the issuer's list comes before the hub's own")
	}
	w.say(hubCert("school", 0), "market")
	if !w.in(ann) {
		t.Fatal("a second issuer's certificate cut a vouch that the first lets stay")
	}
	if isHub(w.state(), "school") {
		t.Fatal("who revoked itself is certified no more")
	}
}

func TestAnotherHubAdoptsResidents(t *testing.T) {
	w := station(t)
	w.vouch("school", 0, "ann")
	post := w.post("ann", record.Talk, "k")
	w.say(revoke("school"), "root1", "root2")
	if w.in(post) {
		t.Fatal("nobody vouches for ann")
	}
	w.vouch("library", 12, "ann")
	if !w.in(post) {
		t.Fatal("the library adopted ann, and her post came back")
	}
}

func TestALostSheetAndASuccession(t *testing.T) {
	w := station(t)
	list, roots, k := w.state().Roots()
	if list != roster.ListID(w.f.Community()) || len(roots) != 3 || k != 2 {
		t.Fatalf("founding roots: %x %v %d", list, roots, k)
	}
	// root3's sheet is lost; whoever found it tries what it can.
	before := w.state()
	w.say(revoke("root1"), "root3")
	w.say(hubCert("spy", roster.Admit), "root3")
	w.say(roster.Succession{Follows: list, Roots: authors("root3"), Threshold: 1}, "root3")
	if !w.state().Equal(before) {
		t.Fatal("one sheet acted alone")
	}
	next := roster.Succession{Follows: list, Roots: authors("root1", "root2", "new1", "new2"), Threshold: 3}
	w.say(next, "root1", "root2")
	s := w.state()
	if list, roots, k = s.Roots(); len(roots) != 4 || k != 3 || !s.Root(author("new1")) {
		t.Fatalf("after the succession: %v, %d of them", roots, k)
	}
	if !isHub(s, "station") || !isHub(s, "school") || !s.Has(author("nurse"), roster.Maps) {
		t.Fatal("certificates did not survive the succession")
	}
	w.say(hubCert("church", roster.Admit), "new1", "new2")
	if isHub(w.state(), "church") {
		t.Fatal("two of the new roots acted where it takes three")
	}
	w.say(hubCert("church", roster.Admit), "root1")
	w.say(hubCert("chapel", 0), "church")
	if s = w.state(); !isHub(s, "church") || !isHub(s, "chapel") {
		t.Fatal("three new roots could not certify")
	}
	if got := len(s.Chain(author("chapel"))); got != 2+3+1 {
		t.Fatalf("chain of %d records: the succession's 2, the church's 3, the chapel's 1", got)
	}
	// A second succession, and a list that follows itself again is another list.
	w.say(roster.Succession{Follows: list, Roots: authors("root1", "root2", "root3"), Threshold: 2}, "root1", "new1", "new2")
	if again, _, k := w.state().Roots(); k != 2 || again == roster.ListID(w.f.Community()) {
		t.Fatal("no succession back to the old names")
	}
}

func TestARevokedRootKeepsWhatItSigned(t *testing.T) {
	w := station(t)
	w.say(revoke("root1"), "root1")
	s := w.state()
	if !isHub(s, "station") || !s.Root(author("root1")) {
		t.Fatal("a stolen sheet voided what it had co-signed by revoking itself")
	}
	w.say(hubCert("clinic", 0), "root1", "root3")
	if !isHub(w.state(), "clinic") {
		t.Fatal("roots are changed by succession, not by revocation")
	}
}

func TestRivalSuccessorsLeaveTheOldListStanding(t *testing.T) {
	w := station(t)
	list, _, _ := w.state().Roots()
	w.say(roster.Succession{Follows: list, Roots: authors("new1"), Threshold: 1}, "root1", "root2")
	w.say(hubCert("church", 0), "new1")
	if !isHub(w.state(), "church") {
		t.Fatal("the successor could not act")
	}
	w.say(roster.Succession{Follows: list, Roots: authors("new2"), Threshold: 1}, "root2", "root3")
	s := w.state()
	if isHub(s, "church") || s.Root(author("new1")) || s.Root(author("new2")) {
		t.Fatal("one of two rival lists stands")
	}
	if now, _, _ := s.Roots(); now != list || !isHub(s, "station") {
		t.Fatal("the old list does not stand")
	}
}

func TestAPurgeTakesTwoModerators(t *testing.T) {
	w := station(t)
	w.vouch("school", 0, "ann")
	post := w.post("ann", record.Talk, "k")
	purge := roster.Purge{Slot: post.Slot(), Time: post.Time, ID: post.ID()}
	w.say(purge, "chief")
	w.say(purge, "chief")
	w.say(purge, "station") // Admit is not Moderate
	w.say(purge, "root1")
	if !w.in(post) {
		t.Fatal("one moderator purged alone")
	}
	w.say(purge, "nurse")
	s := w.state()
	if err := s.Admits(post, true); !errors.Is(err, roster.ErrPurged) || s.Barred(post.Slot()) != post.Time {
		t.Fatalf("two moderators: %v", err)
	}
	later := w.post("ann", record.Talk, "k")
	other := w.post("ann", record.Talk, "k2")
	if !w.in(later) || !w.in(other) || w.in(post) {
		t.Fatal("a bar holds for its slot up to its time")
	}
	for class, who := range map[record.Class]string{record.Notice: "chief", record.Place: "nurse"} {
		r := w.post(who, class, "official")
		w.say(roster.Purge{Slot: r.Slot(), Time: r.Time, ID: r.ID()}, "chief", "nurse")
		if !w.in(r) {
			t.Errorf("class %s was purged", class)
		}
	}
	w.say(revoke("nurse"), "root1", "root2")
	if w.state().Barred(post.Slot()) != 0 {
		t.Fatal("the purge of a revoked moderator stands")
	}
	w.say(purge, "root2")
	if w.state().Barred(post.Slot()) != post.Time {
		t.Fatal("the roots could not purge")
	}
}

func TestRetiredCutsNothingOff(t *testing.T) {
	w := station(t)
	w.vouch("school", 0, "ann")
	post := w.post("ann", record.Talk, "k")
	retire := func(name string) roster.Revocation {
		return roster.Revocation{Subject: author(name), Retired: true, Why: "moved away"}
	}
	w.say(retire("ann"), "ann")
	w.say(retire("school"), "station")
	w.say(retire("chief"), "root1", "root2")
	w.say(retire("nurse"), "station") // not the issuer
	s := w.state()
	for who, want := range map[string]bool{"ann": true, "school": true, "chief": true, "nurse": false, "station": false} {
		if s.Retired(author(who)) != want || s.Revoked(author(who)) {
			t.Errorf("%s: retired %v, revoked %v", who, s.Retired(author(who)), s.Revoked(author(who)))
		}
	}
	if !isHub(s, "school") || !s.Has(author("chief"), roster.Notices) || !w.in(post) {
		t.Error("retirement cut something off")
	}
}

func TestWhoMayWriteWhat(t *testing.T) {
	w := station(t)
	w.say(coordinatorCert("relay", roster.Relay), "root1", "root2")
	s := w.state()
	may := map[record.Class]string{
		record.Trust: "station chief nurse root1", record.Vouch: "station school library",
		record.Notice: "chief relay", record.Place: "nurse",
	}
	for class := range record.Class(record.Classes) {
		for _, who := range []string{"station", "school", "library", "chief", "nurse", "relay", "root1", "ann", "zed"} {
			r := record.Record{Author: author(who), App: "app", Class: class, Key: "k", Time: founded, TTL: 3}
			vouched := who == "ann"
			var want error
			names, limited := may[class]
			switch {
			case limited && slices.Contains(words(names), who):
			case who == "zed" || who == "root1": // a root is a stranger but for its acts
				want = roster.ErrUnknown
			case limited:
				want = roster.ErrRole
			}
			if err := s.Admits(r, vouched); !errors.Is(err, want) {
				t.Errorf("%s, class %s: %v, want %v", who, class, err, want)
			}
		}
	}
}

func TestQuota(t *testing.T) {
	w := station(t)
	more := coordinatorCert("editor", roster.Notices)
	more.Quota = 5000
	w.say(more, "root1", "root2")
	s := w.state()
	for who, want := range map[string]int{
		"ann": 500, "chief": 500, "school": 2000, "station": 2000, "root3": 2000, "editor": 5000,
	} {
		if got := s.Quota(author(who)); got != want {
			t.Errorf("%s has %d slots, want %d", who, got, want)
		}
	}
}

func TestHubsAreListedByKey(t *testing.T) {
	w := station(t)
	var got []string
	last := record.Author{}
	for a, c := range w.state().Hubs() {
		if a.String() <= last.String() {
			t.Error("not in order of keys")
		}
		last = a
		got = append(got, c.Label)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"library", "school", "station"}) {
		t.Errorf("hubs %v", got)
	}
}

func TestChangedNamesWhoseRecordsToRuleAnew(t *testing.T) {
	w := station(t)
	v := w.vouch("school", 0, "ann")
	post := w.post("ann", record.Talk, "k")
	before := w.state()
	step := func(want []string, s statement, signers ...string) {
		t.Helper()
		old := w.state()
		w.say(s, signers...)
		got, names := roster.Changed(old, w.state()), authors(want...)
		slices.SortFunc(names, func(a, b record.Author) int { return slices.Compare(a[:], b[:]) })
		if !slices.Equal(got, names) {
			t.Errorf("changed %v, want %v %v", got, want, names)
		}
	}
	step(nil, hubCert("market", roster.Admit), "root1")
	step([]string{"market"}, hubCert("market", roster.Admit), "root2")
	step([]string{"clinic"}, hubCert("clinic", 0), "market")
	step([]string{"ann"}, roster.Purge{Slot: post.Slot(), Time: post.Time}, "chief", "nurse")
	step([]string{"school"}, revoke("school", v), "station")
	step([]string{"market", "clinic"}, revoke("market"), "root1", "root3")
	step([]string{"nurse", "ann"}, revoke("nurse"), "nurse")
	list, _, _ := w.state().Roots()
	step([]string{"new"}, roster.Succession{Follows: list, Roots: authors("new"), Threshold: 1}, "root1", "root3")
	if len(roster.Changed(before, before)) != 0 {
		t.Error("a state differs from itself")
	}
}

func TestUnderABrokenFoundingNobodyActs(t *testing.T) {
	f := roster.Founding{Name: "x", Roots: authors("root1"), Threshold: 0}
	w := found(t, 1, "root1")
	rs := w.say(hubCert("station", 0), "root1")
	if s := roster.Compute(f, rs); s.Certified(author("station")) || s.Root(author("root1")) {
		t.Fatal("a threshold of 0 made everything an act")
	}
}
