package fieldtest_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
	"github.com/miekg/dns"
)

// certificate writes one for a name that holds until some time from now, and its key.
func (f *field) certificate(name string, until time.Duration) (certificate, key string) {
	f.Helper()
	certificate, key = filepath.Join(f.dir, "cert.pem"), filepath.Join(f.dir, "key.pem")
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	f.ok(err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(until),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, secret.Public(), secret)
	f.ok(err)
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	f.ok(err)
	f.ok(os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	f.ok(os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return certificate, key
}

// option114 is what the phone is told by DHCP to ask over HTTPS; "" for nothing.
func (p *phone) option114() string {
	p.Helper()
	script := filepath.Join(p.dir, "option114.sh")
	p.ok(os.WriteFile(script, []byte("#!/bin/sh\n[ \"$1\" = bound ] && echo \"told <$opt114>\"\nexit 0\n"), 0o700))
	got := p.does("udhcpc", "-i", p.dev, "-n", "-q", "-t", "10", "-T", "1", "-O", "114", "-s", script)
	_, got, _ = strings.Cut(got, "told <")
	got, _, _ = strings.Cut(got, ">")
	b, err := hex.DecodeString(got)
	p.ok(err)
	return string(b)
}

// https asks over HTTPS, and returns what is said, with the status behind it, or that
// nothing is.
func (p *phone) https(certificate, host, at, path string) string {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	out, err := p.host.Command(ctx, "curl", "-s", "-m", "10", "--cacert", certificate, "--resolve", host+":443:"+at,
		"-w", " %{http_code}", "https://"+host+path).Output()
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// nobodyThere is how curl ends where nobody listens.
const nobodyThere = "exit status 7"

// TestRow34And35APhoneIsToldOverHTTPS: by a certificate for a name of the hub's, until it
// expires; a new one counts when it is there.
func TestRow34And35APhoneIsToldOverHTTPS(t *testing.T) {
	t.Parallel()
	const name = "millbrook.example.org"
	f := open(t)
	air := f.bridge("air")
	h := f.hub("Fire Station")
	wifi := f.plug(h, air)
	f.found(h)
	machine := f.machine(h.Host)
	certificate, key := f.certificate(name, -time.Hour) // it has expired
	machine.does(h.Program, "portal", "up", "--data", h.Folder, "--interface", wifi.Dev, "--pages", "8080", "--https", "4443")
	h.Flags = append(h.Flags, "--portal-certificate", certificate, "--portal-key", key)
	f.start(h)
	p := f.phone("phone", air)
	p.joins()
	if got := p.option114(); got != "" {
		t.Errorf("told to ask %q with an expired certificate", got)
	}
	if got := p.https(certificate, name, "10.44.0.1", "/captive-portal/api"); got != nobodyThere {
		t.Errorf("with an expired certificate: %s", got)
	}
	p.looksUp(name, "NOERROR 192.0.2.1")
	f.finds(h, "portal", name, "has expired", "Renew")

	f.certificate(name, 24*time.Hour)
	_, err := fieldtest.Await(f.ctx, 30*time.Second, 200*time.Millisecond, "the new certificate counts", func(context.Context) (bool, error) {
		got, err := p.lookUp(name, dns.TypeA)
		return got == "NOERROR 10.44.0.1", err
	})
	f.ok(err)
	if got := p.option114(); got != "https://"+name+"/captive-portal/api" {
		t.Errorf("told to ask %q", got)
	}
	for _, at := range []string{"192.0.2.1", "93.184.215.14"} {
		if got := p.https(certificate, name, at, "/captive-portal/api"); got != nobodyThere {
			t.Errorf("HTTPS at %s: %s", at, got)
		}
	}
	if got := p.https(certificate, name, "10.44.0.1", "/captive-portal/api"); got != `{"captive":true,"user-portal-url":"https://`+name+`/"} 200` {
		t.Errorf("a phone that is new is told %s", got)
	}
	if got := p.https(certificate, name, "10.44.0.1", "/"); got != "http://lamppost.internal/\n 302" {
		t.Errorf("its browser is told %s", got)
	}
	p.stays()
	if got := p.https(certificate, name, "10.44.0.1", "/captive-portal/api"); got != `{"captive":false,"venue-info-url":"http://lamppost.internal/"} 200` {
		t.Errorf("a phone that stays is told %s", got)
	}
}
