package server

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/webui"
	"github.com/lamppost-hub/lamppost/webui/catalog"
)

// Where moderators work, and where everybody sees what they did.
const (
	moderatePath = "/moderate"
	judgePath    = "/judge"
	judgedPath   = "/moderated"
)

// Bounds of what moderators are shown.
const (
	maxReports = 500 // that are looked at
	maxCases   = 50  // on a page
	maxReasons = 3   // of reports of one post
	maxLogged  = 100 // things that moderators did
)

// suspect is a post as moderators see it.
type suspect struct {
	hub.Case

	Who     hub.Person
	Tag     string
	Judge   string   // path of the page where it is judged; empty on that page
	Reports int      // of people
	Reasons []string // of some of them
}

// moderateView is what moderators find to be done.
type moderateView struct {
	May     bool // the reader is a moderator
	Known   bool // and signed in
	Waiting []suspect
	Reports []suspect
	Changed []suspect // since they were hidden
	Held    []heldView
}

// heldView is somebody who is held back.
type heldView struct {
	Who   hub.Person
	Tag   string
	Muted bool
	Until time.Time
	Why   hub.Phrase
	Judge string
}

// moderating is the page of what there is to be done for moderators.
func (s *Server) moderating(v *visit) (answer, error) {
	m := moderateView{Known: v.session != nil}
	var err error
	if m.May, err = s.moderates(v); err != nil {
		return answer{}, err
	}
	if m.May {
		if err := s.findWork(v, &m); err != nil {
			return answer{}, err
		}
	}
	return answer{page: "moderate.html", title: v.lang.Text("Moderate"), model: m}, nil
}

func (s *Server) findWork(v *visit, m *moderateView) error {
	now, err := s.decided(v)
	if err != nil {
		return err
	}
	if m.Waiting, err = s.waiting(v); err != nil {
		return err
	}
	if m.Reports, err = s.reported(v, now); err != nil {
		return err
	}
	for _, act := range now.Acts(now) {
		top, ok := now.Post(act.Post, now)
		if !ok || top.Do != moderation.Hide || top.Time != act.Time || len(m.Changed) == maxCases {
			continue
		}
		one, err := s.suspect(v, act.Post)
		if err != nil {
			return err
		}
		if one != nil && one.Time > act.Seen {
			m.Changed = append(m.Changed, *one)
		}
	}
	for _, act := range now.Held(now) {
		who, err := s.person(v.ctx(), act.Post.Author)
		if err != nil {
			return err
		}
		m.Held = append(m.Held, heldView{
			Who: who, Tag: who.Author.Tag(), Muted: act.Do == moderation.Mute, Until: act.Until, Why: hub.Phrase(act.Why),
			Judge: judgeOf(moderation.Post{Author: who.Author}),
		})
	}
	return nil
}

// moderates reports whether whoever asks is a moderator.
func (s *Server) moderates(v *visit) (may bool, _ error) {
	if v.session == nil {
		return false, nil
	}
	err := s.cfg.Hub.Read(v.ctx(), moderation.App, func(snap hub.Snapshot) error {
		may = hub.May(snap.Roster(), v.author(), roster.Moderate)
		return nil
	})
	return may, err
}

// undecided is how many posts are reported, or wait for a second moderator to sign that
// they go, where whoever asks is a moderator; else none.
func (s *Server) undecided(v *visit) (int, error) {
	may, err := s.moderates(v)
	if err != nil || !may {
		return 0, err
	}
	now, err := s.decided(v)
	if err != nil {
		return 0, err
	}
	reports, err := s.reported(v, now)
	if err != nil {
		return 0, err
	}
	removals, err := s.removals(v)
	n := len(reports)
	for _, r := range removals {
		if !r.Done && !r.By(v.author()) {
			n++
		}
	}
	return n, err
}

// decided is what moderators have decided by now.
func (s *Server) decided(v *visit) (now moderation.Moment, _ error) {
	err := s.cfg.Hub.Read(v.ctx(), moderation.App, func(snap hub.Snapshot) (err error) {
		now, err = moderation.Read(snap)
		return err
	})
	return now, err
}

// removals are the posts for which a moderator has signed that they go for good.
func (s *Server) removals(v *visit) (all []moderation.Removal, _ error) {
	err := s.cfg.Hub.Read(v.ctx(), record.Roster, func(snap hub.Snapshot) (err error) {
		all, err = moderation.ReadRemovals(snap)
		return err
	})
	return all, err
}

// waiting are the posts that go as soon as a second moderator signs.
func (s *Server) waiting(v *visit) (all []suspect, _ error) {
	removals, err := s.removals(v)
	if err != nil {
		return nil, err
	}
	for _, r := range removals {
		if r.Done || len(all) == maxCases {
			continue
		}
		one, err := s.suspect(v, r.Post)
		if err != nil {
			return nil, err
		}
		if one != nil {
			all = append(all, *one)
		}
	}
	return all, nil
}

