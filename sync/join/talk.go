package join

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// MaxFailures is how many wrong MACs make an invitation void.
const MaxFailures = 10

// Inviter is the hub that made the code. It is asked by several joiners at once.
type Inviter interface {
	// Key is the key of an invitation, in whatever state that is; false if the
	// hub does not know it.
	Key(ID) (Key, bool)
	// Failed notes that somebody showed the id and not the MAC.
	Failed(ID) error
	// Admit takes in a joiner that has proven to have the code: it binds the
	// invitation to that key on disk, certifies it, and gives what it needs. Asked
	// again by the same joiner it gives the same. An error that is a *Refusal is
	// told to the joiner; of any other it is told that the hub failed.
	Admit(ctx context.Context, id ID, joiner record.Author, label string) (Welcome, error)
}

// ErrImpostor means that whoever answers does not have the code's secret: it is not
// the hub that made it.
var ErrImpostor = errors.New("another than the hub that made the code answers at that address")

// Ask has the inviter take this hub in. The stream's deadline is the caller's to
// set. Errors are a *Refusal, ErrImpostor, ErrMessage, or the stream's.
func Ask(rw io.ReadWriter, self, inviter record.Author, id ID, key Key, label string, random io.Reader) (Welcome, error) {
	c, err := newCodec()
	if err != nil {
		return Welcome{}, err
	}
	t := &talk{joiner: self, inviter: inviter, id: id}
	if _, err := io.ReadFull(random, t.joinerNonce[:]); err != nil {
		return Welcome{}, fmt.Errorf("random numbers: %w", err)
	}
	if err := c.write(rw, tagAsk, &ask{Version: version, ID: id[:], Nonce: t.joinerNonce[:]}); err != nil {
		return Welcome{}, fmt.Errorf("ask: %w", err)
	}
	var p proof
	if err := c.read(rw, tagProof, &p); err != nil {
		return Welcome{}, fmt.Errorf("read the inviter's proof: %w", err)
	}
	t.inviterNonce = nonce(p.Nonce)
	if !hmac.Equal(p.MAC, t.mac(key, inviterRole, "")) {
		return Welcome{}, ErrImpostor
	}
	if err := c.write(rw, tagClaim, &claim{MAC: t.mac(key, joinerRole, label), Label: label}); err != nil {
		return Welcome{}, fmt.Errorf("claim: %w", err)
	}
	var w Welcome
	if err := c.read(rw, tagWelcome, &w); err != nil {
		return Welcome{}, fmt.Errorf("read the welcome: %w", err)
	}
	return w, nil
}

// Serve answers one joiner whose key the connection has proven. It returns nil when
// it was welcomed, else why not.
func Serve(ctx context.Context, rw io.ReadWriter, self, joiner record.Author, inviter Inviter, random io.Reader) error {
	c, err := newCodec()
	if err != nil {
		return err
	}
	var a ask
	if err := c.read(rw, tagAsk, &a); err != nil {
		return err
	}
	t := &talk{joiner: joiner, inviter: self, joinerNonce: nonce(a.Nonce), id: ID(a.ID)}
	if a.Version != version {
		return c.refuse(rw, &Refusal{Reason: Version})
	}
	key, ok := inviter.Key(t.id)
	if !ok {
		return c.refuse(rw, &Refusal{Reason: Unknown})
	}
	if _, err := io.ReadFull(random, t.inviterNonce[:]); err != nil {
		return fmt.Errorf("random numbers: %w", err)
	}
	if err := c.write(rw, tagProof, &proof{Nonce: t.inviterNonce[:], MAC: t.mac(key, inviterRole, "")}); err != nil {
		return err
	}
	var cl claim
	if err := c.read(rw, tagClaim, &cl); err != nil {
		return err
	}
	if !hmac.Equal(cl.MAC, t.mac(key, joinerRole, cl.Label)) {
		err := inviter.Failed(t.id)
		return errors.Join(c.refuse(rw, &Refusal{Reason: Unproven}), err)
	}
	w, err := inviter.Admit(ctx, t.id, joiner, cl.Label)
	if err != nil {
		if no, ok := errors.AsType[*Refusal](err); ok {
			return c.refuse(rw, no)
		}
		return errors.Join(err, c.refuse(rw, &Refusal{Reason: Failed}))
	}
	return c.write(rw, tagWelcome, &w)
}

// Refuse tells whoever asks, before anything was read, that the hub is busy.
func Refuse(rw io.ReadWriter) error {
	c, err := newCodec()
	if err != nil {
		return err
	}
	return c.refuse(rw, &Refusal{Reason: Busy})
}

func (c *codec) refuse(w io.Writer, r *Refusal) error {
	return errors.Join(r, c.write(w, tagRefusal, r.wire()))
}
