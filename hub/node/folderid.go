package node

import (
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// ID is the hub's public key.
func (f Folder) ID() record.Author { return record.AuthorOf(f.Key) }

// Label is what people call the hub by the certificate in its folder, which may be
// older than the one in its records; empty where there is none that reads.
func (f Folder) Label() string {
	codec, err := record.NewCodec(f.Founding.Community(), f.Founding.Time)
	if err != nil {
		return ""
	}
	var trust []record.Record
	for _, enc := range f.Trust {
		if r, err := codec.Decode(enc); err == nil {
			trust = append(trust, r)
		}
	}
	c, _ := roster.Compute(f.Founding, trust).Hub(f.ID())
	return c.Label
}
