package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// coordinate gives somebody a role, at a hub.
func coordinate(t *testing.T, n *node.Node, root ed25519.PrivateKey, who string, roles roster.Roles) {
	t.Helper()
	c := roster.Certificate{Kind: roster.Coordinator, Subject: record.AuthorOf(key(who)), Label: who, Roles: roles}
	r, err := c.Record(record.At(time.Now()), n.Host().ID().Via())
	ok(t, err)
	r, err = n.Store().Codec().Sign(r, root)
	ok(t, err)
	vs, err := n.Store().Apply(t.Context(), r)
	ok(t, err)
	ok(t, vs[0].Err)
}

func attachment(seed byte, size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// attach keeps data at a hub and writes a record that names it.
func attach(t *testing.T, n *node.Node, who string, c record.Class, data []byte) record.Blob {
	t.Helper()
	b, err := n.Behind("notes").Blobs().Put(t.Context(), bytes.NewReader(data), int64(len(data)))
	ok(t, err)
	_, err = n.Write(t.Context(), "notes", key(who), hub.Draft{Key: "f/" + who, Class: c, Blobs: []record.Blob{b}, Body: []byte("x")})
	ok(t, err)
	return b
}

// comes waits until a hub has a file, asking for it as an app would.
func comes(t *testing.T, n *node.Node, b record.Blob, data []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		f, err := n.Behind("notes").Blobs().Open(t.Context(), b.Sum)
		if err == nil {
			got, err := io.ReadAll(f)
			ok(t, errors.Join(err, f.Close()))
			if !bytes.Equal(got, data) {
				t.Fatal("something else came")
			}
			return
		}
		if told, is := errors.AsType[*hub.Error](err); !is || told.Code != hub.NotFound {
			t.Fatal(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s, _ := n.Status()
			t.Fatalf("it does not come: %+v", s.Blobs)
		}
	}
}

func TestAnAttachmentComesToTheOtherEndOfALine(t *testing.T) {
	root, paths := folders(t, 3)
	last, _ := start(t, paths[2])
	middle, _ := start(t, paths[1], last.SyncAddrs()...)
	first, _ := start(t, paths[0], middle.SyncAddrs()...)
	coordinate(t, first, root, "fire", roster.Notices)
	data := attachment(1, 2_000_000)
	b := attach(t, first, "fire", record.Notice, data)
	comes(t, last, b, data)
	s, err := last.Status()
	ok(t, err)
	if s.Blobs.Kept != 1 || s.Blobs.Bytes != 2_000_000 || s.Blobs.Waiting != 0 {
		t.Errorf("%+v", s.Blobs)
	}
	// What is of no urgent class comes when somebody opens it.
	coordinate(t, first, root, "maps", roster.Maps)
	data = attachment(2, 100_000)
	b = attach(t, first, "maps", record.Bulk, data)
	comes(t, last, b, data)
}

func TestAttachmentsThatAreNotKept(t *testing.T) {
	_, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	blobs := n.Behind("notes").Blobs()
	for name, c := range map[string]struct {
		do   func() error
		code hub.Code
	}{
		"too large": {func() error {
			_, err := blobs.Put(t.Context(), strings.NewReader("more than a little"), 10)
			return err
		}, hub.Invalid},
		"not here": {func() error { _, err := blobs.Open(t.Context(), [32]byte{1}); return err }, hub.NotFound},
	} {
		err := c.do()
		told, is := errors.AsType[*hub.Error](err)
		if !is || told.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who writes is told when no hub would carry what they attach.
func TestWhatNobodyWouldCarryIsNotAttached(t *testing.T) {
	root, paths := folders(t, 1)
	n, _ := start(t, paths[0])
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	coordinate(t, n, root, "fire", roster.Notices)
	try := func(who, slot string, size uint64, body string) error {
		class := record.Notice
		if who == "ana" {
			class = record.Talk
		}
		_, err := n.Write(t.Context(), "notes", key(who), hub.Draft{Key: slot, Class: class, Blobs: []record.Blob{{Sum: [32]byte{byte(size)}, Size: size}}, Body: []byte(body)})
		return err
	}
	refused := func(err error, code hub.Code) {
		t.Helper()
		if told, is := errors.AsType[*hub.Error](err); !is || told.Code != code {
			t.Error(err)
		}
	}
	refused(try("ana", "a", 10, "x"), hub.Forbidden)
	ok(t, try("fire", "a", 40<<20, "x"))
	refused(try("fire", "b", 30<<20+1, "x"), hub.TooMany)
	ok(t, try("fire", "b", 20<<20, "x"))
	ok(t, try("fire", "a", 41<<20, "x")) // it replaces the first
	ok(t, try("fire", "a", 41<<20, ""))
	ok(t, try("fire", "c", 30<<20+1, "x"))
}

// A hub that cannot keep attachments is linked as ever with one that looks for them.
func TestAHubWithoutAttachmentsStaysLinked(t *testing.T) {
	root, paths := folders(t, 2)
	ok(t, os.WriteFile(filepath.Join(paths[1], "blobs"), nil, 0o600)) // so that their folder does not read
	without, _ := start(t, paths[1])
	n, _ := start(t, paths[0], without.SyncAddrs()...)
	ok(t, n.Enroll(t.Context(), key("ana"), "Ana"))
	until(t, without, "the first note", holds(write(t, n, key("ana"), "a", "hello")))
	since := func() time.Time {
		s, err := n.Status()
		ok(t, err)
		return s.Links[0].Since
	}
	linked := since()
	coordinate(t, n, root, "fire", roster.Notices)
	_, err := n.Write(t.Context(), "notes", key("fire"), hub.Draft{Key: "f", Class: record.Notice, Blobs: []record.Blob{{Size: 7}}, Body: []byte("x")})
	ok(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !n.LooksInVain() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s, err := n.Status()
			t.Fatalf("it does not look for it, or asks a hub without: %+v %v", s, err)
		}
	}
	until(t, without, "a note", holds(write(t, n, key("ana"), "b", "hello"))) // what was asked goes before it
	if now := since(); !now.Equal(linked) {
		t.Errorf("linked since %v, and since %v", linked, now)
	}
	if s, err := without.Status(); err != nil || s.Blobs.Most != 0 {
		t.Errorf("%+v %v", s.Blobs, err)
	}
}
