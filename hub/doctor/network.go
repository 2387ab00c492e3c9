package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// identity is whether this hub is the only one with its key.
func identity(f Facts) []Finding {
	const code = "identity"
	switch {
	case len(f.Copies) > 0:
		return []Finding{{code, Bad, "Another machine uses this hub's key, at " + some(f.Copies) + ": a copy of its card or data folder. What is posted at either arrives everywhere, but other places cannot tell the two apart.",
			oneOfTwo + " If nobody knows of a copy, the key is stolen: “lamppost hub revoke”."}}
	case f.Copied:
		return []Finding{{code, Warn, "Another hub says that another machine uses this hub's key: it tells of posts that this hub has not written. Either a copy of this hub's card or data folder runs somewhere, or that hub is wrong. Nothing posted is touched by it.",
			"Look for a copy. If there is one: " + oneOfTwo + " If there is none, nothing has to be done: what one hub says is no reason to revoke another."}}
	case len(f.Reflected) > 0:
		return []Finding{{code, Warn, "Somebody announces this hub at " + some(f.Reflected) + " as well, and what is sent there comes back to this hub. That is no copy and no sign of a stolen key: whoever knows the community's network key can do it, and nothing posted is touched by it.",
			"Nothing has to be done here. If it is to end, put one new network.key (64 hexadecimal digits) into the data folder of every hub of the community, and start them again."}}
	case len(f.Claimed) > 0:
		return []Finding{{code, Warn, "Somebody claims to be this hub, at " + some(f.Claimed) + ", and no hub with its key has answered there. Whoever knows the community's network key can claim that; nothing posted is touched by it.",
			"Look for a machine at that address. If a copy of this hub's card or data folder runs there, stop it."}}
	}
	return fine(code, "No other machine is known to use this hub's key.")
}

// oneOfTwo is how two machines with one key become one.
const oneOfTwo = "Leave both on until “lamppost status” shows the same posts here as elsewhere, and a minute longer, so that everybody keeps their place. " +
	"Then keep one of the two. On the other, stop the hub, move its data folder away and join with a new one."

// copies is whether other hubs have two machines to one key.
func copies(f Facts) []Finding {
	const code = "copies"
	if len(f.Shared) == 0 {
		return fine(code, "No two machines are known to use one key.")
	}
	return []Finding{{code, Warn, "Two machines show the key of " + some(f.Shared) + ": there is a copy of its card or data folder, or somebody with the community's network key only says so. Nothing is lost: what is posted at either arrives everywhere.",
		"Tell whoever looks after that place to run “lamppost doctor” there: it says which of the two it is, and what to do."}}
}

// interfaces is whether the machine is on a network over which there can be hubs.
func interfaces(f Facts) []Finding {
	const code = "network"
	n := f.Network
	switch {
	case len(n.Gone) > 0:
		return []Finding{{code, Bad, "The machine no longer has the address " + some(n.Gone) + " at which other hubs were to connect.",
			"Start with --sync :4680, which is every address that the machine has, or give the machine its old address again."}}
	case n.Addrs == 0 && linked(f):
		return fine(code, "The machine is on a network: there are links.")
	case n.Addrs == 0 && len(n.LeftAlone) > 0:
		return []Finding{{code, Bad, "The machine has no network but " + some(n.LeftAlone) + ", which --phones leaves to the phones: no other hub can be reached.",
			"Connect the machine with the other hubs by a cable or another Wi-Fi adapter; or start without --phones, if hubs are on that network too."}}
	case n.Addrs == 0:
		return []Finding{{code, Bad, "The machine is on no network.", "Connect it by cable or Wi-Fi; “ip address” shows what is there."}}
	}
	return fine(code, "The machine is on a network.")
}

// linked reports whether there is a link with any hub.
func linked(f Facts) bool {
	return slices.ContainsFunc(f.Hubs, func(h Hub) bool { return h.Linked > 0 })
}

// leftAlone is whether the interfaces that are for phones are there.
func leftAlone(f Facts) []Finding {
	const code = "phones"
	switch n := f.Network; {
	case len(n.LeftAlone) == 0:
		return nil
	case len(n.Missing) > 0:
		return []Finding{{code, Warn, "This machine has no interface " + some(n.Missing) + ", which --phones names: if that is misspelt, hubs are spoken with where the phones are.",
			"“ip link” shows what the interfaces are called; start with --phones and the right name. If it is only not there yet, nothing has to be done."}}
	}
	return fine(code, some(f.Network.LeftAlone)+" is left to the phones.")
}

// settled is how long a link stands before something is to be heard of its other
// end by other ways.
const settled = 30 * time.Second

