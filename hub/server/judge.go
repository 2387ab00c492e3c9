package server

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// reasons are why posts are usually hidden. They are written in English and read in
// each reader's language.
var reasons = []hub.Phrase{
	"An insult or a threat",
	"Spam or advertising",
	"Not true, and dangerous to believe",
	"Private details of somebody",
}

// maxWhy bounds a reason, in characters; in bytes it is moderation.MaxWhy.
const maxWhy = 120

// terms are for how long somebody is held back.
var terms = map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}

// judgeOf is the path of the page where a post is judged, or somebody where it names
// no post.
func judgeOf(p moderation.Post) string {
	return judgePath + "?" + judged(p)
}

// judged is that page's query.
func judged(p moderation.Post) string {
	q := url.Values{"author": {p.Author.String()}}
	if p.Key != "" {
		q.Set("app", string(p.App))
		q.Set("key", p.Key)
	}
	return q.Encode()
}

// judgeView is what the page shows on which a post is judged, and its author.
type judgeView struct {
	May, Known, Official bool // the reader may, is signed in, and what they do from here counts

	About   moderation.Post // names no post where the page is about somebody alone
	Post    *suspect        // nil if it is not here
	Author  hub.Person
	Tag     string
	Why     hub.Phrase // it is hidden; empty if it is not
	Held    *heldView
	Waiting bool // for a second moderator to sign that it goes
	Signed  bool // the reader has
	Reasons []hub.Phrase
}

// judging shows a post to a moderator, and what can be done about it.
func (s *Server) judging(v *visit) (answer, error) {
	m := judgeView{Known: v.session != nil, Official: v.official(), Reasons: reasons}
	var err error
	if m.May, err = s.moderates(v); err != nil {
		return answer{}, err
	}
	if m.May {
		if m.About, err = about(v); err == nil {
			err = s.lookAt(v, &m)
		}
		if err != nil {
			return answer{}, err
		}
	}
	return answer{page: "judge.html", title: v.lang.Text("Moderate"), model: m}, nil
}

// about is what a visit to the page is about.
func about(v *visit) (p moderation.Post, err error) {
	if p.Author, err = authorIn(field(v, "author")); err != nil {
		return p, err
	}
	p.App, p.Key = record.App(field(v, "app")), field(v, "key")
	if p.App == "" && p.Key == "" {
		return p, nil
	}
	if !record.ValidKey(p.Key) {
		return p, damagedLink()
	}
	return p, nil
}

func damagedLink() error {
	return hub.Errorf(hub.Invalid, "", "This link is damaged. Go back to the post and try again.")
}

func (s *Server) lookAt(v *visit, m *judgeView) error {
	now, err := s.decided(v)
	if err != nil {
		return err
	}
	if m.Author, err = s.person(v.ctx(), m.About.Author); err != nil {
		return err
	}
	m.Author.Author, m.Tag = m.About.Author, m.About.Author.Tag()
	if act, ok := now.Holds(m.About.Author, now); ok {
		m.Held = &heldView{Who: m.Author, Tag: m.Tag, Muted: act.Do == moderation.Mute, Until: act.Until, Why: hub.Phrase(act.Why)}
	}
	if m.About.Key == "" {
		return nil
	}
	if m.Post, err = s.suspect(v, m.About); err != nil || m.Post == nil {
		return err
	}
	if m.Post.Class < record.People {
		return officialWord()
	}
	m.Post.Judge = "" // it is this page
	if act, ok := now.Post(m.About, now); ok && act.Do == moderation.Hide {
		m.Why = hub.Phrase(act.Why)
	}
	rm, err := s.removalOf(v, m.Post.Record)
	if err == nil {
		m.Waiting, m.Signed = len(rm.Signs) > 0, rm.By(v.author())
	}
	return err
}

// removalOf is the removal of a post: the one that others have signed if it reaches the
// version that is here, else a new one.
func (s *Server) removalOf(v *visit, r record.Record) (moderation.Removal, error) {
	all, err := s.removals(v)
	if err != nil {
		return moderation.Removal{}, err
	}
	for _, rm := range all {
		if rm.Slot == r.Slot() && rm.Time >= r.Time && !rm.Done {
			return rm, nil
		}
	}
	return moderation.Remove(r)
}

// decide does what a moderator's form asks for.
func (s *Server) decide(v *visit) (answer, error) {
	if err := s.mayDecide(v); err != nil {
		return answer{}, err
	}
	p, err := about(v)
	if err != nil {
		return answer{}, err
	}
	end, err := s.writes.turns.take(v.ctx(), v.session.Author[0])
	if err != nil {
		return answer{}, err
	}
	defer end()
	do, ok := deeds[v.form.Get("act")]
	if !ok {
		return answer{}, damagedLink()
	}
	done, err := do(s, v, p)
	if err != nil {
		return answer{}, err
	}
	if done == "removed" {
		return answer{to: moderatePath + doneField + done}, nil
	}
	return answer{to: judgePath + doneField + done + "&" + judged(p)}, nil
}

// mayDecide is why whoever sends a form may not decide anything, or not from where they
// are; nil if they may.
func (s *Server) mayDecide(v *visit) error {
	if v.session == nil {
		return notSignedIn()
	}
	may, err := s.moderates(v)
	switch {
	case err != nil:
		return err
	case !may:
		return hub.Errorf(hub.Forbidden, "", "Only moderators can do this, and you are none here, or not any more.")
	case !v.official():
		return hub.Errorf(hub.Forbidden, "", "On this Wi-Fi others could read along, or pretend to be this place, so you can only look. Decide at the box itself, or where the address begins with https:// and your device does not warn of it.")
	}
	return nil
}

