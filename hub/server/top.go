package server

import (
	"context"
	"fmt"
	"html/template"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui"
)

// top is what the apps have to say above every page, in their order, but for those that
// the page itself speaks for, and what makes that stale. What fails is logged and left
// out: the page below it goes on.
func (s *Server) top(v *visit, f *webui.Frame, but []record.App) (html template.HTML, stale staleness) {
	for _, m := range s.mounts {
		if m.banners == nil {
			continue
		}
		p, one, err := s.banner(v, m, f)
		if err != nil {
			s.cfg.Log.Error("a banner failed", "app", m.name, "error", err)
		}
		if !slices.Contains(but, m.name) {
			html += one
		}
		stale = stale.and(staleOf(m.name, p))
	}
	return html, stale
}

// banner is what one app has to say there, in a page of this frame.
func (s *Server) banner(v *visit, m *mount, f *webui.Frame) (hub.Page, template.HTML, error) {
	return s.apart(v, m, f, func(snap hub.Snapshot) (hub.Page, error) { return m.banners.Banner(snap, forAll(v)) })
}

// apart is what an app has to say in a page that is not its own, in that page's frame:
// nothing if the page that it makes has no template. Whatever goes wrong is an error.
func (s *Server) apart(v *visit, m *mount, f *webui.Frame, ask func(hub.Snapshot) (hub.Page, error)) (p hub.Page, html template.HTML, err error) {
	defer func() {
		if what := recover(); what != nil {
			html, err = "", fmt.Errorf("panic: %v\n%s", what, debug.Stack())
		}
	}()
	ctx := context.WithoutCancel(v.ctx()) // also the page that says that it took too long has one
	err = s.cfg.Hub.Read(ctx, m.name, func(snap hub.Snapshot) (err error) {
		p, err = ask(snap)
		return err
	})
	if err != nil || p.Template == "" {
		return p, "", err
	}
	own := *f
	own.Model, own.Parts = p.Model, s.partsOf(v, answer{in: m})
	var b strings.Builder
	if err := m.set.ExecuteTemplate(&b, p.Template, &own); err != nil {
		return p, "", err
	}
	return p, template.HTML(b.String()), nil //nolint:gosec // it comes from html/template
}
