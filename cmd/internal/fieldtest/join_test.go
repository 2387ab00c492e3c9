package fieldtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// Three machines that know no router, no name and no group: all that the second and
// the third are told is a code.
func TestHubsJoinByCodeAndAgree(t *testing.T) {
	t.Parallel()
	for _, net := range []struct{ name, addr string }{{"IPv4", "10.1.0.%d/24"}, {"IPv6 alone", "fd00:1::%d/64"}} {
		t.Run(net.name, func(t *testing.T) {
			t.Parallel()
			f := open(t)
			street := f.bridge("street")
			hubs := []*fieldtest.Hub{f.hub("Fire Station"), f.hub("School"), f.hub("Library")}
			for i, h := range hubs {
				f.plug(h, street, fmt.Sprintf(net.addr, i+1))
				f.ok(h.Host.Rules(f.ctx, "no-multicast"))
				h.Flags = append(h.Flags, "--no-multicast")
			}
			first := hubs[0]
			f.run(first, "found", "Millbrook", "--place", first.Label, "--yes", "--data", first.Folder)
			f.start(first)
			before := f.post(f.person(first, "Dora"), 5, "before anybody came")
			for _, h := range hubs[1:] {
				code := strings.TrimSpace(f.run(first, "invite", "--quiet", "--place", h.Label, "--data", first.Folder))
				begun := time.Now()
				f.run(h, "join", code, "--data", h.Folder)
				f.figure(h.Label+" has joined", time.Since(begun), 30*time.Second)
				f.start(h)
				f.read("what was posted before is at "+h.Label, time.Second, h, before...) // it came with the joining
			}
			for i, h := range hubs {
				f.post(f.person(h, []string{"Ana", "Ben", "Cem"}[i]), 1, "after")
			}
			f.agree("joined by code,", 15*time.Second, 8, hubs...)
			f.linked(30*time.Second, hubs[1], first, hubs[2]) // told of each other by the first
		})
	}
}

// run runs a command of the program on a hub's machine and returns what it prints.
func (f *field) run(h *fieldtest.Hub, args ...string) string {
	f.Helper()
	out, err := h.Run(f.ctx, args...)
	f.ok(err)
	return out
}
