// Package server is a hub's pages over HTTP: sessions, forms, limits and the
// frame around what the apps show. Everything works with scripts, cookies and
// storage switched off.
//
// Programs find the same under /api/v1, as JSON (openapi.yaml), and are told at
// /api/v1/live which lists have changed.
//
// A request passes, in this order: the security headers, the Host allow-list,
// the bound on open requests of one address, the session, and for a form the
// origin, the size and the token. Only then does a handler see it. A handler
// returns an answer or an error; one place writes either.
package server

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

// Hub is what the pages ask of the hub behind them. Where the person can do
// something about an error, it is a *hub.Error.
type Hub interface {
	// Read shows f one consistent moment, as the app sees it.
	Read(ctx context.Context, app record.App, f func(hub.Snapshot) error) error
	// Write signs the drafts; they are on disk on return.
	Write(ctx context.Context, app record.App, as ed25519.PrivateKey, ds ...hub.Draft) ([]record.Record, error)
	// Enroll makes this hub vouch for a person, and writes the name if it is
	// not empty. It does nothing if some hub vouches already.
	Enroll(ctx context.Context, key ed25519.PrivateKey, name string) error
	// Rename writes the person's own name for themselves.
	Rename(ctx context.Context, key ed25519.PrivateKey, name string) error
	About() About
}

// About is what a hub says of itself.
type About struct {
	Community string
	Place     string // the hub's label
	ID        string // a short id of the hub, a-z 0-9, in the cookie's name
	Version   string // of the program
	Internet  Internet
	Now       time.Time // in the zone in which pages tell times
	Plausible bool      // whether Now is
	Neighbors []Neighbor
	Speakers  []string // what the coordinators are called
	CutOff    bool     // the hub was put out of the community: nothing goes anywhere
	Full      bool     // there is no room for what somebody might write
}

// Internet is whether the backbone is up.
type Internet int

// What can be known of the internet. Pages say nothing about an unknown one.
const (
	Unknown Internet = iota
	Up
	Down
)

// Neighbor is another hub.
type Neighbor struct {
	Label  string
	Linked bool      // reached just now
	Heard  time.Time // last; zero for never
}

// Config is what a server is made of.
type Config struct {
	Hub       Hub
	Sessions  Sessions
	Newcomers Newcomers     // nil: everybody is welcome
	Readers   Readers       // nil: nothing is kept for readers
	Feed      Feed          // nil: no live updates
	Clock     Clock         // nil: nobody sees or sets it
	Trust     Trust         // nil: nobody sees who may speak officially
	Portal    Portal        // nil: who asks for another host is told so
	Authority Authority     // nil: no device can be enrolled here
	Reached   func() string // host, with a port where it is not 80, at which other devices find the pages; nil or "" = not known
	Shares    Shares        // nil: phones use as much of the internet as they like
	Metrics   Metrics       // nil: nothing is counted
	Apps      []hub.App
	Behind    func(record.App) hub.Host // what an app's own handlers may ask of the hub; nil: nothing
	Scripts   fs.FS                     // dist/*.js, see webui.Scripts; nil: pages have none
	Community record.Community
	Hosts     []string // names under which the hub answers besides its own addresses
	Limits    Limits
	Log       *slog.Logger
}

// Server answers a hub's HTTP requests.
type Server struct {
	cfg    Config
	mounts []*mount
	own    *template.Template // the server's own pages
	assets *webui.Assets
	speaks *catalog.Catalog // the languages of the pages
	paths  paths
	hosts  hosts
	forge  forge
	open   *perAddress // requests
	live   *live
	derive *derivations
	joined *joined
	writes writes
	origin *http.CrossOriginProtection
	zips   sync.Pool // of *gzip.Writer
	parts  *parts
	guest  struct { // asked for once, as it is the same ever after
		sync.Mutex
		author record.Author
	}
}

// writes orders what people write.
type writes struct {
	turns    *turns
	official *turns // all who sign officially have one
	pace     *pace
	guesses  *pace // at six words
}

