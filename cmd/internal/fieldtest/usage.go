package fieldtest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
)

// clockTick is the unit of processor times in /proc: USER_HZ, 100 on all that
// Lamppost runs on.
const clockTick = 10 * time.Millisecond

// Usage is what a hub's process takes of its machine.
type Usage struct {
	RSS  int64         // bytes of memory in use (VmRSS)
	Own  int64         // of it what is no file's (RssAnon)
	Peak int64         // the most that RSS has been since it began (VmHWM)
	CPU  time.Duration // of all its threads since it began
}

// Usage reads what the hub takes now.
func (h *Hub) Usage() (Usage, error) { return UsageOf(h.PID()) }

// UsageOf reads what a process takes now (proc(5)).
func UsageOf(pid int) (u Usage, _ error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return u, err
	}
	// The second field is a name in brackets; utime and stime are the 14th and 15th.
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return u, fmt.Errorf("%sstat has %d fields", dir, len(fields))
	}
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return u, err
		}
		u.CPU += time.Duration(n) * clockTick
	}
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		return u, err
	}
	if u.RSS, err = kibOf(string(status), "VmRSS"); err != nil {
		return u, err
	}
	if u.Peak, err = kibOf(string(status), "VmHWM"); err != nil {
		return u, err
	}
	u.Own, err = kibOf(string(status), "RssAnon")
	return u, err
}

// kibOf reads a line such as "VmRSS:   10400 kB" of a process's status, in bytes.
func kibOf(status, name string) (int64, error) {
	_, rest, ok := strings.Cut(status, "\n"+name+":")
	if fields := strings.Fields(rest); ok && len(fields) > 0 {
		kib, err := strconv.ParseInt(fields[0], 10, 64)
		return kib << 10, err
	}
	return 0, fmt.Errorf("a process's status has no %s", name)
}

// Rest is what a hub takes of its machine over a time.
type Rest struct {
	RSS     int64   // bytes of memory in use at the end
	CPU     float64 // of one core, as a share
	Network int64   // bytes that came and went at all its interfaces but loopback
	Links   int     // at the end
	Ours    uint64  // bytes that came and went over Lamppost's own protocols
}

// ours is the bytes of all stream protocols.
func ours(s control.Status) (sum uint64) {
	for _, t := range s.Program.Traffic {
		sum += t.Sent + t.Received
	}
	return sum
}

// Idle lets time pass and returns what each hub takes meanwhile.
func Idle(ctx context.Context, lasting time.Duration, hubs ...*Hub) ([]Rest, error) {
	type point struct {
		at      time.Time
		usage   Usage
		network int64
		links   int
		ours    uint64
	}
	measure := func() (ps []point, _ error) {
		for _, h := range hubs {
			u, err := h.Usage()
			if err != nil {
				return nil, err
			}
			n, err := h.Network()
			if err != nil {
				return nil, err
			}
			s, err := h.Console().Status(ctx)
			if err != nil {
				return nil, err
			}
			ps = append(ps, point{time.Now(), u, n, len(Linked(s)), ours(s)})
		}
		return ps, nil
	}
	before, err := measure()
	if err != nil {
		return nil, err
	}
	if err := Pause(ctx, lasting); err != nil {
		return nil, err
	}
	after, err := measure()
	if err != nil {
		return nil, err
	}
	rests := make([]Rest, len(hubs))
	for i, a := range after {
		b := before[i]
		rests[i] = Rest{
			RSS: a.usage.RSS, Network: a.network - b.network, Links: a.links, Ours: a.ours - b.ours,
			CPU: float64(a.usage.CPU-b.usage.CPU) / float64(a.at.Sub(b.at)),
		}
	}
	return rests, nil
}

// Network is how many bytes have come and gone at the interfaces of the hub's
// machine, headers and all, but over loopback.
func (h *Hub) Network() (sum int64, _ error) {
	path := fmt.Sprintf("/proc/%d/net/dev", h.PID())
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		fields := strings.Fields(rest)
		if !ok || name == "lo" || len(fields) < 9 {
			continue
		}
		for _, f := range []string{fields[0], fields[8]} { // received, sent
			n, err := strconv.ParseInt(f, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", path, err)
			}
			sum += n
		}
	}
	return sum, nil
}
