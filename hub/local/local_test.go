package local

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

var (
	noon  = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	phone = netip.MustParseAddr("10.0.0.17")
	other = netip.MustParseAddr("10.0.0.18")
)

const day = 24 * time.Hour

// box is one hub's machine: a folder that survives restarts and a clock that
// runs while the hub does.
type box struct {
	testing.TB
	*Local
	path string
	ran  time.Duration // of this process
}

func newBox(t testing.TB) *box {
	t.Helper()
	b := &box{TB: t, path: filepath.Join(t.TempDir(), "local.db")}
	b.open()
	t.Cleanup(func() { b.Local.Close() })
	return b
}

func (b *box) open() {
	b.Helper()
	l, err := Open(b.path, Options{Hub: person(0), Elapsed: func() time.Duration { return b.ran }, NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Local = l
}

func (b *box) restart() {
	b.Helper()
	b.must(b.Local.Close())
	b.ran = 0
	b.open()
}

// crash restarts without closing properly: nothing in memory is written.
func (b *box) crash() {
	b.Helper()
	b.must(b.db.Close())
	b.ran = 0
	b.open()
}

func (b *box) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *box) start(n int, kind Kind, code returncode.Code) Token {
	b.Helper()
	token, err := b.Start(person(n), kind, phone, code, noon)
	b.must(err)
	return token
}

func (b *box) find(token Token) *Active {
	b.Helper()
	a, err := b.Find(token, phone, noon)
	b.must(err)
	return a
}

func (b *box) gone(token Token) {
	b.Helper()
	if a, err := b.Find(token, phone, noon); err != ErrNoSession { //nolint:errorlint // this very value
		b.Fatalf("found %v, %v", a, err)
	}
}

// live reports which sessions are found, without touching them.
func (b *box) live(tokens ...Token) (n int) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, token := range tokens {
		_, m, err := token.open()
		b.must(err)
		if _, ok := b.sessions[m]; ok {
			n++
		}
	}
	return n
}

func (b *box) bytes() []byte {
	b.Helper()
	file, err := os.ReadFile(b.path)
	b.must(err)
	return file
}

func person(n int) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed[3:], uint64(n)+1)
	return ed25519.NewKeyFromSeed(seed)
}

func author(n int) record.Author { return record.AuthorOf(person(n)) }

func TestASecondProcessIsToldThatTheFileIsInUse(t *testing.T) {
	if path := os.Getenv("LAMPPOST_TEST_OPEN"); path != "" { // the second process
		_, err := Open(path, Options{})
		if !errors.Is(err, ErrInUse) {
			t.Fatalf("opened, %v", err)
		}
		return
	}
	b := newBox(t)
	_, err := Open(b.path, Options{})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), b.path) || !strings.Contains(err.Error(), "running already") {
		t.Fatalf("opened twice: %v", err)
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "LAMPPOST_TEST_OPEN="+b.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestOnlyTheOwnerMayReadTheFile(t *testing.T) {
	b := newBox(t)
	b.must(b.Local.Close())
	for _, mode := range []os.FileMode{0o600, 0o644} { // made so, and mended
		b.must(os.Chmod(b.path, mode))
		b.open()
		info, err := os.Stat(b.path)
		b.must(err)
		if info.Mode().Perm() != 0o600 {
			t.Fatalf("mode %v", info.Mode())
		}
		b.must(b.Local.Close())
	}
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{
		"no such folder": filepath.Join(dir, "none", "local.db"),
		"a folder":       dir,
	} {
		_, err := Open(path, Options{})
		if err == nil || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileOfANewerProgramIsRefused(t *testing.T) {
	b := newBox(t)
	b.must(b.db.Update(func(tx *bbolt.Tx) error { return putNumber(tx, keyFormat, format+1) }))
	b.must(b.db.Close())
	before := b.bytes()
	_, err := Open(b.path, Options{})
	if err == nil || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "another version") {
		t.Fatalf("opened: %v", err)
	}
	if !bytes.Equal(before, b.bytes()) {
		t.Fatal("the file was changed")
	}
}

// full is a file with enough in it to have several levels of pages.
func full(b *box) []byte {
	for n := range 300 {
		b.start(n, Cookie, returncode.New(nil))
		_, _, err := b.Place(author(n), noon)
		b.must(err)
	}
	b.must(b.Local.Close())
	return b.bytes()
}

// circle makes the branch pages of a database lead to themselves, which the database
// would follow until memory ends. All of them, as some are left from before.
func circle(t *testing.T, file []byte) []byte {
	page, native := os.Getpagesize(), binary.NativeEndian
	found := false
	for id := 2; id < len(file)/page; id++ {
		p := file[id*page : (id+1)*page]
		if native.Uint64(p) == uint64(id) && native.Uint16(p[8:]) == branchPage {
			native.PutUint64(p[headerSize+8:], uint64(id))
			found = true
		}
	}
	if !found {
		t.Fatal("no branch page")
	}
	return file
}

func TestADamagedFileIsLeftUntouched(t *testing.T) {
	b := newBox(t)
	good := full(b)
	page := os.Getpagesize()
	damage := map[string][]byte{
		"no database":     []byte(strings.Repeat("not a database\n", 1000)),
		"a few bytes":     []byte("x"),
		"half of it":      good[:len(good)/2],
		"two pages of it": good[:2*page],
		"less than one":   good[:page/2],
		"no headers":      append(make([]byte, 2*page), good[2*page:]...),
		"a circle":        circle(t, bytes.Clone(good)),
		"no content":      append(bytes.Clone(good[:2*page]), make([]byte, len(good)-2*page)...),
	}
	for name, file := range damage {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "local.db")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the lock is let go of, too
				_, err := Open(path, Options{})
				if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "rename it") {
					t.Fatalf("opened: %v", err)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(file, after) {
				t.Fatalf("the file was changed (%v)", err)
			}
			if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
				t.Fatalf("%d files, %v", len(entries), err)
			}
		})
	}
}

