package hub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Bounds of how posts are named.
const (
	MaxID     = 64 // bytes of an id
	RefDigits = 32 // of a Ref in a key
	RefBy     = 16 // hex digits of the author's key, where a Ref stands in a path
)

// ValidID reports whether an id can name a post: 1 to MaxID of a-z A-Z 0-9 . _ -
func ValidID(id string) bool {
	return id != "" && len(id) <= MaxID && record.ValidKey(id) && !strings.Contains(id, "/")
}

// Ref names what somebody has written: the slot, whatever stands in it. In CBOR it is an
// array of the author's key and the id.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Author []byte   // of 32 bytes
	ID     string
}

// RefTo names what an author has written.
func RefTo(a record.Author, id string) Ref { return Ref{Author: a[:], ID: id} }

// Valid reports whether it can name anything.
func (r Ref) Valid() bool { return len(r.Author) == len(record.Author{}) && ValidID(r.ID) }

// By is who wrote it. The Ref has to be valid.
func (r Ref) By() record.Author { return record.Author(r.Author) }

// String names it in a form and for programs: the author's key in hex, "/", the id.
func (r Ref) String() string { return hex.EncodeToString(r.Author) + "/" + r.ID }

// Below is it in a path, below a page's. The Ref has to be valid.
func (r Ref) Below() string { return hex.EncodeToString(r.Author)[:RefBy] + "/" + r.ID }

// Short names it in a key, by RefDigits of SHA-256 of the author's key and the id, in hex.
func (r Ref) Short() string {
	sum := sha256.Sum256(append(bytes.Clone(r.Author), r.ID...))
	return hex.EncodeToString(sum[:RefDigits/2])
}
