package node

import "github.com/lamppost-hub/lamppost/hub/control"

// memberStatus is who is up, as the membership has it; none where it is off.
func (n *Node) memberStatus() []control.Member {
	state := n.store.Roster()
	members := []control.Member{}
	for _, m := range n.near.members() {
		c, _ := state.Hub(m.Key)
		members = append(members, control.Member{
			Peer: m.Key.String(), Label: c.Label, Addr: m.Addr.String(), Since: n.moment(m.Since), Doubt: m.Doubt != 0,
		})
	}
	return members
}
