package fieldtest

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"time"

	"github.com/lamppost-hub/lamppost/hub/node"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
)

// Sheets are a community's root sheets in a file.
type Sheets struct {
	File string
	Key  ed25519.PrivateKey // of one that decides alone; nil where it takes several
}

// FoundBySheets founds a community of hubs that do not run yet, with so many root sheets
// of which some are enough, and writes them into a file.
func FoundBySheets(file string, of, enough int, hubs ...*Hub) (Sheets, error) {
	const name = "Field Street"
	sheets, keys := rootsheet.Draw(name, of, enough)
	page, err := rootsheet.HTML(sheets)
	if err != nil {
		return Sheets{}, err
	}
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return Sheets{}, err
	}
	plan := node.Plan{Name: name, Now: time.Now().Add(-age), Roots: keys, Threshold: enough}
	for _, h := range hubs {
		plan.Places = append(plan.Places, node.Place{Folder: h.Folder, Label: h.Label})
	}
	out := Sheets{File: file}
	if enough == 1 {
		out.Key = keys[0]
	}
	return out, plan.Found()
}

// Cards makes so many coordinators at the console of a running hub, "Card 1" and so on,
// and returns the six words of each.
func (h *Hub) Cards(ctx context.Context, s Sheets, n int, roles string) (words []string, err error) {
	printed := s.File + ".cards"
	if _, err := h.Run(ctx, "roster", "cards", fmt.Sprint(n), "--roles", roles, "--print", printed, "--yes", "--data", h.Folder, "--sheets", s.File); err != nil {
		return nil, err
	}
	page, err := os.ReadFile(printed)
	if err != nil {
		return nil, err
	}
	words = rootsheet.Find(string(page)) // cards are printed as sheets are
	if len(words) != n {
		return nil, fmt.Errorf("%d cards are printed, not %d", len(words), n)
	}
	return words, os.Remove(printed)
}

// Revoke ends the words of somebody at the console of a running hub, for good.
func (h *Hub) Revoke(ctx context.Context, s Sheets, name string) error {
	_, err := h.Run(ctx, "roster", "revoke", name, "--yes", "--data", h.Folder, "--sheets", s.File)
	return err
}
