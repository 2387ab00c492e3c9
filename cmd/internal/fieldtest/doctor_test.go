package fieldtest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// diagnosing is how soon a hub has to know what is wrong: after an attempt to dial
// has run out, and after a link has stood for half a minute.
const diagnosing = 60 * time.Second

// finds waits until a hub's doctor says all of words in one finding that is not well.
func (f *field) finds(h *fieldtest.Hub, code string, words ...string) {
	f.Helper()
	var last control.Findings
	took, err := fieldtest.Await(f.ctx, diagnosing, 200*time.Millisecond, h.Label+" finds "+code, func(ctx context.Context) (bool, error) {
		if err := h.Console().Call(ctx, "doctor", control.Nothing{}, &last); err != nil {
			return false, err
		}
		return slices.ContainsFunc(doctor.Troubles(last.Findings), func(one doctor.Finding) bool {
			return one.Code == code && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(one.Text+one.Todo, w) })
		}), nil
	})
	if err != nil {
		f.Fatalf("%v: it finds %+v", err, last.Findings)
	}
	f.figure(h.Label+" finds "+code, took, diagnosing)
}

func TestTheDoctorFindsWhatAFirewallBlocks(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, _ := f.street(f.bridge("street"), 3)
	well, closed, mute := hubs[0], hubs[1], hubs[2]
	f.ok(closed.Host.Rules(f.ctx, "firewall", "port=4680"))
	f.ok(mute.Host.Rules(f.ctx, "firewall", "port=4681"))
	f.start(hubs...)
	f.linked(15*time.Second, well, mute)
	f.finds(closed, "neighbors", "linked with none of the community's 2 other hubs")
	f.finds(closed, "reach", "Place 1 (10.1.0.1:4680)", "no answer", "firewall")
	f.finds(well, "reach", "Place 2 (10.1.0.2:4680)", "no answer", "isolation")
	f.finds(mute, "membership", "4681 from Place 1", "firewall")

	f.ok(closed.Host.NoRules(f.ctx), mute.Host.NoRules(f.ctx))
	f.linked(diagnosing, well, closed, mute)
	for _, h := range hubs {
		_, err := fieldtest.Await(f.ctx, diagnosing, 200*time.Millisecond, h.Label+" is well", func(ctx context.Context) (bool, error) {
			s, err := h.Console().Status(ctx)
			return err == nil && len(s.Warnings) == 0, err
		})
		f.ok(err)
	}
}

// On one Wi-Fi whose access point lets its clients talk with nobody but the uplink,
// two hubs hear nothing of each other, whether they know an address or not.
func TestTheDoctorNamesAnAccessPointThatKeepsHubsApart(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, ports := f.street(f.bridge("ap"), 2)
	for _, p := range ports {
		f.ok(p.Isolate(f.ctx))
	}
	told, untold := hubs[0], hubs[1]
	knows(told, "10.1.0.2")
	f.start(hubs...)
	const cause, cure = "access point may keep devices apart", "“AP isolation”"
	f.finds(untold, "neighbors", "linked with none", cause, cure)
	f.finds(told, "reach", "10.1.0.2:4680", cause, cure)
}
