package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// stopsWithin is how soon a hub ends that was told to.
const stopsWithin = 5 * time.Second

// term ends the hub as systemd would, at whatever it is at. It returns how long
// that took, and whether the hub got as far as hearing the signal: one that came
// before the program's first line ends it as any signal does.
func (h *hubProc) term(t *testing.T) (took time.Duration, heard bool) {
	t.Helper()
	begun := time.Now()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	late := time.NewTimer(4 * stopsWithin)
	defer late.Stop()
	var err error
	select {
	case err = <-h.ended:
	case <-late.C: // the log then holds what each goroutine does
		_ = h.cmd.Process.Signal(syscall.SIGQUIT)
		err = <-h.ended
	}
	took = time.Since(begun)
	h.cmd = nil
	if died(err) {
		return took, false
	}
	if err != nil {
		t.Errorf("%s: told to stop it ends with %v", h.label, err)
	}
	if took > stopsWithin {
		t.Errorf("%s took %v to stop", h.label, took)
	}
	return took, true
}

// died reports whether a process ended by SIGTERM itself.
func died(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGTERM
}

// freeze makes a hub's process stand still, so that it reads nothing that others
// send, until it is told to go on.
func (h *hubProc) freeze(t *testing.T) (goOn func()) {
	t.Helper()
	p := h.cmd.Process
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := p.Signal(syscall.SIGCONT); err != nil {
			t.Error(err)
		}
	}
}

// tidy reports what lies in a data folder that does not belong to it while no hub
// runs there, and of which nobody has put a file on the map.
func tidy(t *testing.T, folder string) {
	t.Helper()
	ours := map[string]bool{
		"hub.key": true, "community.cbor": true, "network.key": true, "trust.cbor": true, recordsDB: true, "local.db": true,
		"maps": true, "maps/layers": true, "maps/pictures": true,
	}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && name != "." && !ours[name] {
			t.Errorf("%s is left behind", filepath.Join(folder, name))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// TestHubsStopAtAnyMoment tells one of three hubs after the other to stop, drawn
// at random, while all are written at, and while clients hang on to them who do
// not finish what they began: at any moment of its work, and of its start.
func TestHubsStopAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	journals, written := writeEverywhere(ctx, t, hubs, "all")
	var slowest time.Duration
	early := 0
	stops := count(150)
	for range stops {
		i := rand.IntN(len(hubs))
		victim, book := hubs[i], journals[i]
		for rand.IntN(3) == 0 {
			_, _ = victim.term(t)
			victim.launch(t)
			pause(rand.N(startTime))
			if _, heard := victim.term(t); heard {
				early++
			}
			tidy(t, victim.folder)
			victim.start(t)
		}
		enough := book.size() + rand.IntN(2*postsPerKill)
		victim.until(t, "is written at", func() bool { return book.size() >= enough })
		letGo, goOn := func() {}, func() {}
		if rand.IntN(2) == 0 {
			letGo = hangOn(t, victim)
		}
		if other := hubs[(i+1)%len(hubs)]; rand.IntN(4) == 0 {
			goOn = other.freeze(t)
		}
		pause(rand.N(2 * writePause))
		took, _ := victim.term(t)
		slowest = max(slowest, took)
		acknowledged := book.all()
		letGo()
		goOn()
		tidy(t, victim.folder)
		victim.start(t)
		if gone := missing(t, victim, acknowledged); len(gone) > 0 {
			t.Fatalf("%d of %d acknowledged posts are gone from %s: %q", len(gone), len(acknowledged), victim.label, gone)
		}
		if t.Failed() {
			break
		}
	}
	cancel()
	written()
	all := together(journals)
	agree(t, hubs, all)
	t.Logf("%d stops, the slowest after %v, and %d while starting; %d posts acknowledged", stops, slowest.Round(time.Millisecond), early, len(all))
}

// TestHubsStopDuringACatchUp tells a hub that has up to 20,000 records to give, and a
// new one that takes them, to stop again and again until they agree, or have been
// stopped often enough.
func TestHubsStopDuringACatchUp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 2)
	hubs[0].stop(t)
	posts := max(count(20_000), 8_000) // fewer go over between one look and the next
	made := &fieldtest.Hub{Label: hubs[0].label, Folder: hubs[0].folder}
	town, err := fieldtest.NewTown(made, posts)
	if err != nil {
		t.Fatal(err)
	}
	vouches, err := town.Vouches()
	if err != nil {
		t.Fatal(err)
	}
	written, err := town.Posts(posts)
	if err != nil {
		t.Fatal(err)
	}
	if err := fieldtest.Fill(t.Context(), made, append(vouches, written...)...); err != nil {
		t.Fatal(err)
	}
	hubs[0].start(t)
	stops := 0
	var slowest time.Duration
	agreed := func() bool {
		a, b := hubs[0].status(t), hubs[1].status(t)
		return b.Records() == a.Records() && b.Records() > uint64(posts)
	}
	for before := uint64(0); stops < count(60) && !agreed(); stops++ {
		hubs[1].until(t, "has more than before", func() bool { return hubs[1].status(t).Records() > before || agreed() })
		pause(rand.N(50 * time.Millisecond))
		before = hubs[1].status(t).Records()
		i, goOn := rand.IntN(2), func() {}
		victim := hubs[i]
		if rand.IntN(2) == 0 {
			goOn = hubs[1-i].freeze(t)
			pause(rand.N(200 * time.Millisecond)) // what is under way to it piles up
		}
		took, _ := victim.term(t)
		slowest = max(slowest, took)
		goOn()
		tidy(t, victim.folder)
		victim.start(t)
		if now := hubs[1].status(t).Records(); now < before {
			t.Fatalf("%d records became %d", before, now)
		}
	}
	hubs[1].until(t, "has all", agreed)
	t.Logf("%d stops while %d records went over, the slowest after %v", stops, posts, slowest.Round(time.Millisecond))
	if least := min(3, count(60)); stops < least {
		t.Errorf("hubs were stopped at %d moments of the catch-up, not at %d", stops, least)
	}
}

