package notices

import (
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Bounds of what is shown.
const (
	maxShown = 100 // notices on a page
	onCard   = 3   // on the home page
	lately   = 5   // that have ended, below those that hold
	pageLen  = 25
)

type (
	// ListView is what holds now.
	ListView struct {
		Active   []Shown `json:"active"`
		Upcoming []Shown `json:"upcoming"`
		Ended    []Shown `json:"ended"` // lately
		Ahead    []Shown `json:"ahead,omitempty"`
		Claims   []Shown `json:"claims,omitempty"` // what places say that may not pass it on
		Left     []More  `json:"more,omitempty"`   // what is passed on and stands on pages of its own
		Unshown  int     `json:"claims_more,omitempty"`
		Next     string  `json:"-"` // ?after= of the next page
		Staff    `json:"-"`
	}
	// Staff is what only coordinators see.
	Staff struct {
		Writes  bool // the reader may write notices
		Waiting []Shown
		Drafts  int
		Asked   int // questions that nobody has answered
	}
	// PastView is a page of what holds no more.
	PastView struct {
		Notices []Shown `json:"notices"`
		Older   string  `json:"older,omitempty"` // ?before= of the next page
		Paged   bool    `json:"paged"`
	}
	// OneView is one notice's page.
	OneView struct {
		Shown
		Chain    []Shown // what it updates or cancels
		May      May
		Holding  []Shown // of an all clear: warnings that hold all the same
		Texts    []Words // in the other languages
		Released bool
	}
	// May is what the reader may do about a notice.
	May struct {
		Cancel, Update, Sign, Lone, Back bool
		Official                         bool // from here; else they may prepare it
		LoneAt                           time.Time
	}
	// CardView is what the home page shows below the worst, which tops it.
	CardView struct {
		Notices []Shown
		Above   bool // one tops the page
		Waiting int  // for the second signature of whoever reads it
		Asked   int  // questions that wait for their answer, or another coordinator's
	}
	// BannerView tops every page.
	BannerView struct {
		Worst Shown
		More  int // others that hold
	}
)

func list(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	b, err := board(s)
	if err != nil {
		return hub.Page{}, err
	}
	m := listing(q, b, maxShown)
	if m.Writes = coordinates(s, q); m.Writes {
		m.Waiting = showAll(q, b.Waiting, maxShown)
		open, err := openDrafts(s)
		if err != nil {
			return hub.Page{}, err
		}
		m.Drafts = len(open)
		if m.Asked, err = unanswered(s, q); err != nil {
			return hub.Page{}, err
		}
	}
	return hub.Page{Template: "list.html", Title: q.T("Notices"), Model: m, Tops: len(b.Active) > 0, Topics: append(everything(), drafted, questions, answers), Until: b.Next}, nil
}

// listing is what holds, a page of so many of it: all of our own, and of others what there
// is room for beside.
func listing(q hub.Request, b Board, most int) (m ListView) {
	holds, over, ahead, claims := berth{each: ofSender, most: ofOthers}, berth{each: 1, most: 2}, berth{each: 1, most: 2}, berth{each: ofSender, most: ofOthers}
	active, next := paged(holds.take(b.Active), q.Query.Get("after"), most)
	m.Active, m.Next = showAll(q, active, most), next
	m.Upcoming = showAll(q, holds.take(b.Upcoming), maxAll)
	m.Ended, m.Ahead = showAll(q, over.take(b.Ended), lately), showAll(q, ahead.take(b.Ahead), lately)
	m.Claims, m.Left = showAll(q, claims.take(b.Claims), ofOthers), holds.left
	m.Unshown = claims.out()
	return m
}

// past is what holds no more, the latest first.
func past(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	b, err := archive(s)
	if err != nil {
		return hub.Page{}, err
	}
	before := q.Query.Get("before")
	ended := b.Ended
	if before != "" {
		for i, n := range ended {
			if n.Identity == before {
				ended = ended[i+1:]
				break
			}
		}
	}
	m := PastView{Notices: showAll(q, ended, pageLen), Paged: before != ""}
	if len(ended) > pageLen {
		m.Older = ended[pageLen-1].Identity
	}
	return hub.Page{Template: "past.html", Title: q.T("Past notices"), Model: m, Topics: everything()}, nil
}

// one is one notice's page. It stays where the notice was, whatever became of it.
func one(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	n, b, ref, err := noticeAt(s, at)
	if err != nil {
		return hub.Page{}, err
	}
	staff := coordinates(s, q)
	if n.Identity == "" || n.Signed.Waiting && !staff {
		// It may be a draft, or wait for its second signature.
		d, isDraft, err := draftAt(s, at)
		if err != nil || !isDraft || !staff {
			return hub.Page{}, orGone(err)
		}
		return draftPage(s, q, d)
	}
	m := OneView{Shown: show(q, n)}
	if n.clears() && n.End == nil {
		m.Holding = showAll(q, b.clearable(Notice.warns), maxShown)
	}
	for _, re := range slices.Concat(n.Re, n.Clears) {
		if o, ok := b.Find(re); ok {
			m.Chain = append(m.Chain, show(q, o))
		}
	}
	for _, w := range n.Words {
		if chosen, _ := wordsFor(n.Words, q.Lang); w.Lang != chosen.Lang {
			m.Texts = append(m.Texts, w)
		}
	}
	if staff && n.End == nil {
		if m.May, err = may(s, q, m.Shown, ref); err != nil {
			return hub.Page{}, err
		}
	}
	worst := len(b.Active) > 0 && b.Active[0].Identity == n.Identity
	return hub.Page{Template: "notice.html", Title: m.Head, Model: m, Tops: worst, Topics: everything(), Until: b.Next}, nil
}

// may is what a coordinator may do about a notice that holds.
func may(s hub.Snapshot, q hub.Request, n Shown, ref Ref) (m May, _ error) {
	m.Official, m.LoneAt = q.Official, nextMinute(n.Signed.Lone)
	if !n.Signed.Waiting {
		m.Cancel, m.Update = n.Kind != Cancel && n.By.Local, n.Mine && n.Kind != Cancel
		return m, nil
	}
	now, _ := s.Now()
	m.Sign, m.Lone, m.Back = !n.Mine, n.MayLone(now), n.Mine
	if own, found, err := find(s, signKey+ref.Short(), q.Author.String()); err != nil || found && !own.Withdrawn() {
		m.Lone = false
		return m, err
	}
	return m, nil
}

func orGone(err error) error {
	if err != nil {
		return err
	}
	return gone()
}

func gone() error {
	return hub.Errorf(hub.NotFound, "", "This notice is not here. Perhaps it has not arrived yet, or whoever wrote it may not speak for the community any more.")
}

// noticeAt is the notice that a path leads to, as it stands on the board of all; the
// zero Notice if none is there.
func noticeAt(s hub.Snapshot, at spot) (n Notice, b Board, ref Ref, _ error) {
	it, found, err := find(s, noticeKey+at.id, at.by)
	if err != nil || !found {
		return n, b, ref, err
	}
	l, err := looking(s)
	if err != nil {
		return n, b, ref, err
	}
	n, ok, err := l.notice(it)
	if err != nil || !ok {
		return Notice{}, b, ref, err
	}
	all, err := l.under(every, maxAll)
	if err != nil {
		return n, b, ref, err
	}
	b = l.fold(append(all, n), nil)
	n, _ = b.Find(n.Identity)
	return n, b, hub.RefTo(it.Author, at.id), nil
}

// nextMinute is the first full minute that is not before t: pages tell no seconds, and at the
// time that one of them tells it is to be so.
func nextMinute(t time.Time) time.Time {
	if m := t.Truncate(time.Minute); m.Before(t) {
		return m.Add(time.Minute)
	}
	return t
}

// Front is the card on the home page.
func (a App) Front(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	b, err := board(s)
	if err != nil {
		return hub.Page{}, err
	}
	m := CardView{Above: len(b.Active) > 0}
	if m.Above {
		few := berth{each: 1, most: onCard} // the worst among them
		m.Notices = showAll(q, doorOrder(few.take(b.Active))[1:], onCard)
	}
	topics := everything()
	if coordinates(s, q) {
		m.Waiting = awaited(q, b)
		if m.Asked, err = unanswered(s, q); err != nil {
			return hub.Page{}, err
		}
		topics = append(topics, questions, answers)
	}
	return hub.Page{Template: "card.html", Title: q.T("Notices"), Model: m, Topics: topics, Until: b.Next}, nil
}

// awaited is how many notices wait for the signature of whoever asks, a coordinator.
func awaited(q hub.Request, b Board) (n int) {
	for _, w := range b.Waiting {
		if !strings.HasPrefix(w.Identity, q.Author.String()+"/") {
			n++
		}
	}
	return n
}

// Banner is the worst of what holds.
func (a App) Banner(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	s = a.sees(s)
	b, err := board(s)
	p := hub.Page{Topics: []hub.Term{every, signed, relayed}, Until: b.Next}
	if err != nil || len(b.Active) == 0 {
		return p, err
	}
	p.Template, p.Model = "banner.html", BannerView{Worst: show(q, b.Active[0]), More: len(b.Active) - 1}
	return p, nil
}
