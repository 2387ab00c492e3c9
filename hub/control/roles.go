package control

type (
	// RoleActs are what the roots decide about people, and about what hubs may pass on:
	// all of it or nothing.
	RoleActs struct {
		Acts []RoleAct `json:"acts"` // at most MaxActs
	}
	// RoleAct is one of them.
	RoleAct struct {
		Act     ActKind  `json:"act"`               // Grant, Revoke or Retire
		Who     string   `json:"who"`               // a person's key in hex, or for Grant a hub's
		Label   string   `json:"label,omitempty"`   // of Grant: what a person is called officially; empty = as they are called
		Roles   []string `json:"roles"`             // of Grant: all that they may from then on, as the roster calls it; a hub keeps "admit"
		Senders []string `json:"senders,omitempty"` // of "relay": whose notices
		Area    string   `json:"area,omitempty"`
		Until   uint32   `json:"until,omitempty"` // a date in days since 1970, for people
		Why     string   `json:"why,omitempty"`   // of Revoke and Retire: for people; at most 256 bytes
	}
	// RolePlan is what such acts take.
	RolePlan struct {
		RootPlan
		Labels []string `json:"labels"` // of each act: what its subject is called by then
		// Effects is what others see otherwise by it, because somebody's word counts no more.
		Effects []Effect `json:"effects,omitempty"`
	}

	// Effect is what becomes of some things that people see.
	Effect struct {
		Says string   `json:"says"`
		Of   []string `json:"of"`
	}

	// Who is whom somebody means: by name, by name and tag as pages show them, by four or
	// more digits of the key, or by the whole of it.
	Who struct {
		Who string `json:"who"`
	}
	// People are those who can be meant.
	People struct {
		People []Somebody `json:"people"` // at most MaxPeople
		More   int        `json:"more,omitempty"`
	}
	// Somebody is one of them: a person, or a hub.
	Somebody struct {
		ID        string   `json:"id"`             // the key in hex
		Name      string   `json:"name,omitempty"` // officially, if they have such a name; empty = nobody here knows one
		Home      string   `json:"home,omitempty"` // the label of a hub that vouches for them
		Hub       bool     `json:"hub,omitempty"`
		Roles     []string `json:"roles,omitempty"`
		Senders   []string `json:"senders,omitempty"` // whose warnings they may pass on
		Area      string   `json:"area,omitempty"`
		Certified bool     `json:"certified,omitempty"` // has a certificate, be it without roles
		Revoked   bool     `json:"revoked,omitempty"`
		Retired   bool     `json:"retired,omitempty"`
		Guest     bool     `json:"guest,omitempty"` // whoever writes without a name at some hub
	}

	// Adopted is what became of the people of another hub.
	Adopted struct {
		Label string `json:"label"` // the hub's
		Taken int    `json:"taken"` // whom this hub vouches for from now on
		Had   int    `json:"had"`   // whom this or another hub vouches for already
		Left  int    `json:"left"`  // for whom there is no place here
	}

	// Successors are the roots that are to follow the list that counts.
	Successors struct {
		Roots     []string `json:"roots"` // in hex
		Threshold int      `json:"threshold"`
	}
)

// Bounds of what is asked at once.
const (
	MaxActs   = 50
	MaxPeople = 20
)
