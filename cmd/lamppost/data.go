package main

import (
	"path/filepath"
	"strconv"
	"strings"
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
