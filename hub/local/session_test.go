package local

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

func TestASessionSurvivesARestart(t *testing.T) {
	for _, kind := range []Kind{Cookie, Path} {
		b := newBox(t)
		code := returncode.New(nil)
		token := b.start(1, kind, code)
		b.crash() // what was acknowledged is on disk
		a := b.find(token)
		if a.Author != author(1) || a.Kind != kind || !a.Created.Equal(noon) || a.Code() != code {
			t.Fatalf("found %+v", a.Session)
		}
		if !bytes.Equal(a.Key(), person(1)) {
			t.Fatal("another key")
		}
		if a.Addr.IsValid() != (kind == Path) {
			t.Fatalf("address %v", a.Addr)
		}
	}
}

// Whoever takes the card has no key, no words, no token and no address.
func TestNothingSecretIsInTheFile(t *testing.T) {
	b := newBox(t)
	code := returncode.New(nil)
	cookie, path := b.start(1, Cookie, code), b.start(1, Path, code)
	b.find(path)
	b.must(b.Local.Close())
	file := b.bytes()
	for name, secret := range map[string][]byte{
		"seed":         person(1).Seed(),
		"cookie":       []byte(cookie),
		"path":         []byte(path),
		"words":        []byte(code.Text()),
		"first word":   []byte(code.Words()[0] + " "),
		"address":      phone.AsSlice(),
		"address text": []byte(phone.String()),
	} {
		if bytes.Contains(file, secret) {
			t.Errorf("the %s is in the file", name)
		}
	}
	for _, token := range []Token{cookie, path} {
		secret, err := base64.RawURLEncoding.DecodeString(string(token))
		b.must(err)
		if bytes.Contains(file, secret) {
			t.Error("a token's bytes are in the file")
		}
	}
	if !bytes.Contains(file, sliceOf(author(1))) {
		t.Error("this test looks at the wrong file")
	}
	b.open()
}

// Sealed parts open with their own token, for their own session, alone.
func TestASealedKeyOpensWithItsTokenOnly(t *testing.T) {
	b := newBox(t)
	mine, theirs := b.start(1, Cookie, returncode.New(nil)), b.start(2, Cookie, returncode.New(nil))
	_, m1, _ := mine.open()
	_, m2, _ := theirs.open()
	was := *b.sessions[m2]

	for name, tamper := range map[string]func(s *session){
		"another's seed":   func(s *session) { s.Seed = b.sessions[m1].Seed },
		"another's words":  func(s *session) { s.Words = b.sessions[m1].Words },
		"its own words":    func(s *session) { s.Seed = s.Words },
		"another author":   func(s *session) { s.Author = author(1) },
		"another kind":     func(s *session) { s.Kind = Path },
		"a cut seed":       func(s *session) { s.Seed = s.Seed[:10] },
		"no seed":          func(s *session) { s.Seed = nil },
		"a flipped bit":    func(s *session) { s.Seed = bytes.Clone(s.Seed); s.Seed[40] ^= 1 },
		"a flipped letter": func(s *session) { s.Words = bytes.Clone(s.Words); s.Words[40] ^= 1 },
	} {
		s := was
		tamper(&s)
		b.sessions[m2] = &s
		if a, err := b.Find(theirs, phone, noon); err != ErrNoSession { //nolint:errorlint // this very value
			t.Errorf("%s: found %v, %v", name, a, err)
		}
	}
	b.sessions[m2] = &was
	b.find(theirs)
}

