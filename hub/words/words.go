// Package words is secrets as words of the EFF long list: drawn, and read back as
// people type, dictate and photograph them.
package words

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"io"
)

// Draw makes n words, each drawn evenly from the 7,771 of the list that nobody can
// write in two ways: 12.9 bits a word. A nil source is crypto/rand; Draw panics
// when the source fails, for a secret that can be guessed is worse than none.
func Draw(n int, source io.Reader) []string {
	if source == nil {
		source = rand.Reader
	}
	easy := eff().easy
	r := bufio.NewReaderSize(source, 16)
	out := make([]string, n)
	for i := range out {
		out[i] = easy[draw(r, len(easy))]
	}
	return out
}

// draw returns an even number below n, which is at most 65536.
func draw(r io.Reader, n int) int {
	for even := 1 << 16 / n * n; ; {
		var b [2]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			panic("words: no random numbers: " + err.Error())
		}
		if v := int(binary.BigEndian.Uint16(b[:])); v < even { // the rest would favour the first words
			return v % n
		}
	}
}

// Kind is a kind of secret that people type in, and how they call it.
type Kind struct {
	Count int    // of its words, up to 20
	Field string // of the form that errors are about
}
