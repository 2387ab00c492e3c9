package roster_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// forger makes records that nobody may take: out of valid ones, or with keys that may
// not say what it has them say.
type forger struct {
	*town
	r     *rand.Rand
	valid []record.Record // what was seen, and notices of those who were revoked since
	other *town           // another community of the same people
}

// newForger has a settled town, in which a coordinator, a moderator and a hub were
// revoked that had written before.
func newForger(t *testing.T, seed uint64) *forger {
	w := station(t)
	w.say(coordinatorCert("thief", roster.Notices|roster.Maps), "root1", "root3")
	w.say(coordinatorCert("bully", roster.Moderate), "root1", "root3")
	w.say(hubCert("church", roster.Admit), "root1", "root2")
	w.say(hubCert("chapel", 0), "church")
	w.vouch("school", 0, "ann")
	w.vouch("school", 1, "bob")
	w.vouch("church", 0, "eve")
	w.post("chief", record.Notice, "n/1")
	w.post("nurse", record.Place, "p/1")
	w.post("thief", record.Notice, "n/2")
	w.post("ann", record.Talk, "m/1")
	for _, gone := range words("thief bully church") {
		w.say(revoke(gone), "root2", "root3")
	}
	elsewhere := found(t, 2, "root1", "root2", "root3")
	elsewhere.f.Nonce[0]++
	codec, err := record.NewCodec(elsewhere.f.Community(), founded)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere.codec = codec
	return &forger{town: w, r: rand.New(rand.NewPCG(seed, 7)), valid: slices.Clone(w.seen), other: elsewhere} //nolint:gosec // a test
}

func (f *forger) one() record.Record { return f.valid[f.r.IntN(len(f.valid))] }

func pick[T any](f *forger, of ...T) T { return of[f.r.IntN(len(of))] }

// later is a time at which the forger writes: about now, or far ahead.
func (f *forger) later() record.Time {
	return f.now + record.Time(1+f.r.IntN(1<<20))<<pick(f, 0, 16, 24)
}

// signed is a record with a right signature by a key, as bytes.
func (f *forger) signed(r record.Record, by ed25519.PrivateKey) []byte {
	f.t.Helper()
	r, err := f.codec.Sign(r, by)
	if err != nil {
		f.t.Fatal(err)
	}
	return r.Encoding()
}

// says is a statement signed by keys, each for itself.
func (f *forger) says(s statement, by ...string) (encs [][]byte) {
	f.t.Helper()
	at := f.later()
	for _, who := range by {
		r, err := s.Record(at, author(who).Via())
		if err != nil {
			f.t.Fatal(err)
		}
		encs = append(encs, f.signed(r, keyOf(who)))
	}
	return encs
}

// kinds of forgery, by name. Each returns records that have to change nothing, alone
// and together.
func (f *forger) forgeries() map[string]func() [][]byte {
	return map[string]func() [][]byte{
		"a bit flipped":          f.flipped,
		"fields swapped":         f.swapped,
		"another community's":    f.foreign,
		"beyond the role":        f.beyond,
		"a chain too deep":       f.deep,
		"by one who was revoked": f.byRevoked,
		"replayed by another":    f.replayed,
		"under another's key":    f.unbound,
		"by too few roots":       f.fewRoots,
	}
}

func (f *forger) flipped() [][]byte {
	enc := slices.Clone(f.one().Encoding())
	enc[f.r.IntN(len(enc))] ^= 1 << f.r.IntN(8)
	return [][]byte{enc}
}

// swapped is a record with fields of another and the signature of either.
func (f *forger) swapped() [][]byte {
	for {
		a, b := f.one(), f.one()
		r, was := a, a
		switch f.r.IntN(7) {
		case 0:
			r.Body = b.Body
		case 1:
			r.Key = b.Key
		case 2:
			r.Time = b.Time
		case 3:
			r.Class, r.App, r.TTL = b.Class, b.App, b.TTL
		case 4:
			r.Via = b.Via
		case 5:
			was = b // the signature alone
		case 6:
			r.Author = b.Author
		}
		by := r.Author
		r, err := f.codec.Sign(r, keyOf("nobody"))
		if err != nil {
			continue // a class has no such ttl
		}
		nobody := author("nobody")
		enc := bytes.Replace(r.Encoding(), nobody[:], by[:], 1)
		copy(enc[len(enc)-len(was.Sig):], was.Sig[:])
		if !bytes.Equal(enc, a.Encoding()) {
			return [][]byte{enc}
		}
	}
}

// foreign is what the same keys say in another community.
func (f *forger) foreign() [][]byte {
	r, err := f.other.codec.Sign(f.one(), keyOf(pick(f, "root1", "root2", "station", "chief")))
	if err != nil {
		f.t.Fatal(err)
	}
	enc := r.Encoding()
	if f.r.IntN(2) == 0 { // under this one's name
		here, there := f.f.Community(), f.other.f.Community()
		enc = bytes.Replace(enc, there[:], here[:], 1)
	}
	return [][]byte{enc}
}

