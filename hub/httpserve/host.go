package httpserve

import (
	"net"
	"strings"

	"golang.org/x/text/unicode/norm"
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

// maxLabel is the longest label of a host's name, in bytes (RFC 1035, section 2.3.4).
const maxLabel = 63

// LabelHost is the name under which a place is found by its label: "Fire Station" is at
// fire-station.internal; empty where nothing of it can be typed in every keyboard.
func LabelHost(label string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(label)) { // é is e and an accent, which goes
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && (r == ' ' || r == '-' || r == '.' || r == '_' || r == '/'):
			b.WriteByte('-')
		}
	}
	name := b.String()
	if name = strings.TrimRight(name[:min(len(name), maxLabel)], "-"); name == "" {
		return ""
	}
	return name + ".internal"
}
