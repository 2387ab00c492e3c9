package gossip

import (
	"net/netip"

	"github.com/lamppost-hub/lamppost/sync/record"
)

const (
	MaxStreams   = maxStreams
	MaxStreamsIP = maxStreamsIP
	MaxState     = maxState
)

func EncodeSays(key record.Author, s Says) ([]byte, error) { return encodeSays(key, s) }
func DecodeSays(b []byte) (record.Author, Says, error)     { return decodeSays(b) }
func CheckPlainPacket(b []byte) error                      { return checkPlainPacket(b) }
func CheckPlainStream(b []byte, request bool) error        { return checkPlainStream(b, request) }
func Advertised(have []netip.Prefix, bind, now netip.Addr) netip.Addr {
	return advertised(have, bind, now)
}
