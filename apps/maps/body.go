package maps

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// How the keys begin, by what stands there.
const (
	placeKey     = "p/" // what a place is, each coordinator's word of it
	statusKey    = "s/" // how it stands there
	recountKey   = "r/" // how many people are there, counted anew
	allowKey     = "d/" // who may count at its door
	hubKey       = "b/" // where one of the community's boxes stands
	verdictKey   = "c/" // what became of what somebody has seen
	countKey     = "h/" // one person's count at a door, by the box they used
	askKey       = "a/" // somebody asks to count at a door
	seenKey      = "o/" // what somebody has seen
	witnessKey   = "w/" // somebody else saw it too
	complaintKey = "j/" // somebody reports to moderators what another says to have seen
	layerKey     = "l/" // many places that came as one
)

// Lives, in days.
const (
	life     = record.MaxTTL // of all that is official, and of counts, which a recount goes by
	askLife  = 30
	seenLife = 7
)

// Bounds of what is written. All of one body together stays within record.MaxBody.
const (
	maxWords   = 300 // characters of what somebody has seen
	maxWordsB  = 1000
	maxPresses = 48 // of the buttons at a door that a count remembers
	maxAllowed = 80 // people who may count at one door
)

// Terms.
const (
	places     = hub.Term("p")
	statuses   = hub.Term("s")
	recounts   = hub.Term("r")
	allowances = hub.Term("d")
	hubs       = hub.Term("b")
	verdicts   = hub.Term("c")
	counts     = hub.Term("h") // of one person at one door: see countTerm
	asks       = hub.Term("a")
	seen       = hub.Term("o")
	witnesses  = hub.Term("w")
	complaints = hub.Term("j")
	layers     = hub.Term("l")
)

// countTerm is that of one person's counts at one door. Only of those who may count it
// is asked, so that nobody else's fill what is looked at.
func countTerm(id string, who record.Author) hub.Term {
	return counts + "/" + hub.Term(digest(id)+"/"+countedBy(who))
}

// countedBy is how such a term ends.
func countedBy(who record.Author) string { return hex.EncodeToString(who[:authorDigits/2]) }

const authorDigits = 16

// askTerm is that of who asks to count at one door.
func askTerm(id string) hub.Term { return asks + "/" + hub.Term(digest(id)) }

// witnessTerm is that of who saw the same.
func witnessTerm(ref string) hub.Term { return witnesses + "/" + hub.Term(ref) }

// aboutTerm is that of what was seen at a place.
func aboutTerm(id string) hub.Term { return seen + "/" + hub.Term(digest(id)) }

// digest is 16 hex digits of SHA-256: an id as it stands in a term.
func digest(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:8])
}

// Ref names what somebody has seen.
type Ref = hub.Ref

// hexOf reads so many bytes in hex.
func hexOf(s string, n int) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err == nil && len(b) != n {
		err = hex.ErrLength
	}
	return b, err
}

