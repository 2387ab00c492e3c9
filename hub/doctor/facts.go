package doctor

import "time"

// Facts is what is known of a hub that runs.
type Facts struct {
	Standing   Standing
	Rivals     int // lists that were signed to follow the root sheets, of which none does; 0 or at least 2
	Disk       Disk
	Blobs      Blobs
	Clock      Clock
	Hubs       []Hub     // the community's other hubs that are in use
	Attempts   []Attempt // addresses that were dialled in vain
	Copies     []string  // addresses at which another machine uses this hub's key
	Claimed    []string  // addresses at which somebody claims to have this hub's key, in a way that proves nothing
	Reflected  []string  // addresses at which somebody claims that, and this hub itself answers
	Copied     bool      // another one does, wherever it is, as other hubs say
	Shared     []string  // other hubs, by label, whose key two machines use
	Membership Membership
	Network    Network
	Portal     Portal
	Addresses  Addresses
}

// Standing is what the community's roster says of this hub, and what others say.
type Standing uint8

// The standings.
const (
	Uncertified Standing = iota
	Certified
	Retired // certified still, but marked as no longer in use
	Revoked
	Disowned // certified as far as it knows, and not as far as those know that it dials
)

// Disk is the file system that the data folder is on.
type Disk struct {
	Free, Total uint64 // bytes, for this user; both 0 = not known
}

// Blobs is what exceeds records: attachments, to people.
type Blobs struct {
	Missing     bool   // their folder does not read
	NoRoom      int    // that should be here and have no room
	Bytes, Most uint64 // that they take and may take
}

// Clock is the time by the hub, and by the machine.
type Clock struct {
	Now       time.Time
	Wall      time.Time
	Plausible bool
	Leapt     bool      // the machine's clock has leapt away while the hub ran
	Until     time.Time // when the operator's word, by which the time is known, no longer counts; zero if it is known otherwise
}

// Hub is another hub of the community.
type Hub struct {
	Label  string
	Linked time.Duration // for how long; 0 = not
	Member bool          // it is among the members
}

// Attempt is an address at which no link came about.
type Attempt struct {
	Label   string // of the hub that should be there; empty = not known
	Addr    string // one, or several with commas between
	Failure Failure
}

// Failure is why there is no link.
type Failure uint8

// The failures.
const (
	Unknown   Failure = iota
	Refused           // the machine is there, and nothing listens at the port
	Silent            // nothing comes back
	Absent            // on a network of this machine, no machine there answers
	NoRoute           // no network leads there
	NoHub             // something answers that is no hub
	Other             // another hub than expected answers
	Foreign           // a hub of another community
	Unwelcome         // it does not accept this hub's certificate
	Outcast           // this hub does not accept its certificate: it was revoked, or never joined
)

// Membership is how the hub stands among the members.
type Membership struct {
	Wanted    bool   // it is switched on
	Key       bool   // network.key is there
	Port      string // "4681"
	Problem   string // why it is not among the members; empty while it is
	Strangers uint64 // messages that another key sealed
}

// Network is the machine's interfaces.
type Network struct {
	Addrs     int      // addresses at which other hubs could reach this one
	LeftAlone []string // interfaces by which no hub is spoken with
	Missing   []string // those of them that there are not
	Gone      []string // addresses to listen at which the machine does not have any more
}
