package node_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
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

// What became of a hub is in its log, once.
func TestAHubLogsThatItIsPutOut(t *testing.T) {
	for _, c := range []struct {
		act  control.ActKind
		says string
	}{{control.Retire, "level=WARN msg=\"this hub is marked as no longer in use"}, {control.Revoke, "level=ERROR msg=\"this hub has been revoked for good"}} {
		t.Run(string(c.act), func(t *testing.T) {
			t.Parallel()
			root, paths := folders(t, 2)
			f, err := node.ReadFolder(paths[0])
			ok(t, err)
			log := &logged{}
			n, err := node.New(node.Config{Folder: f, Apps: []hub.App{notes{}}, Listen: []string{"127.0.0.1:0"}, TrustClock: true, Control: true, Log: slog.New(slog.NewTextHandler(log, nil))})
			ok(t, err)
			runs(t, n)
			decide(t, n, control.NewClient(paths[0]), root, control.HubAct{Act: c.act, Hub: n.Host().ID().String(), Roots: true})
			wait(t, 15*time.Second, "it is logged", func() bool { return strings.Contains(log.String(), c.says) })
			if said := strings.Count(log.String(), c.says); said != 1 {
				t.Errorf("it is logged %d times", said)
			}
		})
	}
}

// logged is a log that is read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
