package capsig_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capsig"
	"github.com/lamppost-hub/lamppost/apps/notices/capsig/capsigtest"
	"github.com/lamppost-hub/lamppost/apps/notices/captest"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	dsig "github.com/russellhaering/goxmldsig"
	"pgregory.net/rapid"
)

const sender = "water@example.org"

const boil = `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2" xmlns:x="urn:x"><!-- drafted by hand -->
 <identifier>FS4-12</identifier>
 <sender>water@example.org</sender>
 <sent>2026-03-01T08:00:00-07:00</sent>
 <status>Actual</status>
 <msgType>Alert</msgType>
 <scope>Public</scope>
 <info>
  <category>Health</category>
  <event>Boil water &amp; wait</event>
  <urgency>Immediate</urgency>
  <severity>Severe</severity>
  <certainty>Observed</certainty>
  <expires>2026-03-02T08:00:00-07:00</expires>
  <headline>Boil — hervir&#xD;</headline>
  <area><areaDesc>North</areaDesc></area>
 </info>
</alert>
`

// signer is a key and a certificate of it.
type signer struct {
	key  crypto.Signer
	cert []byte
}

func newSigner(t testing.TB, key crypto.Signer) signer {
	t.Helper()
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: sender},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key, cert}
}

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (s signer) pin(t testing.TB) capsig.Pin {
	t.Helper()
	pin, err := capsig.NewPin(sender, s.cert)
	if err != nil {
		t.Fatal(err)
	}
	return pin
}

