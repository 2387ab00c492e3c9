package notices

import (
	"strings"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
)

// How much room the notices have on the page for a door, by A4 and Letter alike, as
// webui/paper.css sets them. What does not fit there is cut off, so this is rather less.
const (
	paperLines = 22.5 // of large type, on which nothing else stands
	paperWide  = 55   // letters of a line; those of Chinese count for two

	smallLine  = 0.85 // of a large one: what is not whole is in smaller type
	smallWide  = 68
	untilWide  = 48  // of until when it holds
	smallBelow = 0.3 // between two of them
	markLines  = 2   // that say in which language a part is
	moreLines  = 2.0 // that say how many have no room
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
		Told  bool // in short, what it says; else only what it is about, and where
	}
)

// Print is what holds, for the printed bulletin.
func (a App) Print(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	b, err := board(s)
	if err != nil {
		return hub.Page{}, err
	}
	few := berth{each: ofSender, most: ofSender}
	m := onPage(append(showAll(q, doorOrder(few.take(b.Active)), maxAll), showAll(q, few.take(b.Upcoming), maxAll)...))
	m.More += few.out()
	return hub.Page{Template: "paper.html", Title: q.T("Notices"), Model: m, Topics: everything()}, nil
}

// onPage chooses what stands on the page: the worst whole; of the others each at least
// says what it is about. What room is left is for what they say, in their order, and then
// for all that the loud ones say.
func onPage(all []Shown) (m PaperView) {
	if len(all) == 0 {
		return m
	}
	room := paperLines - wholeLines(all[0])
	named := nameable(all[1:], room)
	if named < len(all)-1 {
		room -= moreLines
		named = nameable(all[1:], room)
	}
	m.Notices, m.More = append(m.Notices, OnPaper{Shown: all[0], Whole: true}), len(all)-1-named
	for _, n := range all[1 : 1+named] {
		m.Notices = append(m.Notices, OnPaper{Shown: n, Told: n.hasToTell() || n.Loud()})
		room -= namedLines(n)
	}
	others := m.Notices[1:]
	for i, n := range others {
		if more := shortLines(n.Shown) - namedLines(n.Shown); more <= room {
			others[i].Told = true
			room -= more
		}
	}
	for i, n := range others {
		if more := wholeLines(n.Shown) - shortLines(n.Shown); n.Told && n.Loud() && more <= room {
			others[i].Whole = true
			room -= more
		}
	}
	return m
}

// nameable is how many of them, from the first on, can at least be named.
func nameable(all []Shown, room float64) int {
	for i, n := range all {
		if room -= namedLines(n); room < 0 {
			return i
		}
	}
	return len(all)
}

// wholeLines is about how many lines a notice takes with all that it says.
func wholeLines(n Shown) float64 {
	lines := 5 // its number and grade, until when it holds, by whom, and what is between notices
	for _, text := range []string{n.Head, n.Text, n.Advice, n.Where(), n.Contact} {
		lines += linesOf(text, paperWide)
	}
	for _, part := range append(n.Parts(), n.Title()) {
		if part.Mark {
			lines += markLines
		}
	}
	if !n.Span.From.IsZero() {
		lines++
	}
	if n.Signed.Alone || len(n.Signers()) > 0 {
		lines++
	}
	return float64(lines)
}

// shortLines is it for one in short.
func shortLines(n Shown) float64 {
	return smallLines(n, " "+n.Brief().Told()+strings.Repeat(" ", untilWide)+n.By.Words.String())
}

// namedLines is it for one that only says what it is about, if it may.
func namedLines(n Shown) float64 {
	if n.hasToTell() || n.Loud() {
		return shortLines(n)
	}
	return smallLines(n, "")
}

func smallLines(n Shown, more string) float64 {
	text := n.Number + " " + n.Title().Told() + "  " + n.Where() + strings.Repeat(" ", 8) // for "Where:"
	if state := n.State(); state != "" || n.Grade.Practice() || n.Signed.Alone {
		text += strings.Repeat(" ", smallWide)
	}
	return smallBelow + smallLine*float64(linesOf(text+more, smallWide))
}

func linesOf(text string, wide int) (lines int) {
	if text == "" {
		return 0
	}
	for line := range strings.SplitSeq(text, "\n") {
		letters := 0
		for _, r := range line {
			if letters++; utf8.RuneLen(r) > 2 {
				letters++
			}
		}
		lines += max(1, (letters+wide-1)/wide)
	}
	return lines
}
