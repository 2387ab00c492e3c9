// Package capsig checks the XML signature of an alert against a key that is pinned to its
// sender beforehand. A key that comes with the alert proves nothing, and is not looked at.
//
// Of XML-DSig (W3C, "XML Signature Syntax and Processing") only what alerts use is taken:
// one enveloped signature of the whole alert, RSA or ECDSA with SHA-256 or better,
// canonical XML with or without exclusion, no other transform. What is shown is read
// from the bytes that the signature covers, never from those it came with.
package capsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// Bounds of what is tried.
const (
	MaxPins       = 8 // of one sender
	MaxSignatures = 4 // of one alert
)

// What keeps an alert from being checked. Anything else that Verify returns is a *Failure
// or what capxml refuses.
var (
	// ErrUnsigned is an alert without a signature.
	ErrUnsigned = errors.New("the alert carries no signature")
	// ErrUnpinned is a signed alert of a sender for whom no key is pinned here.
	ErrUnpinned = errors.New("no key of this sender is known here, so its signature was not checked")
)

// Failure is a signature that does not hold: the alert is not what its sender signed, or
// it is signed in a way that proves nothing.
type Failure struct{ Reason string }

func (f *Failure) Error() string { return "the signature does not hold: " + f.Reason }

// Pin is a key that stands for a sender.
type Pin struct {
	Sender string // as the alerts have it
	Key    crypto.PublicKey
	// Of the certificate that the key came in; zero for a bare key.
	NotBefore, NotAfter time.Time
}

// NewPin reads a certificate or a public key, in PEM or DER, that is to stand for a
// sender. RSA keys have 2048 to 8192 bits; ECDSA keys are on P-256, P-384 or P-521.
func NewPin(sender string, file []byte) (Pin, error) {
	if sender == "" {
		return Pin{}, errors.New("a key is pinned to a sender: give the sender as its alerts have it")
	}
	der := file
	if block, _ := pem.Decode(file); block != nil {
		der = block.Bytes
	}
	pin := Pin{Sender: sender}
	if cert, err := x509.ParseCertificate(der); err == nil {
		pin.Key, pin.NotBefore, pin.NotAfter = cert.PublicKey, cert.NotBefore, cert.NotAfter
	} else if pin.Key, err = x509.ParsePKIXPublicKey(der); err != nil {
		return Pin{}, errors.New("this is neither a certificate nor a public key, in PEM or DER")
	}
	return pin, sound(pin.Key)
}

// sound reports what makes a key too weak, or of no use here.
func sound(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n < 2048 || n > 8192 {
			return fmt.Errorf("an RSA key has 2048 to 8192 bits; this one has %d", n)
		}
	case *ecdsa.PublicKey:
		if n := key.Curve.Params().BitSize; n < 256 {
			return fmt.Errorf("an ECDSA key has at least 256 bits; this one has %d", n)
		}
	default:
		return fmt.Errorf("alerts are signed by RSA or ECDSA; this is a key of type %T", key)
	}
	return nil
}

// Fingerprint names the key: SHA-256 of its public key in DER, in hexadecimal.
func (p Pin) Fingerprint() string {
	der, err := x509.MarshalPKIXPublicKey(p.Key)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// Verified is an alert that its sender signed.
type Verified struct {
	Alert   *capxml.Alert // read from Element
	Remarks []capxml.Problem
	Element []byte // what the signature covers, in UTF-8
	Pin     Pin    // whose key it was
	// Outdated: it was sent outside of the dates of the certificate. The pin is what counts,
	// a page may say so.
	Outdated bool
}

// Verify checks a bare alert (capxml.Found.Alone of one cut out of a feed) against the
// keys pinned to its sender. Of several signatures one that holds is enough.
func Verify(raw []byte, pins []Pin) (*Verified, error) {
	claimed, err := capxml.Parse(raw)
	if err != nil {
		return nil, err
	}
	if claimed.Kind != capxml.Bare {
		return nil, &Failure{"a signature is checked of one alert, not of a feed"}
	}
	if !claimed.Alerts[0].Signed {
		return nil, ErrUnsigned
	}
	var own []Pin
	for _, pin := range pins {
		if pin.Sender == claimed.Alerts[0].Alert.Sender && len(own) < MaxPins {
			own = append(own, pin)
		}
	}
	if len(own) == 0 {
		return nil, ErrUnpinned
	}
	doc, err := capxml.Check(raw)
	if err != nil {
		return nil, err
	}
	return verify(doc, own)
}

// verify tries each signature with each key.
func verify(doc []byte, pins []Pin) (*Verified, error) {
	envelopes, err := open(doc)
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, e := range envelopes {
		if e.wrong != "" {
			reasons = append(reasons, e.wrong)
			continue
		}
		for _, pin := range pins {
			element, err := e.check(pin.Key)
			if err == nil {
				return reread(element, pin)
			}
			if !slices.Contains(reasons, err.Error()) {
				reasons = append(reasons, err.Error())
			}
		}
	}
	return nil, &Failure{strings.Join(reasons, "; ")}
}

// reread takes the alert from what was signed.
func reread(element []byte, pin Pin) (*Verified, error) {
	b, err := capxml.Parse(element)
	if err != nil {
		return nil, err
	}
	if b.Kind != capxml.Bare || b.Alerts[0].Alert.Sender != pin.Sender {
		return nil, &Failure{"what is signed is not an alert of this sender"}
	}
	found := b.Alerts[0]
	sent := found.Alert.Sent
	return &Verified{
		Alert: found.Alert, Remarks: found.Remarks, Element: element, Pin: pin,
		Outdated: !pin.NotAfter.IsZero() && (sent.Before(pin.NotBefore) || sent.After(pin.NotAfter)),
	}, nil
}
