package node

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/lamppost-hub/lamppost/sync/gossip"
	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/peer"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// JoinConfig is what a hub joins by.
type JoinConfig struct {
	Folder string // its data folder, of no community yet
	Code   join.Code
	Label  string // what people are to call it; "" = what the inviter has said
	At     string // host:port of the inviter, in place of what the code says
}

// Joined is what has become of it.
type Joined struct {
	Community string
	Label     string
	Inviter   string // what it is called; empty where that is not known yet
	Addr      string // host:port, where it was met
	Before    bool   // the folder belonged to the community already
}

// Why a hub does not join. Match with errors.Is. What the inviter says itself is a
// *join.Refusal.
var (
	ErrNoAddress = errors.New("this code does not say where the hub is that made it: give its address with --at, such as --at 192.168.1.7:4680")
	ErrNobody    = errors.New("nothing answers at that address")
)

// joinTime bounds all that is said, from the dialling on.
const joinTime = 20 * time.Second

// Join has a hub's folder taken in by the hub that made the code, and writes it
// wholly or not at all. What it is asked for again after an interruption, it
// finishes: the folder's key is on disk before the code is used.
func Join(ctx context.Context, c JoinConfig) (Joined, error) {
	addr := c.At
	if addr == "" && c.Code.Addr.IsValid() {
		addr = c.Code.Addr.String()
	}
	if addr == "" {
		return Joined{}, ErrNoAddress
	}
	f, err := ReadFolder(c.Folder)
	switch {
	case err == nil && f.Founding.Community()[0] == c.Code.Town:
		return joinedBefore(f, addr)
	case err == nil:
		return Joined{}, fmt.Errorf("%w, %q; to join another, choose another folder with --data", ErrFounded, f.Founding.Name)
	case !errors.Is(err, ErrNoCommunity):
		return Joined{}, err
	}
	if f.Key, err = HubKey(c.Folder); err != nil {
		return Joined{}, err
	}
	return c.ask(ctx, f.Key, addr)
}

// joinedBefore is of a folder that a former call has written.
func joinedBefore(f Folder, addr string) (Joined, error) {
	j := Joined{Community: f.Founding.Name, Addr: addr, Before: true}
	codec, err := record.NewCodec(f.Founding.Community(), f.Founding.Time)
	if err != nil {
		return j, err
	}
	if _, state, err := proven(codec, f.Founding, f.Trust); err == nil { // else the store says it
		own, _ := state.Hub(record.AuthorOf(f.Key))
		j.Label = own.Label
	}
	return j, nil
}

// ask has the hub at an address take this one in.
func (c JoinConfig) ask(ctx context.Context, key ed25519.PrivateKey, addr string) (Joined, error) {
	id, secret, err := c.stretch(ctx)
	if err != nil {
		return Joined{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	q, err := peer.Ask(ctx, key, addr, join.Protocol)
	if err != nil {
		return Joined{}, unanswered(addr, err)
	}
	defer func() { _ = q.Close() }() // all has been said
	if err := keepKey(c.Folder, key); err != nil {
		return Joined{}, err
	}
	w, err := join.Ask(q, record.AuthorOf(key), q.Peer, id, secret, c.Label, rand.Reader)
	if err != nil {
		return Joined{}, unwelcome(addr, err)
	}
	f, state, err := c.judge(w, key)
	if err != nil {
		return Joined{}, err
	}
	f.inviter = inviterAt{key: q.Peer, met: q.Addr.String(), named: w.Addrs}
	if err := f.write(); err != nil {
		return Joined{}, err
	}
	own, _ := state.Hub(record.AuthorOf(key))
	inviter, _ := state.Hub(q.Peer)
	return Joined{Community: f.Founding.Name, Label: own.Label, Inviter: inviter.Label, Addr: q.Addr.String()}, nil
}

// stretch is the code's id and key. It cannot be stopped midway: whoever is told to stop
// leaves it behind, for the second that it takes.
func (c JoinConfig) stretch(ctx context.Context) (join.ID, join.Key, error) {
	type stretched struct {
		id  join.ID
		key join.Key
	}
	done := make(chan stretched, 1)
	go func() {
		id, key := c.Code.Stretch()
		done <- stretched{id, key}
	}()
	select {
	case s := <-done:
		return s.id, s.key, nil
	case <-ctx.Done():
		return join.ID{}, join.Key{}, context.Cause(ctx)
	}
}

// errWelcome means that what the inviter gave does not make this hub a member.
var errWelcome = errors.New("the hub that made the code sent something that does not hold; install the same version of Lamppost at both, and ask for a new code")

// judge checks that what the inviter gave makes the key a hub of the community.
func (c JoinConfig) judge(w join.Welcome, key ed25519.PrivateKey) (newFolder, *roster.State, error) {
	f, err := roster.DecodeFounding(w.Founding)
	if err != nil {
		return newFolder{}, nil, fmt.Errorf("%w (%w)", errWelcome, err)
	}
	if f.Community()[0] != c.Code.Town {
		return newFolder{}, nil, fmt.Errorf("%w (it is of another community than the code)", errWelcome)
	}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		return newFolder{}, nil, fmt.Errorf("%w (%w)", errWelcome, err)
	}
	trust, state, err := proven(codec, f, w.Chain)
	if err != nil {
		return newFolder{}, nil, fmt.Errorf("%w (%w)", errWelcome, err)
	}
	if _, ok := state.Hub(record.AuthorOf(key)); !ok {
		return newFolder{}, nil, fmt.Errorf("%w (it does not certify this hub)", errWelcome)
	}
	made := newFolder{Folder: Folder{Path: c.Folder, Key: key, Founding: f}, trust: trust}
	switch len(w.Network) {
	case 0: // this community has no membership
	case gossip.KeySize:
		made.Network = w.Network
	default:
		return newFolder{}, nil, fmt.Errorf("%w (the membership's key)", errWelcome)
	}
	return made, state, nil
}

// keepKey puts a key into a data folder that has none yet.
func keepKey(path string, key ed25519.PrivateKey) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	name := filepath.Join(path, keyFile)
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeNew(name, []byte(hex.EncodeToString(key.Seed())+"\n")); err != nil {
		return err
	}
	return syncFolder(path)
}

// unanswered says in words why nobody could be asked.
func unanswered(addr string, err error) error {
	switch {
	case errors.Is(err, peer.ErrSelf):
		return fmt.Errorf("this hub itself answers at %s: join with a data folder of its own, not with a copy of that hub's", addr)
	case errors.Is(err, peer.ErrUnanswered):
		return fmt.Errorf("what answers at %s does not take in other hubs: it is another program, a Lamppost of another version, or it is too busy; check the address, or try again in a minute (%w)", addr, err)
	}
	if name, unknown := errors.AsType[*net.DNSError](err); unknown {
		return fmt.Errorf("no machine called %q is known here; give the address of the hub that made the code in numbers, such as --at 192.168.1.7", name.Name)
	}
	return fmt.Errorf("%w, %s: is the hub running that made the code, and is this machine on a network from which it can be reached? If it has another address, give it with --at (%w)", ErrNobody, addr, err)
}

// unwelcome says in words why the inviter does not take this hub in.
func unwelcome(addr string, err error) error {
	if no, refused := errors.AsType[*join.Refusal](err); refused {
		return no
	}
	if errors.Is(err, join.ErrImpostor) {
		return fmt.Errorf("%w (%s); the code was not given away, and is still good. Ask for the right address, and give it with --at", join.ErrImpostor, addr)
	}
	return fmt.Errorf("the talk with the hub at %s was broken off; do the same again: the code is still good for this folder (%w)", addr, err)
}
