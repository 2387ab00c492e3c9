// Package join is how a new hub comes into a community by a code: what the code
// says, and what the two hubs then say to each other on a connection that has
// proven both their keys. It owns no socket, no file and no clock.
//
// # The protocol
//
// /lamppost/join/1 is one stream, opened by the joiner. A message is its length in
// two bytes, big-endian, one byte that says which it is, and a map in deterministic
// CBOR (RFC 8949 §4.2.1) with integer keys, of at most MaxMessage bytes in all.
//
//	joiner → inviter  ask      1 version, 2 invitation's id, 3 nonce
//	       ← inviter  proof    1 nonce, 2 MAC of the inviter
//	joiner →          claim    1 MAC of the joiner, 2 the label it would like
//	       ← inviter  welcome  1 founding, 2 chain of trust records that certify the
//	                           joiner, 3 the membership's key, 4 the inviter's addresses
//
// In place of proof or welcome there may be a refusal: 1 reason, 2 who, 3 seconds
// since. Before the proof it says no more than that the id is unknown, that the
// hub is busy, or that the version is.
//
// A MAC is HMAC-SHA-256 over a fixed prefix, the role, both hubs' keys, both nonces
// and the id, the joiner's also over its label, with a key that only who has the
// code can make. The inviter binds the invitation to the joiner's key, on disk,
// before it signs. The same key is given the same answer again, so that nothing is
// lost where the connection or either hub dies in between; no other is.
//
// # Who can do what
//
// A code carries no signing key. Its secret has 50 bits and is stretched by
// argon2id into the id and the MAC key (see Code.Stretch).
//
// An eavesdropper on the link sees Noise, and learns nothing. One who overhears the
// code has it: it is used once, so either the right hub or the other is told that
// it was used, when, and by whom, and a hub can be revoked.
//
// A stranger at the address where the inviter was has no MAC key, so the joiner
// tells it nothing but the id and says that the wrong hub answers. A stranger in
// between cannot pass the MACs on, as they are over the keys that the connections
// have proven. From the id it can search the secret offline: that is 2^49 trials
// of argon2id on average, see Code.Stretch, of which a search within the life of
// the invitation covers next to nothing.
//
// A guesser who asks the inviter has to stretch 2^50 secrets to hit the id, and is
// paced (Pace). That an id is known is no more than such a hit, so the answer need
// not be hidden. Of an invitation whose id was shown without the MAC so and so
// often, somebody has caught the id: MaxFailures make it void.
package join
