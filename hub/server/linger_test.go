package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// zeros are as many as are asked for.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestWhoSendsFarTooMuchReadsWhy: as most browsers do, who read nothing before they have
// sent all. No bound of the hub's makes it look as if the hub were not there.
func TestWhoSendsFarTooMuchReadsWhy(t *testing.T) {
	at := wire(t)
	const files, plain = "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"
	head := "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n0\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	for name, c := range map[string]struct {
		path, kind, begins string
		status             int
		size               int64
	}{
		"a file of 60 MB":               {"/notices/import", files, head, 403, 60_000_000},
		"to a page that takes none":     {"/messages/town", files, head, 415, 60_000_000},
		"a text of 30 MB":               {"/messages/town", plain, "text=", 413, 30_000_000},
		"to an address that is nowhere": {"/nowhere", plain, "text=", 404, 30_000_000},
		"of a program":                  {"/api/v1/messages/town", "application/json", `"`, 413, 30_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: lamppost.internal\r\nOrigin: http://lamppost.internal\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", c.path, c.kind, c.size, c.begins)
			if n, err := io.CopyN(conn, zeros{}, c.size-int64(len(c.begins))); err != nil {
				t.Fatalf("it hangs up after %d bytes: %v", n, err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			said, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != c.status || len(said) == 0 {
				t.Errorf("%d, %v: %s", res.StatusCode, err, strings.TrimSpace(string(said)))
			}
		})
	}
}