func (s signer) sign(t testing.TB, alert string) string {
	t.Helper()
	out, err := capsigtest.Sign([]byte(alert), s.key, s.cert)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func alertOf(t testing.TB, raw string) *capxml.Alert {
	t.Helper()
	b, err := capxml.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return b.Alerts[0].Alert
}

func TestASignatureThatHolds(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Replace(boil, "<area>", "<area><areaDesc>many</areaDesc>"+strings.Repeat("<geocode><valueName>a</valueName><value>b</value></geocode>", 1500)+"</area><area>", 1)
	for name, c := range map[string]struct {
		alert string
		key   crypto.Signer
		hash  crypto.Hash
		form  dsig.Canonicalizer
	}{
		"RSA":                  {boil, rsaKey, crypto.SHA256, dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")},
		"RSA, SHA-512":         {boil, rsaKey, crypto.SHA512, dsig.MakeC14N10RecCanonicalizer()},
		"P-256, XML 1.0":       {boil, ecKey(t, elliptic.P256()), crypto.SHA256, dsig.MakeC14N10RecCanonicalizer()},
		"P-384, SHA-384":       {boil, ecKey(t, elliptic.P384()), crypto.SHA384, dsig.MakeC14N11Canonicalizer()},
		"P-521":                {boil, ecKey(t, elliptic.P521()), crypto.SHA512, dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")},
		"more than 1,000 long": {large, ecKey(t, elliptic.P256()), crypto.SHA256, dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")},
	} {
		s := newSigner(t, c.key)
		signed, err := capsigtest.SignBy([]byte(c.alert), s.key, s.cert, c.hash, c.form)
		if err != nil {
			t.Fatal(err)
		}
		got, err := capsig.Verify(signed, []capsig.Pin{newSigner(t, ecKey(t, elliptic.P256())).pin(t), s.pin(t)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.Alert, alertOf(t, c.alert)) || got.Pin.Fingerprint() != s.pin(t).Fingerprint() || got.Outdated {
			t.Errorf("%s: got %+v", name, got)
		}
		if bytes.Contains(got.Element, []byte("Signature")) || !reflect.DeepEqual(alertOf(t, string(got.Element)), got.Alert) {
			t.Errorf("%s: what is signed is\n%s", name, got.Element)
		}
	}
}

// Every way to have something shown that the sender did not sign.
func TestWhatProvesNothing(t *testing.T) {
	s, other := newSigner(t, ecKey(t, elliptic.P256())), newSigner(t, ecKey(t, elliptic.P256()))
	signed := s.sign(t, boil)
	signature := regexp.MustCompile(`(?s)<ds:Signature .*</ds:Signature>`).FindString(signed)
	info := regexp.MustCompile(`(?s)<ds:SignedInfo>.*</ds:SignedInfo>`).FindString(signed)
	_, root, _ := strings.Cut(signed, "?>")
	root = strings.TrimSpace(root)
	evil := strings.Replace(boil, "Boil water", "Drink up", 1)
	put := func(what string) string { return strings.Replace(evil, "</alert>", what+"</alert>", 1) }
	change := func(old, now string) string {
		if !strings.Contains(signed, old) {
			t.Fatalf("there is no %q in %s", old, signed)
		}
		return strings.Replace(signed, old, now, 1)
	}
	transform := `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`
	for name, c := range map[string]struct{ raw, says string }{
		"changed":             {change("Boil water", "Drink water"), "changed"},
		"more in it":          {change("</info>", "</info><info><category>Met</category><event>x</event><urgency>Past</urgency><severity>Minor</severity><certainty>Observed</certainty></info>"), "changed"},
		"signed by another":   {other.sign(t, boil), "not made with a key of this sender"},
		"another's signature": {put(signature), "changed"},
		"SHA-1 digest":        {change("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"), "DigestMethod of"},
		"SHA-1 signature":     {change("#ecdsa-sha256", "#ecdsa-sha1"), "SignatureMethod of"},
		"HMAC":                {change("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), "SignatureMethod of"},
		"with comments":       {change(`CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"`, `CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"`), "CanonicalizationMethod of"},
		"XPath":               {change(transform, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>false()</ds:XPath></ds:Transform>`), "transform"},
		"XSLT":                {change(transform, transform+`<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>`), "the transforms are"},
		"not enveloped":       {change(`<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`, ""), "transform by"},
		"part of it":          {change(`URI=""`, `URI="#x"`), "the whole alert"},
		"no reference":        {change(` URI=""`, ""), "the whole alert"},
		"reference elsewhere": {change(`URI=""`, `URI="http://127.0.0.1/"`), "the whole alert"},
		"two references":      {change("</ds:Reference>", "</ds:Reference>"+regexp.MustCompile(`(?s)<ds:Reference .*</ds:Reference>`).FindString(signed)), "and nothing else"},
		"two infos":           {change(info, info+info), "and nothing else"},
		"evil info first":     {change(info, strings.Replace(info, `URI=""`, `URI="" Id="a"`, 1)), "not made with"},
		"empty value":         {regexp.MustCompile(`<ds:SignatureValue>.*</ds:SignatureValue>`).ReplaceAllString(signed, "<ds:SignatureValue/>"), "not made with"},
		"no value":            {regexp.MustCompile(`<ds:SignatureValue>.*</ds:SignatureValue>`).ReplaceAllString(signed, ""), "and nothing else"},
		"no base64":           {regexp.MustCompile(`<ds:SignatureValue>.*</ds:SignatureValue>`).ReplaceAllString(signed, "<ds:SignatureValue>?</ds:SignatureValue>"), "value"},
		// The signed alert is still there, and another one around it.
		"wrapped in an object":  {put(strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+root+"</ds:Object></ds:Signature>", 1)), "directly in its alert"},
		"wrapped in an element": {put("<x:w>" + root + "</x:w>" + signature), "directly in its alert"},
		"wrapped and moved":     {put("<x:w>" + strings.Replace(root, signature, "", 1) + "</x:w>" + signature), "changed"},
		"nested signature":      {change("<area>", "<x:s>"+signature+"</x:s><area>"), "directly in its alert"},
		"many signatures":       {change(signature, strings.Repeat(signature, 5)), "at most 4"},
		"sent anew":             {change("FS4-12", "FS4-13"), "changed"},
	} {
		got, err := capsig.Verify([]byte(c.raw), []capsig.Pin{s.pin(t)})
		told, ok := errors.AsType[*capsig.Failure](err)
		if !ok || !strings.Contains(told.Reason, c.says) {
			t.Errorf("%s: %+v, %v; want %q", name, got, err, c.says)
		}
	}
	for name, c := range map[string]struct {
		raw  string
		pins []capsig.Pin
		want error
	}{
		"unsigned":            {boil, []capsig.Pin{s.pin(t)}, capsig.ErrUnsigned},
		"no key":              {signed, nil, capsig.ErrUnpinned},
		"a key of another":    {change(sender, "fire@example.org"), []capsig.Pin{s.pin(t)}, capsig.ErrUnpinned},
		"only nested":         {strings.Replace(evil, "<area>", "<x:s>"+signature+"</x:s><area>", 1), []capsig.Pin{s.pin(t)}, capsig.ErrUnsigned},
		"of another language": {strings.Replace(evil, "</alert>", `<Signature xmlns="urn:x"/></alert>`, 1), []capsig.Pin{s.pin(t)}, capsig.ErrUnsigned},
	} {
		if got, err := capsig.Verify([]byte(c.raw), c.pins); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v; want %v", name, got, err, c.want)
		}
	}
	if _, err := capsig.Verify([]byte("<alert/>"), []capsig.Pin{s.pin(t)}); err == nil {
		t.Error("what is no alert is verified")
	}
	if _, err := capsig.Verify([]byte(`<feed xmlns="http://www.w3.org/2005/Atom">`+root+`</feed>`), []capsig.Pin{s.pin(t)}); err == nil {
		t.Error("a feed is verified")
	}
}

// A comment, or a second signature that does not hold, changes nothing of what was signed.
func TestWhatASignatureDoesNotMind(t *testing.T) {
	s, other := newSigner(t, ecKey(t, elliptic.P256())), newSigner(t, ecKey(t, elliptic.P256()))
	want := alertOf(t, boil)
	for name, raw := range map[string]string{
		"a comment":          strings.Replace(s.sign(t, boil), "Boil water", "Boil<!-- not --> water", 1),
		"another's as well":  other.sign(t, s.sign(t, boil)),
		"one made before it": s.sign(t, other.sign(t, boil)),
		"no key in it":       regexp.MustCompile(`(?s)<ds:KeyInfo>.*</ds:KeyInfo>`).ReplaceAllString(s.sign(t, boil), ""),
		"a false key in it":  strings.Replace(s.sign(t, boil), base64.StdEncoding.EncodeToString(s.cert), base64.StdEncoding.EncodeToString(other.cert), 1),
		"in UTF-8 of a mark": "\ufeff" + s.sign(t, boil),
	} {
		got, err := capsig.Verify([]byte(raw), []capsig.Pin{s.pin(t)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.Alert, want) {
			t.Errorf("%s: got %+v", name, got.Alert)
		}
	}
}

func TestDatesOfACertificateWarn(t *testing.T) {
	s := newSigner(t, ecKey(t, elliptic.P256()))
	got, err := capsig.Verify([]byte(s.sign(t, strings.Replace(boil, "2026-03-01T08", "2028-03-01T08", 1))), []capsig.Pin{s.pin(t)})
	if err != nil || !got.Outdated {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Whatever byte is changed: either the signature fails, or what it says is as it was.
func TestNoChangedByteIsTaken(t *testing.T) {
	s := newSigner(t, ecKey(t, elliptic.P256()))
	signed := []byte(s.sign(t, boil))
	pins := []capsig.Pin{s.pin(t)}
	want := alertOf(t, boil)
	rapid.Check(t, func(t *rapid.T) {
		raw := bytes.Clone(signed)
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(raw)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				raw[at] = byte(rapid.IntRange(0, 255).Draw(t, "byte"))
			case 1:
				raw = append(raw[:at], raw[at+1:]...)
			case 2:
				from := rapid.IntRange(0, len(raw)-1).Draw(t, "from")
				part := bytes.Clone(raw[from:min(len(raw), from+rapid.IntRange(1, 400).Draw(t, "length"))])
				raw = append(raw[:at:at], append(part, raw[at:]...)...)
			}
		}
		if got, err := capsig.Verify(raw, pins); err == nil && !reflect.DeepEqual(got.Alert, want) {
			t.Fatalf("verified: %+v\n%s", got.Alert, raw)
		}
	})
}

func FuzzVerify(f *testing.F) {
	// The same key in each process that tries inputs.
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	s := newSigner(f, key)
	pins := []capsig.Pin{s.pin(f)}
	f.Add([]byte(boil))
	f.Add([]byte(s.sign(f, boil)))
	want := alertOf(f, boil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if got, err := capsig.Verify(raw, pins); err == nil && !reflect.DeepEqual(got.Alert, want) {
			t.Fatalf("verified: %+v", got.Alert)
		}
	})
}

func TestKeysToPin(t *testing.T) {
	s := newSigner(t, ecKey(t, elliptic.P256()))
	spki, err := x509.MarshalPKIXPublicKey(s.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	want := s.pin(t).Fingerprint()
	for name, file := range map[string][]byte{
		"certificate in PEM": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert}),
		"key in PEM":         pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}),
		"key in DER":         spki,
	} {
		if pin, err := capsig.NewPin(sender, file); err != nil || pin.Fingerprint() != want || len(want) != 64 {
			t.Errorf("%s: %+v, %v", name, pin, err)
		}
	}
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := func(key any) []byte {
		out, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	weak := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}
	for says, file := range map[string][]byte{
		"RSA or ECDSA":     der(edKey),
		"2048":             der(weak),
		"at least 256":     der(ecKey(t, elliptic.P224()).Public()),
		"neither a certif": []byte("water"),
	} {
		if _, err := capsig.NewPin(sender, file); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if _, err := capsig.NewPin("", spki); err == nil {
		t.Error("a key is pinned to nobody")
	}
}

// What agencies sign: Canada's are by RSA with SHA-256, twice over; the Philippines' by SHA-1.
func TestRealSignatures(t *testing.T) {
	dir := captest.Corpora(t)
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	canada := read("CanadaNaad.xml")
	certs := regexp.MustCompile(`(?s)<X509Certificate>(.*?)</X509Certificate>`).FindAllSubmatch(canada, -1)
	if len(certs) != 2 {
		t.Fatalf("there are %d certificates", len(certs))
	}
	for _, cert := range certs {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(cert[1])), ""))
		if err != nil {
			t.Fatal(err)
		}
		pin, err := capsig.NewPin("cap-pac@canada.ca", der)
		if err != nil {
			t.Fatal(err)
		}
		got, err := capsig.Verify(canada, []capsig.Pin{pin})
		if err != nil || !reflect.DeepEqual(got.Alert, alertOf(t, string(canada))) {
			t.Errorf("Canada: %+v, %v", got, err)
		}
		// It names no canonical form, and the one that is then meant has no comments.
		if _, err = capsig.Verify(bytes.Replace(canada, []byte("<severity>"), []byte("<!-- --><severity>"), 1), []capsig.Pin{pin}); err != nil {
			t.Errorf("Canada, with a comment: %v", err)
		}
		_, err = capsig.Verify(bytes.Replace(canada, []byte("<severity>Minor"), []byte("<severity>Extreme"), 1), []capsig.Pin{pin})
		if _, ok := errors.AsType[*capsig.Failure](err); !ok {
			t.Errorf("Canada, changed: %v", err)
		}
	}
	s := newSigner(t, ecKey(t, elliptic.P256()))
	pin := s.pin(t)
	pin.Sender = "PAGASA-DOST"
	_, err := capsig.Verify(read("ph.cap"), []capsig.Pin{pin})
	if told, ok := errors.AsType[*capsig.Failure](err); !ok || !strings.Contains(told.Reason, "rsa-sha1") {
		t.Errorf("the Philippines: %v", err)
	}
}
