package server

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

// hosts are the names under which a hub answers. Any other Host is refused:
// behind it may be a foreign name that was made to resolve to this hub, whose
// scripts would then count as ours (DNS rebinding).
type hosts map[string]bool

func allow(names []string) hosts {
	h := hosts{"localhost": true, "lamppost.internal": true, "hub.internal": true}
	for _, n := range names {
		h[httpserve.HostName(n)] = true
	}
	return h
}

// ours reports whether a request names this hub: by an allowed name, by its label, by
// the address it has reached, or by a loopback address. Ports do not matter.
func (h hosts) ours(r *http.Request, label string) bool {
	name := httpserve.HostName(r.Host)
	if h[name] {
		return true
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return name != "" && name == httpserve.LabelHost(label)
	}
	addr = addr.Unmap().WithZone("")
	if addr.IsLoopback() {
		return true
	}
	return addr == localAddr(r)
}

// localAddr is the address that a request has reached; the zero Addr if unknown.
func localAddr(r *http.Request) netip.Addr {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.Addr{}
	}
	return addressOf(local.String())
}

// addressOf is the address in host:port, without a zone; the zero Addr if there
// is none.
func addressOf(hostport string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostport)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
