package fieldtest

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// TakeFrom has the phone give back the address of another in its name, or refuse it
// (dhcpv4.MessageTypeRelease or MessageTypeDecline), and ask for it. It fails if the phone gets it.
func (g *Guest) TakeFrom(ctx context.Context, other *Guest, kind dhcpv4.MessageType) error {
	conn, err := g.station.ListenPacket(ctx, "udp4", ":68")
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	its := other.Addr.AsSlice()
	lie, err := dhcpv4.New(
		dhcpv4.WithHwAddr(other.station.MAC), dhcpv4.WithMessageType(kind),
		dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(its)), dhcpv4.WithClientIP(its),
	)
	if err != nil {
		return err
	}
	if err := broadcast(conn, lie); err != nil {
		return err
	}
	wish := []dhcpv4.Modifier{dhcpv4.WithHwAddr(g.station.MAC), dhcpv4.WithBroadcast(true), dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(its))}
	discover, err := dhcpv4.New(append(wish, dhcpv4.WithMessageType(dhcpv4.MessageTypeDiscover))...)
	if err != nil {
		return err
	}
	if _, err := exchange(conn, discover, dhcpv4.MessageTypeOffer); err != nil {
		return err
	}
	request, err := dhcpv4.New(append(wish, dhcpv4.WithMessageType(dhcpv4.MessageTypeRequest))...)
	if err != nil {
		return err
	}
	if _, err := exchange(conn, request, dhcpv4.MessageTypeNak); err != nil {
		return fmt.Errorf("%v, which another phone uses, is not refused: %w", other.Addr, err)
	}
	return nil
}

// Flood asks for addresses for so many devices that are none, spread over a time: each
// has one offered (dhcpv4.MessageTypeDiscover), takes one that was not offered
// (MessageTypeRequest), or takes it and declines it (MessageTypeDecline). These are taken
// from first on, one after the other, and so often again.
func (g *Guest) Flood(ctx context.Context, kind dhcpv4.MessageType, first netip.Addr, addresses, count int, lasting time.Duration) error {
	conn, err := g.station.ListenPacket(ctx, "udp4", ":68") // what comes from elsewhere is not taken for a client's
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tick := time.NewTicker(lasting / time.Duration(count))
	defer tick.Stop()
	at := first
	for i := range count {
		if at = at.Next(); i%addresses == 0 {
			at = first
		}
		kinds := []dhcpv4.MessageType{kind}
		if kind == dhcpv4.MessageTypeDecline {
			kinds = []dhcpv4.MessageType{dhcpv4.MessageTypeRequest, kind}
		}
		for _, k := range kinds {
			with := []dhcpv4.Modifier{dhcpv4.WithHwAddr([]byte{6, 0, byte(kind), byte(i >> 16), byte(i >> 8), byte(i)}), dhcpv4.WithMessageType(k)}
			if k != dhcpv4.MessageTypeDiscover {
				with = append(with, dhcpv4.WithOption(dhcpv4.OptRequestedIPAddress(at.AsSlice())))
			}
			m, err := dhcpv4.New(with...)
			if err != nil {
				return err
			}
			if err := broadcast(conn, m); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}
