package fieldtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of processor times in /proc: USER_HZ, 100 on all that
// Lamppost runs on.
const clockTick = 10 * time.Millisecond

// Usage is what a hub's process takes of its machine.
type Usage struct {
	RSS int64         // bytes of memory in use (VmRSS)
	CPU time.Duration // of all its threads since it began
}

// Usage reads what the hub takes now (proc(5)).
func (h *Hub) Usage() (u Usage, _ error) {
	dir := fmt.Sprintf("/proc/%d/", h.PID())
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
	_, rest, ok := strings.Cut(string(status), "\nVmRSS:")
	if fields := strings.Fields(rest); ok && len(fields) > 0 {
		kib, err := strconv.ParseInt(fields[0], 10, 64)
		u.RSS = kib << 10
		return u, err
	}
	return u, fmt.Errorf("%sstatus has no VmRSS", dir)
}
