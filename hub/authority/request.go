package authority

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/sync/record"
)

const (
	requestBlock = "CERTIFICATE REQUEST" // PKCS #10, RFC 2986
	// Headers of the block say which hub asks, and that it does.
	hubHeader, signatureHeader = "Lamppost-Hub", "Lamppost-Signature"
	// requestPrefix separates what a hub signs here from all else that it signs.
	requestPrefix = "lamppost https request 1\x00"
)

// Request is what a hub asks of another one that has the authority's key: a file that can
// walk there on a stick. It asks for no names: what it is called, the roster says.
type Request struct {
	Hub   record.Author // who asks; that it is one of the community is not looked at
	Key   *ecdsa.PublicKey
	Addrs []netip.Addr
}

// NewKey makes a key for a hub's certificate.
func NewKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// Ask makes a request for a key, signed by a hub of a community.
func Ask(key *ecdsa.PrivateKey, addrs []netip.Addr, hub ed25519.PrivateKey, of record.Community) ([]byte, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{IPAddresses: ips(addrs[:min(len(addrs), MaxAddrs)])}, key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: requestBlock, Bytes: der, Headers: map[string]string{
		hubHeader: record.AuthorOf(hub).String(), signatureHeader: hex.EncodeToString(ed25519.Sign(hub, signed(der, of))),
	}}), nil
}

func signed(der []byte, of record.Community) []byte {
	return slices.Concat([]byte(requestPrefix), of[:], der)
}

// ReadRequest reads a request, which a hub's key has signed for this community.
func ReadRequest(file []byte, of record.Community) (r Request, _ error) {
	b, _ := pem.Decode(file[:min(len(file), MaxFile)])
	if b == nil || b.Type != requestBlock {
		return r, errors.New("this is no request for a certificate; “lamppost ca request” makes one")
	}
	hub, err := hex.DecodeString(strings.TrimSpace(b.Headers[hubHeader]))
	if err != nil || len(hub) != len(r.Hub) {
		return r, errors.New("the request does not say which hub asks")
	}
	r.Hub = record.Author(hub)
	sig, err := hex.DecodeString(strings.TrimSpace(b.Headers[signatureHeader]))
	if err != nil || len(sig) != ed25519.SignatureSize || !ed25519.Verify(hub, signed(b.Bytes, of), sig) {
		return r, errors.New("the hub that is said to ask has not signed this, or is of another community")
	}
	c, err := x509.ParseCertificateRequest(b.Bytes)
	if err != nil {
		return r, err
	}
	if err := c.CheckSignature(); err != nil {
		return r, err
	}
	key, ok := c.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return r, errors.New("the request is not for a key of the curve P-256")
	}
	r.Key = key
	for _, ip := range c.IPAddresses[:min(len(c.IPAddresses), MaxAddrs)] {
		if a, ok := netip.AddrFromSlice(ip); ok {
			r.Addrs = append(r.Addrs, a.Unmap())
		}
	}
	return r, nil
}
