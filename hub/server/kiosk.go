package server

import (
	"html/template"
	"strconv"

	"github.com/lamppost-hub/lamppost/hub/qr"
)

// kioskTurn is how long a screen on a wall shows one sheet, in seconds: a list
// of posts is read in that time.
const kioskTurn = 20

// kioskPath is where a screen on a wall begins.
const kioskPath = "/kiosk"

// kioskView is one sheet of a screen on a wall. The screen belongs to nobody:
// nothing on it asks for a name, and no cookie is set.
type kioskView struct {
	Card   template.HTML // of an app; empty on the hub's own sheets
	Places []Neighbor    // on their sheet
	Back   comeback
	Large  bool // the sheet is about how to come back
	Stays  bool // the next is the same one, as it is by then
	Turn   int  // seconds to the next
	Next   string
	Here   string // path of this sheet as it is
	Other  string // path of this sheet, turning if it stays, staying if it turns
}

// unscreenView asks whoever is signed in before a screen is nobody's.
type unscreenView struct {
	Unsaved bool // their return code is not written down yet
}

// kiosk shows one sheet after another. Whoever is signed in is asked first and then
// signed out: a tap on a link is not to cost somebody who they are.
func (s *Server) kiosk(v *visit) (answer, error) {
	if v.session != nil {
		return answer{page: "unscreen.html", title: v.lang.Text("For a screen on the wall"), model: unscreenView{Unsaved: v.session.HasCode()}}, nil
	}
	cards, stale, err := s.cards(v)
	if err != nil {
		return answer{}, err
	}
	m := kioskView{Turn: kioskTurn}
	back, err := s.howToComeBack(v, qr.Screen)
	if err != nil {
		return answer{}, err
	}
	m.Back = back.forOthers()
	sheets := len(cards) + 2
	at, err := strconv.Atoi(v.r.URL.Query().Get("sheet"))
	if err != nil || at < 0 || at >= sheets {
		at = 0 // another program's number of sheets
	}
	switch at - len(cards) {
	case 0:
		m.Places = nearestFirst(v.about.Neighbors)
	case 1:
		m.Large = true
	default:
		m.Card = cards[at]
	}
	here := kioskPath + "?sheet=" + strconv.Itoa(at)
	m.Next, m.Here, m.Other = kioskPath+"?sheet="+strconv.Itoa((at+1)%sheets), here, here+"&stay=1"
	if v.r.URL.Query().Get("stay") != "" {
		m.Stays, m.Next, m.Here, m.Other = true, m.Other, m.Other, here
	}
	return answer{page: "kiosk.html", whole: true, title: v.lang.Text("Home"), model: m, stale: stale}, nil
}

// freeScreen signs out whoever is signed in, also at other places.
func (s *Server) freeScreen(v *visit) (answer, error) {
	if err := s.signOut(v); err != nil {
		return answer{}, err
	}
	v.forget()
	return answer{to: kioskPath + doneField + "screen"}, nil
}

// forScreen readies a visit to a screen on a wall: it knows no person, but whom it
// has to sign out. Its language is that of a page for all.
func (s *Server) forScreen(v *visit) {
	if s.signIn(v) {
		s.signIn(v) // by the cookie alone
	}
	path := v.inPath
	s.forAll(v)
	if v.session != nil {
		v.inPath = path
	}
}

// forAll readies a visit to a page that knows no person: no cookie is read or
// set, and the language is that of the path or the browser. It reports true if
// the address holds a session and is to become clean: it may be printed, or stay
// on a screen.
func (s *Server) forAll(v *visit) (moved bool) {
	v.lang = s.speaks.Match(v.r.Header.Get("Accept-Language"))
	if l, ok := s.speaks.Language(v.langInPath); ok {
		v.lang = l
	}
	moved, v.inPath = v.inPath != "", ""
	return moved
}