type (
	// Allowance is what stands at d/: whom one coordinator, and those whose word they
	// saw, let count at a door.
	Allowance struct {
		Who  [][]byte       `cbor:"1,keyasint,omitempty"` // keys
		Seen []place.Prefix `cbor:"2,keyasint,omitempty"`
		Form place.Prefix   `cbor:"3,keyasint"`
	}
	// Count is what stands at h/: one person's running total by one box.
	Count struct {
		Total  int32   `cbor:"1,keyasint"`
		Recent []Press `cbor:"2,keyasint,omitempty"` // the latest last

		Of *place.Sketch `cbor:"3,keyasint,omitempty"` // what it is of; nil: not said
	}
	// Press is what one form added.
	Press struct {
		_   struct{}     `cbor:",toarray"`
		ID  place.Prefix // of SHA-256 of the form's client_id
		Add int32
	}
	// Site is what stands at b/: where a box stands.
	Site struct {
		At   place.Point    `cbor:"1,keyasint"`
		Seen []place.Prefix `cbor:"2,keyasint,omitempty"`
		Form place.Prefix   `cbor:"3,keyasint"`
	}
	// Ask is what stands at a/.
	Ask struct {
		Words string `cbor:"1,keyasint,omitempty"`
	}
	// Sighting is what stands at o/: what somebody has seen.
	Sighting struct {
		What  place.What   `cbor:"1,keyasint"`
		Place string       `cbor:"2,keyasint,omitempty"` // id of the place that it is about
		At    *place.Point `cbor:"3,keyasint,omitempty"`
		Words string       `cbor:"4,keyasint,omitempty"`
		// Draft and State are what a coordinator would say, who could not sign where they
		// were; nil for nothing.
		Draft *place.Details `cbor:"5,keyasint,omitempty"`
		State *place.State   `cbor:"6,keyasint,omitempty"`
		Of    *place.Sketch  `cbor:"7,keyasint,omitempty"` // what Place is; nil: not said
	}
	// Witness is what stands at w/: somebody saw it too.
	Witness struct {
		Re Ref `cbor:"1,keyasint"`
	}
	// Verdict is what stands at c/: what a coordinator makes of what was seen.
	Verdict struct {
		Re    Ref            `cbor:"1,keyasint"`
		True  bool           `cbor:"2,keyasint"`
		Place string         `cbor:"3,keyasint,omitempty"` // what it became, or is about
		Seen  []place.Prefix `cbor:"4,keyasint,omitempty"`
		Form  place.Prefix   `cbor:"5,keyasint"`
	}
	// Complaint is what stands at j/. One person's of one sighting are one slot.
	Complaint struct {
		Re     Ref    `cbor:"1,keyasint"`
		Reason string `cbor:"2,keyasint,omitempty"`
	}
)

// decoded is a record's body; false if it has none of that kind.
func decoded[T any](r record.Record) (v T, ok bool) {
	v, err := hub.Collection[T]{}.Decode(r)
	return v, err == nil
}

// draftsOf is one record to be.
func draftsOf(key string, class record.Class, ttl record.Days, v any) ([]hub.Draft, error) {
	b, err := place.Encoded(v)
	if err != nil {
		return nil, err
	}
	return []hub.Draft{{Key: key, Class: class, TTL: ttl, Body: b}}, nil
}

// split takes a key apart: how it begins, and the rest.
func split(key string) (prefix, rest string) {
	if len(key) < 2 {
		return "", key
	}
	return key[:2], key[2:]
}

// index files a record under what lists go by. What is of another class than it should
// be is no part of any list.
func index(r record.Record) []hub.Term {
	prefix, rest := split(r.Key)
	if r.Withdrawn() || r.Class != classOf(prefix) {
		return nil
	}
	switch prefix {
	case placeKey:
		return []hub.Term{places}
	case statusKey:
		return []hub.Term{statuses}
	case recountKey:
		return []hub.Term{recounts}
	case allowKey:
		return []hub.Term{allowances}
	case hubKey:
		return []hub.Term{hubs}
	case verdictKey:
		return []hub.Term{verdicts}
	case countKey:
		id, _, _ := strings.Cut(rest, "/")
		return []hub.Term{counts, countTerm(id, r.Author)}
	case askKey:
		return []hub.Term{asks, askTerm(rest)}
	case seenKey:
		if v, ok := decoded[Sighting](r); ok && hub.ValidID(v.Place) {
			return []hub.Term{seen, aboutTerm(v.Place)}
		}
		return []hub.Term{seen}
	case witnessKey:
		if len(rest) == hub.RefDigits {
			return []hub.Term{witnesses, witnessTerm(rest)}
		}
	case complaintKey:
		return []hub.Term{complaints}
	case importKey:
		if !strings.Contains(rest, "/") {
			return []hub.Term{imports}
		}
	case layerKey:
		return []hub.Term{layers}
	case lentKey:
		return []hub.Term{lent}
	}
	return nil
}

// classOf is the class of what stands under keys that begin so.
func classOf(prefix string) record.Class {
	switch prefix {
	case countKey, askKey, lentKey:
		return record.People
	case seenKey, witnessKey, complaintKey:
		return record.Talk
	}
	return record.Place
}
