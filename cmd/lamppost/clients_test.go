package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/hub/control"
)

// hangOn makes clients of a hub that do not finish what they began, and returns
// what lets go of it: pages kept live, a form of which half is sent, a request of
// which only the first line is, an answer that nobody reads, a kept connection, a
// console that asks half a question, and somebody at the port for other hubs who
// says nothing.
func hangOn(t *testing.T, h *hubProc) (letGo func()) {
	t.Helper()
	var open []interface{ Close() error }
	say := func(network, addr, text string) {
		c, err := net.Dial(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, wish := range []string{"", `{"watch":[{"app":"messages","terms":["town"]}]}`} {
		ws, res, err := websocket.DefaultDialer.Dial("ws://"+h.http+"/api/v1/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		open = append(open, ws)
		if wish != "" {
			if err := ws.WriteMessage(websocket.TextMessage, []byte(wish)); err != nil {
				t.Fatal(err)
			}
		}
	}
	head := "Host: " + h.http + "\r\n"
	say("tcp", h.http, "POST "+town+" HTTP/1.1\r\n"+head+"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 400\r\n\r\ntext=half")
	say("tcp", h.http, "GET / HTTP/1.1\r\n")
	say("tcp", h.http, strings.Repeat("GET "+town+" HTTP/1.1\r\n"+head+"\r\n", 200))
	say("tcp", h.http, fmt.Sprintf("GET %s HTTP/1.1\r\n%s\r\n", town, head))
	say("tcp", h.sync, "")
	say("unix", filepath.Join(h.folder, control.File), "POST /status HTTP/1.1\r\nHost: control\r\nContent-Length: 100\r\n\r\n{")
	return func() {
		for _, c := range open {
			_ = c.Close()
		}
	}
}
