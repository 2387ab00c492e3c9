package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

func TestAWrongSumIsCorrectedAtTheNextOpening(t *testing.T) {
	s, town := withTrust(t, store.Index{})
	want, err := s.Moment(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SpoilSums(s); err != nil {
		t.Fatal(err)
	}
	again, err := s.Fork(store.Config{Founding: town.Founding})
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Moment(0)
	if err != nil || got.Digests != want.Digests {
		t.Fatalf("%v, %v, want %v", got.Digests, err, want.Digests)
	}
}

func TestAnIndexThatPanicsLeavesTheStoreUsable(t *testing.T) {
	boom := true
	s, town := withTrust(t, store.Index{
		Versions: map[record.App]int{"messages": 1},
		Terms: func(record.Record) []string {
			if boom {
				panic("an app's mistake")
			}
			return nil
		},
	})
	v, err := town.Vouch(simnet.Key("h0"), 1, record.At(simnet.Born.Add(time.Hour)), simnet.Author("ana"), "Ana")
	if err != nil {
		t.Fatal(err)
	}
	post, err := town.Post(simnet.Key("ana"), record.Via{}, "a/1", record.At(simnet.Born.Add(2*time.Hour)), 30, "hello")
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = s.Apply(t.Context(), v, post)
	}()
	boom = false
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	vs, err := s.Apply(ctx, v, post)
	if err != nil || vs[1].Outcome != store.Added {
		t.Fatalf("%v, %v", vs, err)
	}
}

func withTrust(t *testing.T, index store.Index) (*store.Store, *simnet.Town) {
	t.Helper()
	town, err := simnet.Found(2)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Memory(store.Config{Founding: town.Founding, Index: index})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(t.Context(), town.Trust...); err != nil {
		t.Fatal(err)
	}
	return s, town
}