// beyond is what a key says that may say something else.
func (f *forger) beyond() [][]byte {
	body := record.Record{App: "app", TTL: 30, Key: fmt.Sprint("k/", f.r.IntN(100)), Time: f.later(), Body: []byte{0xa0, byte(f.r.Uint32())}}
	by := pick(f, "ann", "stranger")
	switch f.r.IntN(8) {
	case 0:
		by, body.Class = pick(f, "nurse", "school", "station", by), record.Notice
	case 1:
		by, body.Class = pick(f, "chief", "school", "station", by), record.Place
	case 2:
		by, body.Class = pick(f, "chief", "nurse", by), record.Vouch
	case 3:
		body.Class = record.Trust
	case 4:
		by, body.Class = "stranger", record.Talk
	case 5: // issued by one who may let hubs in: a coordinator, or a hub with something more
		c := pick(f, coordinatorCert("eve", roster.Notices), coordinatorCert("ann", 0), hubCert("eve", roster.Admit), hubCert("school", roster.Relay))
		return f.says(c, "station")
	case 6:
		return f.says(coordinatorCert("ann", pick(f, roster.Notices, roster.Moderate, roster.Admit)), pick(f, "ann", "chief", "nurse", "school"))
	case 7:
		return f.says(pick(f, revoke("chief"), revoke("station"), revoke("ann")), pick(f, "nurse", "school", "bob"))
	}
	return [][]byte{f.signed(body, keyOf(by))}
}

// deep is a hub certified by one that was let in itself, and what that one writes.
func (f *forger) deep() [][]byte {
	by, depth := pick(f, "school", "library"), 1+f.r.IntN(3)
	var encs [][]byte
	for i := range depth {
		next := fmt.Sprint("deep", i)
		encs = append(encs, f.says(hubCert(next, 0), by)...)
		by = next
	}
	r, err := roster.Vouch{Subject: author("eve"), Name: "eve"}.Record(f.r.IntN(roster.Places), f.later(), author(by).Via())
	if err != nil {
		f.t.Fatal(err)
	}
	return append(encs, f.signed(r, keyOf(by)))
}

// byRevoked is what revoked keys write: new, dated before their end, or once more.
func (f *forger) byRevoked() [][]byte {
	switch f.r.IntN(5) {
	case 0:
		r := record.Record{App: "app", TTL: 30, Class: pick(f, record.Notice, record.Place, record.Talk), Key: "n/9", Time: founded + record.Time(f.r.IntN(1<<20)), Body: []byte{1}}
		return [][]byte{f.signed(r, keyOf("thief"))}
	case 1: // a purge by a moderator who is one and one who was
		victim := f.one()
		for victim.Class != record.Talk {
			victim = f.one()
		}
		return f.says(roster.Purge{Slot: victim.Slot(), Time: victim.Time + record.Time(f.r.IntN(1000)), ID: victim.ID()}, "bully", pick(f, "bully", "nurse"))
	case 2:
		return f.says(hubCert(pick(f, "eve", "chapel", "school"), 0), "church")
	case 3:
		r, err := roster.Vouch{Subject: author("eve"), Name: "eve"}.Record(f.r.IntN(roster.Places), f.later(), author("church").Via())
		if err != nil {
			f.t.Fatal(err)
		}
		return [][]byte{f.signed(r, keyOf("church"))}
	default: // what it wrote while it could
		for {
			if r := f.one(); slices.Contains(authors("thief", "bully", "church"), r.Author) && (r.Class != record.Trust || r.Key[0] != 'r') {
				return [][]byte{r.Encoding()}
			}
		}
	}
}

// replayed is what others have said, said again by those who may not.
func (f *forger) replayed() [][]byte {
	r := f.one()
	for r.Class == record.Talk {
		r = f.one()
	}
	r.Time = f.later()
	by := pick(f, "ann", "bob", "stranger", "eve", "thief")
	if a := author(by); a == r.Author || ofItself(record.Record{App: r.App, Class: r.Class, Author: a, Key: r.Key, Body: r.Body}) {
		by = "stranger" // anybody may end their own key
	}
	return [][]byte{f.signed(r, keyOf(by))}
}

// unbound is a body that enough roots sign under the key of another statement.
func (f *forger) unbound() [][]byte {
	a, b := f.one(), f.one()
	for a.Class != record.Trust || b.Class != record.Trust || a.Key == b.Key {
		a, b = f.one(), f.one()
	}
	a.Key, a.Time = b.Key, f.later()
	return [][]byte{f.signed(a, keyOf("root1")), f.signed(a, keyOf("root2")), f.signed(a, keyOf("root3"))}
}

