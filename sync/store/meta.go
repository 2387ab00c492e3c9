package store

import (
	"fmt"
	"io"
)

// What there is one of, in tMeta.
var (
	metaCommunity  = []byte("community")
	metaGeneration = []byte("generation") // counts changes of the roster
	metaArrival    = []byte("arrival")    // the last number given
	metaHorizon    = []byte("horizon")
	metaEpochs     = []byte("epochs") // (epoch(8) first(8))…, oldest first
	metaBlobs      = []byte("blobs")  // there once all records that name blobs are in tBlob
)

// metaIndex, with an app behind it, is the version of that app's terms.
const metaIndex = "index/"

func number(t tx, key []byte) uint64 {
	if v := t.Get(tMeta, key); len(v) == 8 {
		return be.Uint64(v)
	}
	return 0
}

func generation(t tx) uint64 { return number(t, metaGeneration) }

// maxEpochs bounds the history of epochs; a tail from before it falls back to
// reconciliation.
const maxEpochs = 256

// drawEpoch makes the name of a new epoch: there is one for each opening. A peer
// that remembers a number of an epoch this history does not hold, or one beyond that
// epoch's end, has seen a store that this one is not: before a restore, or a copy's
// twin.
func drawEpoch(rand io.Reader) (uint64, error) {
	var b [8]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw an epoch: %w", err)
	}
	return be.Uint64(b[:]), nil
}

// beginEpoch writes that an epoch begins here, unless it is the one that runs.
func beginEpoch(t tx, epoch uint64) error {
	h := append([]byte(nil), t.Get(tMeta, metaEpochs)...)
	if n := len(h); n >= 16 && be.Uint64(h[n-16:]) == epoch {
		return nil
	}
	h = append(append(h, u64(epoch)...), u64(number(t, metaArrival))...)
	if over := len(h)/16 - maxEpochs; over > 0 {
		h = h[over*16:]
	}
	return t.Put(tMeta, metaEpochs, h)
}

// inEpoch reports whether number n was given out, or was the last one given,
// while epoch e ran.
func inEpoch(t tx, e, n uint64) bool {
	h := t.Get(tMeta, metaEpochs)
	for i := 0; i+16 <= len(h); i += 16 {
		if be.Uint64(h[i:]) != e {
			continue
		}
		end := number(t, metaArrival)
		if i+32 <= len(h) {
			end = be.Uint64(h[i+24:])
		}
		return be.Uint64(h[i+8:]) <= n && n <= end
	}
	return false
}
