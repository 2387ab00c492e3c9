package server

import (
	"html/template"

	"github.com/lamppost-hub/lamppost/sync/recent"
	"github.com/lamppost-hub/lamppost/webui"
)

// partBytes is about how much memory the parts of pages take that are kept for other
// readers, such as posts.
const partBytes = 6 << 20

// parts are parts of pages, kept for whoever reads the same.
type parts struct {
	kept *recent.Map[webui.PartKey, webui.Part]
	off  bool // for tests
}

func newParts() *parts { return &parts{kept: recent.New[webui.PartKey, webui.Part](partBytes)} }

// set is the templates that an answer is made with.
func (s *Server) set(a answer) *template.Template {
	if a.in != nil {
		return a.in.set
	}
	return s.own
}

// partsOf is where an answer has its parts from. Where the session stands in every
// link no other reader has the same.
func (s *Server) partsOf(v *visit, a answer) webui.Parts {
	p := webui.Parts{Set: s.set(a)}
	if v.inPath == "" && !s.parts.off {
		p.Kept = s.parts.kept
	}
	return p
}
