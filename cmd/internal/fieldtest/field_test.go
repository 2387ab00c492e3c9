package fieldtest_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/cmd/internal/netnstest"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// field is the ground that one scenario plays on.
type field struct {
	*testing.T
	ctx  context.Context
	net  *netnstest.Net
	dir  string
	hubs []*fieldtest.Hub

	wifi    map[*fieldtest.Hub]*netnstest.Port
	address string // of hubs on their Wi-Fi; "" = the usual
}

// open makes an empty field. Scenarios need root: without it they are skipped,
// but in continuous integration they fail.
func open(t *testing.T) *field {
	t.Helper()
	if testing.Short() {
		t.Skip("runs processes in network namespaces")
	}
	net, err := netnstest.New(t.Context())
	if errors.Is(err, netnstest.ErrUnable) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	f := &field{T: t, ctx: t.Context(), net: net, dir: t.TempDir(), wifi: map[*fieldtest.Hub]*netnstest.Port{}}
	f.ok(err)
	t.Cleanup(func() {
		f.stop(f.hubs...)
		if t.Failed() {
			for _, h := range f.hubs {
				t.Logf("%s says:\n%s", h.Label, h.Said())
			}
		}
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// ok ends the test on an error.
func (f *field) ok(errs ...error) {
	f.Helper()
	if err := errors.Join(errs...); err != nil {
		f.Fatal(err)
	}
}

func (f *field) bridge(name string) *netnstest.Bridge {
	f.Helper()
	b, err := f.net.Bridge(f.ctx, name)
	f.ok(err)
	return b
}

// hub is a machine with the program and an empty data folder, on no network.
func (f *field) hub(label string) *fieldtest.Hub {
	f.Helper()
	lamppost, err := program()
	f.ok(err)
	name := strings.ToLower(strings.ReplaceAll(label, " ", ""))
	host, err := f.net.Host(f.ctx, name)
	f.ok(err)
	h := &fieldtest.Hub{
		Label: label, Program: lamppost, Host: host,
		Folder: filepath.Join(f.dir, name), Log: filepath.Join(f.dir, name+".log"),
	}
	f.hubs = append(f.hubs, h)
	return h
}

func (f *field) plug(h *fieldtest.Hub, b *netnstest.Bridge, addrs ...string) *netnstest.Port {
	f.Helper()
	p, err := h.Host.Plug(f.ctx, b, addrs...)
	f.ok(err)
	return p
}

// street is so many hubs of one community on a switch, at 10.1.0.1 and so on.
func (f *field) street(b *netnstest.Bridge, n int) (hubs []*fieldtest.Hub, ports []*netnstest.Port) {
	f.Helper()
	for i := range n {
		h := f.hub(fmt.Sprintf("Place %d", i+1))
		hubs, ports = append(hubs, h), append(ports, f.plug(h, b, fmt.Sprintf("10.1.0.%d/24", i+1)))
	}
	f.found(hubs...)
	return hubs, ports
}

func (f *field) found(hubs ...*fieldtest.Hub) ed25519.PrivateKey {
	f.Helper()
	root, err := fieldtest.Found(hubs...)
	f.ok(err)
	return root
}

// knows makes a hub dial addresses that its operator has typed.
func knows(h *fieldtest.Hub, ips ...string) {
	for _, ip := range ips {
		if strings.Contains(ip, ":") {
			ip = "[" + ip + "]"
		}
		h.Flags = append(h.Flags, "--peer", ip+":"+fieldtest.SyncPort)
	}
}

func (f *field) start(hubs ...*fieldtest.Hub) {
	f.Helper()
	f.ok(fieldtest.StartAll(f.ctx, hubs...))
}

func (f *field) stop(hubs ...*fieldtest.Hub) {
	f.Helper()
	errs := make([]error, len(hubs))
	var all sync.WaitGroup
	for i, h := range hubs {
		all.Go(func() { errs[i] = h.Stop() })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		f.Error(err)
	}
}

// agree waits until all hubs hold the same, and as many records as are due.
func (f *field) agree(when string, within time.Duration, least int, hubs ...*fieldtest.Hub) {
	f.Helper()
	took, err := fieldtest.Equal(f.ctx, within, least, hubs...)
	f.ok(err)
	f.figure(when+" all hold the same", took, within)
}

// figure tells what was measured and its bound.
func (f *field) figure(what string, took, bound time.Duration) {
	f.Helper()
	f.Logf("%s after %v (bound %v)", what, took.Round(10*time.Millisecond), bound)
}

// linked waits until a hub has links with exactly these others.
func (f *field) linked(within time.Duration, h *fieldtest.Hub, others ...*fieldtest.Hub) {
	f.Helper()
	var want, have []string
	for _, o := range others {
		want = append(want, o.Label)
	}
	_, err := fieldtest.Await(f.ctx, within, 50*time.Millisecond, h.Label+" is linked", func(ctx context.Context) (bool, error) {
		s, err := h.Console().Status(ctx)
		have = fieldtest.Linked(s)
		return strings.Join(have, ",") == strings.Join(want, ","), err
	})
	if err != nil {
		f.Fatalf("%v: has %q, not %q", err, have, want)
	}
}

// person is somebody who writes at a hub.
func (f *field) person(h *fieldtest.Hub, name string) *fieldtest.Person {
	p := h.Person(name)
	f.Cleanup(p.Done)
	return p
}

// post writes n posts and returns their keys.
func (f *field) post(p *fieldtest.Person, n int, text string) (keys []string) {
	f.Helper()
	for i := range n {
		key, err := p.Post(f.ctx, fmt.Sprintf("%s %d", text, i))
		f.ok(err)
		keys = append(keys, key)
	}
	return keys
}

// read waits until a hub has the posts of these keys.
func (f *field) read(what string, within time.Duration, h *fieldtest.Hub, keys ...string) {
	f.Helper()
	took, err := fieldtest.Await(f.ctx, within, 20*time.Millisecond, what, func(ctx context.Context) (bool, error) {
		return h.Holds(ctx, keys...)
	})
	f.ok(err)
	f.figure(what, took, within)
}

// pause lets time pass on the field.
func (f *field) pause(d time.Duration) {
	f.Helper()
	f.ok(fieldtest.Pause(f.ctx, d))
}

// send puts made-up records into a running hub at its console.
func (f *field) send(h *fieldtest.Hub, rs ...record.Record) {
	f.Helper()
	f.ok(fieldtest.Send(f.ctx, h, rs...))
}
