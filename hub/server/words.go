package server

import (
	"crypto/ed25519"
	"math"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/webui"
)

// Six words that are nobody's are answered at first, then after a pause each. It is of the
// address alone, so that no guesser keeps a neighbor out, and it always ends.
const (
	guessesAtOnce = 6
	guessPause    = 10 * time.Second
)

// officialWords is said of a coordinator's six words on a page that others may read, or
// that may not be the hub's at all.
const officialWords hub.Phrase = "These six words are official: whoever learns them can speak in that name. Here others on the Wi-Fi may read along. Enter them only at the box itself, or where the address begins with https:// and your device does not warn of it. To sign in here all the same, tick the box; nothing official is signed here."

// unsure reports whether a form is shown again because its six words are to be entered
// once more, knowingly.
func (v *visit) unsure() bool {
	return v.trouble != nil && (v.trouble.said.Phrase == unknownCode || v.trouble.said.Phrase == officialWords)
}

// discreet is a Forbidden where a coordinator's six words were entered on a page that
// others may read, and the form does not say in the field sure that this is meant. The
// words are out by then; it is to be the last time.
func (s *Server) discreet(v *visit, key ed25519.PrivateKey, sure string) error {
	if v.way.private() || v.form.Get(sure) == "yes" {
		return nil
	}
	official, err := s.coordinates(v, record.AuthorOf(key))
	if err == nil && official {
		err = hub.Errorf(hub.Forbidden, returncode.Field, officialWords)
	}
	return err
}

// coordinates reports whether somebody is a coordinator.
func (s *Server) coordinates(v *visit, who record.Author) (is bool, _ error) {
	err := s.cfg.Hub.Read(v.ctx(), record.Roster, func(snap hub.Snapshot) error {
		if state := snap.Roster(); state != nil {
			_, is = state.Coordinator(who)
		}
		return nil
	})
	return is, err
}

// toSign is what a coordinator has to do before what they do here counts as official.
func (s *Server) toSign(v *visit) webui.Sign {
	if v.official() || v.path == enrolPath || v.path == returnPath {
		return webui.Sign{}
	}
	if is, err := s.coordinates(v, v.author()); err != nil || !is {
		return webui.Sign{} // a page that cannot be read says so elsewhere
	}
	if v.way.private() {
		return webui.Sign{Say: "To sign official acts, enter your six words here once more.", Path: returnPath}
	}
	return webui.Sign{Say: "Nothing official is signed from here. See how a device is set up for it.", Path: enrolPath}
}

// Where words are entered, and where it is said on which devices.
const (
	returnPath = "/return"
	enrolPath  = "/enrol"
)

func (v *visit) guesses() allowance {
	return allowance{poster: poster{from: v.network()}, kind: ofAddress, burst: guessesAtOnce, pause: guessPause}
}

// mayGuess is a TooMany where an address has to wait before it may try other words.
func (s *Server) mayGuess(v *visit) error {
	if wait, _ := s.writes.guesses.look(v.guesses()); wait > 0 {
		return hub.Later(wait, hub.Errorf(hub.TooMany, "", "Six words were wrong several times in a row here. Wait %d s, then try again.", int(math.Ceil(wait.Seconds()))))
	}
	return nil
}

// guessed counts six words that were nobody's.
func (s *Server) guessed(v *visit) { s.writes.guesses.take(v.guesses()) }
