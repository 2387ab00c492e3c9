package node_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// painter is an app that draws what its own records say, and then what is wrong with it.
type painter struct {
	notes

	name  record.App
	wrong error
}

func (p *painter) Manifest() hub.Manifest {
	m := p.notes.Manifest()
	m.Name = p.name
	return m
}

func (p *painter) Layer(s hub.Snapshot, q hub.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for it, err := range s.Newest("all", 0) {
			if !yield(fmt.Appendf(nil, "%s of %s for %s", it.Body, p.name, q.Place), err) {
				return
			}
		}
		if p.wrong != nil {
			yield(nil, p.wrong)
		}
	}
}

// The map of one app has what all others draw, of the same moment, each of what is its own.
func TestAMapHasWhatAllAppsDraw(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	wrong := errors.New("the pencil broke")
	n, err := node.New(node.Config{
		Folder: f, HTTP: "127.0.0.1:0", Listen: []string{"127.0.0.1:0"}, TrustClock: true,
		Apps: []hub.App{&painter{name: "fires", wrong: wrong}, notes{}, &painter{name: "floods"}},
	})
	ok(t, err)
	runs(t, n)
	ok(t, n.Enroll(t.Context(), key("ann"), "Ann"))
	for app, text := range map[record.App]string{"fires": "smoke", "floods": "water", "notes": "a note"} {
		_, err := n.Write(t.Context(), app, key("ann"), hub.Draft{Key: "a", Body: []byte(text)})
		ok(t, err)
	}

	// drawn is what the map of an app gets, until there was enough.
	drawn := func(app record.App, enough int) (all []string) {
		ok(t, n.Read(t.Context(), app, func(s hub.Snapshot) error {
			for raw, err := range hub.Layers(s, hub.Request{Place: "Hill School"}) {
				if all = append(all, string(raw)); err != nil {
					all[len(all)-1] = err.Error()
				}
				if err != nil && !errors.Is(err, wrong) {
					t.Errorf("what went wrong is lost: %v", err)
				}
				if len(all) == enough {
					break
				}
			}
			for it, err := range s.Newest("all", 0) { // afterwards it still sees what is its own
				if ok(t, err); it.App != app {
					t.Errorf("%s has a record of %s", app, it.App)
				}
			}
			return nil
		}))
		return all
	}
	want := []string{"smoke of fires for Hill School", "what fires draws on the map: the pencil broke", "water of floods for Hill School"}
	for _, app := range []record.App{"notes", "floods", "none"} {
		if got := drawn(app, 9); !slices.Equal(got, want) {
			t.Errorf("on the map of %s there is %q", app, got)
		}
	}
	for enough := 1; enough < len(want); enough++ {
		if got := drawn("notes", enough); !slices.Equal(got, want[:enough]) {
			t.Errorf("of %d there are %q", enough, got)
		}
	}
}
