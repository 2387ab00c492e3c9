package authority

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The types of blocks in files (RFC 7468).
const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"
)

// MaxFile bounds each of the files, in bytes.
const MaxFile = 64 << 10

// Chain is a hub's certificate, then the signer, then the root.
type Chain []*x509.Certificate

// PEM is the chain as a file.
func (c Chain) PEM() []byte { return encode(c...) }

// Until is when the hub's certificate ends.
func (c Chain) Until() time.Time { return c[0].NotAfter }

// PEM is the authority as a file: the root, then the signer.
func (a Authority) PEM() []byte { return encode(a.Root, a.Signer) }

func encode(all ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range all {
		_ = pem.Encode(&b, &pem.Block{Type: certificateBlock, Bytes: c.Raw}) // a buffer takes all
	}
	return b.Bytes()
}

// certificates reads all of a file.
func certificates(file []byte) (all []*x509.Certificate, _ error) {
	if len(file) > MaxFile {
		return nil, fmt.Errorf("the file has more than %d bytes", MaxFile)
	}
	for rest := file; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			return all, nil
		}
		if b.Type != certificateBlock {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
}

// Parse reads an authority from its file.
func Parse(file []byte) (Authority, error) {
	all, err := certificates(file)
	if err != nil {
		return Authority{}, err
	}
	if len(all) != 2 {
		return Authority{}, fmt.Errorf("an authority is two certificates, and there are %d", len(all))
	}
	a := Authority{Root: all[0], Signer: all[1]}
	return a, a.sound()
}

// sound reports why two certificates are no authority, or one with wider bounds than
// Found gives: then no device is to trust it.
func (a Authority) sound() error {
	roots := x509.NewCertPool()
	roots.AddCert(a.Root)
	switch _, err := a.Signer.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: a.Signer.NotBefore.Add(time.Hour), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); {
	case err != nil:
		return err
	case !a.Root.IsCA || !a.Signer.IsCA:
		return errors.New("one of them signs no others")
	case !bounded(a.Root) || !bounded(a.Signer):
		return errors.New("it is not bounded to names of hubs and private addresses")
	}
	return nil
}

func bounded(c *x509.Certificate) bool {
	if !c.PermittedDNSDomainsCritical || len(c.PermittedDNSDomains) == 0 || len(c.PermittedDNSDomains) > MaxNames || len(c.PermittedIPRanges) == 0 {
		return false
	}
	for _, name := range c.PermittedDNSDomains {
		if !internal(name) {
			return false
		}
	}
	for _, n := range c.PermittedIPRanges {
		found := false
		for _, p := range private() {
			ours, _ := p.Mask.Size()
			theirs, _ := n.Mask.Size()
			found = found || p.Contains(n.IP) && theirs >= ours
		}
		if !found {
			return false
		}
	}
	return true
}

// internal reports whether a name is below the top that is nobody's on the internet, and
// is not that top itself.
func internal(name string) bool {
	below, ok := strings.CutSuffix(name, ".internal")
	return ok && below != "" && !strings.HasPrefix(below, ".")
}

// ParseChain reads a hub's certificate with what stands above it.
func ParseChain(file []byte) (Chain, error) {
	all, err := certificates(file)
	if err != nil {
		return nil, err
	}
	if len(all) != 3 {
		return nil, fmt.Errorf("a hub's certificate comes with two others, and there are %d", len(all))
	}
	a := Authority{Root: all[2], Signer: all[1]}
	if err := a.sound(); err != nil {
		return nil, err
	}
	return all, a.Check(all)
}

// Authority is what stands above the hub's certificate.
func (c Chain) Authority() Authority { return Authority{Root: c[2], Signer: c[1]} }

// KeyPEM is the issuer's key as a file.
func (i *Issuer) KeyPEM() ([]byte, error) { return KeyPEM(i.key) }

// KeyPEM is a key as a file (PKCS #8, RFC 5958).
func KeyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), err
}

// ParseKey reads a key from its file.
func ParseKey(file []byte) (*ecdsa.PrivateKey, error) {
	b, _ := pem.Decode(file[:min(len(file), MaxFile)])
	if b == nil || b.Type != keyBlock {
		return nil, errors.New("there is no key in it")
	}
	found, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := found.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("it is not a key of the curve P-256")
	}
	return key, nil
}

// With is the authority with its key.
func (a Authority) With(key *ecdsa.PrivateKey) (*Issuer, error) {
	if public, ok := a.Signer.PublicKey.(*ecdsa.PublicKey); !ok || !public.Equal(key.Public()) {
		return nil, errors.New("the key is not the authority's")
	}
	return &Issuer{a, key}, nil
}
