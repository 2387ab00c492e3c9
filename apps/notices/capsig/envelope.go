package capsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// envelope is one signature of an alert.
type envelope struct {
	root      *etree.Element // the whole alert, as it came but for comments
	nth       int            // which of its signatures
	many      bool           // it has others
	signature *etree.Element // in a copy of the root that has nothing else
	method    string
	wrong     string // why this one proves nothing, or ""
}

// open finds the signatures that an alert carries. An alert with one at any other place
// than directly in it is refused whole, as it is neither clear what that covers nor which
// of them a validator would find.
func open(doc []byte) ([]envelope, error) {
	tree := etree.NewDocument()
	tree.ReadSettings.PreserveDuplicateAttrs = true
	if err := tree.ReadFromBytes(doc); err != nil {
		return nil, &Failure{"the alert cannot be read"}
	}
	root := tree.Root()
	n := 0
	for _, el := range root.ChildElements() {
		if isSignature(el) {
			n++
		}
	}
	switch {
	case n == 0:
		return nil, ErrUnsigned
	case n > MaxSignatures:
		return nil, &Failure{fmt.Sprintf("an alert has at most %d signatures", MaxSignatures)}
	case count(root) != n:
		return nil, &Failure{"a signature lies directly in its alert; here is one elsewhere"}
	}
	uncomment(root) // no canonical form here has comments
	out := make([]envelope, 0, n)
	for _, el := range root.ChildElements() {
		if !isSignature(el) {
			continue
		}
		// What is looked at first is not made larger by what is in the alert.
		small := &etree.Element{Space: root.Space, Tag: root.Tag, Attr: append([]etree.Attr(nil), root.Attr...)}
		e := envelope{root: root, nth: len(out), many: n > 1, signature: el.Copy()}
		small.AddChild(e.signature)
		bareSignature(e.signature)
		e.wrong = e.inspect()
		out = append(out, e)
	}
	return out, nil
}

// count tells how many signatures there are below an element.
func count(el *etree.Element) (n int) {
	for _, child := range el.ChildElements() {
		if isSignature(child) {
			n++
		}
		n += count(child)
	}
	return n
}

func isSignature(el *etree.Element) bool {
	return el.Tag == dsig.SignatureTag && el.NamespaceURI() == dsig.Namespace
}

// bareSignature takes out what is not needed, the key in the document above all.
func bareSignature(signature *etree.Element) {
	for _, el := range signature.ChildElements() {
		if el.NamespaceURI() != dsig.Namespace || el.Tag != dsig.SignedInfoTag && el.Tag != dsig.SignatureValueTag {
			signature.RemoveChild(el)
		}
	}
}

// alert is the alert with this signature, with its value as given, and with the others or
// not: each may have signed what had none yet, or what had those before it.
func (e envelope) alert(value []byte, others bool) *etree.Element {
	root := e.root.Copy()
	var own *etree.Element
	n := 0
	for _, el := range root.ChildElements() {
		if !isSignature(el) {
			continue
		}
		if n == e.nth {
			own = el
		} else if !others {
			root.RemoveChild(el)
		}
		n++
	}
	bareSignature(own)
	own.ChildElements()[1].SetText(base64.StdEncoding.EncodeToString(value))
	// The validator looks at a bounded number of elements until it finds the signature,
	// wherever that is; it takes it out before it looks at the rest.
	root.RemoveChild(own)
	root.InsertChildAt(0, own)
	return root
}

func uncomment(el *etree.Element) {
	for i := 0; i < len(el.Child); {
		switch child := el.Child[i].(type) {
		case *etree.Comment:
			el.RemoveChildAt(i)
			continue
		case *etree.Element:
			uncomment(child)
		}
		i++
	}
}

// Algorithms that prove something.

func signatureMethods() []string {
	return []string{
		dsig.RSASHA256SignatureMethod, dsig.RSASHA384SignatureMethod, dsig.RSASHA512SignatureMethod,
		dsig.ECDSASHA256SignatureMethod, dsig.ECDSASHA384SignatureMethod, dsig.ECDSASHA512SignatureMethod,
	}
}

