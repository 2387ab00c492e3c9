// Package authority is a community's own certificate authority (X.509, RFC 5280), by
// which the devices of coordinators know its hubs over HTTPS. It is pure, but for the
// random numbers of keys.
//
// Whoever has a device trust it gives away as little as can be: it may speak for the
// hubs' names and for private addresses alone, whatever its key falls to. These bounds
// (name constraints, section 4.2.1.10) stand in the root, which devices install, and
// again in the signer below it: some systems heed no bounds of a root, as section 6.1
// allows, and all have to heed those of a signer. The root's key signs that one signer
// and is thrown away.
//
// Both hold from before the community was founded for twenty years, so that a wrong clock
// does no harm. A hub's certificate holds as long as the strictest of browsers permits.
package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	// lead is how long before the founding the authority begins, for devices that are late.
	lead = 48 * time.Hour
	// life is how long it holds.
	life = 20 * 365 * 24 * time.Hour
	// LeafLife is how long a hub's certificate holds: 825 days are the most that Apple's
	// systems take (support.apple.com/103769).
	LeafLife = 820 * 24 * time.Hour
	// leafLead is how much of that lies before the hub asked, for devices that are late.
	leafLead = 60 * 24 * time.Hour
	// MaxNames bounds the names that a certificate is for.
	MaxNames = 64
	// MaxAddrs bounds its addresses.
	MaxAddrs = 16
)

// Scope is what an authority is to be for.
type Scope struct {
	Community string
	Founded   time.Time
	Names     []string // of hubs, at most MaxNames: those below one are in it
}

// Authority is what is public of one.
type Authority struct {
	Root   *x509.Certificate // what devices install
	Signer *x509.Certificate // by the root; signs hubs' certificates
}

// Issuer is an authority with its key.
type Issuer struct {
	Authority
	key *ecdsa.PrivateKey
}

// private are the addresses of hubs: RFC 1918 and RFC 4193.
func private() []*net.IPNet {
	var all []*net.IPNet
	for _, p := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"} {
		n := netip.MustParsePrefix(p)
		all = append(all, &net.IPNet{IP: n.Addr().AsSlice(), Mask: net.CIDRMask(n.Bits(), n.Addr().BitLen())})
	}
	return all
}

// Found makes a community's authority.
func Found(s Scope) (*Issuer, error) {
	if len(s.Names) == 0 || len(s.Names) > MaxNames {
		return nil, fmt.Errorf("an authority is for 1 to %d names, not %d", MaxNames, len(s.Names))
	}
	from := s.Founded.Add(-lead).UTC().Truncate(time.Hour)
	template := func(name string, below int) *x509.Certificate {
		return &x509.Certificate{
			Subject:   pkix.Name{CommonName: name, Organization: []string{"Lamppost"}},
			NotBefore: from, NotAfter: from.Add(life),
			BasicConstraintsValid: true, IsCA: true, MaxPathLen: below, MaxPathLenZero: below == 0,
			KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			PermittedDNSDomainsCritical: true, PermittedDNSDomains: s.Names, PermittedIPRanges: private(),
		}
	}
	// The name is cut to what fits (RFC 5280, ub-common-name).
	name := cut(s.Community, 40)
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	i := &Issuer{}
	root := template("Lamppost of "+name, 1)
	if i.Root, err = create(root, root, rootKey.Public(), rootKey); err != nil {
		return nil, err
	}
	if i.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	i.Signer, err = create(template("Hubs of "+name, 0), i.Root, i.key.Public(), rootKey)
	return i, err
}

// cut is the beginning of a text, at most so many characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// create signs a certificate with a serial number of its own.
func create(template, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer) (*x509.Certificate, error) {
	serial := make([]byte, 16)
	if _, err := rand.Read(serial); err != nil {
		return nil, err
	}
	serial[0] &= 0x7f // positive in 16 bytes
	template.SerialNumber = new(big.Int).SetBytes(serial)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Hub is what a hub's certificate is for.
type Hub struct {
	Key   *ecdsa.PublicKey
	Label string       // for people
	Names []string     // those that the authority may not speak for are left out
	Addrs []netip.Addr // likewise
}

// Issue makes a hub's certificate, by what time it is.
func (i *Issuer) Issue(h Hub, now time.Time) (Chain, error) {
	if h.Key == nil || h.Key.Curve != elliptic.P256() {
		return nil, errors.New("a hub's key is of the curve P-256")
	}
	names, addrs := i.Covers(h.Names, h.Addrs)
	if len(names) == 0 {
		return nil, errors.New("none of the hub's names is one that the authority may speak for")
	}
	from := now.Add(-leafLead).UTC().Truncate(time.Hour)
	if from.Before(i.Signer.NotBefore) {
		from = i.Signer.NotBefore
	}
	until := from.Add(LeafLife)
	if until.After(i.Signer.NotAfter) {
		until = i.Signer.NotAfter
	}
	if !now.Before(until) {
		return nil, fmt.Errorf("the authority ends on %s; make another one", until.Format(time.DateOnly))
	}
	leaf, err := create(&x509.Certificate{
		Subject:   pkix.Name{CommonName: cut(h.Label, 40), Organization: []string{"Lamppost"}},
		NotBefore: from, NotAfter: until, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: names, IPAddresses: ips(addrs),
	}, i.Signer, h.Key, i.key)
	if err != nil {
		return nil, err
	}
	c := Chain{leaf, i.Signer, i.Root}
	return c, i.Check(c)
}

func ips(addrs []netip.Addr) (out []net.IP) {
	for _, a := range addrs {
		out = append(out, a.AsSlice())
	}
	return out
}

// Covers are those of some names and addresses that the authority may speak for, in
// order, each once.
func (a Authority) Covers(names []string, addrs []netip.Addr) (n []string, as []netip.Addr) {
	for _, name := range names {
		if slices.ContainsFunc(a.Signer.PermittedDNSDomains, func(of string) bool { return name == of || strings.HasSuffix(name, "."+of) }) {
			n = append(n, name)
		}
	}
	for _, addr := range addrs {
		addr = addr.Unmap().WithZone("")
		if slices.ContainsFunc(a.Signer.PermittedIPRanges, func(of *net.IPNet) bool { return of.Contains(addr.AsSlice()) }) {
			as = append(as, addr)
		}
	}
	slices.Sort(n)
	slices.SortFunc(as, netip.Addr.Compare)
	n, as = slices.Compact(n), slices.Compact(as)
	return n[:min(len(n), MaxNames)], as[:min(len(as), MaxAddrs)]
}

// Check reports why a chain is not one of the authority's, for whatever time.
func (a Authority) Check(c Chain) error {
	if len(c) == 0 {
		return errors.New("there is no certificate")
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(a.Root)
	between.AddCert(a.Signer)
	_, err := c[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: c[0].NotBefore.Add(time.Hour),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

// Fingerprint is SHA-256 of the root as devices show it: pairs of digits in capitals.
func (a Authority) Fingerprint() string {
	sum := sha256.Sum256(a.Root.Raw)
	return strings.TrimSpace(fmt.Sprintf("% X", sum[:]))
}

// Same reports whether two are one authority.
func (a Authority) Same(b Authority) bool {
	return a.Root != nil && b.Root != nil && a.Root.Equal(b.Root)
}
