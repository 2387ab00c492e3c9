package rootsheet

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"

	"github.com/lamppost-hub/lamppost/hub/paper"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Sheet is one root on paper.
type Sheet struct {
	Community string
	Number    int // from 1; sheets are numbered in the order of their public keys
	Of        int // how many there are
	Threshold int // how many make an act
	Secret    Secret
	Root      record.Author // the public key
}

// Draw makes the sheets of a new community and their keys, in their order. They
// take a moment each.
func Draw(community string, of, threshold int) ([]Sheet, []ed25519.PrivateKey) {
	type root struct {
		secret Secret
		key    ed25519.PrivateKey
	}
	roots := make([]root, of)
	for i := range roots {
		roots[i].secret = New(nil)
		roots[i].key = roots[i].secret.Key()
	}
	public := func(r root) record.Author { return record.AuthorOf(r.key) }
	slices.SortFunc(roots, func(a, b root) int {
		x, y := public(a), public(b)
		return bytes.Compare(x[:], y[:])
	})
	sheets, keys := make([]Sheet, of), make([]ed25519.PrivateKey, of)
	for i, r := range roots {
		keys[i] = r.key
		sheets[i] = Sheet{community, i + 1, of, threshold, r.secret, public(r)}
	}
	return sheets, keys
}

// Title says which sheet it is.
func (s Sheet) Title() string { return fmt.Sprintf("Root sheet %d of %d", s.Number, s.Of) }

// Check is what tells the sheet from others without revealing its words.
func (s Sheet) Check() string { return Check(s.Root) }

// For is what the sheet is for.
func (s Sheet) For() string {
	with := "This sheet alone decides"
	if s.Threshold > 1 {
		with = fmt.Sprintf("Any %d of the %d sheets together decide", s.Threshold, s.Of)
	}
	text := with + " who runs the hubs of this community and who speaks for it. It takes them to put an end to a stolen hub, to rename the first one, to let another invite when it is lost, or to name coordinators: seldom, and then in a hurry."
	if s.Threshold > 1 {
		text += " One sheet alone can do nothing."
	}
	return text
}

// Keep is how to keep it.
func (s Sheet) Keep() []string {
	keep := []string{
		"Keep it dry and locked away, as you would a passport. Nothing else holds these words: what is lost cannot be made again.",
		"Type the words only at a hub itself, when the lamppost program asks for them: never into a web page, a phone or a message. Take no picture of it.",
	}
	if s.Of > 1 {
		keep = append(keep, "Each sheet belongs with another person, in another house. Tell the others when it is lost or somebody may have read it.")
	} else {
		keep = append(keep, "It is the only one. Whoever reads it can end the community; if it burns, nobody can ever change who runs it.")
	}
	return keep
}

// Paper is the sheet as it is printed.
func (s Sheet) Paper() paper.Sheet {
	return paper.Sheet{Community: s.Community, Title: s.Title(), Words: s.Secret.words[:], Check: s.Check(), For: s.For(), Keep: s.Keep()}
}

// Text is the sheet for a terminal that knows colours, or for paper.
func (s Sheet) Text(terminal bool) (string, error) { return s.Paper().Text(terminal) }

// Papers are sheets as they are printed.
func Papers(sheets []Sheet) []paper.Sheet {
	leaves := make([]paper.Sheet, len(sheets))
	for i, s := range sheets {
		leaves[i] = s.Paper()
	}
	return leaves
}

// HTML is sheets as a page to print, one a leaf.
func HTML(sheets []Sheet) ([]byte, error) { return paper.HTML("Root sheets", Papers(sheets)) }
