package accesspoint

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// exprs is a part of a rule: a condition, or what becomes of packets that meet all
// conditions before it. In the comments: what nft calls it.
type exprs []expr.Any

// rule puts parts together.
func rule(parts ...exprs) exprs { return slices.Concat(parts...) }

// reg is the register that conditions compare; the second of two is 2. The second part of
// a concatenation, after four bytes, is within the first of them.
const (
	reg       = 1
	regSecond = unix.NFT_REG32_01
)

// Offsets in headers, in bytes.
const (
	sourceIP    = 12 // of an IPv4 header
	destIP      = 16
	destPort    = 2 // of TCP and UDP
	messageType = 0 // of ICMP
)

func meta(key expr.MetaKey, op expr.CmpOp, data []byte) exprs {
	return exprs{&expr.Meta{Key: key, Register: reg}, &expr.Cmp{Op: op, Register: reg, Data: data}}
}

// padded is an interface's name as the kernel compares it.
func padded(name string) []byte {
	b := make([]byte, unix.IFNAMSIZ)
	copy(b, name)
	return b
}

// iifname NAME. By name, so that an adapter that is plugged in again is the same.
func from(iface string) exprs { return meta(expr.MetaKeyIIFNAME, expr.CmpOpEq, padded(iface)) }

// iifname != NAME
func notFrom(iface string) exprs { return meta(expr.MetaKeyIIFNAME, expr.CmpOpNeq, padded(iface)) }

// oifname NAME
func to(iface string) exprs { return meta(expr.MetaKeyOIFNAME, expr.CmpOpEq, padded(iface)) }

// meta l4proto NUMBER
func proto(number byte) exprs { return meta(expr.MetaKeyL4PROTO, expr.CmpOpEq, []byte{number}) }

// meta nfproto ipv4
func ip4() exprs { return meta(expr.MetaKeyNFPROTO, expr.CmpOpEq, []byte{unix.NFPROTO_IPV4}) }

func transport(offset uint32, data []byte) exprs {
	return exprs{
		&expr.Payload{DestRegister: reg, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: uint32(len(data))},
		&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: data},
	}
}

// tcp dport PORT
func tcp(port uint16) exprs {
	return rule(proto(unix.IPPROTO_TCP), transport(destPort, binaryutil.BigEndian.PutUint16(port)))
}

// tcp dport != PORT
func notTCP(port uint16) exprs {
	return rule(proto(unix.IPPROTO_TCP), exprs{
		&expr.Payload{DestRegister: reg, Base: expr.PayloadBaseTransportHeader, Offset: destPort, Len: 2},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: binaryutil.BigEndian.PutUint16(port)},
	})
}

// udp dport PORT
func udp(port uint16) exprs {
	return rule(proto(unix.IPPROTO_UDP), transport(destPort, binaryutil.BigEndian.PutUint16(port)))
}

// icmp type echo-request
func echo() exprs { return rule(proto(unix.IPPROTO_ICMP), transport(messageType, []byte{8})) }

// icmpv6 type echo-request
func echo6() exprs { return rule(proto(unix.IPPROTO_ICMPV6), transport(messageType, []byte{128})) }

// icmp type redirect
func redirect() exprs { return rule(proto(unix.IPPROTO_ICMP), transport(messageType, []byte{5})) }

// icmpv6 type 135-136: neighbor solicitation and advertisement
func neighborDiscovery() exprs {
	return rule(proto(unix.IPPROTO_ICMPV6), exprs{
		&expr.Payload{DestRegister: reg, Base: expr.PayloadBaseTransportHeader, Offset: messageType, Len: 1},
		&expr.Cmp{Op: expr.CmpOpGte, Register: reg, Data: []byte{135}},
		&expr.Cmp{Op: expr.CmpOpLte, Register: reg, Data: []byte{136}},
	})
}

// address4 loads an address of an IPv4 packet.
func address4(offset uint32) exprs {
	return rule(ip4(), exprs{&expr.Payload{DestRegister: reg, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4}})
}

// ip daddr ADDRESS
func toAddr(a netip.Addr) exprs {
	return rule(address4(destIP), exprs{&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: a.AsSlice()}})
}

// ip saddr NETWORK
func fromNetwork(n netip.Prefix) exprs { return network(sourceIP, n, expr.CmpOpEq) }

// ip daddr != NETWORK
func beyond(n netip.Prefix) exprs { return network(destIP, n, expr.CmpOpNeq) }

func network(offset uint32, n netip.Prefix, op expr.CmpOp) exprs {
	mask := make([]byte, 4)
	binary.BigEndian.PutUint32(mask, ^uint32(0)<<(32-n.Bits()))
	return rule(address4(offset), exprs{
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: op, Register: reg, Data: n.Masked().Addr().AsSlice()},
	})
}

