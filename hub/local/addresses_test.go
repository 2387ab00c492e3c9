package local

import (
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"
)

func (b *box) met(n int, kind AddressKind, addr string) {
	b.Helper()
	b.must(b.Met(author(n), kind, addr))
}

func (b *box) book() (out []string) {
	for _, a := range b.Addresses() {
		out = append(out, a.Addr)
	}
	return out
}

func (b *box) bookIs(want ...string) {
	b.Helper()
	if got := b.book(); fmt.Sprint(got) != fmt.Sprint(want) {
		b.Errorf("the book has %v, not %v", got, want)
	}
}

func TestWhereHubsWereMetSurvivesACrash(t *testing.T) {
	b := newBox(t)
	b.met(1, SyncAddress, "10.0.0.1:4680")
	b.ran += time.Minute
	b.met(2, SyncAddress, "[fe80::2%eth0]:4680")
	b.met(1, MemberAddress, "10.0.0.1:4680")
	b.must(b.Named(record.Author{}, SyncAddress, "[::ffff:10.0.0.3]:4680"))
	b.must(b.Named(author(9), SyncAddress, "10.0.0.1:4680")) // met beats named
	b.crash()
	want := []Address{
		{author(1), MemberAddress, "10.0.0.1:4680", true, 0},
		{author(2), SyncAddress, "[fe80::2%eth0]:4680", true, 0},
		{author(1), SyncAddress, "10.0.0.1:4680", true, time.Minute},
		{record.Author{}, SyncAddress, "10.0.0.3:4680", false, 0},
	}
	if got := b.Addresses(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nnot\n%v", got, want)
	}
	b.ran += time.Second
	b.met(9, SyncAddress, "10.0.0.3:4680") // it was there
	b.crash()
	if got := b.Addresses()[0]; got.Hub != author(9) || !got.Met {
		t.Errorf("%v", got)
	}
}

func TestWhenAHubWasMetIsWrittenSeldom(t *testing.T) {
	b := newBox(t)
	b.met(1, SyncAddress, "10.0.0.1:1")
	tx := func() (id int) {
		b.must(b.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }))
		return id
	}
	before := tx()
	for range 59 {
		b.ran += time.Minute
		b.met(1, SyncAddress, "10.0.0.1:1")
	}
	if tx() != before {
		t.Error("written within the hour")
	}
	b.ran += time.Minute
	b.met(1, SyncAddress, "10.0.0.1:1")
	b.crash()
	if got := b.Addresses()[0].Ago; got != 0 {
		t.Errorf("met %v ago", got)
	}
}

