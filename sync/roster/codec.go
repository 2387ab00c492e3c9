package roster

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/strict"
)

// bodies is a constant in all but syntax.
var bodies = strict.Must(strict.Rules{Elements: record.MaxBody, Pairs: record.MaxBody, Levels: 8})

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBody, fmt.Sprintf(format, args...))
}

// unmarshal reads one body, tolerating fields it does not know.
func unmarshal(body []byte, w any) error {
	if len(body) == 0 || len(body) > record.MaxBody {
		return malformed("%d bytes", len(body))
	}
	if err := bodies.Unmarshal(body, w); err != nil {
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	return nil
}

func marshal(w any) ([]byte, error) {
	body, err := bodies.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBody, err)
	}
	if len(body) > record.MaxBody {
		return nil, malformed("%d bytes, at most %d", len(body), record.MaxBody)
	}
	return body, nil
}

// readable reports whether s is text that every version of every hub takes for
// text: within most bytes, UTF-8, no control, no bidi and no zero-width
// character. The list is fixed, because a certificate's standing must not hang
// on the Unicode tables a hub was built with.
func readable(s string, most int) bool {
	if len(s) > most || !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		switch {
		case c < 0x20, c >= 0x7f && c <= 0x9f, c == 0xad, c == 0x61c, c == 0x180e,
			c >= 0x200b && c <= 0x200f, c >= 0x2028 && c <= 0x202e, c >= 0x2060 && c <= 0x206f,
			c == 0xfeff, c >= 0xfff9 && c <= 0xfffb, c >= 0xe0000 && c <= 0xe0fff:
			return false
		}
	}
	return true
}

// writable is s in NFC, the form in which text is written, if it is readable.
func writable(what, s string, least, most int) (string, error) {
	n := norm.NFC.String(s)
	if !readable(n, most) || len(n) < least {
		return "", malformed("%s: %d to %d bytes of text without control characters", what, least, most)
	}
	return n, nil
}
