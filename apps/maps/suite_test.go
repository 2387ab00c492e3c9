package maps_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/apptest"
	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

func TestPlacesAreTheSameAtEveryHub(t *testing.T) {
	form := func(n int) url.Values {
		return url.Values{
			"kind": {[]string{"shelter", "water", "hazard"}[n%3]}, "title": {fmt.Sprintf("place %d 👩\u200d🚒", n)}, "client_id": {fmt.Sprintf("id-%d", n)},
			"points": {fmt.Sprintf("44.4%d,-73.2%d", n%10, n%7)}, "langs": {"en es"}, "most": {"80"}, "seen": {""},
		}
	}
	edit := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		f := form(n)
		f.Set("client_id", fmt.Sprintf("edit-%d", n))
		f.Set("contact", "Ask at the desk")
		f.Del("seen")
		return hub.Request{Path: fmt.Sprintf("p/id-%d/edit", n), Form: f}, nil
	}
	status := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: fmt.Sprintf("p/id-%d/status", n), Form: url.Values{"status": {"open"}, "needs": {"blankets fuel"}, "client_id": {fmt.Sprintf("st-%d", n)}}}, nil
	}
	remove := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: fmt.Sprintf("p/id-%d/edit", n), Form: url.Values{"gone": {"yes"}, "client_id": {fmt.Sprintf("gone-%d", n)}}}, nil
	}
	people := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: fmt.Sprintf("p/id-%d/count", n), Form: url.Values{"recount": {"12"}, "client_id": {fmt.Sprintf("re-%d", n)}}}, nil
	}
	apptest.Run(t, apptest.Suite{
		App:     maps.New(),
		Roles:   roster.Maps,
		Act:     func(n int) hub.Request { return hub.Request{Path: "new", Form: form(n)} },
		Views:   []hub.Request{{}, {Query: url.Values{"near": {"44.45,-73.2"}, "room": {"yes"}}}, {Path: "o"}},
		Changes: []apptest.Change{edit, status, people, remove},
	})
}

func TestWhatNeighborsHaveSeenIsTheSameAtEveryHub(t *testing.T) {
	back := func(_ hub.Snapshot, a record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: fmt.Sprintf("o/%s/id-%d", a.String()[:16], n), Form: url.Values{"withdraws": {"yes"}}}, nil
	}
	apptest.Run(t, apptest.Suite{
		App: maps.New(),
		Act: func(n int) hub.Request {
			return hub.Request{Path: "report", Form: url.Values{"what": {"road"}, "text": {fmt.Sprintf("Main Street %d", n)}, "points": {fmt.Sprintf("44.4%d,-73.2", n%10)}, "client_id": {fmt.Sprintf("id-%d", n)}}}
		},
		Views:   []hub.Request{{}, {Path: "o"}},
		Changes: []apptest.Change{back},
	})
}

func TestCountsAtADoorAreTheSameAtEveryHub(t *testing.T) {
	plus := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: fmt.Sprintf("p/id-%d/count", n), Form: url.Values{"add": {fmt.Sprint(n + 1)}, "client_id": {fmt.Sprintf("plus-%d", n)}}}, nil
	}
	apptest.Run(t, apptest.Suite{
		App:   maps.New(),
		Roles: roster.Maps,
		Act: func(n int) hub.Request {
			return hub.Request{Path: "open", Form: url.Values{"title": {fmt.Sprintf("School %d", n)}, "points": {"44.4 -73.2"}, "client_id": {fmt.Sprintf("id-%d", n)}}}
		},
		Views:   []hub.Request{{}},
		Changes: []apptest.Change{plus},
	})
}

func TestPlacesFromFilesAreTheSameAtEveryHub(t *testing.T) {
	next := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: "files", Form: url.Values{"client_id": {fmt.Sprintf("next-%d", n)}, "list": {fmt.Sprintf("list %d", n)}, "all": {"yes"}, "file": {fmt.Sprintf("id,name,lat,lon,status\n1,Well %d,44.4%d,-73.2,full\n2,Other %d,44.1,-73,\n", n, n%10, n)}}}, nil
	}
	back := func(_ hub.Snapshot, _ record.Author, n int) (hub.Request, error) {
		return hub.Request{Path: fmt.Sprintf("i/id-%d", n), Form: url.Values{"client_id": {fmt.Sprintf("back-%d", n)}}}, nil
	}
	apptest.Run(t, apptest.Suite{
		App:   maps.New(),
		Roles: roster.Maps,
		Act: func(n int) hub.Request {
			return hub.Request{Path: "files", Form: url.Values{"client_id": {fmt.Sprintf("id-%d", n)}, "list": {fmt.Sprintf("list %d", n)}, "file": {fmt.Sprintf("id,name,type,lat,lon,status,people\n1,Well %d,water,44.4%d,-73.2,open,3\n", n, n%10)}}}
		},
		Views:   []hub.Request{{}, {Path: "export"}},
		Changes: []apptest.Change{next, back},
	})
}
