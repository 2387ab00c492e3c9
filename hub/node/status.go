package node

import (
	"encoding/hex"
	"fmt"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/sync/clock"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// Status is how the hub stands.
func (n *Node) Status() (control.Status, error) {
	about := n.About()
	s := control.Status{
		Community: about.Community, Place: about.Place, ID: n.self.String(),
		HTTP: n.HTTPAddr(), Official: n.sealed.account().Address, Sync: n.SyncAddrs(), Members: n.memberStatus(), Internet: n.internet().String(),
		Clock:   control.Clock{Now: about.Now, Plausible: about.Plausible, Why: n.clockWitness().String()},
		Program: n.program(), Disk: n.disk(), Blobs: n.blobStatus(), Hubs: n.others(), Warnings: doctor.Troubles(doctor.Examine(n.facts())),
	}
	m, err := n.store.Moment(0)
	if err != nil {
		return s, err
	}
	s.Log = control.Log{Epoch: fmt.Sprintf("%016x", m.Epoch), Arrival: m.Arrival}
	for c, d := range m.Digests {
		s.Set = append(s.Set, control.Class{
			Name: record.Class(c).String(), Records: d.Count, Digest: hex.EncodeToString(d.Fingerprint[:]),
		})
	}
	s.Links = n.linkStatus(m)
	s.Apps, err = n.care.apps(n.store, m.Arrival)
	return s, err
}

// clockWitness is who says that the clock is right; 0 if nobody does.
func (n *Node) clockWitness() clock.Source {
	if src, _, ok := n.clock.Why(); ok {
		return src
	}
	return 0
}

// linkStatus joins what the host knows of a link with what the engine knows.
func (n *Node) linkStatus(m store.Moment) []control.Link {
	at := n.links.status()
	state := n.store.Roster()
	links := []control.Link{}
	for _, l := range n.host.Status() {
		one := control.Link{Addr: l.Addr, Since: n.moment(l.Since), Dialled: l.Dialled}
		if l.Peer != (record.Author{}) {
			c, _ := state.Hub(l.Peer)
			one.Peer, one.Label = l.Peer.String(), c.Label
		}
		if l.Err != nil {
			one.Problem = l.Err.Error()
		}
		if e, ok := at[l.Peer]; ok && l.Linked() {
			one.Equal, one.Waiting, one.Heard, one.Behind = e.Equal, e.Waiting, n.moment(e.Heard), behind(e, m)
		}
		links = append(links, one)
	}
	return links
}

// behind is how far the ends of a link are apart: by their logs where these can be
// compared, else by how many records each has more of a class than the other.
func behind(l replica.LinkStatus, m store.Moment) (b control.Behind) {
	if l.Equal {
		return control.Behind{They: new(uint64(l.Waiting)), We: new(uint64(0))}
	}
	if l.PeerLog == (store.Position{}) {
		return b // it has not said anything yet
	}
	var more, less uint64
	for c, d := range m.Digests {
		more += max(d.Count, l.Counts[c]) - l.Counts[c]
		less += max(d.Count, l.Counts[c]) - d.Count
	}
	apart := func(end, taken store.Position, otherwise uint64) *uint64 {
		if end.Epoch != taken.Epoch || taken.Epoch == 0 {
			return &otherwise
		}
		return new(max(end.Arrival, taken.Arrival) - taken.Arrival)
	}
	b = control.Behind{They: apart(m.Position, l.TakenByPeer, more), We: apart(l.PeerLog, l.Taken, less)}
	*b.They = max(*b.They, uint64(l.Waiting))
	return b
}

// missing are those of an app's keys that are in no slot of this hub's set.
func (n *Node) missing(app record.App, keys []string) (missing []string, err error) {
	err = n.store.Read(func(v *store.View) error {
		for _, key := range keys {
			there := false
			for _, err := range v.Slots(app, key) {
				if err != nil {
					return err
				}
				there = true
				break
			}
			if !there {
				missing = append(missing, key)
			}
		}
		return nil
	})
	return missing, err
}

// status is how the engine's links stand, by peer.
func (k *links) status() map[record.Author]replica.LinkStatus {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := map[record.Author]replica.LinkStatus{}
	for _, s := range k.engine.Status() {
		out[s.Peer] = s
	}
	return out
}
