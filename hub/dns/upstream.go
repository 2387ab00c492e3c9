package dns

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// maxForged is how many packets that are no answer to a question are passed over.
// After so many somebody is guessing, and TCP is used.
const maxForged = 8

var (
	errForged  = errors.New("several answers to what was not asked")
	errNoReply = errors.New("an answer to something else")
)

// askOne asks one server, and takes into account how it did.
func (f *Forwarder) askOne(ctx context.Context, u *upstream, k key) (*dns.Msg, error) {
	began := time.Now()
	m, err := f.askAt(ctx, u.at, k)
	if ctx.Err() == nil { // else it had no time
		f.note(u, k == f.check, err, time.Since(began))
	}
	return m, err
}

// askAt asks the server at an address.
func (f *Forwarder) askAt(ctx context.Context, at netip.AddrPort, k key) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	packet, err := f.compose(k)
	if err != nil {
		return nil, err
	}
	reply, err := f.exchange(ctx, at, packet)
	if err != nil {
		return nil, err
	}
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil {
		return nil, err
	}
	return m, nil
}

// compose makes a query with a random ID. It tells nothing of who asks.
func (f *Forwarder) compose(k key) ([]byte, error) {
	m := new(dns.Msg)
	m.RecursionDesired, m.CheckingDisabled = true, k.cd
	m.Question = []dns.Question{{Name: name(k.name).text(), Qtype: k.kind, Qclass: dns.ClassINET}}
	m.SetEdns0(maxUDP, k.do)
	packet, err := m.Pack()
	if err != nil {
		return nil, fmt.Errorf("a question: %w", err)
	}
	var random [2 + maxName]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, fmt.Errorf("a random number for a question: %w", err)
	}
	copy(packet, random[:2])
	if f.cfg.MixedCase {
		mixCase(packet[headerLen:headerLen+len(k.name)], random[2:])
	}
	return packet, nil
}

// mixCase turns letters of a name on the wire to upper case by random bits.
func mixCase(n, random []byte) {
	for off := 0; n[off] != 0; off += 1 + int(n[off]) {
		for i := off + 1; i <= off+int(n[off]); i++ {
			if 'a' <= n[i] && n[i] <= 'z' && random[i]&1 != 0 {
				n[i] -= 'a' - 'A'
			}
		}
	}
}

// answers reports whether reply is one to the query in packet, as it was asked:
// same ID, same question, letter for letter.
func answers(packet, reply []byte) bool {
	_, end, ok := appendName(nil, packet, headerLen)
	if end += 4; !ok || len(reply) < end || reply[flagsAt]&bitQR == 0 || reply[flagsAt]&0x78 != 0 || count(reply, 0) != 1 {
		return false
	}
	return bytes.Equal(reply[:flagsAt], packet[:flagsAt]) && bytes.Equal(reply[headerLen:end], packet[headerLen:end])
}

// overNetwork asks a server over UDP, from a port that the kernel picks at random
// for this question alone, and over TCP for what does not fit.
func overNetwork(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error) {
	reply, err := overUDP(ctx, server, packet)
	if errors.Is(err, errForged) || err == nil && reply[flagsAt]&bitTC != 0 {
		return overTCP(ctx, server, packet)
	}
	return reply, err
}

func connect(ctx context.Context, network string, server netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func overUDP(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error) {
	conn, err := connect(ctx, "udp", server) // the kernel drops what comes from elsewhere
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if _, err := conn.Write(packet); err != nil {
		return nil, err
	}
	buf := make([]byte, maxQuery)
	for range maxForged {
		n, err := conn.Read(buf)
		if err != nil {
			return nil, err
		}
		if answers(packet, buf[:n]) {
			return buf[:n], nil
		}
	}
	return nil, errForged
}

func overTCP(ctx context.Context, server netip.AddrPort, packet []byte) ([]byte, error) {
	conn, err := connect(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(packet)), uint16(len(packet)))
	if _, err := conn.Write(append(framed, packet...)); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, reply); err != nil {
		return nil, err
	}
	if !answers(packet, reply) {
		return nil, errNoReply
	}
	return reply, nil
}