func TestAPathSessionIsBoundToItsAddress(t *testing.T) {
	b := newBox(t)
	token := b.start(1, Path, returncode.Code{})
	for _, addr := range []netip.Addr{other, {}, netip.MustParseAddr("fe80::1")} {
		if a, err := b.Find(token, addr, noon); err != ErrNoSession { //nolint:errorlint // this very value
			t.Errorf("from %v: found %v, %v", addr, a, err)
		}
	}
	// The same address as an IPv6 socket reports it.
	if _, err := b.Find(token, netip.MustParseAddr("::ffff:10.0.0.17"), noon); err != nil {
		t.Error(err)
	}
	v6, err := b.Start(person(1), Path, netip.MustParseAddr("fe80::5%wlan0"), returncode.Code{}, noon)
	b.must(err)
	if _, err := b.Find(v6, netip.MustParseAddr("fe80::5%ap0"), noon); err != nil {
		t.Error(err)
	}
	if _, err := b.Start(person(1), Path, netip.Addr{}, returncode.Code{}, noon); err == nil {
		t.Error("a path session without an address")
	}
	if _, err := b.Start(person(1), 0, phone, returncode.Code{}, noon); err == nil {
		t.Error("a session of no kind")
	}

	cookie := b.start(1, Cookie, returncode.Code{})
	if _, err := b.Find(cookie, other, noon); err != nil { // a phone that roams keeps its cookie
		t.Error(err)
	}
}

func TestWhatIsNoTokenFindsNothing(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := newBox(t)
	token := b.start(1, Cookie, returncode.Code{})
	for _, wrong := range []Token{
		"", "x", token[:42], token + "A", "+" + token[1:], token[:42] + "\n", token[:20] + "\n" + token[21:],
		Token(strings.Repeat("A", 43)), Token(strings.Repeat("A", 1<<20)),
		token[:42] + Token(alphabet[strings.IndexByte(alphabet, token[42])+1]), // the same bytes, other unused bits
	} {
		b.gone(wrong)
		b.must(b.End(wrong))
		if err := b.Confirm(wrong); err != ErrNoSession { //nolint:errorlint // this very value
			t.Errorf("confirmed: %v", err)
		}
	}
	b.find(token)
}

func TestWordsAreKeptUntilConfirmed(t *testing.T) {
	b := newBox(t)
	code := returncode.New(nil)
	path, cookie, stranger := b.start(1, Path, code), b.start(1, Cookie, code), b.start(2, Cookie, code)
	b.must(b.Confirm(cookie))
	for range 2 {
		for _, token := range []Token{path, cookie} {
			if a := b.find(token); !a.Code().IsZero() || !bytes.Equal(a.Key(), person(1)) {
				t.Fatal("the words are still there, or the key is not")
			}
		}
		if b.find(stranger).Code() != code {
			t.Fatal("somebody else's words are gone")
		}
		b.crash()
	}
	b.must(b.Confirm(cookie))
}

func TestSigningOutEndsThatSessionAlone(t *testing.T) {
	b := newBox(t)
	path, cookie := b.start(1, Path, returncode.Code{}), b.start(1, Cookie, returncode.Code{})
	b.must(b.End(path)) // the cookie came back
	b.must(b.End(path))
	for range 2 {
		b.gone(path)
		b.find(cookie)
		b.crash()
	}
}

func TestSessionsEndAfterTheirTime(t *testing.T) {
	b := newBox(t)
	path, idle, used := b.start(1, Path, returncode.Code{}), b.start(2, Cookie, returncode.Code{}), b.start(3, Cookie, returncode.Code{})
	run := func(d time.Duration) {
		for ; d > 0; d -= time.Hour {
			b.ran += time.Hour
			b.find(used)
		}
	}
	run(PathLife - time.Hour)
	b.find(path) // using it does not prolong it
	run(time.Hour)
	b.gone(path)
	if n, err := b.Prune(); n != 1 || err != nil {
		t.Fatalf("%d ended, %v", n, err)
	}
	b.restart() // what has run counts over restarts
	run(CookieIdle - PathLife - time.Hour)
	if b.live(idle) != 1 {
		t.Fatal("ended early")
	}
	run(time.Hour)
	b.gone(idle)
	if n, err := b.Prune(); n != 1 || err != nil {
		t.Fatalf("%d ended, %v", n, err)
	}
	b.crash()
	b.gone(idle)
	b.find(used)
}

