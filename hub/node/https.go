package node

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/hub/server"
	"github.com/lamppost-hub/lamppost/sync/iface"
)

// HTTPS is where the pages are over HTTPS, once the community's own authority has given
// this hub a certificate.
type HTTPS struct {
	Listen string // host:port; "" = nowhere
	Port   string // at which devices reach that; "" = the same
}

const (
	// papersEvery is between two looks at the files.
	papersEvery = 10 * time.Second
	// renewEvery is the least time between two certificates for a hub whose names or
	// addresses keep changing.
	renewEvery = time.Hour
	// renewBefore is how long before its end a certificate is replaced: clocks of devices
	// may be months ahead.
	renewBefore = authority.LeafLife / 3
	// warnBefore is how long before its end somebody has to do something about one that
	// another hub has to renew.
	warnBefore = 90 * 24 * time.Hour
)

// sealedPages serves the pages over HTTPS while there is a certificate. It renews that
// where the authority's key is.
type sealedPages struct {
	conf  HTTPS
	plain string // port of the pages without HTTPS
	desk  papersDesk
	log   *slog.Logger
	wake  chan struct{} // the files have changed

	mu     sync.Mutex
	papers papers
	port   string // at which devices reach the pages; "" = they are not served
	said   string // why not, as it was logged last
}

func (n *Node) openHTTPS() error {
	plain := ""
	if n.web != nil {
		_, plain, _ = net.SplitHostPort(n.web.Addr().String()) // it is one
	}
	if n.conf.Wifi.Lease.Interface != "" { // port 80 leads to the pages
		plain = "80"
	}
	n.sealed = &sealedPages{
		conf: n.conf.HTTPS, plain: plain, log: n.log, wake: make(chan struct{}, 1),
		desk: papersDesk{folder: n.conf.Folder, now: n.clock.Now, names: n.ownNames, addrs: ownHTTPS, hubs: n.store.Roster},
	}
	n.sealed.look()
	return nil
}

// ownNames are the names of this hub on its own network.
func (n *Node) ownNames() (label string, names []string) {
	label = n.conf.Folder.Label()
	if c, ok := n.store.Roster().Hub(n.self); ok {
		label = c.Label
	}
	return label, namesOf(label)
}

// namesOf are the names of a hub on its own network, by its label.
func namesOf(label string) []string {
	names := []string{PortalName, "hub.internal"}
	if name := httpserve.LabelHost(label); name != "" && !slices.Contains(names, name) {
		names = append(names, name)
	}
	return names
}

// ownHTTPS are the addresses of this machine, of which the authority speaks for private ones.
func ownHTTPS() (addrs []netip.Addr) {
	all, err := iface.List()
	if err != nil {
		return nil // names do
	}
	for _, i := range all {
		for _, p := range i.Addrs {
			if !i.Loopback {
				addrs = append(addrs, p.Addr())
			}
		}
	}
	return addrs
}

// Enrolment is what devices need; false without an authority.
func (s *sealedPages) Enrolment() (server.Enrolment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.papers.authority.Root == nil {
		return server.Enrolment{}, false
	}
	e := server.Enrolment{Root: s.papers.authority, Port: s.port, Plain: s.plain}
	e.Names, e.Addrs = s.papers.covers()
	return e, true
}

// look reads the files if they have changed, and renews the certificate if it is time.
func (s *sealedPages) look() {
	p, err := s.desk.look()
	s.mu.Lock()
	s.papers = p
	s.mu.Unlock()
	s.say(err)
}

// say logs what is wrong, once.
func (s *sealedPages) say(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	s.mu.Lock()
	news := text != s.said
	s.said = text
	s.mu.Unlock()
	if news && err != nil {
		s.log.Warn("the pages over HTTPS need care", "err", err)
	}
}

// changed has the files looked at soon.
func (s *sealedPages) changed() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// certificate is for tls.Config.GetCertificate.
func (s *sealedPages) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.papers.pair == nil {
		return nil, errors.New("this hub has no certificate")
	}
	return s.papers.pair, nil
}

func (s *sealedPages) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.papers.pair != nil
}

// run serves until ctx ends, whenever there is a certificate.
func (s *sealedPages) run(ctx context.Context, pages *server.Server) error {
	tick := time.NewTicker(papersEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if s.ready() {
			s.serve(ctx, pages, tick.C)
		}
		s.wait(ctx, tick.C, nil)
	}
	return nil
}

// wait looks at the files once it is time. It reports false when ctx ends, or what is
// served has ended.
func (s *sealedPages) wait(ctx context.Context, tick <-chan time.Time, ended <-chan error) bool {
	select {
	case <-ctx.Done():
		return false
	case err := <-ended:
		s.say(err)
		return false
	case <-tick:
	case <-s.wake:
	}
	s.look()
	return true
}

// serve serves until ctx ends or there is no certificate any more.
func (s *sealedPages) serve(ctx context.Context, pages *server.Server, tick <-chan time.Time) {
	ln, err := net.Listen("tcp", s.conf.Listen)
	if err != nil {
		s.say(listening("the pages over HTTPS", s.conf.Listen, err))
		return
	}
	port := s.conf.Port
	if port == "" {
		_, port, _ = net.SplitHostPort(ln.Addr().String()) // it is one
	}
	s.set(port)
	defer s.set("")
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- pages.ServeTLS(serving, ln, &tls.Config{GetCertificate: s.certificate, MinVersion: tls.VersionTLS12})
		close(ended)
	}()
	for going := true; going && s.ready(); {
		going = s.wait(serving, tick, ended)
	}
	stop()
	for err := range ended {
		s.say(err)
	}
}

func (s *sealedPages) set(port string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.port = port
}
