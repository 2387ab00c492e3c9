package authority_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

var (
	founded = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	now     = time.Date(2026, 11, 22, 18, 42, 0, 0, time.UTC)
	names   = []string{"lamppost.internal", "hub.internal", "fire-station.internal"}
	lan     = []netip.Addr{netip.MustParseAddr("192.168.1.1"), netip.MustParseAddr("fd00::1")}
)

// fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

func must[T any](t fataler, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func found(t fataler) *authority.Issuer {
	i, err := authority.Found(authority.Scope{Community: "Millbrook", Founded: founded, Names: names})
	return must(t, i, err)
}

func newKey(t fataler) *ecdsa.PrivateKey {
	k, err := authority.NewKey()
	return must(t, k, err)
}

// issue makes the certificate of the fire station's hub.
func issue(t fataler, i *authority.Issuer) authority.Chain {
	c, err := i.Issue(authority.Hub{Key: &newKey(t).PublicKey, Label: "Fire Station", Names: names, Addrs: lan}, now)
	return must(t, c, err)
}

func pool(c *x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c)
	return p
}

// verify is what a device does that trusts the root.
func verify(c authority.Chain, host string, at time.Time) error {
	_, err := c[0].Verify(x509.VerifyOptions{Roots: pool(c[2]), Intermediates: pool(c[1]), DNSName: host, CurrentTime: at})
	return err
}

func TestADeviceKnowsTheHubByItsNamesAndPrivateAddresses(t *testing.T) {
	c := issue(t, found(t))
	for _, host := range []string{"lamppost.internal", "hub.internal", "fire-station.internal", "192.168.1.1", "[fd00::1]"} {
		if err := verify(c, host, now); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, host := range []string{"school.internal", "google.com", "internal", "x.lamppost.internal", "192.168.1.2"} {
		if verify(c, host, now) == nil {
			t.Errorf("%s passes", host)
		}
	}
}

// Clocks of devices, and of the hub, may be wrong.
func TestACertificateHoldsAsLongAsAppleLets(t *testing.T) {
	i := found(t)
	c := issue(t, i)
	if d := c[0].NotAfter.Sub(c[0].NotBefore); d > 825*24*time.Hour || d < 800*24*time.Hour {
		t.Errorf("it holds for %v", d)
	}
	for at, holds := range map[time.Time]bool{
		now: true, now.AddDate(0, 0, -59): true, now.AddDate(2, 0, 0): true, now.AddDate(3, 0, 0): false,
	} {
		if err := verify(c, "lamppost.internal", at); (err == nil) != holds {
			t.Errorf("at %v: %v", at, err)
		}
	}
	for _, above := range c[1:] {
		if !above.NotBefore.Before(founded) || above.NotAfter.Before(founded.AddDate(19, 0, 0)) {
			t.Errorf("%s holds from %v to %v", above.Subject, above.NotBefore, above.NotAfter)
		}
	}
	// By a clock that has never been set, and by one at the authority's end.
	early, err := i.Issue(authority.Hub{Key: &newKey(t).PublicKey, Names: names}, time.Unix(0, 0))
	if err == nil && verify(early, "lamppost.internal", founded) != nil {
		t.Error("what was issued in 1970 does not hold at the founding")
	}
	if _, err := i.Issue(authority.Hub{Key: &newKey(t).PublicKey, Names: names}, founded.AddDate(30, 0, 0)); err == nil {
		t.Error("issued after the authority's end")
	}
}

// forged are certificates that whoever has stolen the authority's key makes with it.
func forged(t *testing.T, i *authority.Issuer, change func(*x509.Certificate)) authority.Chain {
	t.Helper()
	return forgedFor(t, i, newKey(t), change)
}

func forgedFor(t *testing.T, i *authority.Issuer, key *ecdsa.PrivateKey, change func(*x509.Certificate)) authority.Chain {
	t.Helper()
	pem, err := i.KeyPEM()
	stolen, err := authority.ParseKey(must(t, pem, err))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "google.com"}, NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, i.Signer, key.Public(), stolen)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	return authority.Chain{must(t, leaf, err), i.Signer, i.Root}
}

var forgeries = map[string]struct {
	host   string
	change func(*x509.Certificate)
}{
	"google.com":             {"google.com", func(c *x509.Certificate) { c.DNSNames = []string{"google.com"} }},
	"a name that ends alike": {"evillamppost.internal", func(c *x509.Certificate) { c.DNSNames = []string{"evillamppost.internal"} }},
	"an intranet":            {"wiki.internal", func(c *x509.Certificate) { c.DNSNames = []string{"wiki.internal"} }},
	"ours and another":       {"lamppost.internal", func(c *x509.Certificate) { c.DNSNames = []string{"lamppost.internal", "google.com"} }},
	"a wildcard":             {"x.school.internal", func(c *x509.Certificate) { c.DNSNames = []string{"*.school.internal"} }},
	"a public address":       {"9.9.9.9", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(9, 9, 9, 9)} }},
	"loopback":               {"127.0.0.1", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }},
	"a public address of v6": {"2001:db8::1", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("2001:db8::1")} }},
}

