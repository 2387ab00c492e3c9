package main

import (
	"log/slog"
	"path/filepath"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// mapsFolder is where street maps and pictures are, in the data folder.
const mapsFolder = "maps"

// maps is what the maps are given.
func (c *runCommand) maps(log *slog.Logger) apps.Maps {
	return apps.Maps{
		Folder: filepath.Join(c.Data, mapsFolder), Log: log,
		Disk: func() (free, total uint64, err error) { return node.Room(c.Data) },
	}
}
