package reconcile

const (
	// restSize is the length of a fingerprint range to infinity.
	restSize = 1 + 1 + 1 + FingerprintSize
	// skipSize is the length of the longest skip range.
	skipSize = 7 + 1 + IDSize + 1
	// reserve is kept free in a message for what closes it.
	reserve = skipSize + restSize

	// buckets is the number of parts of a range whose fingerprint differs. A
	// range of less than 2*buckets items is answered with its ids. Both as in
	// the reference implementations; the protocol leaves them open.
	buckets = 16
)

// writer makes one message, at most limit bytes long. Ranges are put in
// ascending order, without gaps. Once one does not fit, the writer is full: it
// has closed the message with one range for all the rest, and ignores what
// else is put.
type writer struct {
	set   Set
	limit int
	buf   []byte
	lower Bound // upper bound of the last range written
	index int   // set.Search(lower)
	skip  Bound // range to skip after lower, if it lies above
	after int   // set.Search(skip)
	full  bool
}

func newWriter(set Set, limit int) *writer {
	return &writer{set: set, limit: limit, buf: []byte{version1}}
}

// empty reports that the message has no ranges: everything is skipped.
func (w *writer) empty() bool { return len(w.buf) == 1 }

// putSkip leaves out the range up to upper. Neighbouring skips are joined, and
// the last one of a message is implied.
func (w *writer) putSkip(upper Bound, hi int) {
	if !w.full {
		w.skip, w.after = upper, hi
	}
}

// putSplit answers the range of the items lo <= k < hi, up to upper, with
// fingerprints of its parts, or with its ids if they are few.
func (w *writer) putSplit(lo, hi int, upper Bound) {
	n := hi - lo
	if n < 2*buckets {
		w.putIDs(lo, hi, upper)
		return
	}
	for i := range buckets {
		j := lo + n*(i+1)/buckets
		b := upper
		if j < hi {
			b = between(w.set.At(j-1), w.set.At(j))
		}
		from := lo + n*i/buckets
		if !w.fits(w.rangeSize(b) + FingerprintSize) {
			w.close()
			return
		}
		fp := w.set.Fingerprint(from, j)
		w.begin(b, j, modeFingerprint)
		w.buf = append(w.buf, fp[:]...)
	}
}

// putIDs answers a range with its ids, or with as many as fit.
func (w *writer) putIDs(lo, hi int, upper Bound) {
	if !w.list(lo, hi, upper) {
		w.close()
	}
}

// list writes the ids of a range, or as many as fit: then it returns false, and
// w.lower is the bound that it reached.
func (w *writer) list(lo, hi int, upper Bound) bool {
	if w.full {
		return false
	}
	all := true
	n := hi - lo
	if !w.fits(w.rangeSize(upper) + varintLen(uint64(n)) + n*IDSize) {
		const longest = skipSize + maxVarint // of a range without its payload
		n = min(n-1, (w.limit-reserve-len(w.buf)-skipSize-longest)/IDSize)
		if n <= 0 {
			return false
		}
		all = false
		hi = lo + n
		upper = between(w.set.At(hi-1), w.set.At(hi))
	}
	w.begin(upper, hi, modeIDList)
	w.buf = appendVarint(w.buf, uint64(n))
	for i := lo; i < hi; i++ {
		id := w.set.At(i).ID
		w.buf = append(w.buf, id[:]...)
	}
	return all
}

// close answers all that is left with one fingerprint, to be looked into in the
// next round; or with an empty id list if there is nothing on this side, which
// needs no further round and nobody can mistake.
func (w *writer) close() {
	if w.full {
		return
	}
	w.full = true
	w.flushSkip()
	lo, hi := w.index, w.set.Len()
	if lo == hi {
		w.begin(Infinity(), hi, modeIDList)
		w.buf = append(w.buf, 0)
		return
	}
	fp := w.set.Fingerprint(lo, hi)
	w.begin(Infinity(), hi, modeFingerprint)
	w.buf = append(w.buf, fp[:]...)
}

// fits reports whether n bytes fit, and a close after them.
func (w *writer) fits(n int) bool { return !w.full && len(w.buf)+n+reserve <= w.limit }

// rangeSize is the length of a range that ends at b, without its payload, and
// of the skip before it.
func (w *writer) rangeSize(b Bound) int {
	n, lower := 0, w.lower
	if w.skipping() {
		n, lower = boundSize(lower, w.skip)+1, w.skip
	}
	return n + boundSize(lower, b) + 1
}

func (w *writer) skipping() bool { return w.skip.Compare(w.lower) > 0 }

func (w *writer) flushSkip() {
	if w.skipping() {
		w.header(w.skip, w.after, modeSkip)
	}
}

// begin writes a range without its payload, after the skip before it.
func (w *writer) begin(upper Bound, hi int, m mode) {
	w.flushSkip()
	w.header(upper, hi, m)
}

func (w *writer) header(upper Bound, hi int, m mode) {
	if upper.IsInfinity() {
		w.buf = append(w.buf, 0, 0)
	} else {
		n := upper.prefixLen()
		w.buf = appendVarint(w.buf, upper.Time-w.lower.Time+1)
		w.buf = append(w.buf, byte(n))
		w.buf = append(w.buf, upper.ID[:n]...)
	}
	w.buf = append(w.buf, byte(m))
	w.lower, w.index = upper, hi
}

// boundSize is the length of b, encoded after lower.
func boundSize(lower, b Bound) int {
	if b.IsInfinity() {
		return 2
	}
	return varintLen(b.Time-lower.Time+1) + 1 + b.prefixLen()
}
