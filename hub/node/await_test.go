package node_test

import (
	"slices"
	"testing"
	"time"
)

func TestTheConsoleTellsWhenAPostHasCome(t *testing.T) {
	_, paths := folders(t, 2)
	n, console := withConsole(t, paths[0])
	other, _ := start(t, paths[1], n.SyncAddrs()...)
	ok(t, other.Enroll(t.Context(), key("ana"), "Ana"))
	write(t, other, key("ana"), "here", "before")
	type answer struct {
		missing []string
		err     error
	}
	asked := make(chan answer, 1)
	go func() {
		missing, err := console.Await(t.Context(), "notes", 15*time.Second, "here", "there")
		asked <- answer{missing, err}
	}()
	missing, err := console.Await(t.Context(), "notes", 20*time.Millisecond, "nowhere")
	if err != nil || !slices.Equal(missing, []string{"nowhere"}) {
		t.Errorf("what never comes: %q %v", missing, err)
	}
	select {
	case got := <-asked:
		t.Errorf("it came before it was written: %+v", got)
	default:
	}
	write(t, other, key("ana"), "there", "after")
	if got := <-asked; got.err != nil || len(got.missing) > 0 {
		t.Errorf("%+v", got)
	}
}
