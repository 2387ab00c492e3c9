package peer

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/gologshim"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/x/rate"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
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

// newNode starts libp2p with TCP, Noise and yamux and nothing besides.
func newNode(key ed25519.PrivateKey, g *gate, c *counter) (host.Host, *tcp, error) {
	identity, err := identityOf(key)
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
	limits, err := newLimits()
	if err != nil {
		return nil, nil, err
	}
	var t *tcp
	node, err := libp2p.New(
		libp2p.Identity(identity),
		libp2p.UserAgent("lamppost"),
		libp2p.NoListenAddrs,
		libp2p.Transport(func(u transport.Upgrader, rm network.ResourceManager) *tcp {
			t = newTCP(u, rm)
			return t
		}),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, muxer()),
		libp2p.ConnectionGater(g),
		libp2p.ResourceManager(limits),
		libp2p.BandwidthReporter(c),
		// The door, MaxLinks and one link a peer bound the connections; a
		// manager that trims by its own taste would cut links.
		libp2p.ConnectionManager(connmgr.NullConnMgr{}),
		// The event bus counts even with metrics disabled: not in the process's registry.
		libp2p.PrometheusRegisterer(prometheus.NewRegistry()),
		libp2p.DisableMetrics(),
		libp2p.DisableRelay(),
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.ForceReachabilityPrivate(), // no AutoNAT probing
		libp2p.Ping(false),
		libp2p.UDPBlackHoleSuccessCounter(nil),
		libp2p.IPv6BlackHoleSuccessCounter(nil),
		libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return nil }),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("start libp2p: %w", err)
	}
	t.nobody = nobody
	// Before the hello nothing is served, not even what libp2p tells of itself.
	node.RemoveStreamHandler(identify.ID)
	node.RemoveStreamHandler(identify.IDPush)
	return node, t, nil
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
	c.LogOutput = io.Discard
	return (*yamux.Transport)(&c)
}

// LogTo sends what libp2p itself logs to log, its warnings as debug, instead of to
// standard error. It holds for the process and must come before the first New.
func LogTo(log *slog.Logger) {
	gologshim.SetDefaultHandler(quiet{log.With("part", "libp2p").Handler()})
}