// reported are the posts that people have reported since a moderator last decided
// about them, the latest report first.
func (s *Server) reported(v *visit, now moderation.Moment) (all []suspect, _ error) {
	for _, m := range s.mounts {
		app, ok := m.app.(hub.Judged)
		if !ok {
			continue
		}
		q := s.request(v, m, "")
		err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) error {
			at, looked := map[moderation.Post]int{}, 0
			for r, err := range app.Reports(snap, q) {
				if err != nil {
					return err
				}
				if looked++; looked > maxReports {
					break
				}
				post := moderation.Of(r.Record)
				if act, done := now.Post(post, now); done && act.Time >= r.At {
					continue
				}
				i, seen := at[post]
				if !seen {
					if len(at) == maxCases {
						continue
					}
					i = len(all)
					at[post] = i
					all = append(all, suspectOf(snap, r.Case))
				}
				if all[i].Reports++; r.Reason != "" && len(all[i].Reasons) < maxReasons {
					all[i].Reasons = append(all[i].Reasons, r.Reason)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// suspect is a post as it is now; nil if it is not here.
func (s *Server) suspect(v *visit, p moderation.Post) (one *suspect, _ error) {
	m := s.mount(string(p.App))
	if m == nil {
		return nil, nil
	}
	app, ok := m.app.(hub.Judged)
	if !ok {
		return nil, nil
	}
	q := s.request(v, m, "")
	err := s.cfg.Hub.Read(v.ctx(), m.name, func(snap hub.Snapshot) error {
		c, err := app.Case(snap, q, p.Key, p.Author)
		if told, ok := errors.AsType[*hub.Error](err); ok && told.Code == hub.NotFound {
			return nil
		}
		if err == nil {
			found := suspectOf(snap, c)
			one = &found
		}
		return err
	})
	return one, err
}

func suspectOf(snap hub.Snapshot, c hub.Case) suspect {
	return suspect{Case: c, Who: snap.Person(c.Author), Tag: c.Author.Tag(), Judge: judgeOf(moderation.Of(c.Record))}
}

// logView is what moderators did, for everybody.
type logView struct {
	May     bool // the reader is a moderator
	Entries []logEntry
}

// logEntry is one thing that moderators did.
type logEntry struct {
	At   time.Time
	Said hub.Said
	Why  hub.Phrase // may be empty
	Path string     // of the post; empty if it is not here
}

// moderated is the page of what moderators did.
func (s *Server) moderated(v *visit) (answer, error) {
	var m logView
	var err error
	if m.May, err = s.moderates(v); err != nil {
		return answer{}, err
	}
	now, err := s.decided(v)
	if err != nil {
		return answer{}, err
	}
	acts := now.Acts(now)
	for _, act := range acts[:min(len(acts), maxLogged)] {
		e, err := s.logged(v, act)
		if err != nil {
			return answer{}, err
		}
		m.Entries = append(m.Entries, e)
	}
	removals, err := s.removals(v)
	if err != nil {
		return answer{}, err
	}
	for _, r := range removals[:min(len(removals), maxLogged)] {
		e, err := s.loggedRemoval(v, r)
		if err != nil {
			return answer{}, err
		}
		m.Entries = append(m.Entries, e)
	}
	slices.SortStableFunc(m.Entries, func(a, b logEntry) int { return b.At.Compare(a.At) })
	m.Entries = m.Entries[:min(len(m.Entries), maxLogged)]
	stale := staleness{topics: []topicGroup{{App: moderation.App, Terms: []hub.Term{moderation.All}}, {App: record.Roster, Terms: []hub.Term{moderation.Removals}}}}
	return answer{page: "moderated.html", title: v.lang.Text("What moderators did"), model: m, stale: stale}, nil
}

// didWords say what a moderator did to whom.
var didWords = map[moderation.Do]hub.Phrase{
	moderation.Hide: "%[1]s hid a post by %[2]s.",
	moderation.Show: "%[1]s shows a post by %[2]s again.",
	moderation.Mute: "%[1]s muted %[2]s until %[3]s.",
	moderation.Slow: "%[1]s slowed %[2]s down until %[3]s.",
	moderation.Free: "%[1]s lets %[2]s write as before.",
}

func (s *Server) logged(v *visit, act moderation.Act) (e logEntry, _ error) {
	by, err := s.called(v, act.By)
	if err != nil {
		return e, err
	}
	whom, err := s.called(v, act.Post.Author)
	if err != nil {
		return e, err
	}
	e = logEntry{At: act.Time.Wall(), Said: hub.Said{Phrase: didWords[act.Do], Args: []any{by, whom}}, Why: hub.Phrase(act.Why)}
	if !act.Until.IsZero() {
		e.Said.Args = append(e.Said.Args, webui.Full(v.lang, act.Until.In(v.about.Now.Location())))
	}
	if act.Do.AboutPost() {
		one, err := s.suspect(v, act.Post)
		if err != nil {
			return e, err
		}
		if one != nil {
			e.Path = one.Path
		}
	}
	return e, nil
}

func (s *Server) loggedRemoval(v *visit, r moderation.Removal) (e logEntry, _ error) {
	var by []string
	for _, sign := range r.Signs {
		name, err := s.called(v, sign.By)
		if err != nil {
			return e, err
		}
		by = append(by, name)
	}
	whom, err := s.called(v, r.Post.Author)
	if err != nil {
		return e, err
	}
	one, err := s.suspect(v, r.Post)
	path, phrase := "", hub.Phrase("%[1]s asked for a post by %[2]s to be removed for good. It is not here.")
	if one != nil {
		path, phrase = one.Path, "%[1]s asks for a post by %[2]s to be removed for good. A second moderator has to agree."
	}
	if r.Done {
		phrase = "A post by %[2]s was removed for good, by %[1]s."
	}
	return logEntry{At: r.Last().Wall(), Said: hub.Said{Phrase: phrase, Args: []any{strings.Join(by, ", "), whom}}, Path: path}, err
}

// called is somebody's name with their mark.
func (s *Server) called(v *visit, who record.Author) (string, error) {
	p, err := s.person(v.ctx(), who)
	return nameAndTag(v.lang, p), err
}

func nameAndTag(l *catalog.Language, p hub.Person) string {
	return cmp.Or(p.Name, l.Text("Neighbor")) + " (" + p.Author.Tag() + ")"
}
