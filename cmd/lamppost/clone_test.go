package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
)

// The first minute of somebody who has just cloned the repository.
func TestAFreshCloneAnswersWithOneCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	data := filepath.Join(t.TempDir(), "hub")
	cmd := exec.Command("go", "run", "./cmd/lamppost", "run", "--data", data, "--found", "My street", "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0", "--no-watch-internet")
	cmd.Dir = filepath.Join("..", "..")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run and what it runs
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var s control.Status
	err := waitFor(t.Context(), 5*time.Minute, func() (bool, error) { // a cold build
		select {
		case err := <-ended:
			ended <- err
			return false, err
		default:
		}
		var err error
		s, err = control.NewClient(data).Status(t.Context())
		return err == nil, nil
	})
	if err == nil {
		if _, body, pageErr := newNeighbor(s.HTTP).get("/"); pageErr != nil || !strings.Contains(body, "My street") {
			t.Errorf("%v\n%s", pageErr, body)
		}
	}
	if killErr := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); killErr != nil && err == nil {
		t.Error(killErr)
	}
	if end := <-ended; err != nil {
		t.Fatalf("it does not answer: %v, %v\n%s", err, end, &said)
	}
}
