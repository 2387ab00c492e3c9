package node_test

import (
	"errors"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestNoTwoHubsLookAlike(t *testing.T) {
	_, paths := folders(t, 2)
	n, _ := start(t, paths[0])
	state := n.Store().Roster()
	var names []string
	var keys []record.Author
	for who, c := range state.Hubs() {
		names, keys = append(names, c.Label), append(keys, who)
	}
	nobody := record.Author{}
	for _, c := range []struct {
		label string
		self  record.Author
		want  error
		clean string
	}{
		{" Fire   Station ", nobody, nil, "Fire Station"},
		{"消防署", nobody, nil, "消防署"},
		{names[0], keys[0], nil, names[0]}, // its own
		{names[0], keys[1], node.ErrLabelTaken, ""},
		{"PLACE-1", nobody, node.ErrLabelTaken, ""},
		{"Ｐｌａｃｅ ２", nobody, node.ErrLabelTaken, ""},
		{"рlасе 1", nobody, node.ErrLabelTaken, ""}, // Cyrillic
		{"Place l", nobody, node.ErrLabelTaken, ""},
		{"localhost", nobody, node.ErrLabelReserved, ""},
		{"Lamp-Post", nobody, node.ErrLabelReserved, ""},
		{"HUB", nobody, node.ErrLabelReserved, ""},
		{"www", nobody, node.ErrLabelReserved, ""},
		{"Official word", nobody, node.ErrLabelReserved, ""},
		{"Notices", nobody, node.ErrLabelReserved, ""},
		{"Police Station", nobody, nil, "Police Station"},
		{"", nobody, node.ErrLabelUnreadable, ""},
		{"---", nobody, node.ErrLabelUnreadable, ""},
		{"a\x00b", nobody, node.ErrLabelUnreadable, ""},
		{"a name that is longer than forty characters", nobody, node.ErrLabelUnreadable, ""},
	} {
		got, err := node.Label(state, c.label, c.self)
		if got != c.clean || !errors.Is(err, c.want) {
			t.Errorf("%q: %q, %v; want %q, %v", c.label, got, err, c.clean, c.want)
		}
	}
}
