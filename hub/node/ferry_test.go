package node_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/ferry/ferrytest"
)

// ferrying is an app that gives a file to other hubs, if it has one.
type ferrying struct {
	notes

	raw []byte
	got chan hub.Ferry
}

func (f ferrying) Run(ctx context.Context, h hub.Host) error {
	w, is := h.(hub.Ferrier)
	if !is {
		close(f.got)
		return nil
	}
	if f.raw != nil {
		w.Ferry().Share(ctx, ferrytest.Files(f.raw))
	}
	f.got <- w.Ferry()
	<-ctx.Done()
	return nil
}

// A file that exceeds what every hub keeps comes from one hub to the other, over the link
// that records go over.
func TestAFileComesFromAnotherHub(t *testing.T) {
	_, paths := folders(t, 2)
	raw := ferrytest.Bytes(3 << 20)
	begin := func(path string, raw []byte, peers ...string) (*node.Node, hub.Ferry) {
		folder, err := node.ReadFolder(path)
		ok(t, err)
		app := ferrying{raw: raw, got: make(chan hub.Ferry, 1)}
		n, err := node.New(node.Config{Folder: folder, Apps: []hub.App{app}, Listen: []string{"127.0.0.1:0"}, Peers: peers, TrustClock: true})
		ok(t, err)
		runs(t, n)
		return n, <-app.got
	}
	there, giver := begin(paths[1], raw)
	here, f := begin(paths[0], nil, there.SyncAddrs()...)
	ok(t, here.Enroll(t.Context(), key("ana"), "Ana"))
	until(t, there, "the link", holds(write(t, here, key("ana"), "a/1", "hello")))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if all := f.Linked(); len(all) != 1 || all[0] != giver.Self() {
		t.Fatal(all)
	}
	r, err := f.Open(ctx, giver.Self(), sha256.Sum256(raw), int64(len(raw)), 1<<20)
	ok(t, err)
	got, err := io.ReadAll(r)
	ok(t, err)
	if !bytes.Equal(got, raw[1<<20:]) {
		t.Errorf("%d bytes", len(got))
	}
	ok(t, r.Close())
}
