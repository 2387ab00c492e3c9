package server

import (
	"net/http"
	"net/url"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Calls lists the server's own calls, by method and path below /api/v1.
func (s *Server) Calls() (all []string) {
	for path, c := range s.paths.calls {
		if c.get != nil {
			all = append(all, "GET /"+path)
		}
		if c.post != nil {
			all = append(all, "POST /"+path)
		}
	}
	return all
}

func ParseFields(b string, known ...string) (map[string][]string, error) {
	return parseFields(b, known)
}

func ParseWish(b []byte) ([]Topic, error) {
	return parseWish(b, func(app record.App) bool { return app == "messages" })
}

func ReadHead(r *http.Request) (url.Values, error) { return readHead(r) }

func ParseTold(body string) (time.Time, error) { return parseTold(body) }

func Explained(err error) (status int, text string) {
	p := explain(err)
	return p.status, p.said.String()
}

// KeepParts has the server keep parts of pages from now on, or none.
func KeepParts(s *Server, keep bool) { s.parts.off = !keep }

// Parts is how many parts of pages are kept.
func Parts(s *Server) int { return s.parts.kept.Len() }
