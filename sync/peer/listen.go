package peer

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// listenRetry is how often an address that is not there yet is tried.
const listenRetry = 5 * time.Second

// errNotYet is an address that may come with an interface.
var errNotYet = errors.New("this machine does not have the address now")

// listen opens one "host:port" and hands it to libp2p.
func (h *Host) listen(addr string) error {
	lc := net.ListenConfig{KeepAliveConfig: keepAlive(), Control: socketOptions}
	l, err := lc.Listen(h.ctx, "tcp", addr)
	if err != nil {
		return listenError(addr, err)
	}
	name, err := h.tcp.bind(&doorway{Listener: l, door: h.door, refuse: h.cfg.Refuse})
	if err != nil {
		_ = l.Close()
		return err
	}
	if err := h.node.swarm.Listen(name); err != nil {
		_ = l.Close()
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	h.book.addListening(l.Addr().String())
	return nil
}

// listenError says what to do about it.
func listenError(addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program uses the port of %s: stop it or choose another address: %w", addr, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("no permission for the port of %s: choose a port above 1023: %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT), errors.Is(err, syscall.ENETDOWN), errors.Is(err, syscall.ENODEV):
		return fmt.Errorf("listen on %s: %w: %w", addr, errNotYet, err)
	}
	return fmt.Errorf("listen on %s: %w", addr, err)
}

// listenLater keeps trying what could not be listened on at the start.
func (h *Host) listenLater() {
	tick := time.NewTicker(listenRetry)
	defer tick.Stop()
	for h.book.hasPending() {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		for _, addr := range h.book.takePending() {
			if err := h.listen(addr); err != nil {
				h.book.addPending(addr)
				continue
			}
			h.log.Info("listening", "addr", addr)
		}
	}
}
