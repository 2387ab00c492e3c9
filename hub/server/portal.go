package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/qr"
)

// Portal meets phones that have just joined the Wi-Fi.
type Portal interface {
	// Stray answers a GET or HEAD for another host, with sheet where the small window
	// of a phone is to show a page.
	Stray(w http.ResponseWriter, r *http.Request, sheet http.Handler)
	// Accepted reports whether the phone at an address was let through.
	Accepted(at netip.Addr) bool
	// Accept lets it through; that is on disk on return.
	Accept(at netip.Addr) error
	// Home is the address of the hub's pages for phones.
	Home() string
}

// Shares are how much of the internet each phone may use in a day.
type Shares interface {
	// UsedUp reports whether the phone at an address has used all of its share, and how
	// long it is until it has a new one.
	UsedUp(at netip.Addr) (left time.Duration, used bool)
}

// stray answers a request that does not name this hub, if that is not to be refused.
func (s *Server) stray(w http.ResponseWriter, v *visit) bool {
	if s.cfg.Portal == nil || !reading(v.r) || s.paths.pages[v.path].closed || v.api || v.path == metricsPath {
		return false
	}
	s.cfg.Portal.Stray(w, v.r, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.sheet(w, v) }))
	return true
}

// sheetView is the page in a phone's small window that leads to the others.
type sheetView struct{ Home string }

// sheet shows that page in the language that the phone asks for. Under the name that the
// phone asked for nothing else of ours is to be had, so the style stands in the page.
func (s *Server) sheet(w http.ResponseWriter, v *visit) {
	s.forAll(v)
	guard(w.Header(), false, "")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+s.assets.Inline.Source+"; base-uri 'none'; frame-ancestors 'none'")
	page, err := s.render(v, answer{page: "sheet.html", whole: true, title: v.lang.Text("Home"), model: sheetView{s.cfg.Portal.Home()}})
	if err != nil {
		s.fail(w, v, err)
		return
	}
	s.write(w, v, http.StatusOK, htmlType, veiled(page))
}

// veiled is a page without scripts in which people see the same, and no phone finds by its
// bytes what would tell it that it is on the internet: places and communities may have any
// name. The last letter of such words is written as a character reference: with it another
// such word may begin.
func veiled(page []byte) []byte {
	return toldWords.ReplaceAllFunc(page, func(word []byte) []byte {
		last, size := utf8.DecodeLastRune(word) // (?i) matches the long s as well
		return fmt.Appendf(nil, "%s&#%d;", word[:len(word)-size], last)
	})
}

// toldWords are what systems look for, in whatever case.
var toldWords = regexp.MustCompile(`(?i)success|microsoft (?:connect test|ncsi)|networkmanager is online|kindle reachability`)

// captive reports whether the reader's phone would leave this Wi-Fi again.
func (s *Server) captive(v *visit) bool {
	return s.cfg.Portal != nil && v.addr != localAddr(v.r) && !s.cfg.Portal.Accepted(v.addr)
}

// hoursWithout is how long the reader's phone has no share of the internet any more, in
// whole hours and not less than that; 0 if it has one.
func (s *Server) hoursWithout(v *visit) int {
	if s.cfg.Shares == nil {
		return 0
	}
	left, used := s.cfg.Shares.UsedUp(v.addr)
	if !used {
		return 0
	}
	return max(1, int((left+time.Hour-1)/time.Hour))
}

// stay lets a phone through, and goes on by a whole page: only then iPhones let its
// user keep the Wi-Fi.
func (s *Server) stay(v *visit) (answer, error) {
	if err := s.cfg.Portal.Accept(v.addr); err != nil {
		return answer{}, hub.Errorf(hub.Unavailable, "", "This could not be kept, so nothing was changed. Please try again.")
	}
	return answer{to: "/ok"}, nil
}

// staysView says how to go on.
type staysView struct{ Back comeback }

// stays is the page after the last tap.
func (s *Server) stays(v *visit) (answer, error) {
	back, err := s.howToComeBack(v, qr.Screen)
	return answer{page: "ok.html", title: v.lang.Text("You stay on this Wi-Fi"), model: staysView{back}}, err
}
