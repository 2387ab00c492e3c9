package node

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
	"golang.org/x/sys/unix"
)

func (n *Node) program() control.Program {
	ran := time.Since(n.care.begun)
	now, _ := n.clock.Now()
	p := control.Program{Version: n.conf.Version, Started: now.Add(-ran), Uptime: int64(ran / time.Second)}
	by := n.host.Traffic()
	for _, name := range slices.Sorted(maps.Keys(by)) {
		p.Traffic = append(p.Traffic, control.Traffic{Protocol: name, Sent: by[name].Sent, Received: by[name].Received})
	}
	return p
}

func (n *Node) disk() control.Disk {
	d := control.Disk{Folder: n.conf.Folder.Path, Records: n.store.Size()}
	d.Free, d.Total, _ = Room(d.Folder) // zeros say that it is not known
	return d
}

const (
	noRoom = 64 << 10 // bytes free that the next commit may not find enough
	room   = 64 << 20 // bytes free with which what failed before would be tried again
)

// full reports whether there is no room for what somebody might write: the disk says
// so, or the last attempt did and there is little more since.
func (n *Node) full() bool {
	free, _, err := Room(n.conf.Folder.Path)
	if err != nil {
		return n.store.Full()
	}
	return free < noRoom || free < room && n.store.Full()
}

// Room is how many bytes are free for this user on the file system of a folder,
// and how many it has.
func Room(folder string) (free, total uint64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err != nil {
		return 0, 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), fs.Blocks * uint64(fs.Bsize), nil
}

// others are the community's other hubs, by label.
func (n *Node) others() []control.Hub {
	state := n.store.Roster()
	up, linked := n.near.there(), map[record.Author]bool{}
	for _, l := range n.host.Status() {
		linked[l.Peer] = linked[l.Peer] || l.Linked()
	}
	hubs := []control.Hub{}
	for who, c := range state.Hubs() {
		if who == n.self {
			continue
		}
		hubs = append(hubs, control.Hub{
			ID: who.String(), Label: c.Label, Retired: state.Retired(who),
			Linked: linked[who], Up: up[who], Heard: n.moment(n.heard.get(who)),
		})
	}
	slices.SortFunc(hubs, func(a, b control.Hub) int {
		return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(a.ID, b.ID))
	})
	return hubs
}

// care is what is remembered for whoever looks after the hub: since when it runs,
// and how many records there are of each app.
type care struct {
	begun time.Time

	mu     sync.Mutex
	at     uint64 // the store's arrival number when they were counted
	when   time.Time
	took   time.Duration
	counts []control.App
}

// Counting looks at every record, so it is done seldom enough to cost little.
const (
	dearest = 50          // while records arrive: so many times longer than counting takes
	recheck = time.Minute // while none do: some may have expired
)

// apps counts the records by app, or says what was counted not long ago.
func (c *care) apps(s *store.Store, arrival uint64) ([]control.App, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	begun := time.Now()
	age := begun.Sub(c.when)
	if c.counts != nil && (age < dearest*c.took || arrival == c.at && age < recheck) {
		return slices.Clone(c.counts), nil
	}
	counts, err := s.Apps()
	if err != nil {
		return nil, err
	}
	c.at, c.when, c.counts = arrival, begun, []control.App{}
	for app, n := range counts {
		c.counts = append(c.counts, control.App{Name: string(app), Records: n})
	}
	slices.SortFunc(c.counts, func(a, b control.App) int { return strings.Compare(a.Name, b.Name) })
	c.took = time.Since(begun)
	return slices.Clone(c.counts), nil
}
