package record

import (
	"fmt"

	"github.com/hdevalence/ed25519consensus"
)

// Verify checks the signature by the rules of ZIP 215, under which verifying
// one by one and in batches agree on every input: a signature that one hub
// takes and another refuses would part their sets for good.
func (r Record) Verify() error {
	if len(r.enc) <= sigTail || !ed25519consensus.Verify(r.Author[:], signed(r.enc), r.Sig[:]) {
		return fmt.Errorf("%w (by %s)", ErrSignature, r.Author.Tag())
	}
	return nil
}

// VerifyBatch checks many signatures at about half the cost of one by one and
// returns an error a record, nil where it verifies.
func VerifyBatch(rs []Record) []error {
	errs := make([]error, len(rs))
	if len(rs) > 1 {
		v := ed25519consensus.NewPreallocatedBatchVerifier(len(rs))
		for i := range rs {
			v.Add(rs[i].Author[:], signed(rs[i].enc), rs[i].Sig[:])
		}
		if v.Verify() {
			return errs
		}
	}
	for i := range rs {
		errs[i] = rs[i].Verify()
	}
	return errs
}
