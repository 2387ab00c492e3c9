package server

import (
	"context"
	"crypto/ed25519"
	"strconv"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/register"
	"github.com/lamppost-hub/lamppost/webui"
)

// Trust is who may speak officially, and the end of what somebody may.
type Trust interface {
	Register(context.Context) (register.Register, error)
	// Renounce ends a person's key for good, by their own word. It is a NotFound for
	// one that nobody vouches for.
	Renounce(ctx context.Context, key ed25519.PrivateKey) error
}

// speakersPath is the page of who may speak officially: notices lead to it.
const speakersPath = "/coordinators"

// speakersView is what that page shows.
type speakersView struct {
	Community string
	People    []speaker
	Places    []speaker // other than by letting no one in
	Ended     []former
}

// speaker is somebody who may do something officially, since when and until when in the
// reader's language.
type speaker struct {
	Name, Tag, Area string
	May             []hub.Said
	Since           string // empty where it is not told
	Until           string // empty where no day was named
}

// former is somebody who may no more.
type former struct{ Name, Tag, How, Why string }

// speakers shows everybody who may speak officially, and by whose word.
func (s *Server) speakers(v *visit) (answer, error) {
	all, err := s.cfg.Trust.Register(v.ctx())
	if err != nil {
		return answer{}, err
	}
	m := speakersView{Community: all.Community}
	for _, e := range all.Coordinators {
		if len(e.Roles) > 0 {
			m.People = append(m.People, v.speaker(e, len(all.Roots)))
		}
	}
	for _, e := range all.Hubs {
		if len(e.Roles) > 0 {
			m.Places = append(m.Places, v.speaker(e, len(all.Roots)))
		}
	}
	for _, e := range all.Ended {
		if e.Kind != register.Neighbor {
			m.Ended = append(m.Ended, former{e.Label, e.Tag, v.howEnded(e), e.Why})
		}
	}
	return answer{page: "speakers.html", title: v.lang.Text("Who may speak officially here"), model: m}, nil
}

func (v *visit) speaker(e register.Entry, roots int) speaker {
	one := speaker{Name: e.Label, Tag: e.Tag, Area: e.Area, May: mayDo(e.Roles, e.Senders)}
	since := v.day(e.Since)
	if one.Since = v.lang.Text("Since %[1]s, by the community’s founding sheets (%[2]s of %[3]s).", since, strconv.Itoa(len(e.By)), strconv.Itoa(max(roots, len(e.By)))); e.Issuer != "" {
		one.Since = v.lang.Text("Since %[1]s, by %[2]s.", since, e.Issuer)
	}
	until, err := time.ParseInLocation(time.DateOnly, e.Until, v.about.Now.Location())
	switch {
	case err != nil:
	case e.Over:
		one.Until = v.lang.Text("This was meant until %s.", v.day(until))
	default:
		one.Until = v.lang.Text("This is meant until %s.", v.day(until))
	}
	return one
}

// mayDo says what somebody with these roles does.
func mayDo(roles, senders []string) (all []hub.Said) {
	for _, role := range roles {
		switch role {
		case "notices":
			all = append(all, hub.Said{Phrase: "writes official notices"})
		case "moderate":
			all = append(all, hub.Said{Phrase: "hides posts that harm"})
		case "maps":
			all = append(all, hub.Said{Phrase: "puts places on the map"})
		case "admit":
			all = append(all, hub.Said{Phrase: "lets other places join"})
		case "relay":
			for _, sender := range senders {
				all = append(all, hub.Said{Phrase: "passes on warnings of %s", Args: []any{sender}})
			}
		}
	}
	return all
}

func (v *visit) day(t time.Time) string { return webui.Day(v.lang, t.In(v.about.Now.Location())) }

// howEnded says in the reader's language that somebody may no more.
func (v *visit) howEnded(e register.End) string {
	day := v.day(e.At)
	switch {
	case e.Retired && e.Kind == register.Hub:
		return v.lang.Text("Not in use any more since %s.", day)
	case e.Retired:
		return v.lang.Text("Does not speak officially any more since %s.", day)
	case e.Own:
		return v.lang.Text("Ended by themselves on %s. Nothing from there counts any more.", day)
	}
	return v.lang.Text("Ended on %s. Nothing from there counts any more.", day)
}
