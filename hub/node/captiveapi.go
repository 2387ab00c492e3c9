package node

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/hub/portal"
	"golang.org/x/net/netutil"
)

// Certificate is by which phones are told over HTTPS how they stand (RFC 8908). The
// files may be renewed while the hub runs.
type Certificate struct {
	File   string // of the certificate and those up to who signed it, in PEM; "" = none
	Key    string // of its key, in PEM
	Listen string // host:port
	Port   string // at which phones reach that; "" = the same
}

// Bounds of the HTTPS that phones are told over.
const (
	certificateEvery = 10 * time.Second // between two looks at the files
	apiConnections   = 64
	apiTime          = 5 * time.Second // for a request, and between two
	apiHeader        = 8 << 10         // bytes
)

// captiveAPI answers while there is a valid certificate, and refuses otherwise.
type captiveAPI struct {
	conf   Certificate
	cert   *portal.Certificate
	home   string
	log    *slog.Logger
	phones portal.Accepts
	news   chan<- struct{} // is told when the name comes and goes

	mu   sync.Mutex
	port string // at which phones are answered; "": nobody is
	said string // why not, as it was logged last
}

// host is the name that the hub has by its certificate; "" while phones are not
// answered.
func (a *captiveAPI) host() string {
	name, _ := a.answers()
	return name
}

// answers is under which name and at which port phones are answered; "" while they are
// not.
func (a *captiveAPI) answers() (name, port string) {
	a.mu.Lock()
	port = a.port
	a.mu.Unlock()
	if name, ok := a.cert.Valid(); ok && port != "" {
		return name, port
	}
	return "", ""
}

// authority is that name with the port, if it is not the usual one.
func (a *captiveAPI) authority() string {
	name, port := a.answers()
	if name == "" || port == "443" {
		return name
	}
	return net.JoinHostPort(name, port)
}

// facts is what the doctor is to know.
func (a *captiveAPI) facts() doctor.Portal {
	out := doctor.Portal{Wanted: true, Host: a.host(), Until: a.cert.Until()}
	if out.Host == "" {
		a.mu.Lock()
		out.Problem = a.said
		a.mu.Unlock()
		out.Wanted = out.Problem != "" // else it has not been looked at yet
	}
	return out
}

// url is what phones are to ask; "" for nothing.
func (a *captiveAPI) url() string {
	if at := a.authority(); at != "" {
		return "https://" + at + portal.APIPath
	}
	return ""
}

// run serves until ctx ends, whenever there is a valid certificate.
func (a *captiveAPI) run(ctx context.Context) error {
	tick := time.NewTicker(certificateEvery)
	defer tick.Stop()
	for {
		a.serveWhileValid(ctx, tick.C)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// serveWhileValid serves until ctx ends or a look at the files shows that there is no
// valid certificate.
func (a *captiveAPI) serveWhileValid(ctx context.Context, look <-chan time.Time) {
	if !a.valid() {
		return
	}
	ln, err := net.Listen("tcp", a.conf.Listen)
	if err != nil {
		a.say(listening("phones over HTTPS", a.conf.Listen, err))
		return
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.serve(serving, ln) }()
	port := a.conf.Port
	if port == "" {
		_, port, _ = net.SplitHostPort(ln.Addr().String()) // it is one
	}
	a.set(port)
	defer a.set("")
	for valid := true; valid; {
		select {
		case err := <-ended:
			a.say(err)
			return
		case <-look:
			valid = a.valid()
		}
	}
	stop()
	a.say(<-ended)
}

func (a *captiveAPI) set(port string) {
	a.mu.Lock()
	if a.port = port; port != "" {
		a.said = ""
	}
	a.mu.Unlock()
	select {
	case a.news <- struct{}{}:
	default:
	}
}

// valid looks at the files.
func (a *captiveAPI) valid() bool {
	a.say(a.cert.Look())
	_, ok := a.cert.Valid()
	return ok
}

// say logs what is wrong, once.
func (a *captiveAPI) say(err error) {
	if err == nil {
		return
	}
	a.mu.Lock()
	news := err.Error() != a.said
	a.said = err.Error()
	a.mu.Unlock()
	if news {
		a.log.Warn("phones are not told over HTTPS where the page is, and find it as if there were no certificate", "err", err)
	}
}

func (a *captiveAPI) serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:     portal.API(a.phones, a.authority, a.home),
		TLSConfig:   &tls.Config{GetCertificate: a.cert.Get, MinVersion: tls.VersionTLS12},
		ReadTimeout: apiTime, WriteTimeout: apiTime, IdleTimeout: apiTime, MaxHeaderBytes: apiHeader,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	return httpserve.Until(ctx, srv, tls.NewListener(netutil.LimitListener(ln, apiConnections), srv.TLSConfig), time.Second)
}

// openAPI makes what tells phones over HTTPS, if there is a certificate.
func (n *Node) openAPI() {
	c := n.conf.Wifi.Certificate
	if c.File == "" || n.wifi.portal == nil {
		return
	}
	n.wifi.api = &captiveAPI{
		conf: c, cert: portal.NewCertificate(c.File, c.Key, n.clock.Now), phones: n.wifi.portal, home: n.wifi.portal.Home(), news: n.wifi.renamed, log: n.log,
	}
}

// apiURL is what phones are told to ask with their address; "" for nothing.
func (n *Node) apiURL() string {
	if n.wifi.api == nil {
		return ""
	}
	return n.wifi.api.url()
}
