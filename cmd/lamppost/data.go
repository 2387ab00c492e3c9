package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
)

// folderFlag is of every command that works on a data folder.
type folderFlag struct {
	Data string `default:"lamppost-data" placeholder:"DIR" type:"path" help:"Folder for everything this hub keeps. Normally ${default}."`
}

// flag is what to type so that another command works on the same folder.
func (f folderFlag) flag() string {
	if normal, err := filepath.Abs("lamppost-data"); err == nil && normal == f.Data {
		return ""
	}
	if strings.ContainsAny(f.Data, " \t'\"$\\&;()") {
		return " --data " + strconv.Quote(f.Data)
	}
	return " --data " + f.Data
}

// unreachable says in words why a running hub could not be asked.
func (f folderFlag) unreachable(err error) error {
	if errors.Is(err, control.ErrNotRunning) {
		return fmt.Errorf("no hub runs on %s; start it with: lamppost run%s", f.Data, f.flag())
	}
	return err
}
