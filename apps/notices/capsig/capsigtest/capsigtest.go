// Package capsigtest signs alerts as their senders do, for tests.
package capsigtest

import (
	"crypto"
	"crypto/ecdsa"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// Sign puts an enveloped signature of the whole alert into it, in the exclusive canonical
// form and by SHA-256. cert is put beside it, in DER; it may be anything or nil.
func Sign(alert []byte, key crypto.Signer, cert []byte) ([]byte, error) {
	return SignBy(alert, key, cert, crypto.SHA256, dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(""))
}

// SignBy is Sign by another hash and form.
func SignBy(alert []byte, key crypto.Signer, cert []byte, hash crypto.Hash, form dsig.Canonicalizer) ([]byte, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(alert); err != nil {
		return nil, err
	}
	var certs [][]byte
	if cert != nil {
		certs = [][]byte{cert}
	}
	ctx, err := dsig.NewSigningContext(key, certs)
	if err != nil {
		return nil, err
	}
	ctx.Hash, ctx.Canonicalizer = hash, form
	signature, err := ctx.ConstructSignature(doc.Root().Copy(), true)
	if err != nil {
		return nil, err
	}
	if public, ok := key.Public().(*ecdsa.PublicKey); ok {
		if err := sideBySide(signature, (public.Curve.Params().BitSize+7)/8); err != nil {
			return nil, err
		}
	}
	doc.Root().AddChild(signature)
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	return doc.WriteToBytes()
}

// sideBySide writes an ECDSA signature as XML has it: r and s in size bytes each.
func sideBySide(signature *etree.Element, size int) error {
	value := signature.SelectElement(dsig.SignatureValueTag)
	der, err := base64.StdEncoding.DecodeString(value.Text())
	if err != nil {
		return err
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return fmt.Errorf("reading an ECDSA signature: %w", err)
	}
	both := make([]byte, 2*size)
	pair.R.FillBytes(both[:size])
	pair.S.FillBytes(both[size:])
	value.SetText(base64.StdEncoding.EncodeToString(both))
	return nil
}
