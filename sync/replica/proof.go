package replica

import (
	"bytes"
	"crypto/sha256"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// proofs is when which class was last proven equal on a link.
type proofs struct {
	sent  [record.Classes]time.Time
	heard [record.Classes]time.Time
	all   [record.Classes]time.Time // when every id was compared because of one
}

// proofGap is the least time between two proofs of one class that are answered.
const proofGap = 10 * time.Second

// proofDue sends a proof for trust in every session and for the rest hourly,
// where the digests are equal: an additive fingerprint can be forged.
func (e *Engine) proofDue(now time.Time, l *link) error {
	if l.peer == nil || !l.since.IsZero() {
		return nil
	}
	for c := range record.Classes {
		last := l.proofs.sent[c]
		if last.IsZero() && c != int(record.Trust) {
			l.proofs.sent[c] = now // due in an hour
			continue
		}
		if last.IsZero() || now.Sub(last) >= e.conf.Limits.ProofEvery {
			if err := e.sendProof(now, l, record.Class(c)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Engine) sendProof(now time.Time, l *link, c record.Class) error {
	p, err := e.prove(l, c, l.peer.Horizon)
	if err != nil {
		return err
	}
	l.proofs.sent[c] = now
	m, err := e.code.marshal(kProof, p)
	if err != nil {
		return err
	}
	l.out.push(control, m)
	return nil
}

// prove hashes both ends' nonces, the smaller key's first, and every id.
func (e *Engine) prove(l *link, c record.Class, over record.Day) (*proof, error) {
	own, err := e.conf.Store.Horizon()
	if err != nil {
		return nil, err
	}
	over = max(over, own)
	set, err := e.conf.Store.Set(c, over)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	a, b := l.nonce[:], l.peer.Nonce
	if !l.first {
		a, b = b, a
	}
	h.Write([]byte("lamppost proof 1\x00"))
	h.Write(a)
	h.Write(b)
	h.Write([]byte{byte(c)})
	for i := range set.Len() {
		id := set.At(i).ID
		h.Write(id[:])
	}
	f := set.Fingerprint(0, set.Len())
	return &proof{Class: c, Over: over, Fingerprint: f[:], Hash: h.Sum(nil)}, nil
}

func (e *Engine) onProof(now time.Time, l *link, v *proof) error {
	if v.Class >= record.Classes || len(v.Fingerprint) != 16 || len(v.Hash) != sha256.Size {
		return violation("a proof that cannot be")
	}
	if now.Sub(l.proofs.heard[v.Class]) < proofGap {
		return nil
	}
	l.proofs.heard[v.Class] = now
	p, err := e.prove(l, v.Class, v.Over)
	if err != nil {
		return err
	}
	if p.Over != v.Over || !bytes.Equal(p.Fingerprint, v.Fingerprint) || bytes.Equal(p.Hash, v.Hash) {
		return nil
	}
	if !l.first { // let the end that begins reconciliations see it too
		return e.sendProof(now, l, v.Class)
	}
	if last := l.proofs.all[v.Class]; l.rec.running() || !last.IsZero() && now.Sub(last) < e.conf.Limits.ProofEvery {
		return nil // whoever forges proofs is to get no more than honest ones cost
	}
	l.proofs.all[v.Class] = now
	l.rec.all[v.Class] = true
	return e.reconcileClass(now, l, v.Class)
}
