package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/local"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// shownID is how many bytes of an invitation's id people see.
const shownID = 4

// make makes a join code.
func (v *inviter) make(_ context.Context, in control.Invite) (out control.Invited, err error) {
	state := v.store.Roster()
	if err := v.out(); err != nil {
		return out, control.BadRequest(err)
	}
	if state.Retired(v.self) {
		return out, control.BadRequest(errRetired)
	}
	if !mayAdmit(state, v.self) {
		return out, control.BadRequest(mayNotAdmit(whoAdmits(state)))
	}
	if in.Label != "" {
		if in.Label, err = Label(state, in.Label, record.Author{}); err != nil {
			return out, control.BadRequest(err)
		}
	}
	life := time.Duration(in.Seconds) * time.Second
	if in.Seconds <= 0 || in.Seconds > int64(local.MaxInvitationLife/time.Second) {
		return out, control.BadRequest(errors.New("a code is good for up to 7 days (168h)"))
	}
	at, others, err := v.address(in.Address)
	if err != nil {
		return out, control.BadRequest(err)
	}
	code, err := join.NewCode(at, v.folder.Founding.Community(), rand.Reader)
	if err != nil {
		return out, control.BadRequest(err)
	}
	id, key := v.stretch(code)
	if err := v.book.Add(id, key, in.Label, life, v.now()); err != nil {
		return out, err
	}
	made, err := v.book.Get(id, v.now())
	if err != nil {
		return out, err
	}
	out = control.Invited{Code: code.String(), Others: others, Invitation: v.shown(made)}
	if at.IsValid() {
		out.Address = at.String()
	}
	return out, nil
}

// stretch is a code's id and key. It takes 64 MiB, once at a time, which a small
// machine gets back at once and not minutes later.
func (v *inviter) stretch(code join.Code) (join.ID, join.Key) {
	v.stretching.Lock()
	defer v.stretching.Unlock()
	defer debug.FreeOSMemory()
	return code.Stretch()
}

// errRetired means that a hub is asked for a code that has been retired.
var errRetired = errors.New("this hub is marked as no longer in use, so it lets no other hub in; make the code at another hub that may, or join anew with an empty data folder")

func mayNotAdmit(who string) error {
	if who == "" {
		return errors.New("this hub may not let others join, and no hub may; with the root sheets one can be given that right: lamppost hub grant HUB")
	}
	return fmt.Errorf("this hub may not let others join; make the code at %q. If that one is lost, the root sheets can give another that right: lamppost hub grant HUB", who)
}

// address is what a code is to say, and what else it could; zero if this hub has
// none that another could use.
func (v *inviter) address(asked string) (at netip.AddrPort, others []string, err error) {
	told := v.addrs()
	if asked != "" {
		at, err = netip.ParseAddrPort(asked)
		if err != nil {
			return at, nil, fmt.Errorf("%q is not an address to be told in a code; write it like 192.168.1.7:4680 or [fd00::7]:4680", asked)
		}
		return at, nil, nil
	}
	for i, a := range told {
		if i == 0 {
			at = a
		} else if len(others) < join.MaxAddrs {
			others = append(others, a.String())
		}
	}
	return at, others, nil
}

// list is how all codes stand.
func (v *inviter) list(context.Context, control.Nothing) (out control.Invitations, _ error) {
	out.Invitations = []control.Invitation{}
	for _, in := range v.book.All(v.now()) {
		out.Invitations = append(out.Invitations, v.shown(in))
	}
	return out, nil
}

// cancel makes a code good no longer.
func (v *inviter) cancel(_ context.Context, in control.Cancel) (out control.Invitation, err error) {
	id, err := v.which(in.Which)
	if err != nil {
		return out, control.BadRequest(err)
	}
	was, _ := v.book.Get(id, v.now()) // one that there is not is not cancelled either
	now, err := v.book.Cancel(id, v.now())
	switch {
	case errors.Is(err, local.ErrNoInvitation):
		return out, control.BadRequest(err)
	case err != nil:
		return out, err
	}
	out = v.shown(now)
	out.Before = was.State != local.InvitationOpen
	return out, nil
}

// which is the invitation that is named by its code or by the first of its id.
func (v *inviter) which(name string) (id join.ID, err error) {
	if name = strings.TrimSpace(name); len(name) == 2*shownID {
		for _, in := range v.book.All(v.now()) {
			if strings.EqualFold(hex.EncodeToString(in.ID[:shownID]), name) {
				return in.ID, nil
			}
		}
		return id, fmt.Errorf("no join code is listed as %q here: see lamppost invite list", name)
	}
	code, err := join.Parse(name)
	if err != nil {
		return id, err
	}
	id, _ = v.stretch(code)
	return id, nil
}

// shown is how an invitation stands, for people.
func (v *inviter) shown(in local.Invitation) control.Invitation {
	out := control.Invitation{
		ID: hex.EncodeToString(in.ID[:shownID]), Label: in.Label,
		Left: int64(in.Left / time.Second), Ago: int64(in.Ago / time.Second),
	}
	switch in.State {
	case local.InvitationOpen:
		out.State = "open"
	case local.InvitationUsed:
		c, _ := v.store.Roster().Hub(in.By)
		out.State, out.By = "used", c.Label
	case local.InvitationExpired:
		out.State = "expired"
	case local.InvitationCancelled:
		out.State = "cancelled"
	case local.InvitationVoid:
		out.State = "void"
	}
	return out
}