// Whatever a bad card does to a page: the file opens with what can be read, or
// is called damaged and left as it is; the program never ends over it.
func TestADamagedPageEndsNoProgram(t *testing.T) {
	b := newBox(t)
	good := full(b)
	page, random := os.Getpagesize(), rand.New(rand.NewPCG(1, 2))
	dir, damaged := t.TempDir(), 0
	for i := range 300 {
		file := bytes.Clone(good)
		at := random.IntN(len(file)/page) * page
		switch i % 3 {
		case 0: // one byte, in a header where it matters more
			file[at+random.IntN(64)] ^= byte(1 << random.IntN(8))
		case 1: // a page of zeros
			clear(file[at : at+page])
		case 2: // a page that is another
			from := random.IntN(len(file)/page) * page
			copy(file[at:at+page], good[from:from+page])
		}
		path := filepath.Join(dir, fmt.Sprint(i))
		b.must(os.WriteFile(path, file, 0o600))
		l, err := Open(path, Options{NoSync: true})
		if err == nil {
			if err := l.Close(); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("damage %d: %v", i, err)
			}
			b.must(os.Remove(path))
			continue
		}
		damaged++
		if !errors.Is(err, ErrDamaged) && !strings.Contains(err.Error(), "another version") {
			t.Fatalf("damage %d: %v", i, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(file, after) {
			t.Fatalf("damage %d: the file was changed (%v)", i, err)
		}
		b.must(os.Remove(path))
	}
	if damaged < 50 {
		t.Fatalf("only %d of 300 were noticed", damaged)
	}
}

func TestABadEntryIsSkipped(t *testing.T) {
	b := newBox(t)
	token := b.start(1, Cookie, returncode.Code{})
	_, _, err := b.Place(author(1), noon)
	b.must(err)
	b.must(b.db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(
			tx.Bucket(bucketSessions).Put(bytes.Repeat([]byte{1}, 32), []byte("no CBOR")),
			tx.Bucket(bucketSessions).Put([]byte("short"), []byte{0xa0}),
			tx.Bucket(bucketPlaces).Put(placeKey(2), []byte{0xa0}),
			tx.Bucket(bucketPlaces).Put(placeKey(Places), []byte{0xa0}),
		)
	}))
	b.restart()
	if b.Local.Skipped() != 4 {
		t.Fatalf("skipped %d", b.Local.Skipped())
	}
	b.find(token)
}

func TestWhatCannotBeSavedIsSaidAndNotDone(t *testing.T) {
	b := newBox(t)
	token := b.start(1, Cookie, returncode.New(nil))
	_, _, err := b.Place(author(1), noon)
	b.must(err)
	b.must(b.db.Close()) // stands for a disk that takes nothing

	_, err1 := b.Start(person(2), Cookie, phone, returncode.Code{}, noon)
	_, _, err2 := b.Place(author(2), noon)
	_, err3 := b.Guest(noon)
	_, err4 := b.Prune()
	for i, err := range []error{err1, err2, err3, err4, b.Confirm(token), b.End(token), b.SaveTime(noon), b.SetTime(noon, noon), b.Seat(map[int]record.Author{5: author(5)}, noon)} {
		var e *hub.Error
		if !errors.As(err, &e) || e.Code != hub.Unavailable {
			t.Errorf("%d: %v", i, err)
		}
	}
	b.ran = 2 * time.Hour
	if a := b.find(token); a.Code().IsZero() {
		t.Error("words that could not be forgotten on disk were forgotten")
	}
	if n, fresh, err := b.Place(author(1), noon); n != 1 || fresh || err != nil {
		t.Errorf("place %d, %v, %v", n, fresh, err)
	}
	if n, ok := b.placeOf[author(2)]; ok || b.guest != nil || !b.SavedTime().IsZero() || len(b.sessions) != 1 {
		t.Errorf("place %d, guest %v, %d sessions", n, b.guest != nil, len(b.sessions))
	}
}
