// Package maps is the places that matter: shelters, water, food, medical help, hazards
// and closed roads, with who says so, how old that is and how far it is from here.
// Coordinators post them; everybody may say what they have seen.
package maps

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

// App is the places.
type App struct{ desk *desk }

// New makes the app, with what the machine gives it, if it gives anything.
func New(of ...Options) App {
	all := Options{}
	for _, o := range of {
		all = o
	}
	return App{newDesk(all)}
}

// Manifest says what the app is.
func (App) Manifest() hub.Manifest {
	return hub.Manifest{
		Name: "maps", Title: "Places", Class: record.Talk, TTL: seenLife, // what is official says so
		Check: check, Index: index, Version: 1, Files: files,
	}
}

// What the paths below the app's begin with, and end with about one place.
const (
	newPath    = "new"
	openPath   = "open"
	herePath   = "here"
	placePath  = "p"
	seenPath   = "o"
	reportPath = "report"
	layerPath  = "l"

	editPage   = "edit"
	statusPage = "status"
	countPage  = "count"
)

// byLen is how many hex digits of an author's key stand in a path.
const byLen = hub.RefBy

// spot is what a path leads to.
type spot struct {
	page string
	by   string // of what somebody has seen: how their key begins
	id   string // of one place, or of what was seen; empty for a list
	do   string // what is done about it; empty for its page
}

// spotAt reads a path: a page, or one and what it is about.
func spotAt(path string) (at spot, _ error) {
	parts := strings.Split(path, "/")
	at.page = parts[0]
	switch at.page {
	case "", newPath, openPath, herePath, reportPath, mapPath, extractsPath:
		if len(parts) == 1 {
			return at, nil
		}
	case placePath:
		if len(parts) < 2 || len(parts) > 3 || !hub.ValidID(parts[1]) {
			break
		}
		if at.id = parts[1]; len(parts) == 2 {
			return at, nil
		}
		switch at.do = parts[2]; at.do {
		case editPage, statusPage, countPage:
			return at, nil
		}
	case importPath, takenPath, exportPath:
		return fileSpot(at, parts)
	case layerPath:
		if len(parts) == 1 {
			return at, nil
		}
		if len(parts) == 2 && hub.ValidID(parts[1]) {
			at.id = parts[1]
			return at, nil
		}
	case seenPath:
		if len(parts) == 1 {
			return at, nil
		}
		if len(parts) < 3 || len(parts) > 4 || len(parts[1]) != byLen || !hub.ValidID(parts[2]) {
			break
		}
		if len(parts) == 4 {
			if at.do = parts[3]; at.do != reportPath {
				break
			}
		}
		if _, err := hex.DecodeString(parts[1]); err == nil {
			at.by, at.id = strings.ToLower(parts[1]), parts[2]
			return at, nil
		}
	}
	return at, noSuchPage()
}

func noSuchPage() error {
	return hub.Errorf(hub.NotFound, "", "There is no such page among the places.")
}

// everything is the topics of what is shown of places.
func everything() []hub.Term {
	return []hub.Term{places, statuses, recounts, allowances, counts, hubs, seen, witnesses, verdicts, layers}
}

// View shows where to go, or what the path leads to.
func (a App) View(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	at, err := spotAt(q.Path)
	if err != nil {
		return hub.Page{}, err
	}
	switch at.page {
	case newPath:
		return making(s, q)
	case openPath:
		return opening(s, q)
	case herePath:
		return placing(s, q)
	case reportPath:
		return telling(s, q)
	case mapPath:
		return mapping(s, q)
	case extractsPath:
		return extracting(s, q)
	case importPath, takenPath, exportPath:
		return filePage(s, q, at)
	case layerPath:
		if at.id == "" {
			return layerList(s, q)
		}
		return layerOne(s, q, at.id)
	case seenPath:
		switch {
		case at.id == "":
			return seenList(s, q)
		case at.do == reportPath:
			return complaining(s, q, at)
		}
		return oneSeen(s, q, at)
	case placePath:
		switch at.do {
		case editPage:
			return editing(s, q, at)
		case statusPage:
			return statusForm(s, q, at)
		case countPage:
			return countForm(s, q, at)
		}
		return one(s, q, at)
	}
	return list(s, q)
}

// coordinates reports whether whoever asks may put places on the map.
func coordinates(s hub.Snapshot, q hub.Request) bool {
	return q.Author != (record.Author{}) && hub.May(s.Roster(), q.Author, roster.Maps)
}

// officially is nil for somebody who may sign here what is on the map.
func officially(s hub.Snapshot, q hub.Request) error {
	switch {
	case !coordinates(s, q):
		return hub.Errorf(hub.Forbidden, "", "Only coordinators put places on the map. If you are one, enter your six words first. Everybody can say what they have seen.")
	case !q.Official:
		return hub.Errorf(hub.Forbidden, "", "This cannot be signed from here, as others could listen in or answer in this place’s name. Do it at the box itself, or over a secure connection from a device that is set up for that.")
	}
	return nil
}
