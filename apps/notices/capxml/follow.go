package capxml

// Held is what there is to know of an alert to tell what it replaces.
type Held struct {
	ID
	MsgType    MsgType
	Status     Status
	References []ID
	// Provenance says on whose word it is held to come from its sender: a key that is
	// pinned to the sender, a feed fetched over https, the author of a record. The caller
	// makes it so that two are equal only if they are the same one. Empty is nobody's
	// word: such an alert replaces nothing and nothing replaces it.
	Provenance string
}

// Held is what there is to know of an alert, by the provenance that the caller gives it.
func (a *Alert) Held(provenance string) Held {
	return Held{ID: a.ID, MsgType: a.MsgType, Status: a.Status, References: a.References, Provenance: provenance}
}

// Relation is what a later alert does to an earlier one.
type Relation int

// The relations. All from WrongSender on say that it names the earlier one and still
// leaves it as it is.
const (
	Unrelated       Relation = iota // it does not name it
	Replaces                        // an update of it
	Cancels                         // a cancellation of it
	Mentions                        // it acknowledges it, or the like
	WrongSender                     // it is somebody else's
	WrongProvenance                 // it came by another way: who sent it is another's word
	WrongStatus                     // an exercise and the real thing leave each other alone
	WrongOrder                      // it is older than what it names
)

// Ends reports whether the earlier one no longer counts.
func (r Relation) Ends() bool { return r == Replaces || r == Cancels }

// Relate tells what the alert later does to the alert earlier. An Update and a Cancel
// act on those that their references name (CAP 1.2 section 3.2.1), and only if both have
// the same sender and the same provenance, or anyone could silence a warning by writing
// its sender's name. One that is not held yet acts when the other arrives.
func Relate(later, earlier Held) Relation {
	if !later.names(earlier.ID) || later.Same(earlier.ID) {
		return Unrelated
	}
	switch {
	case later.MsgType != Update && later.MsgType != Cancel:
		return Mentions
	case later.Sender != earlier.Sender:
		return WrongSender
	case later.Provenance == "" || later.Provenance != earlier.Provenance:
		return WrongProvenance
	case later.Status != earlier.Status:
		return WrongStatus
	case later.Sent.Before(earlier.Sent):
		return WrongOrder
	case later.Sent.Equal(earlier.Sent) && earlier.acts() && earlier.names(later.ID) && later.Key() < earlier.Key():
		return WrongOrder // two that name each other must not both vanish
	case later.MsgType == Cancel:
		return Cancels
	}
	return Replaces
}

func (h Held) acts() bool { return h.MsgType == Update || h.MsgType == Cancel }

func (h Held) names(id ID) bool {
	for _, other := range h.References {
		if other.Same(id) {
			return true
		}
	}
	return false
}
