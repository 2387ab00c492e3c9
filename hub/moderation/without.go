package moderation

import (
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Without is what comes back once what somebody has decided as a moderator counts no more,
// in the reader's language: what they alone hide, whom they alone hold back, and what went
// for good by their signature and one other.
func Without(q hub.Request, m Moment, all []Removal, trust *roster.State, who record.Author) []hub.Effect {
	var posts, people, removed int
	for p := range m.posts {
		if now, ok := m.Post(p, m); ok && now.By == who && now.Do == Hide {
			if then, ok := first(others(m.posts[p], who), m); !ok || then.Do != Hide {
				posts++
			}
		}
	}
	less := State{authors: map[record.Author][]Act{}}
	for a, acts := range m.authors {
		less.authors[a] = others(acts, who)
		if _, now := m.Holds(a, m); now {
			if _, then := less.Holds(a, m); !then {
				people++
			}
		}
	}
	for _, r := range all {
		if r.Done && r.By(who) && moderators(r, trust, who) < 2 {
			removed++
		}
	}
	var of []string
	for _, one := range []struct {
		says hub.Phrase
		n    int
	}{
		{"Posts that are hidden and can be read again: %d", posts},
		{"People who were held back and write again: %d", people},
		{"Posts that were removed for good, and are not kept away any more where somebody still has them: %d", removed},
	} {
		if one.n > 0 {
			of = append(of, q.T(one.says, one.n))
		}
	}
	if len(of) == 0 {
		return nil
	}
	return []hub.Effect{{Says: q.T("What they decided as a moderator counts no more; another moderator decides anew what is to stay so:"), Of: of}}
}

// others is the acts of everybody else.
func others(acts []Act, than record.Author) (all []Act) {
	for _, a := range acts {
		if a.By != than {
			all = append(all, a)
		}
	}
	return all
}

// moderators is how many who may have signed a removal besides somebody.
func moderators(r Removal, trust *roster.State, besides record.Author) (n int) {
	for _, s := range r.Signs {
		if s.By != besides && trust.Has(s.By, roster.Moderate) {
			n++
		}
	}
	return n
}