func digestMethods() []string {
	return []string{
		"http://www.w3.org/2001/04/xmlenc#sha256",
		"http://www.w3.org/2001/04/xmldsig-more#sha384",
		"http://www.w3.org/2001/04/xmlenc#sha512",
	}
}

func canonicalizations() []string {
	return []string{
		string(dsig.CanonicalXML10ExclusiveAlgorithmId),
		string(dsig.CanonicalXML10RecAlgorithmId),
		string(dsig.CanonicalXML11AlgorithmId),
	}
}

// inspect holds the signature to the one shape that is taken, before anything is computed.
func (e *envelope) inspect() string {
	parts, wrong := children(e.signature, dsig.SignedInfoTag, dsig.SignatureValueTag)
	if wrong != "" {
		return wrong
	}
	if len(parts[1].ChildElements()) > 0 {
		return "a signature's value is text"
	}
	info, wrong := children(parts[0], dsig.CanonicalizationMethodTag, dsig.SignatureMethodTag, dsig.ReferenceTag)
	if wrong != "" {
		return wrong
	}
	if wrong = algorithm(info[0], canonicalizations()); wrong != "" {
		return wrong
	}
	if wrong = algorithm(info[1], signatureMethods()); wrong != "" {
		return wrong
	}
	e.method = algorithmOf(info[1])
	return inspectReference(info[2])
}

func inspectReference(ref *etree.Element) string {
	if uri := slices.IndexFunc(ref.Attr, func(a etree.Attr) bool { return a.Space == "" && a.Key == dsig.URIAttr }); uri < 0 || ref.Attr[uri].Value != "" {
		return `a signature refers to the whole alert, by URI=""`
	}
	parts, wrong := children(ref, dsig.TransformsTag, dsig.DigestMethodTag, dsig.DigestValueTag)
	if wrong != "" {
		return wrong
	}
	if len(parts[2].ChildElements()) > 0 {
		return "a digest is text"
	}
	if wrong = algorithm(parts[1], digestMethods()); wrong != "" {
		return wrong
	}
	transforms := parts[0].ChildElements()
	if len(transforms) < 1 || len(transforms) > 2 {
		return "the transforms are enveloped-signature and, it may be, a canonicalization"
	}
	for i, el := range transforms {
		allowed := canonicalizations()
		if i == 0 {
			allowed = []string{string(dsig.EnvelopedSignatureAltorithmId)}
		}
		switch {
		case el.Tag != dsig.TransformTag || el.NamespaceURI() != dsig.Namespace:
			return "there is a " + el.Tag + " among the transforms"
		case slices.ContainsFunc(el.ChildElements(), func(c *etree.Element) bool {
			return i == 0 || c.Tag != dsig.InclusiveNamespacesTag || c.NamespaceURI() != string(dsig.CanonicalXML10ExclusiveAlgorithmId)
		}):
			return "a transform has something in it that is not understood here"
		case !slices.Contains(allowed, algorithmOf(el)):
			return "a transform by " + shown(algorithmOf(el)) + " is not taken"
		}
	}
	return ""
}

// children returns the children of an element, which are exactly these, each once and
// in this order.
func children(el *etree.Element, tags ...string) ([]*etree.Element, string) {
	all := el.ChildElements()
	if len(all) != len(tags) {
		return nil, "a " + el.Tag + " has one each of " + strings.Join(tags, ", ") + " and nothing else"
	}
	for i, child := range all {
		if child.Tag != tags[i] || child.NamespaceURI() != dsig.Namespace {
			return nil, "a " + el.Tag + " has one each of " + strings.Join(tags, ", ") + " and nothing else"
		}
	}
	return all, ""
}

func algorithm(el *etree.Element, allowed []string) string {
	name := algorithmOf(el)
	if !slices.Contains(allowed, name) {
		return "a " + el.Tag + " of " + shown(name) + " is not taken"
	}
	if len(el.ChildElements()) > 0 {
		return "a " + el.Tag + " has something in it that is not understood here"
	}
	return ""
}

