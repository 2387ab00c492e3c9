package httpserve

import (
	"net"
	"strings"
)

// HostName is the name or address in a Host header: in lower case, without its port, the
// brackets of an IPv6 address and the final dot. What is no host is returned as it is,
// and is nobody's name.
func HostName(header string) string {
	name := header
	if host, _, err := net.SplitHostPort(header); err == nil {
		name = host
	} else if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		name = name[1 : len(name)-1]
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}
