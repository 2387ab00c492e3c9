package roster_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

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

func TestACoordinatorLeavesNoVouches(t *testing.T) {
	w := station(t)
	v := w.vouch("chief", 0, "eve")
	before := w.state()
	w.say(revoke("chief", v), "chief")
	if w.in(v) || before.Admits(v, false) == nil {
		t.Fatal("who was no hub has vouches that stay")
	}
}

func TestOnlyAReadableListLetsVouchesStay(t *testing.T) {
	w := station(t)
	v := w.vouch("school", 0, "ann")
	for _, list := range []roster.Revocation{
		{Subject: author("library"), Stays: prefixes(v)},
		{Subject: author("school"), Retired: true, Stays: prefixes(v)},
	} {
		r, err := list.Record(founded, record.Via{})
		if err != nil {
			t.Fatal(err)
		}
		for _, root := range []string{"root1", "root2"} {
			w.write(root, bound("r", author("school").String(), r.Body))
		}
		if w.in(v) || !w.state().Revoked(author("school")) {
			t.Fatal("the key revokes, and a body that says something else lists nothing")
		}
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
	w.say(revoke("nurse"), "nurse")
	late := w.say(retire("nurse"), "nurse")[0]
	s = w.state()
	if err := s.Admits(late, false); !errors.Is(err, roster.ErrRevoked) || s.Retired(author("nurse")) {
		t.Errorf("a revoked key retired itself: %v", err)
	}
}
