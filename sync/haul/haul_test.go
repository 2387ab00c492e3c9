package haul_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/haul"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

func TestANoticesOriginalGoesDownTheLine(t *testing.T) {
	s := newScene(t, 1, 4)
	s.line()
	ok(t, s.Run(time.Second))
	for _, n := range []int{0, 1, 20_000, 3_000_000} {
		data := some(byte(n), n)
		b := s.publish(0, "fire", record.Notice, data)
		took := s.until(time.Minute, "it is at the other end", func() bool { return s.has(3, b) })
		t.Logf("%d bytes over three links in %s", n, took)
		s.sound(3, data)
	}
	for i, c := range s.hubs {
		ok(t, s.Run(2*time.Second))
		if st := c.Haul.Status(); !c.Quiet() || st != (haul.Status{}) || len(c.errs) > 0 {
			t.Errorf("hub %d does not come to rest: %+v %v", i, st, c.errs)
		}
	}
}

// What is large or of a low class waits until somebody wants it, and then comes from
// beyond the next hub as well.
func TestTheRestComesWhenItIsWanted(t *testing.T) {
	s := newScene(t, 2, 3)
	s.line()
	ok(t, s.Run(time.Second))
	large, talk := some(1, haul.EagerPlace+1), some(2, 5000)
	one := s.publish(0, "maps", record.Place, large)
	two := s.publish(0, "maps", record.Bulk, talk)
	small := s.publish(0, "maps", record.Place, some(3, haul.EagerPlace))
	s.until(time.Minute, "what is small is there", func() bool { return s.has(2, small) })
	ok(t, s.Run(10*time.Second))
	for _, b := range []record.Blob{one, two} {
		if s.has(1, b) || s.has(2, b) {
			t.Fatal("it came unasked")
		}
		if !s.hubs[2].Want(s.Now, b.Sum) {
			t.Fatal("nothing names it")
		}
		s.until(time.Minute, "it is there", func() bool { return s.has(2, b) })
	}
	s.sound(2, large)
	s.sound(2, talk)
	if s.hubs[2].Want(s.Now, blob.Sum{1}) {
		t.Fatal("what nothing names is wanted")
	}
}

// Residents name files in vain: nobody fetches them.
func TestResidentsFillNoDisk(t *testing.T) {
	s := newScene(t, 3, 2)
	s.line()
	v, err := s.Town.Vouch(simnet.Key("h0"), 1, record.At(s.Now), simnet.Author("ana"), "ana")
	ok(t, err)
	s.write(0, v)
	b := s.publish(0, "ana", record.Talk, some(1, 1000))
	ok(t, s.Run(5*time.Second))
	if s.hubs[1].Want(s.Now, b.Sum) || s.has(1, b) {
		t.Fatal("a resident's file was fetched")
	}
}

// A link that ends in the middle costs what was under way and not what had come.
func TestWhatWasCutIsGoneOnWith(t *testing.T) {
	s := newScene(t, 4, 2)
	s.line()
	ok(t, s.Run(time.Second))
	data := some(1, 4_000_000)
	b := s.publish(0, "fire", record.Notice, data)
	for part := int64(1_000_000); part <= 3_000_000; part += 1_000_000 {
		s.until(10*time.Second, "some more has come", func() bool { return s.hubs[1].blobs.Held(b) > part })
		s.Cut(0, 1)
		ok(t, s.Run(time.Second))
		s.Connect(0, 1)
	}
	s.until(time.Minute, "it is there", func() bool { return s.has(1, b) })
	s.sound(1, data)
	if given := s.Given(1); given > 5_500_000 {
		t.Fatalf("%d bytes were sent for 4,000,000 and three cuts", given)
	}
}

// So does a hub that ends: what it had synced is there when it starts again.
func TestAHubThatEndsGoesOnFromItsDisk(t *testing.T) {
	s := newScene(t, 5, 3)
	s.line()
	ok(t, s.Run(time.Second))
	data := some(1, 3_000_000)
	b := s.publish(0, "fire", record.Notice, data)
	s.until(time.Minute, "some has come", func() bool { return s.hubs[1].blobs.Held(b) > 2_000_000 })
	ok(t, s.Crash(1))
	before := s.Given(1)
	ok(t, s.Start(1))
	s.until(time.Minute, "it is there", func() bool { return s.has(2, b) })
	s.sound(2, data)
	if more := s.Given(1) - before; more > 1_500_000 {
		t.Fatalf("%d more bytes were sent", more)
	}
}

// Links that break again and again keep it from nobody.
func TestLossAndPartitions(t *testing.T) {
	s := newScene(t, 6, 4)
	s.line()
	s.Connect(0, 3)
	s.Faults.Lose, s.Faults.Delay = 0.0005, 200*time.Millisecond
	data := some(1, 2_000_000)
	b := s.publish(0, "fire", record.Notice, data)
	for i := range 10 {
		s.Cut(i%4, (i+1)%4)
		ok(t, s.Run(time.Second))
		s.Connect(i%4, (i+1)%4)
	}
	s.until(10*time.Minute, "it is everywhere", func() bool { return s.has(1, b) && s.has(2, b) && s.has(3, b) })
	for i := range 4 {
		s.sound(i, data)
	}
}

