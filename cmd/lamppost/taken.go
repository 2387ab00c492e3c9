package main

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// taken are the ports of the hub that another program listens at.
func (c *runCommand) taken(ctx context.Context) (out []string) {
	for _, p := range []struct{ what, addr string }{
		{"the pages", c.HTTP}, {"other hubs", c.Sync}, {"the membership", c.membership()},
	} {
		if p.addr == "" {
			continue
		}
		if in := inUse(ctx, p.addr); in {
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
