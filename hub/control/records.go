package control

import (
	"context"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// MaxRecords is how many records one call takes.
const MaxRecords = 500

type (
	// Records are encoded records.
	Records struct {
		Records [][]byte `json:"records"` // base64; at most MaxRecords
	}
	// Taken says what became of each, in their order.
	Taken struct {
		Records []TakenRecord `json:"records"`
	}
	// TakenRecord is what became of one record.
	TakenRecord struct {
		ID      string  `json:"id,omitempty"` // in hex; empty if it does not read
		Outcome Outcome `json:"outcome"`
		Why     string  `json:"why,omitempty"` // it was refused or set aside
	}
)

// Outcome is a word for what became of a record.
type Outcome string

// The outcomes.
const (
	Added   Outcome = "added"   // it is in the set, and on disk
	Known   Outcome = "known"   // it, or a newer one of its slot, was there already
	Expired Outcome = "expired" // out of date
	Full    Outcome = "full"    // its author has as many as one may have
	Aside   Outcome = "aside"   // kept in case its author is vouched for again
	Refused Outcome = "refused"
)

// Records has the hub take in encoded records as if another hub had sent them,
// and says what became of each. With an error none of the call's was taken, but
// those of the calls before were: more than MaxRecords take several.
func (c *Client) Records(ctx context.Context, rs ...record.Record) ([]TakenRecord, error) {
	var out []TakenRecord
	for len(rs) > 0 {
		n := min(len(rs), MaxRecords)
		in := Records{Records: make([][]byte, n)}
		for i := range n {
			in.Records[i] = rs[i].Encoding()
		}
		var taken Taken
		if err := c.Call(ctx, "records", in, &taken); err != nil {
			return out, err
		}
		out, rs = append(out, taken.Records...), rs[n:]
	}
	return out, nil
}
