package fieldtest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// While 5 MB are under way over 2 Mbit/s posts go on arriving and a notice overtakes
// them. The hub that gets them is killed, and goes on from what it has.
func TestAnAttachmentComesOverASlowLink(t *testing.T) {
	t.Parallel()
	f := open(t)
	air := f.bridge("air")
	a, b := f.hub("Ash"), f.hub("Birch")
	slow := f.plug(a, air, "10.1.0.1/24")
	f.plug(b, air, "10.1.0.2/24")
	f.ok(slow.Rate(f.ctx, "2mbit"))
	root := f.found(a, b)
	town, err := fieldtest.NewTown(a, 1)
	f.ok(err)
	const size = 5_000_000
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	sum := sha256.Sum256(data)
	granted, attached, err := town.Attach(f.ctx, root, a, data)
	f.ok(err)
	knows(b, "10.1.0.1")
	f.start(a, b)
	ana := f.person(a, "Ana")
	f.post(ana, 1, "before")
	f.agree("started,", 15*time.Second, 0, a, b)

	whole := filepath.Join(b.Folder, "blobs", hex.EncodeToString(sum[:]))
	come := func() int64 { // how much of it has
		parts, err := filepath.Glob(whole + "*")
		f.ok(err)
		for _, p := range parts {
			if info, err := os.Stat(p); err == nil {
				return info.Size()
			}
		}
		return 0
	}
	await := func(what string, within time.Duration, holds func() bool) time.Duration {
		took, err := fieldtest.Await(f.ctx, within, 20*time.Millisecond, what, func(context.Context) (bool, error) { return holds(), nil })
		f.ok(err)
		return took
	}
	begun := time.Now()
	f.send(a, granted, attached)
	await("it is under way", 10*time.Second, func() bool { return come() > size/20 })
	const live = 2 * time.Second
	for range 5 {
		f.read("a post beside it is there", live, b, f.post(ana, 1, "beside")...)
	}
	granted, notice, err := town.Notices(root, "The water is safe again.")
	f.ok(err)
	f.send(a, granted, notice)
	const urgent = 5 * time.Second
	took := await("the notice is there", urgent, func() bool {
		s, err := b.Console().Status(f.ctx)
		f.ok(err)
		return len(s.Set) > 1 && s.Set[1].Records == 2
	})
	f.figure("a notice that overtakes it is there", took, urgent)
	if n := come(); n >= size {
		t.Fatal("all of it had come by then: this shows nothing")
	}

	await("half of it has come", time.Minute, func() bool { return come() > size/2 })
	f.ok(b.Kill())
	there := come()
	f.ok(b.Start(f.ctx))
	const bound = time.Minute
	await("all of it has come", bound, func() bool {
		s, err := b.Console().Status(f.ctx)
		f.ok(err)
		return s.Blobs.Kept == 1
	})
	f.figure("5 MB over 2 Mbit/s, with a kill at the half, are there", time.Since(begun), bound)
	got, err := os.ReadFile(whole)
	f.ok(err)
	if !bytes.Equal(got, data) {
		t.Error("something else came")
	}
	s, err := b.Console().Status(f.ctx)
	f.ok(err)
	for _, p := range s.Program.Traffic {
		if p.Protocol == "/lamppost/sync/2" {
			f.Logf("%d bytes were there when it was killed, %d came afterwards", there, p.Received)
			if most := uint64(size-there) + 700_000; p.Received > most {
				t.Errorf("%d bytes came after the kill, more than %d: it has begun again", p.Received, most)
			}
		}
	}
}