// membership is whether hubs find each other.
func membership(f Facts) []Finding {
	const code = "membership"
	m := f.Membership
	silent := []string{}
	members := 0
	for _, h := range f.Hubs {
		switch {
		case h.Member:
			members++
		case h.Linked >= settled:
			silent = append(silent, h.Label)
		}
	}
	switch {
	case !m.Wanted:
		return fine(code, "The membership is switched off; hubs are found by their addresses alone.")
	case !m.Key:
		return []Finding{{code, Warn, "network.key is missing: other hubs are found by their addresses alone.",
			"Copy network.key from any hub of the community into the data folder, readable by its owner only, and start again."}}
	case m.Strangers > 0 && members == 0 && len(f.Hubs) > 0:
		return []Finding{{code, Bad, "network.key differs from that of the hubs around: their messages cannot be read.",
			"Copy network.key from another hub of this community into the data folder and start again. (A hub of another community nearby is harmless, but then this would be the only hub of yours.)"}}
	case m.Problem != "" && f.Network.Addrs == 0 && linked(f):
		return fine(code, "The membership waits for an address that other hubs can be told; there are links without it.")
	case m.Problem != "":
		return []Finding{{code, Warn, "This hub is not among the members: " + m.Problem + ".",
			"Look whether another program uses port " + m.Port + " and whether the machine is on a network."}}
	case len(silent) > 0 && members == 0:
		return []Finding{{code, Warn, fmt.Sprintf("Nothing is heard at the membership's port %s from %s, though there is a link.", m.Port, some(silent)),
			fmt.Sprintf("Let UDP and TCP through at that port in the firewalls of both machines (Debian: “ufw allow %s”); or the membership is switched off there.", m.Port)}}
	}
	if len(f.Hubs) == 0 {
		return fine(code, "The membership is ready for other hubs.")
	}
	return fine(code, fmt.Sprintf("Among the members: %d of %s.", members, others(len(f.Hubs))))
}

// reach is which addresses do not lead to a hub, and why.
func reach(f Facts) []Finding {
	const code = "reach"
	by := map[Failure][]string{}
	for _, a := range f.Attempts {
		where := a.Addr
		if a.Label != "" {
			where = a.Label + " (" + a.Addr + ")"
		}
		by[a.Failure] = append(by[a.Failure], where)
	}
	if len(by) == 0 {
		return fine(code, "No address was dialled in vain.")
	}
	var out []Finding
	for _, c := range cures() {
		if c.of == NoHub && (f.Copied || len(f.Copies) > 0) {
			c.text, c.todo = "the link ends before it is known who is there, as a hub has one for two machines with one key.", "Switch one of the two machines off that use this hub's key."
		}
		if at := by[c.of]; len(at) > 0 {
			out = append(out, Finding{code, Warn, some(at) + ": " + c.text, c.todo})
		}
	}
	return out
}

// isolation is what mends an access point that keeps hubs from each other.
const isolation = "on a Wi-Fi, switch off “client isolation” (also “AP isolation”) at the access point, or connect the hubs by cable"

// cure is what a failure means, and what helps.
type cure struct {
	of         Failure
	text, todo string
}

func cures() []cure {
	return []cure{
		{Unwelcome, "the hub there does not accept this one's certificate.", "If this hub was put out of the community (“lamppost hub revoke”), join with a new, empty data folder. If not, the other has not heard of it yet: link this one with the hub that let it in."},
		{Outcast, "the hub there has no certificate that counts: it was put out of the community, or has not joined it yet.", "If it was put out, nothing: it gets no link. If it belongs here, have it join with a code (“lamppost invite”)."},
		{Foreign, "a hub of another community answers.", "Remove the address where it was given with --peer."},
		{Other, "another hub than expected answers: addresses have changed.", "Nothing, if it finds the right one by itself within minutes; else give the new address with --peer."},
		{NoHub, "something answers that is no hub.", "Check the address and its port, usually 4680."},
		{Refused, "the machine is there, but no hub listens.", "Start the hub there, or check the port (usually 4680)."},
		{Silent, "no answer.", "Look whether the machine is on; let TCP through at port 4680 in its firewall; " + isolation + "."},
		{Absent, "on this machine's own network nothing answers to it. The machine is off or has another address, or on a Wi-Fi the access point may keep devices apart.", "Look whether the machine is on, and at its address; " + isolation + "."},
		{NoRoute, "no network leads there.", "Connect this machine with that network, or give another address with --peer."},
		{Unknown, "no link came about.", "Start with --verbose and look at the log."},
	}
}

// some lists a few of many.
func some(all []string) string {
	const most = 4
	if len(all) > most {
		return strings.Join(all[:most], ", ") + fmt.Sprintf(" and %d more", len(all)-most)
	}
	return strings.Join(all, ", ")
}