// New makes a server. It fails if a template does not parse or two apps share
// a name.
func New(cfg Config) (*Server, error) {
	if cfg.Hub == nil || cfg.Sessions == nil {
		return nil, errors.New("server: a hub and its sessions are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Limits = cfg.Limits.orDefaults()
	assets, err := webui.LoadAssets(cfg.Scripts)
	if err != nil {
		return nil, err
	}
	own, err := webui.Templates(pages)
	if err != nil {
		return nil, fmt.Errorf("pages of the server: %w", err)
	}
	speaks, err := catalog.Load(folders(cfg.Apps)...)
	if err != nil {
		return nil, fmt.Errorf("languages: %w", err)
	}
	s := &Server{
		cfg: cfg, own: own, assets: assets, speaks: speaks,
		hosts:  allow(cfg.Hosts),
		forge:  newForge(rand.Reader),
		open:   newPerAddress(cfg.Limits.OpenRequests),
		live:   newLive(cfg.Limits),
		derive: newDerivations(),
		joined: newJoined(),
		writes: writes{newTurns(), newTurns(), newPace(), newPace()},
		parts:  newParts(),
		origin: http.NewCrossOriginProtection(),
	}
	s.paths = paths{pages: s.table(), calls: s.callTable()}
	for _, a := range cfg.Apps {
		var behind hub.Host
		if cfg.Behind != nil {
			behind = cfg.Behind(a.Manifest().Name)
		}
		m, err := newMount(a, behind)
		if err != nil {
			return nil, err
		}
		if s.taken(string(m.name)) {
			return nil, fmt.Errorf("app %s: the path is taken", m.name)
		}
		s.mounts = append(s.mounts, m)
	}
	return s, nil
}

// folders are where catalogues are: with the frame, with the server's own pages,
// with each app.
func folders(apps []hub.App) []fs.FS {
	out := []fs.FS{webui.Catalogs, pages}
	for _, a := range apps {
		if files := a.Manifest().Files; files != nil {
			out = append(out, files)
		}
	}
	return out
}

// taken reports whether an app cannot have a name: another has it, or a page or
// call of the server's own.
func (s *Server) taken(name string) bool {
	_, page := s.paths.pages["/"+name]
	_, call := s.paths.calls[name]
	return page || call || name == "api" || "/"+name == metricsPath || s.mount(name) != nil
}

// paths are those of the server's own.
type paths struct {
	pages map[string]route
	calls map[string]call // below apiRoot
}

// route is what one path does. A path without post shows only.
type route struct {
	get  func(*visit) (answer, error)
	post func(*visit) (answer, error)
	raw  func(http.ResponseWriter, *visit) (answer, error) // in place of the one that the visit would have

	forAll bool // the page knows no person
	closed bool // only for requests that name the hub; others are not even led to it
}

// table is the server's own pages.
func (s *Server) table() map[string]route {
	own := map[string]route{
		"/":        {get: s.home},
		"/code":    {get: s.code, post: s.writtenDown},
		returnPath: {get: s.comeBack, post: s.recognize},
		"/name":    {get: s.name, post: s.rename},
		"/signout": {get: s.leaving, post: s.leave},
		"/you":     {get: s.you},

		"/language": {get: s.languages},
		"/staff":    {get: s.staff},
		enrolPath:   {get: s.enrol},
		kioskPath:   {get: s.kiosk, post: s.freeScreen},
		printPath:   {get: s.bulletin, forAll: true},
		newsPath:    {get: s.news, forAll: true},

		moderatePath: {get: s.moderating},
		judgePath:    {get: s.judging, post: s.decide},
		judgedPath:   {get: s.moderated},
	}
	if s.cfg.Readers != nil {
		own["/hide"] = route{get: s.hiding, post: s.hide}
		own["/unhide"] = route{get: s.hiddenPage, post: s.unhide}
		own["/hidden"] = route{get: s.hiddenPage}
	}
	if s.cfg.Clock != nil {
		own["/clock"] = route{get: s.clockPage, post: s.setClock, closed: true}
	}
	if s.cfg.Trust != nil {
		own[speakersPath] = route{get: s.speakers}
		own[stolenPath] = route{get: s.stolen, post: s.renounce}
	}
	if s.cfg.Authority != nil {
		own["/enrol/lamppost.crt"] = route{get: s.authorityFile}
		own["/enrol/lamppost.mobileconfig"] = route{get: s.profileFile}
	}
	if s.cfg.Portal != nil {
		own["/stay"] = route{get: s.home, post: s.stay}
		own["/ok"] = route{get: s.stays}
	}
	return own
}

// find is the route of a path: one of the server's own or an app's.
func (s *Server) find(v *visit) (route, error) {
	if r, ok := s.paths.pages[v.path]; ok {
		return r, nil
	}
	if r, ok := s.app(v); ok {
		return r, nil
	}
	return route{}, hub.Errorf(hub.NotFound, "", "There is no such page here.")
}
