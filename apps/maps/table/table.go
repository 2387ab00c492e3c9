// Package table reads and writes places as tables of text (CSV, RFC 4180, and what
// spreadsheets make of it): separated by comma, semicolon, tab or bar, in UTF-8, UTF-16
// or Windows-1252, with the hashtags of HXL (hxlstandard.org, 1.1) where there are some.
//
// What the columns are is proposed from their headings, hashtags and cells; a person
// confirms it; then the table is read row by row in little memory.
//
// What it does not keep: empty cells; whether a value was JSON; line ends within a cell,
// which become \n; the order of values, which is that of the columns.
package table

import (
	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/hub"
)

// Encoding is how the bytes of a file are letters.
type Encoding string

// The encodings. Latin-1 is read as Windows-1252, which has the same letters and more.
const (
	UTF8        Encoding = "utf-8"
	UTF16       Encoding = "utf-16" // with its byte order mark
	Windows1252 Encoding = "windows-1252"
)

// Role is what a column is. Those that are no place, id, name or description make a
// value of the feature that is called like the role itself.
type Role string

// The roles.
const (
	Keep    Role = ""     // a value that is called like the column
	LeaveIt Role = "none" // not read

	Latitude    Role = "latitude"  // degrees, decimal
	Longitude   Role = "longitude" // likewise
	WKT         Role = "wkt"       // a geometry as OGC 06-103r4 has it: POINT (-73.2 44.4)
	Place       Role = "place"     // what a Locate reads: a plus code, a grid reference
	ID          Role = "id"
	Name        Role = "name"
	Description Role = "description"

	Kind       Role = "kind"
	Everyday   Role = "capacity_everyday"   // people whom it holds for long
	Evacuation Role = "capacity_evacuation" // people in an evacuation
	People     Role = "people"              // who are there
	Status     Role = "status"
	Address    Role = "address"
	Contact    Role = "contact"
	Hours      Role = "hours"
	StepFree   Role = "step_free"
	Pets       Role = "pets"
	Languages  Role = "languages"
)

// Roles are all that a column can be, in the order in which to offer them.
func Roles() []Role {
	return []Role{
		Keep, LeaveIt, Latitude, Longitude, WKT, Place, ID, Name, Description,
		Kind, Everyday, Evacuation, People, Status, Address, Contact, Hours, StepFree, Pets, Languages,
	}
}

// Words are what people call a role.
func (r Role) Words() hub.Phrase {
	switch r {
	case LeaveIt:
		return "Leave out"
	case Latitude:
		return "Latitude"
	case Longitude:
		return "Longitude"
	case WKT:
		return "Geometry (WKT)"
	case Place:
		return "Plus code, grid reference or coordinates"
	case ID:
		return "Id"
	case Name:
		return "Name"
	case Description:
		return "Description"
	case Kind:
		return "Kind of place"
	case Everyday:
		return "How many people it holds for long"
	case Evacuation:
		return "How many people it holds in an evacuation"
	case People:
		return "How many people are there"
	case Status:
		return "Open, full or closed"
	case Address:
		return "Address"
	case Contact:
		return "Contact"
	case Hours:
		return "Hours"
	case StepFree:
		return "Step-free"
	case Pets:
		return "Takes pets"
	case Languages:
		return "Languages spoken"
	}
	return "Keep as it is"
}

// Unique reports whether only one column can have a role.
func (r Role) Unique() bool {
	switch r {
	case Latitude, Longitude, WKT, Place, ID, Name, Description:
		return true
	}
	return false
}

// Mapping is how a table is to be read.
type Mapping struct {
	Comma    rune // ',', ';', '\t' or '|'
	Encoding Encoding
	Head     int // number of the row of headings, from 1; 0 if there is none
	Tags     int // number of the row of hashtags, from 1; 0 if there is none
	Columns  []Column
}

// Column is one of a table.
type Column struct {
	Heading string // as in the row of headings; "" if there is none
	Tag     string // as in the row of hashtags; "" if there is none
	Role    Role
}

// Locate reads a place as people write it, such as a plus code.
type Locate func(string) (orb.Point, error)

// Bounds of a table.
const (
	MaxColumns = 250 // columns
	tagRows    = 25  // rows within which that of the hashtags is (HXL 1.1)
	shownRows  = 5   // rows of a Proposal
	sniffed    = 60  // rows that a Proposal is made from
)

// Proposal is a mapping for a person to confirm, with the first rows as they are read.
type Proposal struct {
	Mapping
	Rows    [][]string // cells of the first rows of data
	Remarks []hub.Said // what to look at
}
