package server

import (
	"fmt"
	"html/template"
	"net"
	"net/netip"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/qr"
)

// comeback is how somebody finds this place again.
type comeback struct {
	Address string        // by which it was reached; empty if it leads nobody else here, and is for others
	Number  string        // the same without a name, for where names do not work; empty if Address is one
	QR      template.HTML // of Address; empty if it leads nobody else here
}

// addresses are the hosts that lead to this hub from where the visit comes: as it was
// asked for, the name that every hub answers to, and the number it was reached at.
func addresses(v *visit) []string {
	port := ""
	if _, p, err := net.SplitHostPort(v.r.Host); err == nil {
		port = ":" + p
	}
	all := []string{v.r.Host, "lamppost.internal" + port}
	if at := localAddr(v.r); at.Is6() {
		all = append(all, "["+at.String()+"]"+port)
	} else if at.IsValid() {
		all = append(all, at.String()+port)
	}
	return all
}

// howToComeBack tells it by how this visit has come, or by where phones are met if it
// has come from the box's own screen: without HTTPS, which leads most phones to a warning.
func (s *Server) howToComeBack(v *visit, code qr.Level) (comeback, error) {
	const scheme = "http://"
	host, port, err := net.SplitHostPort(v.r.Host)
	if err != nil {
		host, port = v.r.Host, ""
	}
	back := v.r.Host
	if v.way == sealed {
		back = s.plainHost(host)
		_, port, _ = net.SplitHostPort(back) // none is the usual one
	}
	c := comeback{Address: scheme + back + "/"}
	named, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if host == "localhost" || err == nil && named.IsLoopback() {
		switch {
		case s.cfg.Portal != nil:
			c.Address = s.cfg.Portal.Home()
		case s.cfg.Reached != nil && s.cfg.Reached() != "":
			c.Address = scheme + s.cfg.Reached() + "/"
		default:
			return c, nil // what a phone would need is not known
		}
		return c.drawn(v, code)
	}
	if at := localAddr(v.r); err != nil && at.IsValid() && !at.IsLoopback() {
		number := at.String()
		switch {
		case port != "":
			number = net.JoinHostPort(number, port)
		case at.Is6():
			number = "[" + number + "]"
		}
		c.Number = scheme + number + "/"
	}
	return c.drawn(v, code)
}

// forOthers is it without an address that only the box's own screen can use.
func (c comeback) forOthers() comeback {
	if c.QR == "" {
		return comeback{}
	}
	return c
}

// drawn is it with the code.
func (c comeback) drawn(v *visit, level qr.Level) (comeback, error) {
	code, err := qr.Encode(c.Address, level)
	if err != nil {
		return c, fmt.Errorf("the address of this page: %w", err)
	}
	c.QR = template.HTML(code.SVG(v.lang.Text("%s as a QR code", c.Address))) //nolint:gosec // package qr escapes
	return c, nil
}