// deed does something to a post or its author and says what is said of it.
type deed func(*Server, *visit, moderation.Post) (done string, _ error)

var deeds = map[string]deed{
	"hide": (*Server).hidePost, "show": (*Server).showPost,
	"mute": (*Server).muteAuthor, "slow": (*Server).slowAuthor, "free": (*Server).freeAuthor,
	"remove": (*Server).removePost,
}

func (s *Server) hidePost(v *visit, p moderation.Post) (string, error) {
	why, err := reasonIn(v)
	if err != nil {
		return "", err
	}
	one, err := s.mustBe(v, p)
	if err != nil {
		return "", err
	}
	return "judged", s.writeDecision(v, moderation.Decision{Do: moderation.Hide, Post: p, Seen: one.Time, Why: why})
}

func (s *Server) showPost(v *visit, p moderation.Post) (string, error) {
	one, err := s.mustBe(v, p)
	if err != nil {
		return "", err
	}
	return "shown", s.writeDecision(v, moderation.Decision{Do: moderation.Show, Post: p, Seen: one.Time})
}

// mustBe is a post that is here and that moderators may judge.
func (s *Server) mustBe(v *visit, p moderation.Post) (*suspect, error) {
	one, err := s.suspect(v, p)
	switch {
	case err != nil:
		return nil, err
	case one == nil:
		return nil, hub.Errorf(hub.NotFound, "", "This post is not here any more, so nothing was done.")
	case one.Class < record.People:
		return nil, officialWord()
	}
	return one, nil
}

func officialWord() error {
	return hub.Errorf(hub.Forbidden, "", "Official word is not hidden or removed by moderators.")
}

func (s *Server) muteAuthor(v *visit, p moderation.Post) (string, error) {
	return "muted", s.hold(v, p, moderation.Mute)
}

func (s *Server) slowAuthor(v *visit, p moderation.Post) (string, error) {
	return "slowed", s.hold(v, p, moderation.Slow)
}

// hold holds somebody back for a time. Where a mute is made longer, it goes on from
// where it began.
func (s *Server) hold(v *visit, p moderation.Post, do moderation.Do) error {
	why, err := reasonIn(v)
	if err != nil {
		return err
	}
	long, ok := terms[v.form.Get("for")]
	if !ok {
		return hub.Errorf(hub.Invalid, "for", "Choose for how long.")
	}
	if p.Author == v.author() {
		return hub.Errorf(hub.Invalid, "", "This is you. You cannot hold yourself back.")
	}
	d := moderation.Decision{Do: do, Post: moderation.Post{Author: p.Author}, Until: v.about.Now.Add(long), Why: why}
	now, err := s.decided(v)
	if err != nil {
		return err
	}
	if was, held := now.Holds(p.Author, now); held && was.Do == moderation.Mute && do == moderation.Mute {
		d.Since = cmp.Or(was.Since, was.Time)
	}
	return s.writeDecision(v, d)
}

func (s *Server) freeAuthor(v *visit, p moderation.Post) (string, error) {
	return "freed", s.writeDecision(v, moderation.Decision{Do: moderation.Free, Post: moderation.Post{Author: p.Author}})
}

// removePost signs that a post goes for good. Until another moderator signs as well it
// is hidden.
func (s *Server) removePost(v *visit, p moderation.Post) (string, error) {
	one, err := s.mustBe(v, p)
	if err != nil {
		return "", err
	}
	if v.form.Get("sure") != "yes" {
		return "", hub.Errorf(hub.Invalid, "sure", "This cannot be undone. Tick the box if it is to go for good.")
	}
	rm, err := s.removalOf(v, one.Record)
	if err != nil {
		return "", err
	}
	if rm.By(v.author()) {
		return "", hub.Errorf(hub.Conflict, "", "You have signed this already. Now another moderator has to.")
	}
	now, err := s.decided(v)
	if err != nil {
		return "", err
	}
	if act, ok := now.Post(p, now); !ok || act.Do != moderation.Hide {
		if _, err := s.hidePost(v, p); err != nil {
			return "", err
		}
	}
	if _, err := s.cfg.Hub.Write(v.ctx(), record.Roster, v.session.Key(), rm.Draft()); err != nil {
		return "", err
	}
	if one, err = s.suspect(v, p); err == nil && one == nil {
		return "removed", nil
	}
	return "signed", err
}

// writeDecision writes a decision.
func (s *Server) writeDecision(v *visit, d moderation.Decision) error {
	draft, err := d.Draft()
	if err != nil {
		return err
	}
	_, err = s.cfg.Hub.Write(v.ctx(), moderation.App, v.session.Key(), draft)
	return err
}

// reasonIn is the reason that a form gives: the moderator's own words, or one of the
// usual ones.
func reasonIn(v *visit) (string, error) {
	why, err := hub.CleanLine("reason", v.form.Get("reason"), maxWhy, moderation.MaxWhy)
	if err != nil || !hub.Blank(why) {
		return why, err
	}
	if n, err := strconv.Atoi(v.form.Get("why")); err == nil && n >= 0 && n < len(reasons) {
		return string(reasons[n]), nil
	}
	return "", hub.Errorf(hub.Invalid, "reason", "Say why: choose a reason, or write your own. Everybody can read it.")
}

// heldBack is what holds somebody back who is about to write; false if nothing does.
func (s *Server) heldBack(ctx context.Context, who record.Author) (act moderation.Act, held bool, _ error) {
	err := s.cfg.Hub.Read(ctx, moderation.App, func(snap hub.Snapshot) error {
		now, err := moderation.ReadAbout(snap, who)
		if err == nil {
			act, held = now.Holds(who, now)
		}
		return err
	})
	return act, held, err
}
