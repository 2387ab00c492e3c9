package peer

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/libp2p/go-libp2p/core/protocol"
	msmux "github.com/multiformats/go-multistream"
)

// Bounds on finding out whose machine answers with the hub's own key.
const (
	maxMirrors = 4               // addresses at the same time
	mirrorTime = 5 * time.Second // for one
)

// mirrorProtocol is asked for and spoken by nobody: that it is refused is the answer.
const mirrorProtocol = protocol.ID("/lamppost/mirror/1")

// Bearer is whose machine it is that answers with this hub's own key.
type Bearer uint8

// The bearers.
const (
	Unsure Bearer = iota // it broke off before that could be told
	Itself               // this hub's: the address leads back to it
	Twin                 // another one, which has a copy of the key
)

// bearer finds out who answers at an address with our own key. Anybody can pass a
// connection on to us, and then it is we who prove it. So a key of the moment dials
// once more. Where it arrives at our own gate, the address leads back. Whoever
// answers under the keys of that handshake has read its last message and has our
// key: without an arrival that is another machine. That the handshake alone went
// well says nothing, since whoever passes it on can keep its last message.
//
// A machine with a copy of the key can pass this dial on to us, and so hide. It
// wins nothing by it but that it is not warned of here.
func (h *Host) bearer(ctx context.Context, a *address) Bearer {
	ctx, cancel := context.WithTimeout(ctx, mirrorTime)
	defer cancel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Unsure
	}
	arrived, forget, err := h.gate.mirror.expect(ctx, record.AuthorOf(key))
	if err != nil {
		return Unsure
	}
	defer forget()
	answered := h.answers(ctx, key, a)
	select {
	case <-arrived: // which comes before the end that our gate makes of it
		return Itself
	default:
	}
	if answered {
		return Twin
	}
	return Unsure
}

// answers reports whether somebody with our own key answers key at an address.
func (h *Host) answers(ctx context.Context, key ed25519.PrivateKey, a *address) bool {
	up, err := newUpgrader(key, h.tcp.rcmgr, nil)
	if err != nil {
		return false
	}
	t := newTCP(up, h.tcp.rcmgr, h.tcp.nobody)
	t.refuse = h.tcp.refuse
	c, err := t.dial(ctx, a, h.node.swarm.LocalPeer())
	if err != nil {
		return false
	}
	defer c.Close()
	st, err := c.OpenStream(ctx)
	if err != nil {
		return false
	}
	defer context.AfterFunc(ctx, func() { _ = st.Reset() })()
	err = msmux.SelectProtoOrFail(mirrorProtocol, st)
	_, refused := errors.AsType[msmux.ErrNotSupported[protocol.ID]](err)
	return err == nil || refused
}

// mirror knows the keys of the moment by which the host looks whether an address
// leads back to it.
type mirror struct {
	slots chan struct{}
	mu    sync.Mutex
	keys  map[record.Author]chan struct{} // closed and taken out when it arrives
}

func newMirror() *mirror {
	return &mirror{slots: make(chan struct{}, maxMirrors), keys: make(map[record.Author]chan struct{})}
}

// expect waits for its turn and has a key recognised until forget.
func (m *mirror) expect(ctx context.Context, key record.Author) (arrived <-chan struct{}, forget func(), _ error) {
	select {
	case m.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	ch := make(chan struct{})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[key] = ch
	return ch, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.keys, key)
		<-m.slots
	}, nil
}

// recognises reports whether a key that arrives is one of them.
func (m *mirror) recognises(key record.Author) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	ch, ok := m.keys[key]
	if ok {
		close(ch)
		delete(m.keys, key)
	}
	return ok
}
