package node

import (
	"fmt"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// BenchmarkNamesOfAPage is what a page of 25 posts by as many people takes.
func BenchmarkNamesOfAPage(b *testing.B) {
	town, err := simnet.Found(1)
	if err != nil {
		b.Fatal(err)
	}
	state := roster.Compute(town.Founding, town.Trust)
	var call callable
	for b.Loop() {
		for i := range 25 {
			if !call.fits(state, fmt.Sprint("Ana Lucía ", i)) {
				b.Fatal("refused")
			}
		}
	}
}

// FuzzName: a name that came from another hub does not read, or is one that could
// have been typed here.
func FuzzName(f *testing.F) {
	for _, name := range []string{"", "Ana Díaz", "\u202eevil", "  two  blanks ", string(make([]byte, 70))} {
		body, err := cbor.Marshal(nameBody{name})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte{0xa1, 0x01, 0x7f})
	f.Fuzz(func(t *testing.T, body []byte) {
		name, err := decodeName(record.Record{Body: body})
		if err != nil {
			return
		}
		if again, err := hub.CleanLine("name", name, maxName, maxNameBytes); err != nil || again != name {
			t.Errorf("%q became %q: %v", name, again, err)
		}
	})
}
