package join

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Reason is why a hub is not taken in, as a code on the wire.
type Reason uint64

// The reasons. The first three come before either side has proven anything.
const (
	Unknown  Reason = iota + 1 // no such invitation here
	Busy                       // too many ask at once
	Version                    // this protocol version is not spoken
	Unproven                   // the MAC is wrong
	Used                       // by another hub: Who, Ago
	Expired
	Cancelled
	Void          // too many wrong MACs
	LabelTaken    // another hub is called so, or looks the same: Who
	LabelReserved // the name means something else
	LabelNeeded   // neither side has named the place
	LabelBad      // it cannot be shown
	MayNot        // the inviter may not admit hubs; Who may
	Revoked       // the joiner's key was
	Failed        // the inviter cannot store it now
	Outcast       // the inviter was put out of its community, or others say so
)

// Refusal is an inviter's no, as an error in the words of the person at the hub
// that wants to join.
type Refusal struct {
	Reason Reason
	Who    string        // see Reason
	Ago    time.Duration // since it happened, while the inviter ran
}

func (r *Refusal) Error() string {
	who := r.Who
	if who == "" {
		who = "another hub"
	}
	switch r.Reason {
	case Unknown:
		return "the hub that answers does not know this code: it is of another community, another hub has come to that address, or it was used or ended long ago; ask there for a new code"
	case Busy:
		return "too many hubs want to join there at this moment; try again in a minute"
	case Version:
		return "the hub that answers speaks another version of joining; install the same version of Lamppost at both"
	case Unproven:
		return "the hub that answers does not believe that this hub has the code; check the code, and if it is right ask for a new one"
	case Used:
		return fmt.Sprintf("this code was used by %s %s; a code is good for one hub. If that was not meant to be, have that hub revoked. For this hub ask for a new code", who, Since(r.Ago))
	case Expired:
		return fmt.Sprintf("this code has expired, %s; ask for a new one", Since(r.Ago))
	case Cancelled:
		return fmt.Sprintf("this code was cancelled at the hub that made it, %s; ask for a new one", Since(r.Ago))
	case Void:
		return "this code is void, because somebody without its secret tried to use it too often; ask for a new one"
	case LabelTaken:
		return fmt.Sprintf("the hub %q has this name already, or one that looks the same; choose another name with --place. The code is still good", who)
	case LabelReserved:
		return fmt.Sprintf("no hub can be called %q, because that name means something else; choose another with --place. The code is still good", who)
	case LabelNeeded:
		return "nobody has said what this place is called; say it with --place. The code is still good"
	case LabelBad:
		return "the name of this place cannot be shown, or is too long; choose another with --place. The code is still good"
	case MayNot:
		if r.Who == "" {
			return "the hub that made this code may not admit others any more, and no other may; with the community's root sheets one can be given that right: lamppost hub grant HUB"
		}
		return fmt.Sprintf("the hub that made this code may not admit others any more; ask for a code at %s", r.Who)
	case Revoked:
		return "this hub was a member and has been revoked for good; it cannot come back under its old key. Join with a new, empty folder, with --data; the code is still good"
	case Outcast:
		return "the hub that made this code has been put out of its community, so nobody can join there; ask for a code at another hub of the community"
	case Failed:
		return "the hub that answers cannot store anything now; its disk may be full. Whoever looks after it has to help first; the code is still good"
	}
	return fmt.Sprintf("the hub that answers refuses, for a reason that this version does not know (%d)", r.Reason)
}

// Since says in words how long ago something was.
func Since(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", d/time.Hour)
	}
	return fmt.Sprintf("%d days ago", d/(24*time.Hour))
}

// wire is the refusal as it travels.
func (r *Refusal) wire() *refusal {
	return &refusal{Reason: uint64(r.Reason), Who: r.Who, Seconds: uint64(max(0, r.Ago/time.Second))}
}

// told is a refusal that was received. Its text goes to a terminal.
func (m *refusal) told() *Refusal {
	who := strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(m.Who, ""))
	return &Refusal{Reason: Reason(m.Reason), Who: who, Ago: time.Duration(m.Seconds) * time.Second}
}