func TestAStolenAuthoritySpeaksForNobodyElse(t *testing.T) {
	i := found(t)
	for name, f := range forgeries {
		if err := verify(forged(t, i, f.change), f.host, now); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := verify(forged(t, i, func(c *x509.Certificate) { c.DNSNames = names }), "lamppost.internal", now); err != nil {
		t.Errorf("what is in bounds: %v", err) // else the others fail for another reason
	}
	// An authority below it, without bounds.
	key := newKey(t)
	below := forgedFor(t, i, key, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })[0]
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(8), DNSNames: names, NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(1, 0, 0),
	}, below, newKey(t).Public(), key)
	leaf, err := x509.ParseCertificate(must(t, der, err))
	between := x509.NewCertPool()
	between.AddCert(below)
	between.AddCert(i.Signer)
	_, err = must(t, leaf, err).Verify(x509.VerifyOptions{Roots: pool(i.Root), Intermediates: between, CurrentTime: now})
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); !ok || invalid.Reason != x509.TooManyIntermediates {
		t.Errorf("an authority below the signer: %v", err)
	}
	// A certificate for mail or code is none of its business.
	mail := forged(t, i, func(c *x509.Certificate) {
		c.ExtKeyUsage, c.EmailAddresses = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, []string{"a@example.com"}
	})
	if _, err := mail[0].Verify(x509.VerifyOptions{Roots: pool(i.Root), Intermediates: pool(i.Signer), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}); err == nil {
		t.Error("it signs mail")
	}
}

// The same by an implementation that nobody here wrote.
func TestOpenSSLHeedsTheBounds(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("there is no openssl on this machine, so it was not asked")
	}
	i := found(t)
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root, signer := file("root.pem", authority.Chain{i.Root}.PEM()), file("signer.pem", authority.Chain{i.Signer}.PEM())
	passes := func(c authority.Chain, host string) (bool, string) {
		leaf := file("leaf.pem", c[:1].PEM())
		how := "-verify_hostname"
		if _, err := netip.ParseAddr(host); err == nil {
			how = "-verify_ip"
		}
		out, err := exec.Command(openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-attime", "1795373000", how, host, "-CAfile", root, "-untrusted", signer, leaf).CombinedOutput()
		return err == nil, string(out)
	}
	for _, host := range []string{"lamppost.internal", "192.168.1.1"} {
		if ok, out := passes(issue(t, i), host); !ok {
			t.Errorf("%s: %s", host, out)
		}
	}
	for name, f := range forgeries {
		if ok, out := passes(forged(t, i, f.change), f.host); ok || !strings.Contains(out, "permitted subtree violation") {
			t.Errorf("%s: %v, %s", name, ok, out)
		}
	}
}

