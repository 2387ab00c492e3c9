package doctor

import "time"

// Facts is what is known of a hub that runs.
type Facts struct {
	Standing Standing
	Disk     Disk
	Clock    Clock
	Hubs     []Hub // the community's other hubs that are in use
}

// Standing is what the community's roster says of this hub.
type Standing uint8

// The standings.
const (
	Uncertified Standing = iota
	Certified
	Retired // certified still, but marked as no longer in use
	Revoked
)

// Disk is the file system that the data folder is on.
type Disk struct {
	Free, Total uint64 // bytes, for this user; both 0 = not known
}

// Clock is the time by the hub, and by the machine.
type Clock struct {
	Now       time.Time
	Wall      time.Time
	Plausible bool
}

// Hub is another hub of the community.
type Hub struct {
	Label  string
	Linked bool
}