// ip6 daddr fe80::/10
func toLinkLocal() exprs {
	const dest, length = 24, 16 // of an IPv6 header
	mask, first := make([]byte, length), make([]byte, length)
	mask[0], mask[1] = 0xff, 0xc0
	first[0], first[1] = 0xfe, 0x80
	return rule(meta(expr.MetaKeyNFPROTO, expr.CmpOpEq, []byte{unix.NFPROTO_IPV6}), exprs{
		&expr.Payload{DestRegister: reg, Base: expr.PayloadBaseNetworkHeader, Offset: dest, Len: length},
		&expr.Bitwise{SourceRegister: reg, DestRegister: reg, Len: length, Mask: mask, Xor: make([]byte, length)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: reg, Data: first},
	})
}

// within looks up what is loaded.
func within(s *nftables.Set, invert bool) exprs {
	return exprs{&expr.Lookup{SourceRegister: reg, SetName: s.Name, SetID: s.ID, Invert: invert}}
}

// sender loads who sent a frame of Ethernet or Wi-Fi: its addresses of IPv4 and of the
// hardware. Any phone can write another's IP address.
func sender() exprs {
	const ethernet, source, length = 1, 6, 6
	return rule(
		meta(expr.MetaKeyIIFTYPE, expr.CmpOpEq, binaryutil.NativeEndian.PutUint16(ethernet)),
		address4(sourceIP),
		exprs{&expr.Payload{DestRegister: regSecond, Base: expr.PayloadBaseLLHeader, Offset: source, Len: length}},
	)
}

// ip saddr . ether saddr @SET
func fromSet(s *nftables.Set) exprs { return rule(sender(), within(s, false)) }

// ip saddr . ether saddr != @SET
func notFromSet(s *nftables.Set) exprs { return rule(sender(), within(s, true)) }

// ip daddr @SET
func toSet(s *nftables.Set) exprs { return rule(address4(destIP), within(s, false)) }

// ct state established,related
func answers() exprs {
	return exprs{
		&expr.Ct{Key: expr.CtKeySTATE, Register: reg},
		&expr.Bitwise{
			SourceRegister: reg, DestRegister: reg, Len: 4, Xor: make([]byte, 4),
			Mask: binaryutil.NativeEndian.PutUint32(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED),
		},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: make([]byte, 4)},
	}
}

// ct state new
func begins() exprs {
	return exprs{
		&expr.Ct{Key: expr.CtKeySTATE, Register: reg},
		&expr.Bitwise{
			SourceRegister: reg, DestRegister: reg, Len: 4, Xor: make([]byte, 4),
			Mask: binaryutil.NativeEndian.PutUint32(expr.CtStateBitNEW),
		},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: reg, Data: make([]byte, 4)},
	}
}

// update @SET { ip saddr . ether saddr limit rate over RATE/second burst BURST packets }
func above(s *nftables.Set, rate uint64, burst uint32) exprs {
	return rule(sender(), limit(s, rate, burst))
}

// update @SET { ether saddr limit rate over RATE/second burst BURST packets }
func aboveFrame(s *nftables.Set, rate uint64, burst uint32) exprs {
	const ethernet, source, length = 1, 6, 6
	return rule(
		meta(expr.MetaKeyIIFTYPE, expr.CmpOpEq, binaryutil.NativeEndian.PutUint16(ethernet)),
		exprs{&expr.Payload{DestRegister: reg, Base: expr.PayloadBaseLLHeader, Offset: source, Len: length}},
		limit(s, rate, burst),
	)
}

// limit is what a register's owner does too often.
func limit(s *nftables.Set, rate uint64, burst uint32) exprs {
	return exprs{&expr.Dynset{
		SrcRegKey: reg, SetName: s.Name, SetID: s.ID, Operation: unix.NFT_DYNSET_OP_UPDATE,
		Exprs: []expr.Any{&expr.Limit{Type: expr.LimitTypePkts, Rate: rate, Unit: expr.LimitTimeSecond, Burst: burst, Over: true}},
	}}
}

func accept() exprs { return exprs{&expr.Verdict{Kind: expr.VerdictAccept}} }
func drop() exprs   { return exprs{&expr.Verdict{Kind: expr.VerdictDrop}} }

// reject with tcp reset
func reset() exprs { return exprs{&expr.Reject{Type: unix.NFT_REJECT_TCP_RST}} }

// reject with icmpx CODE
func unreachable(code byte) exprs {
	return exprs{&expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: code}}
}

func closedPort() exprs { return unreachable(unix.NFT_REJECT_ICMPX_PORT_UNREACH) }
func forbidden() exprs  { return unreachable(unix.NFT_REJECT_ICMPX_ADMIN_PROHIBITED) }

// dnat ip to ADDRESS:PORT. Not "redirect", which takes whatever address the interface
// had first.
func divert(a netip.Addr, port uint16) exprs {
	return exprs{
		&expr.Immediate{Register: reg, Data: a.AsSlice()},
		&expr.Immediate{Register: reg + 1, Data: binaryutil.BigEndian.PutUint16(port)},
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: reg, RegProtoMin: reg + 1, Specified: true},
	}
}

// dnat ip6 to :PORT
func divert6(port uint16) exprs {
	return exprs{
		&expr.Immediate{Register: reg, Data: binaryutil.BigEndian.PutUint16(port)},
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV6, RegProtoMin: reg, Specified: true},
	}
}

func masquerade() exprs { return exprs{&expr.Masq{}} }
