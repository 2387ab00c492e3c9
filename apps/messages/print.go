package messages

import (
	"fmt"

	"github.com/lamppost-hub/lamppost/hub"
)

// maxPrinted is how many posts go onto the bulletin, where they have what room is left.
const maxPrinted = 8

// Print shows the newest posts of all channels, for the one page on a door.
func (App) Print(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	var m ReportView
	for it, err := range s.Newest(everything, 0) {
		if err != nil {
			return hub.Page{}, fmt.Errorf("newest posts: %w", err)
		}
		if len(m.Posts) == maxPrinted {
			break
		}
		if it.Ahead || it.Hidden != "" {
			continue
		}
		if p, ok := whole(s, q, it); ok {
			m.Posts = append(m.Posts, p)
		}
	}
	return hub.Page{Template: "paper.html", Model: m, Topics: []hub.Term{everything}}, nil
}
