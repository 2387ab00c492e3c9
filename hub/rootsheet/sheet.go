package rootsheet

import (
	"bytes"
	"crypto/ed25519"
	_ "embed" // the printed page
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub/qr"
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

// Numbered is the words with their numbers, as two columns are read.
func (s Sheet) Numbered() []string {
	out := make([]string, Words)
	for i, w := range s.Secret.words {
		out[i] = strconv.Itoa(i+1) + ". " + w
	}
	return out
}

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

// code is the words as a QR code: in capitals, which take less room.
func (s Sheet) code() (qr.Code, error) { return qr.Encode(strings.ToUpper(s.Secret.Text()), qr.Paper) }

// width is that of a sheet in characters.
const width = 76

// Text is the sheet for a terminal that knows colours, or for paper.
func (s Sheet) Text(terminal bool) (string, error) {
	code, err := s.code()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	rule := strings.Repeat("=", width)
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s\n\n", rule, s.Community, s.Title(), rule)
	column := s.Numbered()
	for i := range Words / 2 {
		fmt.Fprintf(&b, "    %-30s %s\n", column[i], column[i+Words/2])
	}
	fmt.Fprintf(&b, "\n    Check: %s\n\n", s.Check())
	for i, text := range append([]string{s.For()}, s.Keep()...) {
		if i > 0 {
			text = "- " + text
		}
		b.WriteString(wrapped(text, width))
	}
	b.WriteString("\n")
	if terminal {
		b.WriteString(code.Terminal())
	} else {
		b.WriteString(code.Text())
	}
	fmt.Fprintf(&b, "\nKept by: ______________________________  Since: ____________________\n%s\n", rule)
	return b.String(), nil
}

// wrapped is a paragraph in lines that are not wider than so many characters.
func wrapped(text string, width int) string {
	var b strings.Builder
	at := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case at == 0:
		case at+1+n > width:
			b.WriteString("\n")
			at = 0
			if strings.HasPrefix(text, "- ") {
				b.WriteString("  ")
				at = 2
			}
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String() + "\n"
}

//go:embed sheets.html
var page string

var printed = sync.OnceValues(func() (*template.Template, error) { return template.New("sheets").Parse(page) })

// HTML is sheets as a page to print, one a leaf, on A4 or Letter. It holds all that
// it needs, and no script.
func HTML(sheets []Sheet) ([]byte, error) {
	t, err := printed()
	if err != nil {
		return nil, err
	}
	type leaf struct {
		Sheet
		Code template.HTML
	}
	leaves := make([]leaf, len(sheets))
	for i, s := range sheets {
		code, err := s.code()
		if err != nil {
			return nil, err
		}
		leaves[i] = leaf{s, template.HTML(code.SVG("The ten words as a QR code"))}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, leaves); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
