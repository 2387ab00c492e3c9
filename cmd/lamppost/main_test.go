package main

import (
	"os"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Tests run the program as what it is, a process: testscript puts a command of
// this name on the path that is this test program.
func TestMain(m *testing.M) {
	_ = os.Setenv(noInternet, "false") // tests ask nobody in the world
	testscript.Main(m, map[string]func(){"lamppost": main})
}

// noInternet is the setting by which a hub does not look for the internet.
const noInternet = "LAMPPOST_WATCH_INTERNET"

// count is so many percent of full as LAMPPOST_COUNT says, 10 if it is not set,
// and at least 1.
func count(full int) int {
	percent, err := strconv.Atoi(os.Getenv("LAMPPOST_COUNT"))
	if err != nil {
		percent = 10
	}
	return max(1, full*percent/100)
}
