package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// The forms of statement, by the first segment of their key.
const (
	formCertificate = 'c'
	formRevocation  = 'r'
	formRetirement  = 't'
	formPurge       = 'p'
	formSuccession  = 's'
	formVouch       = 'v'
)

// statement is what a trust record's key says of it.
type statement struct {
	form    byte          // 0: one of a later version
	subject record.Author // of c, r and t
	list    ListID        // of s
	sum     [32]byte      // SHA-256 of the body
}

// ListID is the short hash of a root list: the community for the founding's,
// the first 16 bytes of SHA-256 over the succession's body for a later one.
type ListID [16]byte

// parseKey reads the key of a trust record of app roster; false if it is not
// bound to the body or takes a vouch's place. An empty body is no statement:
// nothing is withdrawn in this class.
func parseKey(key string, body []byte) (statement, bool) {
	i := strings.LastIndexByte(key, '/')
	if i < 1 || len(body) == 0 || strings.HasPrefix(key, "v/") {
		return statement{}, false
	}
	s := statement{sum: sha256.Sum256(body)}
	if key[i+1:] != hex.EncodeToString(s.sum[:16]) {
		return statement{}, false
	}
	form, middle, _ := strings.Cut(key[:i], "/")
	if len(form) != 1 {
		return s, true
	}
	ok := false
	switch form[0] {
	case formCertificate, formRevocation, formRetirement:
		ok = unhex(s.subject[:], middle)
	case formSuccession:
		ok = unhex(s.list[:], middle)
	case formPurge:
		ok = i == 1
	}
	if ok {
		s.form = form[0]
	}
	return s, true
}

// unhex reads exactly len(dst) bytes of lower-case hex.
func unhex(dst []byte, s string) bool {
	if len(s) != 2*len(dst) || strings.ToLower(s) != s {
		return false
	}
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

// newKey binds a statement's key to its body.
func newKey(form byte, middle, body []byte) string {
	sum := sha256.Sum256(body)
	k := string(form) + "/"
	if middle != nil {
		k += hex.EncodeToString(middle) + "/"
	}
	return k + hex.EncodeToString(sum[:16])
}

// Own reports whether r is its author's revocation of itself. Of one author's
// records it is the last to fall to a quota: were it to fall, whoever stole the
// key could bury it under newer records and have the key back.
func Own(r record.Record) bool {
	if r.App != record.Roster || r.Class != record.Trust {
		return false
	}
	s, ok := parseKey(r.Key, r.Body)
	return ok && s.form == formRevocation && s.subject == r.Author
}

// placeOf reads v/0 … v/999.
func placeOf(key string) (int, bool) {
	digits, ok := strings.CutPrefix(key, "v/")
	if !ok || len(digits) > 3 {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n >= Places || strconv.Itoa(n) != digits {
		return 0, false
	}
	return n, true
}
