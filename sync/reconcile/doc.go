// Package reconcile finds what two sets of records do not have in common, by
// range-based set reconciliation (Meyer, arXiv 2212.13567) in the messages of
// Negentropy protocol V1 (hoytech/negentropy, docs/negentropy-protocol-v1.md).
//
// It is pure: no goroutine, no input or output, no clock. The caller carries
// the messages.
//
//	initiator:  msg := a.Start()
//	responder:  reply, err := b.Respond(msg)
//	initiator:  msg, have, need, err = a.Next(reply)   // until msg is nil
//
// The initiator learns the ids it has and the responder lacks (have), and the
// ids the responder has and it lacks (need); the responder learns nothing. For
// d differences among n items a run costs O(d log n) bytes, and as many rounds
// as the logarithm of n, more where messages reach the frame limit.
//
// # Trust
//
// A peer is not believed. Whatever is not a well-formed message ends the
// session with an error that wraps ErrMalformed. Options bound the rounds and
// the ids of a session, so that no peer can hold it forever or make it grow.
// What a peer can still do is lie about its own set: claim ids that it has not
// got, claim ids that lie outside the range it names (an id list carries no
// times), or hide some. The caller checks a needed id against its store
// before asking for it and the record against its id when it arrives.
//
// Fingerprints are sums and can be made to collide by whoever may choose many
// ids. Options.Exhaustive makes an initiator that relies on none.
package reconcile
