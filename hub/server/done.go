package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// done is what is said of what has just happened, by ?done=.
var done = map[string]hub.Phrase{
	"code": "Good. Keep your six words where you find them again; they are not shown any more.",
	"back": "Welcome back. This device is signed in.",
	"name": "Your name is saved.",

	"hidden":   "What they post is folded to one line from now on. You can undo this under “You”.",
	"unhidden": "You see what they post again.",

	"forgot": "This phone has forgotten you.",
	"out":    "This device is signed out.",
	"clock":  "The time is set.",
	"ended":  "Those six words are ended for good. With your next post you get six new ones.",
	"screen": "This screen belongs to nobody: who was signed in on it is signed out.",

	"judged":  "Hidden here for everybody, and at every other place as soon as the news gets there.",
	"shown":   "Everybody sees it again.",
	"muted":   "What they post from now on is hidden until then.",
	"slowed":  "They are slowed down until then, at every place that the news gets to.",
	"freed":   "They can write as before.",
	"signed":  "Signed. It is hidden, and goes for good as soon as another moderator signs.",
	"removed": "It is gone for good, here at once, and at every other place as soon as the news gets there.",

	"changed":   "Changed.",
	"withdrawn": "Taken back.",

	"already": "This was posted already.",

	"guest": "There is no room for another name here, so this was posted under the name that all guests share.",
}

const (
	doneField = "?done="
	// doneLife is how long after it happened a page says so, by the hub's running time.
	doneLife = 2 * time.Minute
)

// sealDone makes ?done= in the path where an answer leads count: for whoever is answered,
// and for a short time. A link with it tells nobody else that anything happened.
func (s *Server) sealDone(v *visit, to string) string {
	before, rest, found := strings.Cut(to, doneField)
	if !found {
		return to
	}
	end := strings.IndexAny(rest, "&#")
	if end < 0 {
		end = len(rest)
	}
	what := rest[:end]
	until := binary.BigEndian.AppendUint32(nil, uint32((time.Since(s.forge.started)+doneLife)/time.Second)) //nolint:gosec // a run of 136 years
	return before + doneField + what + "." + base64.RawURLEncoding.EncodeToString(append(until, s.doneMAC(v, what, until)...)) + rest[end:]
}

// justDone is what has just happened, as the page is to say it; empty where nothing has.
func (s *Server) justDone(v *visit) hub.Phrase {
	what, seal, _ := strings.Cut(v.r.URL.Query().Get(doneField[1:len(doneField)-1]), ".")
	b, err := base64.RawURLEncoding.DecodeString(seal)
	if err != nil || len(b) != 4+macLen || subtle.ConstantTimeCompare(b[4:], s.doneMAC(v, what, b[:4])) != 1 {
		return ""
	}
	if time.Since(s.forge.started) >= time.Duration(binary.BigEndian.Uint32(b))*time.Second {
		return ""
	}
	return done[what]
}

// doneMAC binds what was done to who did it: a person, or the address of somebody who
// is not signed in.
func (s *Server) doneMAC(v *visit, what string, until []byte) []byte {
	h := hmac.New(sha256.New, s.forge.secret[:])
	h.Write([]byte("lamppost done 1\x00"))
	h.Write(until)
	if who := v.author(); v.session != nil {
		h.Write(who[:])
	} else {
		a := v.addr.As16()
		h.Write(a[:])
	}
	h.Write([]byte(what)) // of any length, so at the end
	return h.Sum(nil)[:macLen]
}
