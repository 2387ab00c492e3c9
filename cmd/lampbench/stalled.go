package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// stalled is connections that come to nothing.
type stalled struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
}

const (
	// unread is how long a live socket that nobody reads is held: the hub may have
	// let go of it, which its end does not see.
	unread = 30 * time.Second
	// retry is between two tries at a connection that the hub does not take.
	retry = 200 * time.Millisecond
)

// stall opens n connections, each from an address of its own, and returns when all
// have been open. What the hub closes is opened again.
func stall(ctx context.Context, hub string, n int) (*stalled, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &stalled{cancel: cancel}
	opened := make(chan error, n)
	for i := range n {
		from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 2, byte(i>>8), byte(i&0xff))}}
		begin := []func(context.Context, *net.Dialer, string) (net.Conn, error){halfHeader, halfBody, unreadSocket}[i%3]
		s.all.Go(func() {
			for first := true; ctx.Err() == nil; first = false {
				c, err := begin(ctx, from, hub)
				if first {
					opened <- err
				}
				if err != nil {
					_ = pause(ctx, retry) // the loop looks at ctx
					continue
				}
				hold(ctx, c, i%3 == 2)
			}
		})
	}
	for range n {
		if err := <-opened; err != nil {
			s.end()
			return nil, fmt.Errorf("a connection that is to stall: %w", err)
		}
	}
	return s, nil
}

// end closes all.
func (s *stalled) end() {
	s.cancel()
	s.all.Wait()
}

// hold keeps a connection until the hub closes it or ctx ends; one that is not to be
// read for a while.
func hold(ctx context.Context, c io.ReadCloser, mute bool) {
	defer c.Close()
	if mute {
		_ = pause(ctx, unread) // either way it is over
		return
	}
	defer context.AfterFunc(ctx, func() { c.Close() })()
	_, _ = io.Copy(io.Discard, c) // how it ends does not matter
}

func halfHeader(ctx context.Context, from *net.Dialer, hub string) (net.Conn, error) {
	return sendPart(ctx, from, hub, "GET /messages/town HTTP/1.1\r\nHost: "+hub+"\r\nUser-Ag")
}

func halfBody(ctx context.Context, from *net.Dialer, hub string) (net.Conn, error) {
	return sendPart(ctx, from, hub, "POST /messages/town HTTP/1.1\r\nHost: "+hub+
		"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\ntext=so+far")
}

func sendPart(ctx context.Context, from *net.Dialer, hub, part string) (net.Conn, error) {
	c, err := from.DialContext(ctx, "tcp", hub)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(c, part); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// unreadSocket asks for the changes in the talk of the town, and takes none.
func unreadSocket(ctx context.Context, from *net.Dialer, hub string) (net.Conn, error) {
	d := websocket.Dialer{NetDialContext: from.DialContext, HandshakeTimeout: patience}
	c, res, err := d.DialContext(ctx, "ws://"+hub+"/api/v1/live", nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if err := c.WriteJSON(map[string]any{"watch": []any{map[string]any{"app": "messages", "terms": []string{"all"}}}}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c.NetConn(), nil
}
