package server

import (
	"cmp"
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
)

// Limits bound what clients may ask for. Zero values are the defaults. What Serve reads
// is waited for up to a fifth shorter than Header, Body and Idle say.
type Limits struct {
	OpenRequests int           // of one address at once; 64
	Connections  int           // of all together; 4,096
	PerAddress   int           // connections of one address; 256
	Handling     time.Duration // of one request; 15 s
	Header       time.Duration // to receive a header; 5 s
	Body         time.Duration // to receive a whole request; 20 s
	Upload       time.Duration // to receive one with files; 2 min
	Idle         time.Duration // of a connection between requests; 60 s
	Sockets      int           // live ones of all together; 1,024
	SocketsEach  int           // live ones of one address; 32
	Posts        int           // of one person at once; 10
	PostPause    time.Duration // between two after that; 6 s
	AddressPosts int           // from one address at once, from an IPv6 network ten times as many; 60
	AddressPause time.Duration // between two after that, from an IPv6 network a tenth; 1 s
	NewPosts     int           // at once of all who are new here together; 300
	NewPause     time.Duration // between two after that; 200 ms
}

func (l Limits) orDefaults() Limits {
	return Limits{
		OpenRequests: cmp.Or(l.OpenRequests, 64),
		Connections:  cmp.Or(l.Connections, 4096),
		PerAddress:   cmp.Or(l.PerAddress, 256),
		Handling:     cmp.Or(l.Handling, 15*time.Second),
		Header:       cmp.Or(l.Header, 5*time.Second),
		Body:         cmp.Or(l.Body, 20*time.Second),
		Upload:       cmp.Or(l.Upload, 2*time.Minute),
		Idle:         cmp.Or(l.Idle, time.Minute),
		Sockets:      cmp.Or(l.Sockets, 1024),
		SocketsEach:  cmp.Or(l.SocketsEach, 32),
		Posts:        cmp.Or(l.Posts, 10),
		PostPause:    cmp.Or(l.PostPause, 6*time.Second),
		AddressPosts: cmp.Or(l.AddressPosts, 60),
		AddressPause: cmp.Or(l.AddressPause, time.Second),
		NewPosts:     cmp.Or(l.NewPosts, 300),
		NewPause:     cmp.Or(l.NewPause, 200*time.Millisecond),
	}
}

const (
	maxHeader = 16 << 10 // bytes, of a request line and its headers
	maxForm   = 64 << 10 // bytes, of any body
	maxFields = 128      // of a form: a notice has a few in each language, and one for each that it ends
)

// perAddress counts what each address holds at once.
type perAddress struct {
	most int
	mu   sync.Mutex
	held map[netip.Addr]int
}

func newPerAddress(most int) *perAddress {
	return &perAddress{most: most, held: make(map[netip.Addr]int)}
}

// enter takes one for the address, or reports that it holds the most already.
func (p *perAddress) enter(a netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[a] >= p.most {
		return false
	}
	p.held[a]++
	return true
}

// leave gives one back.
func (p *perAddress) leave(a netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[a]--; p.held[a] <= 0 {
		delete(p.held, a)
	}
}

// turns lets one request of a person write at a time, so that a form sent
// twice at once finds what the first has written.
type turns [64]chan struct{}

func newTurns() *turns {
	var t turns
	for i := range t {
		t[i] = make(chan struct{}, 1)
	}
	return &t
}

// take waits for the person's turn and returns what ends it.
func (t *turns) take(ctx context.Context, person byte) (func(), error) {
	turn := t[int(person)%len(t)]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, hub.Errorf(hub.Unavailable, "", "This place is very busy. Please try again in a minute.")
	}
}
