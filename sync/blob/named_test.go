package blob_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/blob"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// Which blobs are kept follows from the records and the roster, in whatever order
// they are looked at: up to an author's allowance, the most urgent first.
func TestNamed(t *testing.T) {
	town, err := simnet.Found(2)
	if err != nil {
		t.Fatal(err)
	}
	state := roster.Compute(town.Founding, town.Trust)
	size := uint64(3 << 20)
	b := func(n byte) record.Blob { return record.Blob{Sum: [32]byte{n}, Size: size} }
	write := func(who string, c record.Class, key string, ttl record.Days, bs ...record.Blob) record.Record {
		r, err := town.Codec.Sign(record.Record{
			App: "maps", Class: c, Key: key, Time: town.Founding.Time + 1, TTL: ttl, Blobs: bs, Body: []byte{1},
		}, simnet.Key(who))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	h0 := simnet.HubName(0)
	rs := []record.Record{
		write(h0, record.Bulk, "a", 30, b(1)),
		write(h0, record.Bulk, "b", 20, b(2), b(3)),
		write(h0, record.Talk, "c", 1, b(4)),
		write(h0, record.Bulk, "d", 10, b(1)),
		write(simnet.HubName(1), record.Bulk, "e", 40, b(4), b(5)),
		write("somebody", record.Talk, "f", 40, b(6)),
	}
	day := town.Founding.Time.Day()
	want := map[record.Blob]blob.Name{
		b(4): {Class: record.Talk, Expires: day + 40}, // what both name, of the better of each
		b(1): {Class: record.Bulk, Expires: day + 30},
		b(5): {Class: record.Bulk, Expires: day + 40},
	}
	for range 20 {
		rand.Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		if got := blob.Named(state, slices.Values(rs)); !maps.Equal(got, want) {
			t.Fatalf("%v", got)
		}
	}
}

func TestAllowance(t *testing.T) {
	town, err := simnet.Found(1)
	if err != nil {
		t.Fatal(err)
	}
	trust := town.Trust
	for i, roles := range []roster.Role{roster.Notices, roster.Relay, roster.Maps | roster.Notices, roster.Moderate} {
		who := simnet.Author([]string{"fire", "weather", "library", "judge"}[i])
		r, err := town.Say(simnet.Key("root"), town.Founding.Time+record.Time(i+10)<<16,
			roster.Certificate{Kind: roster.Coordinator, Subject: who, Label: "x", Roles: roles})
		if err != nil {
			t.Fatal(err)
		}
		trust = append(trust, r)
	}
	state := roster.Compute(town.Founding, trust)
	for who, want := range map[string]uint64{
		"fire": blob.AllowedNotices, "weather": blob.AllowedNotices, "library": blob.AllowedMaps,
		"judge": blob.AllowedHub, simnet.HubName(0): blob.AllowedHub, "somebody": 0,
	} {
		if got := blob.Allowance(state, simnet.Author(who)); got != want {
			t.Errorf("%s: %d, not %d", who, got, want)
		}
	}
}