// The words may not have been written down yet when the clock is set right.
func TestNoSessionDiesOfAJumpOfTheClock(t *testing.T) {
	b := newBox(t)
	years := []time.Time{time.Unix(0, 0), noon, noon.AddDate(9, 0, 0), noon.AddDate(-20, 0, 0), noon}
	var tokens []Token
	for i, kind := range []Kind{Cookie, Path} {
		token, err := b.Start(person(i), kind, phone, returncode.New(nil), years[0])
		b.must(err)
		tokens = append(tokens, token)
	}
	for _, now := range years {
		b.ran += time.Hour
		for _, token := range tokens {
			if _, err := b.Find(token, phone, now); err != nil {
				t.Fatalf("at %v: %v", now, err)
			}
		}
		if n, err := b.Prune(); n != 0 || err != nil {
			t.Fatalf("at %v: %d ended, %v", now, n, err)
		}
		b.restart()
	}
}

func TestWhenASessionWasSeenIsWrittenOnceAnHour(t *testing.T) {
	b := newBox(t)
	tokens := []Token{b.start(1, Cookie, returncode.Code{}), b.start(2, Cookie, returncode.Code{})}
	writes := func() int {
		n := 0
		b.must(b.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }))
		return n
	}
	before := writes()
	for range 600 { // 10 hours, a request a minute
		b.ran += time.Minute
		for _, token := range tokens {
			b.find(token)
		}
		b.Touch(author(1))
	}
	if n := writes() - before; n != 10 {
		t.Fatalf("%d writes in 10 hours", n)
	}
	b.must(b.flush())
	for _, s := range b.sessions {
		if s.dirty {
			t.Fatal("what was written counts as not written")
		}
	}
	b.ran += 30 * time.Minute
	later := noon.Add(17 * time.Hour)
	_, err := b.Find(tokens[0], phone, later)
	b.must(err)
	b.restart()
	if a := b.find(tokens[0]); !a.Seen.Equal(later) {
		t.Fatalf("seen at %v", a.Seen)
	}
}

func TestAnAuthorHasSixteenSessions(t *testing.T) {
	b := newBox(t)
	other := b.start(2, Cookie, returncode.Code{})
	var tokens []Token
	for range MaxPerAuthor + 3 {
		b.ran += time.Minute
		tokens = append(tokens, b.start(1, Cookie, returncode.Code{}))
		b.ran += time.Minute
		b.find(tokens[0]) // in use all the time
	}
	for range 2 {
		if n := b.live(tokens...); n != MaxPerAuthor || b.live(tokens[0], tokens[4], other) != 3 || b.live(tokens[1:4]...) != 0 {
			t.Fatalf("%d sessions, of the first five: %d", n, b.live(tokens[:5]...))
		}
		b.restart()
	}
}

