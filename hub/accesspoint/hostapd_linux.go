package accesspoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

const (
	hostapdProgram = "hostapd"

	startsWithin = 30 * time.Second // hostapd has set the adapter and goes on by itself
	stopsWithin  = 5 * time.Second  // it has put the adapter back
	maxSaid      = 400              // bytes of what it says that are shown
)

// startHostapd writes the configuration of a plan's Wi-Fi and starts hostapd with it,
// which outlives this process. It is found again by the file on its command line, so
// also where this process ends before it is known which it is.
func startHostapd(p Plan, folder string) error {
	conf, err := p.radio().WriteHostapd(folder)
	if err != nil {
		return err
	}
	if conf, err = filepath.Abs(conf); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startsWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, hostapdProgram, "-B", conf)
	cmd.WaitDelay = time.Second
	said, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("hostapd, which makes the Wi-Fi, is not installed: “apt install hostapd”, or leave the Wi-Fi's name out and have an access point make it")
	case err != nil:
		return errors.Join(fmt.Errorf("hostapd cannot make a Wi-Fi of %s: %s%w", p.Interface, lastLines(said), err), adapterTroubles(ctx, p))
	}
	return nil
}

// lastLines is the end of what a program said, for an error.
func lastLines(said []byte) string {
	text := strings.Join(strings.Fields(string(said[max(0, len(said)-maxSaid):])), " ")
	if text == "" {
		return ""
	}
	return "“" + text + "”, "
}

// adapterTroubles is why the adapter may be of no use, as far as it is known; nil if
// nothing is.
func adapterTroubles(ctx context.Context, p Plan) error {
	var wrong []error
	for _, f := range (surroundings{Radio: root("/").radio(ctx, p.Interface), Hostapd: true}).radio(p) {
		if f.Level != doctor.OK {
			wrong = append(wrong, errors.New(f.Text+" "+f.Todo))
		}
	}
	return errors.Join(wrong...)
}

// stopHostapd ends what startHostapd started.
func stopHostapd(conf string) error {
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		left, err := serving(conf)
		if err != nil || len(left) == 0 {
			return err
		}
		if err := tell(left, conf, signal); err != nil {
			return err
		}
		if ended, err := endsSoon(conf); ended || err != nil {
			return err
		}
	}
	return errors.New("hostapd does not end")
}

// endsSoon waits until no hostapd with a configuration file is left.
func endsSoon(conf string) (bool, error) {
	tick, late := time.NewTicker(50*time.Millisecond), time.NewTimer(stopsWithin)
	defer tick.Stop()
	defer late.Stop()
	for {
		left, err := serving(conf)
		if err != nil || len(left) == 0 {
			return err == nil, err
		}
		select {
		case <-tick.C:
		case <-late.C:
			return false, nil
		}
	}
}

// tell sends processes a signal that are still what they were taken for.
func tell(all []int, conf string, signal os.Signal) error {
	for _, pid := range all {
		p, err := os.FindProcess(pid) // keeps hold of the process, whose number may go to another
		if err != nil {
			return err
		}
		if !serves(pid, conf) {
			continue
		}
		if err := p.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("end hostapd: %w", err)
		}
	}
	return nil
}

// serving are the processes of hostapd with a configuration file.
func serving(conf string) (all []int, err error) {
	folders, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		if pid, err := strconv.Atoi(f.Name()); err == nil && serves(pid, conf) {
			all = append(all, pid)
		}
	}
	return all, nil
}

// serves reports whether a process is hostapd with a configuration file. One that has
// ended, and waits for its parent to notice, has no command line.
func serves(pid int, conf string) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	args := strings.Split(string(bytes.TrimRight(b, "\x00")), "\x00")
	return filepath.Base(args[0]) == hostapdProgram && slices.Contains(args, conf)
}
