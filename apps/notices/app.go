// Package notices is the official word: what coordinators say, numbered, with who says
// it, whether it still holds and what replaced it. The worst tops every page of the hub.
package notices

import (
	"embed"
	"encoding/hex"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

//go:embed templates/*.html catalog.*.toml openapi.yaml
var files embed.FS

// App is the notices.
type App struct{ desk *relayDesk }

// New makes the app, with alerts of others from these sources besides.
func New(of ...Sources) App {
	all := Sources{}
	for _, s := range of {
		all = s
	}
	return App{desk: newRelayDesk(all)}
}

// Manifest says what the app is.
func (App) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "notices", Title: "Notices", Class: record.Notice, TTL: life,
		Check: check, Index: index, Version: 2, Files: files,
	}
}

// What the paths below the app's begin with.
const (
	newPath      = "new"
	archivePath  = "archive"
	draftsPath   = "drafts"
	questionPath = "questions"
	patternPath  = "templates"
	noticePath   = "n"
	draftPath    = "d"
	relayedPath  = "x"
	importPath   = "import"
	senderPath   = "from"
)

// byLen is how many hex digits of an author's key stand in a path.
const byLen = hub.RefBy

// spot is what a path leads to.
type spot struct {
	page   string
	by, id string // of one thing; empty for a list
}

// spotAt reads a path: a page, or one and what it is about.
func spotAt(path string) (at spot, _ error) {
	parts := strings.Split(path, "/")
	at.page = parts[0]
	switch at.page {
	case "", newPath, archivePath, draftsPath, patternPath, importPath, senderPath:
		if len(parts) == 1 {
			return at, nil
		}
	case relayedPath:
		if len(parts) != 2 || len(parts[1]) != 2*idBytes {
			break
		}
		if _, err := hex.DecodeString(parts[1]); err == nil {
			at.id = strings.ToLower(parts[1])
			return at, nil
		}
	case noticePath, draftPath, questionPath:
		if len(parts) == 1 && at.page == questionPath {
			return at, nil
		}
		if len(parts) != 3 || len(parts[1]) != byLen || !hub.ValidID(parts[2]) {
			break
		}
		if _, err := hex.DecodeString(parts[1]); err == nil {
			at.by, at.id = strings.ToLower(parts[1]), parts[2]
			return at, nil
		}
	}
	return at, hub.Errorf(hub.NotFound, "", "There is no such page among the notices.")
}

// everything is the topics of what is shown of notices.
func everything() []hub.Term { return []hub.Term{every, signed, relayed, hub.Reached} }

// View shows what holds, or what the path leads to.
func (a App) View(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	at, err := spotAt(q.Path)
	if err != nil {
		return hub.Page{}, err
	}
	switch at.page {
	case newPath:
		return composing(s, q)
	case archivePath:
		return past(s, q)
	case draftsPath:
		return draftList(s, q)
	case patternPath:
		return patternList(s, q)
	case questionPath:
		if at.id == "" {
			return questionList(s, q)
		}
		return oneQuestion(s, q, at)
	case noticePath:
		return one(s, q, at)
	case draftPath:
		return oneDraft(s, q, at)
	case relayedPath:
		return a.oneRelayed(s, q, at)
	case importPath:
		return importing(s, q)
	case senderPath:
		return ofOne(s, q)
	}
	return list(s, q)
}

// coordinates reports whether whoever asks may write notices.
func coordinates(s hub.Snapshot, q hub.Request) bool {
	return q.Author != (record.Author{}) && hub.May(s.Roster(), q.Author, roster.Notices)
}