// A hub that sends something else than it should is found out by the hash, and the
// blob comes from another.
func TestALiarIsPassedOver(t *testing.T) {
	for seed := range uint64(4) {
		s := newScene(t, 10+seed, 4, func(s *scene) { s.lying[1] = true })
		s.Connect(0, 1)
		s.Connect(0, 2)
		s.Connect(1, 3)
		ok(t, s.Run(time.Second))
		data := some(byte(seed), 300_000)
		b := s.publish(0, "fire", record.Notice, data)
		s.until(time.Minute, "the liar has it", func() bool { return s.has(1, b) })
		ok(t, s.Run(5*time.Second))
		if s.has(3, b) || len(s.hubs[3].errs) == 0 {
			t.Fatal("a lie was taken for the truth, or was not noticed")
		}
		s.Connect(2, 3)
		s.until(time.Minute, "it has come from another", func() bool { return s.has(3, b) })
		s.sound(3, data)
		if n := len(s.hubs[3].errs); n > 3 {
			t.Fatalf("it was lied to %d times", n)
		}
	}
}

// Hubs from before blobs stay linked, and records go through them as ever.
func TestHubsFromBefore(t *testing.T) {
	s := newScene(t, 7, 3, func(s *scene) { s.before[1] = true })
	s.line()
	b := s.publish(0, "fire", record.Notice, some(1, 1000))
	ok(t, s.Settle(10*time.Second))
	ok(t, s.Run(time.Minute))
	if !s.Linked(0, 1) || !s.Linked(1, 2) {
		t.Fatal("a link is down")
	}
	if s.has(2, b) {
		t.Fatal("it came through a hub that knows no blobs")
	}
	s.Connect(0, 2)
	s.until(time.Minute, "it has come round about", func() bool { return s.has(2, b) })
}

// While megabytes of maps are under way a notice passes in its own time, and its
// original passes them.
func TestANoticeOvertakes(t *testing.T) {
	s := newScene(t, 8, 2)
	s.line()
	s.Faults.Delay = 400 * time.Millisecond
	ok(t, s.Run(time.Second))
	var maps []record.Blob
	for i := range 8 {
		maps = append(maps, s.publish(0, "maps", record.Place, some(byte(i), haul.EagerPlace)))
	}
	s.until(time.Minute, "maps are under way", func() bool { return s.hubs[1].blobs.Status().Bytes > 500_000 })
	data := some(100, 50_000)
	b, err := s.hubs[0].blobs.Put(t.Context(), bytes.NewReader(data), 50_000)
	ok(t, err)
	r := s.name(0, "fire", record.Notice, b)
	took := s.until(3*time.Second, "the notice is there", func() bool {
		at, err := s.Hubs[1].Store.Find(r.ID())
		ok(t, err)
		return at[0] != 0
	})
	whole := took + s.until(10*time.Second, "its original is there", func() bool { return s.has(1, b) })
	left := 0
	for _, m := range maps {
		if !s.has(1, m) {
			left++
		}
	}
	t.Logf("the notice took %s, its original %s; %d of 8 maps were still to come", took, whole, left)
	if left == 0 {
		t.Fatal("nothing was overtaken")
	}
	s.until(5*time.Minute, "the maps are there", func() bool {
		for _, m := range maps {
			if !s.has(1, m) {
				return false
			}
		}
		return true
	})
}

// A hub without room has the notices, and says what has none.
func TestWithoutRoom(t *testing.T) {
	s := newScene(t, 9, 3, func(s *scene) { s.most[1] = 1_500_000 })
	s.line()
	for i := range 3 {
		s.publish(0, "maps", record.Place, some(byte(i), 700_000))
	}
	ok(t, s.Run(20*time.Second))
	st := s.hubs[1].Haul.Status()
	if st.NoRoom != 1 || s.hubs[1].blobs.Status().Blobs != 2 {
		t.Fatalf("%+v %+v", st, s.hubs[1].blobs.Status())
	}
	b := s.publish(0, "fire", record.Notice, some(9, 1_000_000))
	s.until(time.Minute, "the notice's is there", func() bool { return s.has(2, b) })
	if n := s.hubs[1].blobs.Status(); n.Bytes > 1_500_000 || !s.has(1, b) {
		t.Fatalf("%+v", n)
	}
}

// What the disk has lost comes again.
func TestWhatIsDamagedComesAgain(t *testing.T) {
	s := newScene(t, 12, 2)
	s.line()
	data := some(1, 100_000)
	b := s.publish(0, "fire", record.Notice, data)
	s.until(time.Minute, "it is there", func() bool { return s.has(1, b) })
	s.damage(1, b)
	s.Skip(2 * time.Hour)
	ok(t, s.Run(time.Second)) // links are given up after so long a silence
	if _, err := s.hubs[1].blobs.Open(t.Context(), b.Sum); err == nil {
		t.Fatal("damage was not noticed")
	}
	s.until(3*time.Minute, "it is there again", func() bool { return s.has(1, b) })
	s.sound(1, data)
}
