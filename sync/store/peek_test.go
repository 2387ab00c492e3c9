package store_test

import (
	"errors"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/store"
)

func TestAStoreOnWhichNoHubRunsIsPeekedInto(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 2, 2)
	path := filled(t, c)
	before := sum(t, path)
	state, err := store.Peek(path, c.Founding)
	if err != nil || !state.Certified(c.vouches[0].Author) {
		t.Fatalf("%v, and its hub is not certified", err)
	}
	other := c.Founding
	other.Nonce[0]++
	if _, err := store.Peek(path, other); !errors.Is(err, store.ErrOther) {
		t.Errorf("another community's: %v", err)
	}
	if sum(t, path) != before {
		t.Error("the file has changed")
	}
	opened(t)(store.Open(path, c.config()))
	if _, err := store.Peek(path, c.Founding); !errors.Is(err, store.ErrInUse) {
		t.Errorf("while a hub runs: %v", err)
	}
}
