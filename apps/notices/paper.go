package notices

import (
	"strings"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
)

// How much room the notices have on the page for a door, by A4 and Letter alike, as
// webui/paper.css sets them. What does not fit there is cut off, so this is rather less.
const (
	paperLines = 20 // on which nothing else stands
	paperWide  = 55 // letters of a line; those of Chinese count for two
)

type (
	// PaperView is what holds, as far as one page has room for it.
	PaperView struct {
		Notices []OnPaper // the worst first
		More    int       // for which there is no room
	}
	// OnPaper is one of them.
	OnPaper struct {
		Shown
		Whole bool // else in short
	}
)

// Print is what holds, for the printed bulletin.
func (a App) Print(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	b, err := board(s)
	if err != nil {
		return hub.Page{}, err
	}
	all := append(showAll(q, b.Active, maxAll), showAll(q, b.Upcoming, maxAll)...)
	return hub.Page{Template: "paper.html", Title: q.T("Notices"), Model: onPage(all), Topics: everything()}, nil
}

// onPage chooses what stands on the page: the worst whole, others that are loud whole
// where those after them still have some room, the rest in short.
func onPage(all []Shown) (m PaperView) {
	room := paperLines
	for i, n := range all {
		after := min(3*(len(all)-i-1), paperLines/2)
		one := OnPaper{n, i == 0 || n.Loud() && wholeLines(n)+after <= room}
		lines := shortLines(n)
		if one.Whole {
			lines = wholeLines(n)
		}
		if i > 0 && lines > room {
			m.More = len(all) - i
			break
		}
		room -= lines
		m.Notices = append(m.Notices, one)
	}
	return m
}

// wholeLines is about how many lines a notice takes with all that it says.
func wholeLines(n Shown) int {
	lines := 5 // its number and grade, until when it holds, by whom, and what is between notices
	for _, text := range []string{n.Head, n.Text, n.Advice, n.Where(), n.Contact, n.Tongue} {
		lines += linesOf(text)
	}
	if !n.Span.From.IsZero() {
		lines++
	}
	if n.Signed.Alone || len(n.Signers()) > 0 {
		lines++
	}
	return lines
}

// shortLines is it for one in short.
func shortLines(n Shown) int {
	said := n.Text
	if said == "" {
		said = n.Advice
	}
	return 1 + linesOf(n.Number+n.Head+said+n.Where()+strings.Repeat(" ", paperWide/2)) // by whom, and when
}

func linesOf(text string) (lines int) {
	if text == "" {
		return 0
	}
	for line := range strings.SplitSeq(text, "\n") {
		wide := 0
		for _, r := range line {
			if wide++; utf8.RuneLen(r) > 2 {
				wide++
			}
		}
		lines += max(1, (wide+paperWide-1)/paperWide)
	}
	return lines
}
