package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/sync/clock"
)

const (
	// tellPace is how long a phone's word stands before it may give another.
	tellPace = 10 * time.Second
	// maxTellers bounds how many phones are counted by tellPace.
	maxTellers = 1024
)

// phones takes what the phones of people here show for the time. Each counts
// once: by its address, or for IPv6, of which a device makes itself as many as
// it likes, by its network.
type phones struct {
	server *Server
	mu     sync.Mutex
	told   map[netip.Prefix]time.Time
}

// toldTime is a phone's word.
type toldTime struct {
	Now *int64 `json:"now"` // milliseconds since 1970, UTC
}

type clockReply struct {
	Plausible bool `json:"plausible"`
}

// tell takes one phone's word. The box's own browser has none: it shows the
// clock in the box, of which nobody knows whether it is right.
func (p *phones) tell(w http.ResponseWriter, v *visit) (reply, error) {
	if err := p.server.fromHere(v); err != nil {
		return reply{}, err
	}
	body, err := readJSON(w, v.r)
	if err != nil {
		return reply{}, err
	}
	at, err := parseTold(body)
	if err != nil {
		return reply{}, err
	}
	if from, phone := teller(v); phone {
		if !p.due(from) {
			return reply{}, forPrograms(http.StatusTooManyRequests, "", "This device has just said what time it is.")
		}
		p.server.cfg.Clock.Evidence(clock.Phones, from.String(), at)
	}
	return reply{http.StatusOK, clockReply{p.server.cfg.Clock.Account().Plausible}}, nil
}

// parseTold reads a phone's word.
func parseTold(body string) (time.Time, error) {
	var in toldTime
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Now == nil {
		return time.Time{}, forPrograms(http.StatusUnprocessableEntity, "now", `Send {"now": N}, with the milliseconds since 1970.`)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return time.Time{}, forPrograms(http.StatusUnprocessableEntity, "", "Send one JSON object.")
	}
	return time.UnixMilli(*in.Now), nil
}

// teller is whose word a request brings, and whether that is a phone's.
func teller(v *visit) (from netip.Prefix, phone bool) {
	if !v.addr.IsValid() || v.addr.IsLoopback() || v.addr == localAddr(v.r) {
		return from, false
	}
	bits := 32
	if v.addr.Is6() {
		bits = 64
	}
	from, err := v.addr.Prefix(bits)
	return from, err == nil
}

// due reports whether somebody may speak again, and notes that they did.
func (p *phones) due(from netip.Prefix) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if at, ok := p.told[from]; ok && now.Sub(at) < tellPace {
		return false
	}
	if len(p.told) >= maxTellers {
		for who, at := range p.told {
			if now.Sub(at) >= tellPace {
				delete(p.told, who)
			}
		}
	}
	if len(p.told) >= maxTellers {
		return false
	}
	p.told[from] = now
	return true
}