// algorithmOf is the one that an element names, by the attribute without a prefix.
func algorithmOf(el *etree.Element) string {
	for _, a := range el.Attr {
		if a.Space == "" && a.Key == dsig.AlgorithmAttr {
			return a.Value
		}
	}
	return ""
}

// shown is what somebody else wrote, cut where it is long.
func shown(s string) string { return fmt.Sprintf("%.80q", s) }

// check returns what the signature covers, if it was made with a key.
func (e envelope) check(key crypto.PublicKey) ([]byte, error) {
	// The validator knows certificates only, and looks at their dates. The pin is the key:
	// this one was made up around it a second ago.
	pinned := &x509.Certificate{PublicKey: key, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(2, 0)}
	value, err := e.value(key)
	if err != nil {
		return nil, err
	}
	if err := e.made(pinned, value); err != nil {
		return nil, errKey
	}
	validator := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{pinned}})
	validator.Clock = dsig.NewFakeClockAt(time.Unix(1, 0))
	validator.IdAttribute = "" // no reference but to the whole
	covered, err := validator.Validate(e.alert(value, false))
	if err != nil && e.many {
		covered, err = validator.Validate(e.alert(value, true))
	}
	if err != nil {
		return nil, fmt.Errorf("the alert was changed since it was signed (%w)", err)
	}
	doc := etree.NewDocument()
	doc.SetRoot(covered)
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true, CanonicalEndTags: true}
	return doc.WriteToBytes()
}

// errKey is a signature by somebody else.
var errKey = errors.New("it was not made with a key of this sender")

// made looks whether the signature is by a key, before anything is done with an alert that
// may be large. The validator does the same again: this decides nothing in its place.
func (e envelope) made(cert *x509.Certificate, value []byte) error {
	around, err := etreeutils.NSBuildParentContext(e.signature)
	if err != nil {
		return err
	}
	if around, err = around.SubContext(e.signature); err != nil {
		return err
	}
	signed := e.signature.ChildElements()[0]
	info, err := etreeutils.NSDetatch(around, signed)
	if err != nil {
		return err
	}
	form := dsig.MakeC14N10RecCanonicalizer()
	if algorithmOf(signed.ChildElements()[0]) == string(dsig.CanonicalXML10ExclusiveAlgorithmId) {
		form = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	}
	text, err := form.Canonicalize(info)
	if err != nil {
		return err
	}
	return cert.CheckSignature(x509Algorithm(e.method), text, value)
}

func x509Algorithm(method string) x509.SignatureAlgorithm {
	switch method {
	case dsig.RSASHA256SignatureMethod:
		return x509.SHA256WithRSA
	case dsig.RSASHA384SignatureMethod:
		return x509.SHA384WithRSA
	case dsig.RSASHA512SignatureMethod:
		return x509.SHA512WithRSA
	case dsig.ECDSASHA256SignatureMethod:
		return x509.ECDSAWithSHA256
	case dsig.ECDSASHA384SignatureMethod:
		return x509.ECDSAWithSHA384
	case dsig.ECDSASHA512SignatureMethod:
		return x509.ECDSAWithSHA512
	}
	return x509.UnknownSignatureAlgorithm
}

// value is that of the signature as the validator takes it, or an error where the key is
// of another kind. ECDSA's are two numbers side by side in XML (XML Signature 1.1 section
// 6.4.3), and in ASN.1 elsewhere.
func (e envelope) value(key crypto.PublicKey) ([]byte, error) {
	text := ""
	for _, token := range e.signature.ChildElements()[1].Child {
		if data, ok := token.(*etree.CharData); ok {
			text += data.Data
		}
	}
	value, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fmt.Errorf("its value cannot be read: %w", err)
	}
	byECDSA := strings.Contains(e.method, "#ecdsa-")
	switch key := key.(type) {
	case *rsa.PublicKey:
		if byECDSA {
			return nil, errKey
		}
	case *ecdsa.PublicKey:
		if !byECDSA {
			return nil, errKey
		}
		if n := (key.Curve.Params().BitSize + 7) / 8; len(value) == 2*n {
			return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:n]), new(big.Int).SetBytes(value[n:])})
		}
	}
	return value, nil
}
