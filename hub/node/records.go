package node

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// takeRecords takes in encoded records as if another hub had sent them: each is
// verified and judged by the roster, and goes on to other hubs if it is news.
func (n *Node) takeRecords(ctx context.Context, in control.Records) (control.Taken, error) {
	if len(in.Records) > control.MaxRecords {
		return control.Taken{}, control.BadRequest(fmt.Errorf("%d records at once; send at most %d", len(in.Records), control.MaxRecords))
	}
	out := make([]control.TakenRecord, len(in.Records))
	rs, at := n.verified(in.Records, out)
	vs, err := n.store.Apply(ctx, rs...)
	if err != nil {
		return control.Taken{}, err
	}
	for i, v := range vs {
		one := &out[at[i]]
		one.Outcome = outcomeOf(v.Outcome)
		if v.Err != nil {
			one.Why = v.Err.Error()
		}
		if v.Outcome == store.Added {
			n.observe(rs[i])
		}
	}
	return control.Taken{Records: out}, nil
}

// verified are the records that read and whose signatures hold, and their places
// in encs. What is wrong with the others goes into out.
func (n *Node) verified(encs [][]byte, out []control.TakenRecord) (rs []record.Record, at []int) {
	for i, enc := range encs {
		r, err := n.store.Codec().Decode(enc)
		if err != nil {
			out[i] = control.TakenRecord{Outcome: control.Refused, Why: err.Error()}
			continue
		}
		id := r.ID()
		out[i].ID = hex.EncodeToString(id[:])
		rs, at = append(rs, r), append(at, i)
	}
	held := 0
	for i, err := range verifyAll(rs) {
		if err != nil {
			out[at[i]].Outcome, out[at[i]].Why = control.Refused, err.Error()
			continue
		}
		rs[held], at[held] = rs[i], at[i]
		held++
	}
	return rs[:held], at[:held]
}

func outcomeOf(o store.Outcome) control.Outcome {
	switch o {
	case store.Added:
		return control.Added
	case store.Known:
		return control.Known
	case store.Expired:
		return control.Expired
	case store.Full:
		return control.Full
	case store.Aside:
		return control.Aside
	case store.Refused:
	}
	return control.Refused
}
