package node_test

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/join"
)

// A hub that was revoked while it was off learns of it when others turn it away. From
// then on nobody joins there, whatever it made before.
func TestAHubThatIsTurnedAwayLetsNobodyIn(t *testing.T) {
	root, paths := folders(t, 2)
	library := letIn(t, paths[0], "Library")
	first := atConsole(t, paths[0])
	_, stop := start(t, library, first.SyncAddrs()...)
	until(t, first.Node, "the library", labelled(idOf("Library"), "Library"))
	stop()
	code, _ := first.code("Barn")
	b, console := withConsole(t, paths[1])
	decide(t, b, console, root, control.HubAct{Act: control.Revoke, Hub: first.Host().ID().String()})

	ok(t, first.Host().AddPeer(b.SyncAddrs()[0]))
	await(t, first.Node, "that it is told", func(s control.Status) bool { return level(s, "certificate") == "bad" })
	for what, err := range map[string]error{
		"a code":  first.desk.Call(t.Context(), "invite", control.Invite{Label: "Mill", Seconds: 60}, nil),
		"a name":  first.desk.Call(t.Context(), "hub", control.HubAct{Act: control.Rename, Hub: idOf("Library"), Label: "School"}, nil),
		"a right": first.desk.Call(t.Context(), "hub", control.HubAct{Act: control.Grant, Hub: idOf("Library")}, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), "has been revoked") {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused(t, node.JoinConfig{Folder: newcomer(t), Code: code, At: first.SyncAddrs()[0]}, join.Outcast)
}
