package peer

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/gologshim"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/x/rate"
	msmux "github.com/multiformats/go-multistream"
)

// Bounds of the libp2p host.
const (
	maxConns       = 256 // unproven, linked and dialled together
	maxPeerConns   = 8   // of one key
	maxPeerStreams = 32
	maxStreams     = 1024
	maxMemory      = 64 << 20 // bytes buffered for all streams
	maxWindow      = 1 << 20  // bytes a stream may have under way
)

// negotiating is how long a stream may take to say which protocol it speaks.
const negotiating = 10 * time.Second

// node is what of libp2p a hub needs: connections over TCP, Noise and yamux, and
// streams by protocol. libp2p.New would link QUIC, WebRTC, relays and NAT traversal,
// about a third of the program, and offer what is to be switched off one by one.
type node struct {
	swarm   *swarm.Swarm
	limits  network.ResourceManager
	streams *msmux.MultistreamMuxer[protocol.ID]
}

// newNode is a node that proves key and does not listen yet.
func newNode(key ed25519.PrivateKey, g *gate, c *counter) (_ *node, _ *tcp, err error) {
	self, err := idOf(record.AuthorOf(key))
	if err != nil {
		return nil, nil, err
	}
	stranger, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	nobody, err := idOf(record.Author(stranger))
	if err != nil {
		return nil, nil, err
	}
	n := &node{streams: msmux.NewMultistreamMuxer[protocol.ID]()}
	defer func() {
		if err != nil {
			err = fmt.Errorf("start libp2p: %w", errors.Join(err, n.Close()))
		}
	}()
	if n.limits, err = newLimits(); err != nil {
		return nil, nil, err
	}
	up, err := newUpgrader(key, n.limits, g)
	if err != nil {
		return nil, nil, err
	}
	peers, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, nil, err
	}
	n.swarm, err = swarm.NewSwarm(self, peers, eventbus.NewBus(),
		swarm.WithConnectionGater(g),
		swarm.WithResourceManager(n.limits),
		swarm.WithMetrics(c),
		swarm.WithUDPBlackHoleSuccessCounter(nil),
		swarm.WithIPv6BlackHoleSuccessCounter(nil),
	)
	if err != nil {
		return nil, nil, errors.Join(err, peers.Close())
	}
	t := newTCP(up, n.limits, nobody)
	if err := n.swarm.AddTransport(t); err != nil {
		return nil, nil, err
	}
	n.swarm.SetStreamHandler(n.serve)
	return n, t, nil
}

// newUpgrader makes connections of TCP ones, by Noise and yamux, and proves key on
// them. A nil gater keeps nobody away.
func newUpgrader(key ed25519.PrivateKey, limits network.ResourceManager, g connmgr.ConnectionGater) (transport.Upgrader, error) {
	identity, err := identityOf(key)
	if err != nil {
		return nil, err
	}
	muxers := []upgrader.StreamMuxer{{ID: yamux.ID, Muxer: muxer()}}
	secure, err := noise.New(noise.ID, identity, muxers)
	if err != nil {
		return nil, err
	}
	return upgrader.New([]sec.SecureTransport{secure}, muxers, nil, limits, g)
}

// handle serves the streams of a protocol that others open.
func (n *node) handle(p protocol.ID, serve func(network.Stream)) {
	n.streams.AddHandler(p, func(_ protocol.ID, st io.ReadWriteCloser) error {
		if st, ok := st.(network.Stream); ok { // what serve below gave
			serve(st)
		}
		return nil
	})
}

// serve agrees on a protocol with who opened a stream, in time, and hands it on.
func (n *node) serve(st network.Stream) {
	if err := st.SetDeadline(time.Now().Add(negotiating)); err != nil {
		_ = st.Reset()
		return
	}
	p, handle, err := n.streams.Negotiate(st)
	if err != nil {
		_ = st.ResetWithError(network.StreamProtocolNegotiationFailed)
		return
	}
	if err := st.SetDeadline(time.Time{}); err != nil {
		_ = st.Reset()
		return
	}
	if err := st.SetProtocol(p); err != nil {
		_ = st.ResetWithError(network.StreamResourceLimitExceeded)
		return
	}
	_ = handle(p, st) // of handle above, which has none
}

// forget drops what libp2p notes of each peer, which it never does by itself.
func (n *node) forget(p peer.ID) {
	if n.swarm.Connectedness(p) == network.NotConnected {
		n.swarm.Peerstore().RemovePeer(p)
	}
}

// Close ends all connections and listeners and waits for them.
func (n *node) Close() error {
	var errs []error
	if n.swarm != nil {
		errs = append(errs, n.swarm.Close(), n.swarm.Peerstore().Close())
	}
	if n.limits != nil {
		errs = append(errs, n.limits.Close())
	}
	return errors.Join(errs...)
}

// newLimits is a resource manager with fixed bounds, the same on every machine.
func newLimits() (network.ResourceManager, error) {
	all := rcmgr.ResourceLimits{
		Conns: maxConns, ConnsInbound: maxConns, ConnsOutbound: maxConns, FD: maxConns,
		Streams: maxStreams, StreamsInbound: maxStreams, StreamsOutbound: maxStreams, Memory: maxMemory,
	}
	one := rcmgr.ResourceLimits{
		Conns: maxPeerConns, ConnsInbound: maxPeerConns, ConnsOutbound: maxPeerConns, FD: maxPeerConns,
		Streams: maxPeerStreams, StreamsInbound: maxPeerStreams, StreamsOutbound: maxPeerStreams, Memory: maxMemory / 4,
	}
	limits := rcmgr.PartialLimitConfig{System: all, Transient: all, PeerDefault: one}.Build(rcmgr.InfiniteLimits)
	perIP := []rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: maxConns}}
	perNet := []rcmgr.ConnLimitPerSubnet{{PrefixLength: 64, ConnCount: maxConns}}
	return rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits),
		rcmgr.WithMetricsDisabled(),
		// The defaults allow an IP 8 connections and one in 5 s, outgoing ones
		// included: too few to redial, or for hubs behind one router.
		rcmgr.WithLimitPerSubnet(perIP, perNet),
		rcmgr.WithConnRateLimiters(&rate.Limiter{}),
	)
}

// muxer is yamux with windows fit for small machines and patience for slow links.
func muxer() *yamux.Transport {
	c := *yamux.DefaultTransport.Config()
	c.MaxStreamWindowSize = maxWindow
	c.MaxIncomingStreams = maxPeerStreams
	c.AcceptBacklog = maxPeerStreams
	c.ConnectionWriteTimeout = 30 * time.Second
	c.MeasureRTTInterval = 5 * time.Minute // a link at rest is asked for a sign of life by one side, not by both
	c.LogOutput = io.Discard
	return (*yamux.Transport)(&c)
}

// LogTo sends what libp2p itself logs to log, its warnings as debug, instead of to
// standard error. It holds for the process and must come before the first New.
func LogTo(log *slog.Logger) {
	gologshim.SetDefaultHandler(quiet{log.With("part", "libp2p").Handler()})
}
