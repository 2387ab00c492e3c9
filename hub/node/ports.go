package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"syscall"

	"github.com/lamppost-hub/lamppost/hub/dns"
)

// CheckPorts says why a hub with this configuration would not start: where it cannot
// listen or meet phones, in words. It listens at each address for a moment, so it is of use only
// before something is made that is not to be left behind.
func CheckPorts(ctx context.Context, c Config) error {
	try := func(what, addr string, fatal func(error) bool) error {
		if addr == "" {
			return nil
		}
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err == nil {
			return ln.Close()
		}
		if !fatal(err) {
			return nil
		}
		return listening(what, addr, err)
	}
	always := func(error) bool { return true }
	later := func(err error) bool { // links wait for an interface that is not up yet
		return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)
	}
	errs := []error{try("the pages", c.HTTP, always), try("the metrics", c.Metrics, always)}
	for _, addr := range c.Listen {
		errs = append(errs, try("other hubs", addr, later))
	}
	return errors.Join(append(errs, checkWifi(ctx, c.Wifi, c.Nearby.LeaveAlone))...)
}

// checkWifi says why phones could not be met on these interfaces.
func checkWifi(ctx context.Context, c Wifi, phones []string) error {
	if !c.Portal && c.DNS == "" {
		return nil
	}
	_, _, err := networksOf(phones)
	if err != nil || c.DNS == "" {
		return err
	}
	if _, err := dns.NewForwarder(dns.ForwardConfig{Upstreams: c.Upstreams, AllowPrivate: c.AllowPrivate, Log: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	packets, streams, err := dns.Listen(ctx, c.DNS)
	if err != nil {
		return listening("names", c.DNS, err)
	}
	return errors.Join(packets.Close(), streams.Close())
}
