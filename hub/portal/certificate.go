package portal

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

// Certificate is what a hub shows for a host name of its own, with its key, in two
// files that somebody renews. Phones trust it if they trust who signed it: a public
// authority, or one that the community has put on its phones.
type Certificate struct {
	files [2]string // certificate and key, in PEM
	now   func() (t time.Time, sure bool)

	mu   sync.Mutex
	read [2]stamp
	pair *tls.Certificate
	name string
}

// stamp tells whether a file has changed.
type stamp struct {
	changed time.Time
	size    int64
}

// maxCertificate bounds both files, in bytes; a chain of certificates has a few thousand.
const maxCertificate = 1 << 20

// NewCertificate names the files. now is the time, and whether it is sure: as long as it
// is not, nothing has expired. Nothing is read before Look.
func NewCertificate(certificate, key string, now func() (t time.Time, sure bool)) *Certificate {
	return &Certificate{files: [2]string{certificate, key}, now: now}
}

// Look reads the files if they have changed, and says why the certificate cannot be
// used now. While new files do not fit together, as in the middle of a renewal, the
// ones before go on.
func (c *Certificate) Look() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.load(); err != nil {
		return err
	}
	return c.wrong()
}

func (c *Certificate) load() error {
	var found [2]stamp
	for i, path := range c.files {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("the portal's certificate: %w", err)
		}
		if info.Size() > maxCertificate {
			return fmt.Errorf("%s is no certificate or key: it has %d bytes", path, info.Size())
		}
		found[i] = stamp{info.ModTime(), info.Size()}
	}
	if c.pair != nil && found == c.read {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err != nil {
		return fmt.Errorf("the portal's certificate in %s and its key in %s: %w", c.files[0], c.files[1], err)
	}
	name := hostIn(pair.Leaf.DNSNames)
	if name == "" {
		return fmt.Errorf("the certificate in %s is for no host name; get one for a name such as lamppost.example.org", c.files[0])
	}
	c.pair, c.name, c.read = &pair, name, found
	return nil
}

// hostIn is the first host name that a certificate is for.
func hostIn(names []string) string {
	for _, n := range names {
		if below, ok := strings.CutPrefix(n, "*."); ok {
			n = "lamppost." + below
		}
		if n = httpserve.HostName(n); n != "" && !strings.Contains(n, "*") {
			return n
		}
	}
	return ""
}

// wrong is why what was read cannot be used now; nil if it can.
func (c *Certificate) wrong() error {
	if c.pair == nil {
		return errors.New("no certificate was read")
	}
	now, sure := c.now()
	switch leaf := c.pair.Leaf; {
	case sure && now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate for %s has expired on %s: renew it", c.name, leaf.NotAfter.UTC().Format(time.DateOnly))
	case sure && now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate for %s begins on %s, which is to come", c.name, leaf.NotBefore.UTC().Format(time.DateOnly))
	}
	return nil
}

// Valid is the host name that the certificate is for, and whether it can be used now.
func (c *Certificate) Valid() (name string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.name, c.wrong() == nil
}

// Until is when the certificate ends; zero if none was read.
func (c *Certificate) Until() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair == nil {
		return time.Time{}
	}
	return c.pair.Leaf.NotAfter
}

// Get is for tls.Config.GetCertificate.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pair, c.wrong()
}
