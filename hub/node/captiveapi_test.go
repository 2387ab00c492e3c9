package node_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// certified writes a certificate for a name and its key, and returns who trusts it.
func certified(t *testing.T, dir, name string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	ok(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	ok(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	pool := x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	ok(t, err)
	pool.AddCert(cert)
	return pool
}

// TestRow34PhonesAreToldOverHTTPS: the hub has a certificate for a name, to which its
// name server leads.
func TestRow34PhonesAreToldOverHTTPS(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	dir := t.TempDir()
	trusted := certified(t, dir, "millbrook.example.org")
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{notes{}}, HTTP: "127.0.0.1:0", TrustClock: true,
		Wifi: node.Wifi{
			Portal: true, DNS: "127.0.0.1:0", Virtual: netip.MustParseAddr("192.0.2.1"),
			Certificate: node.Certificate{File: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem"), Listen: "127.0.0.1:0"},
		},
	})
	ok(t, err)
	runs(t, n)
	if got := lookUp(t, n.DNSAddr(), "millbrook.example.org."); got == "192.0.2.1" {
		t.Errorf("the name leads to %s", got)
	}
	url := n.APIURL()
	if !strings.HasPrefix(url, "https://millbrook.example.org:") {
		t.Fatalf("phones are told to ask %q", url)
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(addr)
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}
	defer client.CloseIdleConnections()
	r, err := client.Get(url)
	ok(t, err)
	body, err := io.ReadAll(r.Body)
	ok(t, err)
	ok(t, r.Body.Close())
	if !strings.Contains(string(body), `"captive":false`) || r.Header.Get("Content-Type") != "application/captive+json" {
		t.Errorf("the hub's own machine is told %s %v", body, r.Header)
	}
}

// TestRow35AHubWithoutItsCertificateMeetsPhonesAllTheSame: the files are not there yet.
func TestRow35AHubWithoutItsCertificateMeetsPhonesAllTheSame(t *testing.T) {
	_, paths := folders(t, 1)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	n, err := node.New(node.Config{
		Folder: f, Apps: []hub.App{notes{}}, HTTP: "127.0.0.1:0", TrustClock: true,
		Wifi: node.Wifi{Portal: true, DNS: "127.0.0.1:0", Certificate: node.Certificate{File: "/none/cert.pem", Key: "/none/key.pem", Listen: "127.0.0.1:0"}},
	})
	ok(t, err)
	runs(t, n)
	if lookUp(t, n.DNSAddr(), "lamppost.internal.") == "" || n.APIURL() != "" {
		t.Errorf("phones are told to ask %q", n.APIURL())
	}
}