// TestAHubStopsWhilePeersDoNotRead: a peer that has all it needs to be linked
// takes nothing from its link; neither does one that never says hello.
func TestAHubStopsWhilePeersDoNotRead(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	hubs := line(t, 2)
	hubs[1].stop(t)
	f, err := node.ReadFolder(hubs[1].folder)
	if err != nil {
		t.Fatal(err)
	}
	founding, err := f.Founding.Encode()
	if err != nil {
		t.Fatal(err)
	}
	linked := make(chan struct{})
	deaf, err := peer.New(peer.Config{
		Key: f.Key, Peers: []string{hubs[0].sync},
		Hello: func() peer.Hello { return peer.Hello{Founding: founding, Chain: f.Trust} },
		Admit: func(context.Context, record.Author, peer.Hello) error { return nil },
		Serve: func(ctx context.Context, _ peer.Link) {
			close(linked)
			<-ctx.Done()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ran <- deaf.Run(ctx) }()
	hubs[0].until(t, "is linked with a peer that does not read", func() bool {
		select {
		case <-linked:
			return true
		default:
			return false
		}
	})
	j := &journal{texts: map[string]string{}}
	for left := count(2000); left > 0; left -= 400 { // of one there are 500 at most
		few(t, hubs[0], j, fmt.Sprint("somebody", left), min(left, 400))
	}
	letGo := hangOn(t, hubs[0])
	defer letGo()
	pause(200 * time.Millisecond) // until the hub has taken them all in
	took, _ := hubs[0].term(t)
	t.Logf("stopped after %v", took.Round(time.Millisecond))
	tidy(t, hubs[0].folder)
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	hubs[0].start(t)
	if gone := missing(t, hubs[0], j.all()); len(gone) > 0 {
		t.Errorf("%d acknowledged posts are gone", len(gone))
	}
}

// TestAFoundingStopsAtAnyMoment tells a founding to stop at any moment: there is
// a community afterwards or there is none, and then it can be founded.
func TestAFoundingStopsAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("runs processes")
	}
	dir := t.TempDir()
	founded := 0
	for i := range count(200) {
		folder := filepath.Join(dir, fmt.Sprint(i))
		var said strings.Builder
		cmd := exec.Command("lamppost", "found", "Millbrook", "--data", folder)
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pause(rand.N(startTime))
		begun := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		err := cmd.Wait()
		if took := time.Since(begun); took > stopsWithin {
			t.Errorf("it took %v to stop", took)
		}
		if err != nil && !died(err) && !strings.Contains(said.String(), "nothing was founded") {
			t.Errorf("it ends with %v: %s", err, &said)
		}
		tidy(t, folder)
		switch _, readErr := node.ReadFolder(folder); {
		case readErr == nil:
			founded++
		case !errors.Is(readErr, node.ErrNoCommunity):
			t.Errorf("it left %v", readErr)
		case err == nil:
			t.Error("it ended well and there is no community")
		default:
			if out, err := exec.Command("lamppost", "found", "Millbrook", "--data", folder).CombinedOutput(); err != nil {
				t.Errorf("it cannot be founded any more: %v\n%s", err, out)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d were founded all the same", founded)
}
