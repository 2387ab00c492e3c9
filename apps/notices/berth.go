package notices

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of what is passed on, where it stands beside what the community says itself.
const (
	ofSender   = 5  // of one sender's in a list, by one relay
	ofOthers   = 40 // of all senders'
	maxSenders = 20 // of whom it is said how many more there are
)

// More is how many of one sender's a list leaves out.
type More struct {
	Sender string `json:"sender"` // empty: of the further ones together
	Name   string `json:"name"`   // what it is called
	Count  int    `json:"count"`
	Path   string `json:"path"` // of the page with all that it says
}

// berth is what a list has for others' word. Nothing of it takes that of our own: a feed
// may hold hundreds of warnings, all of them of the worst sort.
type berth struct {
	each, most int // of one sender's by one relay, of all

	had   map[voice]int
	of    map[record.Author]int // by one relay
	total int
	left  []More
}

// voice is whose word an alert is, by which relay.
type voice struct {
	sender string
	by     record.Author
}

// take is all of our own and what there is room for of the others, in their order. The
// relays share it, so that none takes it all.
func (r *berth) take(all []Notice) (some []Notice) {
	if r.had == nil {
		r.had, r.of = map[voice]int{}, map[record.Author]int{}
	}
	relays := map[record.Author]bool{}
	for _, n := range all {
		if n.Relay != nil {
			relays[n.Relay.by] = true
		}
	}
	share := max(1, r.most/max(1, len(relays)))
	for _, n := range all {
		if n.Relay == nil {
			some = append(some, n)
			continue
		}
		of := voice{n.Relay.Sender, n.Relay.by}
		if r.had[of] < r.each && r.of[of.by] < share && r.total < r.most {
			r.had[of]++
			r.of[of.by]++
			r.total++
			some = append(some, n)
			continue
		}
		r.leave(n)
	}
	return some
}

// doorOrder, where there is room for a few only, is the worst first, whoever says it, then
// our own that are to be seen before all else and the worst such one of each relay, then
// the rest of our own, and practice last.
func doorOrder(all []Notice) []Notice {
	if len(all) == 0 {
		return all
	}
	out := slices.Clone(all)
	seen, tier := map[record.Author]bool{}, map[string]int{}
	for _, n := range out[1:] {
		loud := (Shown{Notice: n}).Loud()
		switch {
		case n.Grade.Practice():
			tier[n.Identity] = 3
		case n.Relay == nil && !loud:
			tier[n.Identity] = 1
		case n.Relay != nil && (!loud || seen[n.Relay.by]):
			tier[n.Identity] = 2
		}
		if n.Relay != nil {
			seen[n.Relay.by] = true
		}
	}
	slices.SortStableFunc(out[1:], func(a, b Notice) int { return cmp.Compare(tier[a.Identity], tier[b.Identity]) })
	return out
}

func (r *berth) leave(n Notice) {
	who := n.Relay.Sender
	i := slices.IndexFunc(r.left, func(m More) bool { return m.Sender == who || m.Sender == "" })
	if i < 0 {
		m := More{Sender: who, Name: n.By.Name, Path: "/notices/" + senderPath + "?sender=" + url.QueryEscape(who)}
		if len(r.left) == maxSenders {
			m = More{Path: "/notices/" + senderPath}
		}
		i, r.left = len(r.left), append(r.left, m)
	}
	r.left[i].Count++
}

// out is how many are left out.
func (r *berth) out() (n int) {
	for _, m := range r.left {
		n += m.Count
	}
	return n
}

// SenderView is a page of what is passed on and holds, of one sender or of all.
type SenderView struct {
	Name    string  `json:"name"`   // empty: of all
	Claims  bool    `json:"claims"` // that nobody has confirmed
	Notices []Shown `json:"notices"`
	Next    string  `json:"next,omitempty"` // address of the next page
}

// ofOne is what is passed on and holds, the worst first: with ?sender=, of that one; with
// ?claims=yes, what nobody has confirmed; with ?after=, an id, what follows that.
func ofOne(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	b, err := board(s)
	if err != nil {
		return hub.Page{}, err
	}
	sender := q.Query.Get("sender")
	m := SenderView{Claims: q.Query.Get("claims") != ""}
	all := slices.Concat(b.Active, b.Upcoming)
	if m.Claims {
		all = b.Claims
	}
	all = slices.DeleteFunc(slices.Clone(all), func(n Notice) bool { return n.Relay == nil || sender != "" && n.Relay.Sender != sender })
	if sender != "" && len(all) > 0 {
		m.Name = all[0].By.Name
	}
	all, next := paged(all, q.Query.Get("after"), pageLen)
	m.Notices = showAll(q, all, pageLen)
	if next != "" {
		next := url.Values{"after": {next}}
		for _, keep := range []string{"sender", "claims"} {
			if v := q.Query.Get(keep); v != "" {
				next.Set(keep, v)
			}
		}
		m.Next = "/notices/" + senderPath + "?" + next.Encode()
	}
	return hub.Page{Template: "sender.html", Title: q.T("Notices"), Model: m, Topics: everything(), Until: b.Next}, nil
}

// paged is so many of a list after an identity, and after which the next page begins; empty
// for none.
func paged(all []Notice, after string, most int) (page []Notice, next string) {
	if i := slices.IndexFunc(all, func(n Notice) bool { return n.Identity == after }); i >= 0 {
		all = all[i+1:]
	}
	if len(all) > most {
		return all[:most], all[most-1].Identity
	}
	return all, ""
}