func TestFilesAreReadBack(t *testing.T) {
	i := found(t)
	c := issue(t, i)
	a, err := authority.Parse(i.PEM())
	if err != nil || !a.Same(i.Authority) || a.Fingerprint() != i.Fingerprint() {
		t.Fatalf("%v", err)
	}
	if n := strings.Count(a.Fingerprint(), " "); n != 31 {
		t.Errorf("the fingerprint is %q", a.Fingerprint())
	}
	back, err := authority.ParseChain(c.PEM())
	if err != nil || !back.Authority().Same(a) {
		t.Fatalf("%v", err)
	}
	pem, err := i.KeyPEM()
	key, err := authority.ParseKey(must(t, pem, err))
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.With(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Check(issue(t, again)); err != nil {
		t.Error(err)
	}
	if _, err := a.With(newKey(t)); err == nil {
		t.Error("another key is taken for the authority's")
	}
	other := found(t)
	if err := a.Check(issue(t, other)); err == nil || a.Same(other.Authority) {
		t.Error("another authority's certificate is taken")
	}
	for name, file := range map[string][]byte{
		"nothing": nil, "half": i.PEM()[:900], "the chain": c.PEM(), "mixed": slices.Concat(authority.Chain{i.Root}.PEM(), authority.Chain{other.Signer}.PEM()),
		"turned": authority.Chain{i.Signer, i.Root}.PEM(), "too large": slices.Concat(i.PEM(), make([]byte, authority.MaxFile)),
	} {
		if _, err := authority.Parse(file); err == nil {
			t.Errorf("an authority: %s", name)
		}
	}
}

// What somebody brings on a stick may be an authority for everything.
func TestAnAuthorityWithoutBoundsIsNotTaken(t *testing.T) {
	_, private, _ := net.ParseCIDR("10.0.0.0/8")
	_, all, _ := net.ParseCIDR("0.0.0.0/0")
	for name, change := range map[string]func(*x509.Certificate){
		"no bounds": func(c *x509.Certificate) {
			c.PermittedDNSDomains, c.PermittedIPRanges, c.PermittedDNSDomainsCritical = nil, nil, false
		},
		"not critical":         func(c *x509.Certificate) { c.PermittedDNSDomainsCritical = false },
		"every name":           func(c *x509.Certificate) { c.PermittedDNSDomains = []string{""} },
		"all that is internal": func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"internal"} },
		"google too":           func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"lamppost.internal", "google.com"} },
		"every address":        func(c *x509.Certificate) { c.PermittedIPRanges = []*net.IPNet{private, all} },
		"addresses unbounded":  func(c *x509.Certificate) { c.PermittedIPRanges = nil },
		"none":                 nil,
	} {
		key := newKey(t)
		sign := func(serial int64, parent *x509.Certificate) *x509.Certificate {
			c := &x509.Certificate{
				SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: fmt.Sprint(serial)}, NotBefore: founded, NotAfter: founded.AddDate(20, 0, 0),
				BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
				PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"lamppost.internal"}, PermittedIPRanges: []*net.IPNet{private},
			}
			if change != nil {
				change(c)
			}
			if parent == nil {
				parent = c
			}
			der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), key)
			out, err := x509.ParseCertificate(must(t, der, err))
			return must(t, out, err)
		}
		root := sign(1, nil)
		_, err := authority.Parse(authority.Chain{root, sign(2, root)}.PEM())
		if (err == nil) != (change == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARequestIsTheHubsThatSignedIt(t *testing.T) {
	hub := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	town, key := record.Community{7}, newKey(t)
	file, err := authority.Ask(key, lan, hub, town)
	if err != nil {
		t.Fatal(err)
	}
	r, err := authority.ReadRequest(file, town)
	if err != nil || r.Hub != record.AuthorOf(hub) || !r.Key.Equal(key.Public()) || !slices.Equal(r.Addrs, lan) {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := authority.ReadRequest(file, record.Community{8}); err == nil {
		t.Error("another community's request is taken")
	}
	other, err := authority.Ask(newKey(t), lan, hub, town)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(file), "\n\n")
	_, body, _ := strings.Cut(string(other), "\n\n")
	if _, err := authority.ReadRequest([]byte(head+"\n\n"+body), town); err == nil {
		t.Error("a signature under another key's request is taken")
	}
	rapid.Check(t, func(t *rapid.T) { // one bit of it
		bad := slices.Clone(file)
		bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		got, err := authority.ReadRequest(bad, town)
		if err == nil && (got.Hub != r.Hub || !got.Key.Equal(r.Key)) {
			t.Fatal("a damaged request is another one")
		}
	})
}

func TestOnlyKeysOfTheUsualCurveAreCertified(t *testing.T) {
	i := found(t)
	odd, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]authority.Hub{
		"no key": {Names: names}, "another curve": {Key: &odd.PublicKey, Names: names},
		"no name of ours": {Key: &newKey(t).PublicKey, Names: []string{"google.com", "school.internal"}, Addrs: lan},
	} {
		if _, err := i.Issue(h, now); err == nil {
			t.Errorf("%s: issued", name)
		}
	}
	c, err := i.Issue(authority.Hub{Key: &newKey(t).PublicKey, Names: append([]string{"google.com"}, names...), Addrs: append([]netip.Addr{netip.MustParseAddr("9.9.9.9")}, lan...)}, now)
	if err != nil || len(c[0].DNSNames) != 3 || len(c[0].IPAddresses) != 2 {
		t.Errorf("for %v and %v: %v", c[0].DNSNames, c[0].IPAddresses, err)
	}
}

func TestTheProfileHoldsTheRoot(t *testing.T) {
	i, err := authority.Found(authority.Scope{Community: `Ana & Bo's <town>`, Founded: founded, Names: names})
	if err != nil {
		t.Fatal(err)
	}
	p := string(i.Profile())
	for _, want := range []string{"<string>com.apple.security.root</string>", "Ana &amp; Bo&#39;s &lt;town&gt;", "<key>PayloadContent</key><data>MII"} {
		if !strings.Contains(p, want) {
			t.Errorf("no %s in\n%s", want, p)
		}
	}
	if string(i.Profile()) != p {
		t.Error("made again, it is another one")
	}
}

func FuzzParse(f *testing.F) {
	i, err := authority.Found(authority.Scope{Community: "Millbrook", Founded: founded, Names: names})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(i.PEM())
	f.Add(slices.Concat(authority.Chain{i.Signer, i.Signer, i.Root}.PEM()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := authority.Parse(b); err == nil {
			again, err := authority.Parse(a.PEM())
			if err != nil || !again.Same(a) {
				t.Errorf("it does not read back: %v", err)
			}
		}
		_, _ = authority.ParseChain(b)
		_, _ = authority.ParseKey(b)
		_, _ = authority.ReadRequest(b, record.Community{})
	})
}