// Nobody can make a neighbor fall out by making up people.
func TestAFullHubKeepsThoseWithAPlace(t *testing.T) {
	b := newBox(t)
	b.limits = limits{sessions: 20, author: 3, guests: 5}
	guest, err := b.Guest(noon)
	b.must(err)
	_, _, err = b.Place(author(0), noon)
	b.must(err)
	kept := []Token{b.start(0, Cookie, returncode.Code{})}
	var strangers []Token
	for n := range 40 {
		b.ran += time.Minute
		strangers = append(strangers, b.start(100+n, Cookie, returncode.Code{}))
		if n%4 == 0 {
			token, err := b.Start(guest, Cookie, phone, returncode.Code{}, noon)
			b.must(err)
			kept = append(kept, token)
		}
	}
	guests := kept[1:]
	if b.live(kept[0]) != 1 {
		t.Fatal("a neighbor's session is gone")
	}
	if n := b.live(guests...); n != 5 || b.live(guests[len(guests)-5:]...) != 5 {
		t.Fatalf("%d guests", n)
	}
	if n := b.live(strangers...); n != 14 || b.live(strangers[26:]...) != 14 {
		t.Fatalf("%d strangers", n)
	}
	if MaxSessions <= MaxGuests+(Places-1)*MaxPerAuthor {
		t.Fatal("not all with a place fit")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	b := newBox(t)
	code := returncode.New(strings.NewReader(strings.Repeat("any words but those that the log has anyway", 8)))
	token := b.start(1, Cookie, code)
	a := b.find(token)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", token, "active", a)
	out := fmt.Sprintf("%v %+v %s", a, a, a) + log.String()
	for _, secret := range []string{string(token), code.Words()[2], fmt.Sprint(a.Key()[:4])} {
		if strings.Contains(out, secret) {
			t.Errorf("%q is in %s", secret, out)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	b := newBox(t)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 10 {
				token := b.start(n, Path, returncode.New(nil))
				if a := b.find(token); a.Author != author(n) {
					t.Errorf("found %v", a)
				}
				if _, _, err := b.Place(author(n), noon); err != nil {
					t.Error(err)
				}
				if err := b.Confirm(token); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					if err := b.End(token); err != nil {
						t.Error(err)
					}
				}
				if _, err := b.Prune(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.restart()
	if len(b.sessions) != 8*5 || len(b.placeOf) != 8 {
		t.Fatalf("%d sessions, %d places", len(b.sessions), len(b.placeOf))
	}
}

func FuzzFind(f *testing.F) {
	l, err := Open(f.TempDir()+"/local.db", Options{NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	token, err := l.Start(person(1), Path, phone, returncode.Code{}, noon)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(token), phone.String())
	f.Add(strings.Repeat("_", 43), "::1")
	f.Fuzz(func(t *testing.T, s, from string) {
		addr, _ := netip.ParseAddr(from)
		_, err := l.Find(Token(s), addr, noon)
		switch {
		case Token(s) == token && plainAddr(addr) == phone:
			if err != nil {
				t.Fatal(err)
			}
		case err != ErrNoSession: //nolint:errorlint // this very value
			t.Fatalf("%q from %q: %v", s, from, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	seed, err := seal(zeros{}, make([]byte, 32), sealSeed, nil, make([]byte, ed25519.SeedSize))
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range []any{&session{Author: author(1), Kind: Path, Born: 5, Used: 7, Seed: seed}, &place{Author: author(1), Used: 3}} {
		enc, err := cbor.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(enc)
	}
	f.Fuzz(func(t *testing.T, enc []byte) {
		if s, err := decodeSession(enc); err == nil {
			if s.Used < s.Born || s.Author == (record.Author{}) || len(s.Seed) > maxSealed {
				t.Fatalf("took %+v", s)
			}
			again, err := cbor.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decodeSession(again); err != nil {
				t.Fatalf("%+v does not read back: %v", s, err)
			}
		}
		if p, err := decodePlace(enc); err == nil && (p.Used < 0 || p.Author == (record.Author{})) {
			t.Fatalf("took %+v", p)
		}
	})
}

func TestEntriesOutOfBoundsAreRefused(t *testing.T) {
	good := session{Author: author(1), Kind: Path, Born: 5, Used: 7, Seed: []byte{1}}
	for name, spoil := range map[string]func(*session){
		"used before it began":  func(s *session) { s.Used = 4 },
		"born before the hub":   func(s *session) { s.Born = -1 },
		"used in the year 9999": func(s *session) { s.Used = maxRan + 1 },
		"a seed too long":       func(s *session) { s.Seed = make([]byte, maxSealed+1) },
		"words too long":        func(s *session) { s.Words = make([]byte, maxSealed+1) },
		"no author":             func(s *session) { s.Author = record.Author{} },
		"an unknown kind":       func(s *session) { s.Kind = 9 },
		"nothing":               func(*session) {},
	} {
		s := good
		spoil(&s)
		enc, err := cbor.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeSession(enc); (err == nil) != (name == "nothing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An entry from a hub that ran longer, a backup's perhaps, must still end.
func TestNoSessionWasUsedInTheFuture(t *testing.T) {
	b := newBox(t)
	token := b.start(1, Cookie, returncode.Code{})
	_, m, err := token.open()
	b.must(err)
	s := *b.sessions[m]
	s.Born, s.Used = maxRan/2, maxRan/2
	b.must(b.db.Update(func(tx *bbolt.Tx) error { return put(tx.Bucket(bucketSessions), m[:], &s) }))
	b.restart()
	b.ran += CookieIdle
	b.gone(token)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var _ io.Reader = zeros{}

func sliceOf(a record.Author) []byte { return a[:] }
