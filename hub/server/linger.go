package server

import (
	"io"
	"net/http"

	"github.com/lamppost-hub/lamppost/hub"
)

// How much of a request that was answered before its end is still taken in, in bytes. Most
// browsers read no answer before they have sent all, and where the hub hangs up meanwhile
// they say that it is not there. What is larger has to be content with that.
const (
	lingerShort = 256 << 10          // before the answer leaves the buffer
	lingerMost  = 48 * hub.MaxUpload // a long video of a phone
)

// linger passes over what a client still sends of a request that is answered, so that it
// comes to read the answer. It ends with the time in which the request had to come in.
func linger(w http.ResponseWriter, r *http.Request, body io.Reader) {
	if r.ContentLength == 0 || r.Header.Get("Expect") != "" { // that one waits to be asked for it
		return
	}
	if _, err := io.CopyN(io.Discard, body, lingerShort); err != nil {
		return // it was all, or nobody is there
	}
	if http.NewResponseController(w).Flush() == nil {
		_, _ = io.CopyN(io.Discard, body, lingerMost)
	}
}
