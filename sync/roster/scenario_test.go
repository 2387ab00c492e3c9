package roster_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func isHub(s *roster.State, name string) bool {
	_, ok := s.Hub(author(name))
	return ok
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

func TestOfCertificatesAtOneTimeTheLargerHashStands(t *testing.T) {
	w := found(t, 2, "root1", "root2")
	w.tick = 0
	at, largest, label := w.now, [32]byte{}, ""
	for _, l := range words("a b c d e f") {
		c := hubCert("station", 0)
		c.Label, w.now = l, at
		rs := w.say(c, "root1", "root2")
		if sum := sha256.Sum256(rs[0].Body); bytes.Compare(sum[:], largest[:]) > 0 {
			largest, label = sum, l
		}
	}
	for range 4 {
		if c, _ := w.state().Hub(author("station")); c.Label != label {
			t.Fatalf("%q stands, want %q", c.Label, label)
		}
	}
}

func TestOfSeveralIssuersTheSmallestKeysCertificateStands(t *testing.T) {
	w := found(t, 1, "root1")
	issuers := words("a b c d e f")
	for _, i := range issuers {
		w.say(hubCert(i, roster.Admit), "root1")
		c := hubCert("clinic", 0)
		c.Label = "clinic of " + i
		w.say(c, i)
	}
	slices.SortFunc(issuers, func(a, b string) int { return strings.Compare(author(a).String(), author(b).String()) })
	for _, i := range issuers {
		if c, _ := w.state().Hub(author("clinic")); c.Label != "clinic of "+i {
			t.Fatalf("%q stands, want that of %s", c.Label, i)
		}
		w.say(revoke("clinic"), i)
	}
	if isHub(w.state(), "clinic") {
		t.Fatal("every issuer took it back")
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
	s = w.state()
	if c, ok := s.Coordinator(author("x")); !ok || c.Roles != roster.Maps || s.Quota(author("x")) != roster.QuotaPerson {
		t.Fatal("the issuer's certificate came before the roots'")
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
	for range 8 { // whichever is read first, the later bar stands
		earlier := purge
		earlier.Time -= 1 << 16
		w.say(earlier, "chief", "nurse")
		if w.state().Barred(post.Slot()) != post.Time {
			t.Fatal("an earlier bar replaced a later one")
		}
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
	step([]string{"school"}, revoke("school", post), "station") // a second part
	step([]string{"zed"}, revoke("zed"), "zed")
	step([]string{"zed"}, hubCert("zed", 0), "station")
	step([]string{"market", "clinic"}, revoke("market"), "root1", "root3")
	step([]string{"nurse", "ann"}, revoke("nurse"), "nurse")
	list, _, _ := w.state().Roots()
	step([]string{"new"}, roster.Succession{Follows: list, Roots: authors("new"), Threshold: 1}, "root1", "root3")
	if len(roster.Changed(before, before)) != 0 {
		t.Error("a state differs from itself")
	}
}
