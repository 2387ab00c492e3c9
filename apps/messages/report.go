package messages

import (
	"fmt"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// maxReport is how many posts go on paper: about ten pages.
const maxReport = 150

// ReportView is what has come, for paper, newest first.
type ReportView struct {
	Posts []Post
	More  bool // than fit
}

// Report shows the posts of all channels since a moment, whole. Those of a clock
// that runs ahead come last.
func (App) Report(s hub.Snapshot, q hub.Request, since time.Time) (hub.Page, error) {
	var m ReportView
	var ahead []Post
	for it, err := range s.Newest(everything, 0) {
		if err != nil {
			return hub.Page{}, fmt.Errorf("newest posts: %w", err)
		}
		if !it.Ahead && it.Listed.Wall().Before(since) {
			break
		}
		p, ok := whole(s, q, it)
		if !ok || it.Ahead && len(ahead) == maxAhead {
			continue
		}
		if len(m.Posts)+len(ahead) == maxReport {
			m.More = true
			break
		}
		if it.Ahead {
			ahead = append(ahead, p)
		} else {
			m.Posts = append(m.Posts, p)
		}
	}
	m.Posts = append(m.Posts, ahead...)
	return hub.Page{Template: "report.html", Title: q.T("Talk"), Model: m}, nil
}