// Who can make addresses at will wears out no card.
func TestManyNewAddressesAreWrittenTogether(t *testing.T) {
	b := newBox(t)
	var before, after int
	b.must(b.db.View(func(tx *bbolt.Tx) error { before = tx.ID(); return nil }))
	for i := range 2000 {
		b.met(i, MemberAddress, fmt.Sprintf("10.0.0.1:%d", 1000+i))
	}
	b.must(b.db.View(func(tx *bbolt.Tx) error { after = tx.ID(); return nil }))
	if after-before > bookBurst {
		t.Errorf("%d writes", after-before)
	}
	b.restart()
	if n := len(b.Addresses()); n != MaxAddresses {
		t.Errorf("%d addresses", n)
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	b := newBox(t)
	for _, addr := range []string{"", "10.0.0.1", "hub.example:1", "10.0.0.1:0", "0.0.0.0:1", "[ff02::1]:1", "224.0.0.1:1", "10.0.0.1:70000"} {
		if b.Met(author(1), SyncAddress, addr) == nil || b.Named(author(1), SyncAddress, addr) == nil {
			t.Errorf("%q was taken", addr)
		}
	}
	if b.Met(author(1), 3, "10.0.0.1:1") == nil || b.Met(record.Author{}, SyncAddress, "10.0.0.1:1") == nil {
		t.Error("taken")
	}
	b.bookIs()
}

func TestWhatWasNeverMetMakesRoomFirst(t *testing.T) {
	b := newBox(t)
	b.met(1, SyncAddress, "10.0.0.1:1")
	b.met(1, MemberAddress, "10.0.0.1:2")
	for i := range 2 * MaxAddresses {
		b.ran += time.Second
		b.must(b.Named(record.Author{}, SyncAddress, fmt.Sprintf("10.1.0.1:%d", 1+i)))
	}
	book := b.book()
	if len(book) != MaxAddresses+1 || book[0] != "10.0.0.1:2" || book[1] != "10.0.0.1:1" || book[2] != fmt.Sprintf("10.1.0.1:%d", 2*MaxAddresses) {
		t.Errorf("%d, first %v", len(book), book[:3])
	}
	for i := range 2 * MaxPerHub { // a hub that moves
		b.ran += time.Second
		b.met(2, SyncAddress, fmt.Sprintf("10.2.0.%d:1", i+1))
	}
	n := 0
	for _, a := range b.Addresses() {
		if a.Hub == author(2) {
			n++
		}
	}
	if first := b.book()[0]; n != MaxPerHub || first != "10.2.0.16:1" {
		t.Errorf("%d of one hub, first %v", n, first)
	}
}

func TestDamagedAddressesAreForgotten(t *testing.T) {
	b := newBox(t)
	b.met(1, SyncAddress, "10.0.0.1:1")
	b.must(b.db.Update(func(tx *bbolt.Tx) error {
		bk := tx.Bucket(bucketAddresses)
		for _, k := range []string{"", "\x01", "\x01nonsense", "\x0510.0.0.1:1", "\x0110.0.0.2:1", "\x01[::ffff:10.0.0.3]:1"} {
			if k != "" {
				if err := bk.Put([]byte(k), []byte{0xa1, 0x03, 0x20}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	b.crash()
	b.bookIs("10.0.0.1:1")
	if b.Local.Skipped() != 0 {
		t.Error("a lost address is no lost session")
	}
	b.met(1, SyncAddress, "10.0.0.9:1")
	b.must(b.db.View(func(tx *bbolt.Tx) error {
		if n := tx.Bucket(bucketAddresses).Stats().KeyN; n != 2 {
			t.Errorf("%d entries", n)
		}
		return nil
	}))
}

// A file of an older program has no such bucket.
func TestAFileWithoutAnAddressBookOpens(t *testing.T) {
	b := newBox(t)
	b.crash()
	b.bookIs()
	b.met(1, SyncAddress, "10.0.0.1:1")
	b.crash()
	b.bookIs("10.0.0.1:1")
}

func TestTheBookKeepsItsBoundsAndItsWord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newAddressBook()
		met := map[string]bool{}
		for i := range rapid.IntRange(1, 400).Draw(rt, "n") {
			key := fmt.Sprintf("%c10.0.0.%d:1", rapid.IntRange(1, 2).Draw(rt, "kind"), rapid.IntRange(1, 250).Draw(rt, "addr"))
			a := address{Met: rapid.Bool().Draw(rt, "met")}
			if hub := author(rapid.IntRange(1, 40).Draw(rt, "hub")); a.Met || rapid.Bool().Draw(rt, "known") {
				a.Hub = hub[:]
			}
			met[key] = met[key] || a.Met
			b.note(key, a, time.Duration(i))
			count := map[string]int{}
			for k, e := range b.at {
				count[k[:1]]++
				if len(e.Hub) > 0 {
					count[k[:1]+string(e.Hub)]++
					if count[k[:1]+string(e.Hub)] > MaxPerHub {
						rt.Fatal("too many of a hub")
					}
				}
				if e.Met && !met[k] {
					rt.Fatal("never met")
				}
			}
			if count["\x01"] > MaxAddresses || count["\x02"] > MaxAddresses {
				rt.Fatal("too many")
			}
			if a.Met && b.at[key] == nil {
				rt.Fatal("what was met just now is not in the book")
			}
		}
	})
}
