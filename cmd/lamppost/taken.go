package main

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// port is an address that a hub listens at, and what for.
type port struct{ what, addr string }

// needed are those without which a hub does not start.
func (c *runCommand) needed() []port {
	return []port{{"the pages", c.HTTP}, {"other hubs", c.Sync}, {"the metrics", c.Metrics}}
}

// taken are the ports at which another program listens.
func taken(ctx context.Context, ports ...port) (out []string) {
	for _, p := range ports {
		if p.addr != "" && inUse(ctx, p.addr) {
			out = append(out, p.what+" ("+p.addr+")")
		}
	}
	return out
}

// inUse reports whether somebody listens at a TCP port, by listening there for a
// moment.
func inUse(ctx context.Context, addr string) bool {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err == nil {
		err = ln.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}