// fewRoots is what one root of the two that it takes says, with whoever helps.
func (f *forger) fewRoots() [][]byte {
	list, _, _ := f.state().Roots()
	s := pick[statement](f,
		coordinatorCert("eve", roster.Notices), hubCert("eve", roster.Admit), hubCert("station", 0), revoke("chief"), revoke("station"),
		roster.Revocation{Subject: author("nurse"), Retired: true},
		roster.Succession{Follows: list, Roots: authors("eve"), Threshold: 1},
		roster.Purge{Slot: record.Slot{App: "app", Key: "m/1", Author: author("ann"), TTL: 30}, Time: f.later()},
	)
	return f.says(s, pick(f, "root1", "root2", "root3"), pick(f, "ann", "stranger", "thief", "eve"))
}

// taken are the forged records that pass for genuine: they read and their signatures
// hold.
func (f *forger) taken(encs [][]byte) (rs []record.Record) {
	for _, enc := range encs {
		if r, err := f.codec.Decode(enc); err == nil && r.Verify() == nil {
			rs = append(rs, r)
		}
	}
	return rs
}

// mayStay reports whether a record without any effect may lie in the set: what one root
// or one that may let hubs in, or a moderator, says alone waits there for others.
func mayStay(s *roster.State, r record.Record) bool {
	return r.Class == record.Trust && r.App == record.Roster && (s.Root(r.Author) || s.Has(r.Author, roster.Admit) || s.Has(r.Author, roster.Moderate))
}

func TestNothingForgedIsAccepted(t *testing.T) {
	f := newForger(t, 1)
	before, set := f.state(), f.accepted()
	names := make([]string, 0)
	forgeries := f.forgeries()
	for name := range forgeries {
		names = append(names, name)
	}
	slices.Sort(names)
	made, past := map[string]int{}, map[string]int{} // and past the signature
	for total, turn := 0, 0; total < simnet.Count(100_000); turn++ {
		name := names[turn%len(names)]
		encs := forgeries[name]()
		total += len(encs)
		made[name] += len(encs)
		rs := f.taken(encs)
		past[name] += len(rs)
		if len(rs) == 0 {
			continue
		}
		seen := slices.Concat(f.valid, rs)
		if after := roster.Compute(f.f, seen); !after.Equal(before) {
			t.Fatalf("%s: %q by %s changed who may do what", name, rs[0].Key, rs[0].Author.Tag())
		}
		after := accept(f.f, seen)
		for _, r := range rs {
			if _, in := after[r.ID()]; in && !mayStay(before, r) {
				t.Fatalf("%s: %s %q by %s is in the set", name, r.Class, r.Key, r.Author.Tag())
			}
		}
		for id, r := range set {
			if _, in := after[id]; !in && !mayStay(before, r) { // but by what a root itself says again
				t.Fatalf("%s: %s %q by %s fell out of the set", name, r.Class, r.Key, r.Author.Tag())
			}
		}
	}
	for _, name := range names {
		t.Logf("%-24s %6d made, %6d with a right signature, none accepted", name, made[name], past[name])
		if made[name] == 0 {
			t.Errorf("%s: none was made", name)
		}
	}
	for _, name := range []string{"a bit flipped", "fields swapped", "another community's"} {
		if past[name] > 0 {
			t.Errorf("%s: %d pass for genuine", name, past[name])
		}
	}
}

func TestOfTwoCoordinatorsAtOddsTheRootsEndOne(t *testing.T) {
	w := station(t)
	w.post("chief", record.Notice, "n/1")
	before := w.state()
	a, b := w.say(revoke("nurse"), "chief"), w.say(revoke("chief"), "nurse")
	w.say(roster.Revocation{Subject: author("nurse"), Retired: true}, "chief")
	s := w.state()
	if !s.Equal(before) || s.Revoked(author("chief")) || s.Revoked(author("nurse")) {
		t.Fatal("a coordinator ended another")
	}
	// Nor do they together, whatever they sign: it takes the roots, or the key itself.
	w.say(revoke("nurse"), "chief", "station", "root1")
	if !w.state().Equal(before) {
		t.Fatal("a coordinator, a hub and one root ended a coordinator")
	}
	w.say(revoke("chief"), "chief")
	if s = w.state(); !s.Revoked(author("chief")) || s.Revoked(author("nurse")) || !s.Has(author("nurse"), roster.Moderate) {
		t.Fatal("a coordinator could not end itself alone")
	}
	if w.in(a[0]) || !w.in(b[0]) {
		t.Error("what a revoked coordinator had said against another is still there, or the other's word is gone")
	}
	w.say(revoke("nurse"), "root1", "root3")
	if !w.state().Revoked(author("nurse")) {
		t.Fatal("the roots could not end the other")
	}
}
