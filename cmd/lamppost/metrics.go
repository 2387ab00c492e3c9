package main

import (
	"context"
	"io"

	"github.com/lamppost-hub/lamppost/hub/control"
)

type metricsCommand struct{ folderFlag }

// Help is the longer text of --help.
func (metricsCommand) Help() string {
	return `Prints the metrics of a running hub in the Prometheus text format: records, links, disk,
clock, requests. A Prometheus on this machine finds the same at /metrics where the pages are,
under a loopback address; one elsewhere needs "lamppost run --metrics ADDR".`
}

// Run prints the metrics.
func (c *metricsCommand) Run(ctx context.Context, std streams) error {
	text, err := control.NewClient(c.Data).Metrics(ctx)
	if err != nil {
		return c.unreachable(err)
	}
	_, err = io.WriteString(std.out, text)
	return err
}
