package metrics

import (
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	maxPeers     = 64 // links that are told one by one
	maxProtocols = 16 // protocols, likewise
)

// gauge is one kind of number that is looked up.
type gauge struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// collector looks up how a hub stands.
type collector struct {
	from   Source
	gauges map[string]gauge
}

func newCollector(from Source) *collector {
	c := &collector{from, map[string]gauge{}}
	for _, g := range []struct {
		name, help string
		kind       prometheus.ValueType
		labels     []string
	}{
		{"info", "What program the hub runs; always 1.", prometheus.GaugeValue, []string{"version"}},
		{"records", "Records in the hub's set, by class.", prometheus.GaugeValue, []string{"class"}},
		{"app_records", "Records in the hub's set, by app.", prometheus.GaugeValue, []string{"app"}},
		{"store_bytes", "Size of the file that holds the records.", prometheus.GaugeValue, nil},
		{"disk_free_bytes", "Room left on the disk of the data folder, for the hub's user.", prometheus.GaugeValue, nil},
		{"disk_bytes", "Size of the disk of the data folder.", prometheus.GaugeValue, nil},
		{"attachments", "Attachments that are here.", prometheus.GaugeValue, nil},
		{"attachment_bytes", "Room that attachments take, those on their way included.", prometheus.GaugeValue, nil},
		{"attachments_waiting", "Attachments that are to come from other hubs.", prometheus.GaugeValue, nil},
		{"links", "Links with other hubs that are up.", prometheus.GaugeValue, nil},
		{"members", "Other hubs that are up, whether linked or not.", prometheus.GaugeValue, nil},
		{"link_equal", "1 if both ends of the link held the same when they last said.", prometheus.GaugeValue, []string{"peer", "label"}},
		{"link_waiting_records", "Records that wait to be sent over the link.", prometheus.GaugeValue, []string{"peer", "label"}},
		{"link_behind_changes", "Changes of the other's log that one end has not taken over yet. Missing if not known.", prometheus.GaugeValue, []string{"peer", "label", "end"}},
		{"link_sent_bytes_total", "Bytes of frames sent over the link since it came up.", prometheus.CounterValue, []string{"peer", "label"}},
		{"link_received_bytes_total", "Bytes of frames received over the link since it came up.", prometheus.CounterValue, []string{"peer", "label"}},
		{"protocol_sent_bytes_total", "Bytes sent to other hubs over the streams of a protocol, without what encryption and TCP add.", prometheus.CounterValue, []string{"protocol"}},
		{"protocol_received_bytes_total", "Bytes received from other hubs over the streams of a protocol, without what encryption and TCP add.", prometheus.CounterValue, []string{"protocol"}},
		{"live_sockets", "Live connections of browsers that are open.", prometheus.GaugeValue, nil},
		{"newcomers_prepared", "Newcomers who can write at once, because their keys are made already.", prometheus.GaugeValue, nil},
		{"clock_plausible", "1 if the hub knows what time it is.", prometheus.GaugeValue, nil},
		{"clock_seconds", "What time it is by the hub, since 1970.", prometheus.GaugeValue, nil},
		{"warning", "1 for each thing that is wrong, as lamppost doctor names it.", prometheus.GaugeValue, []string{"code", "level"}},
	} {
		c.gauges[g.name] = gauge{prometheus.NewDesc("lamppost_"+g.name, g.help, g.labels, nil), g.kind}
	}
	return c
}

// Describe names the numbers there are.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, g := range c.gauges {
		out <- g.desc
	}
}

// Collect looks them up.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	tell := func(name string, v float64, labels ...string) {
		g := c.gauges[name]
		m, err := prometheus.NewConstMetric(g.desc, g.kind, v, labels...)
		if err != nil { // a label that is not UTF-8
			m = prometheus.NewInvalidMetric(g.desc, err)
		}
		out <- m
	}
	tell("live_sockets", float64(c.from.Sockets()))
	tell("newcomers_prepared", float64(c.from.Prepared()))
	s, err := c.from.Status()
	if err != nil {
		out <- prometheus.NewInvalidMetric(c.gauges["info"].desc, err)
		return
	}
	tell("info", 1, s.Program.Version)
	for _, class := range s.Set {
		tell("records", float64(class.Records), class.Name)
	}
	for _, app := range s.Apps {
		tell("app_records", float64(app.Records), app.Name)
	}
	tell("store_bytes", float64(s.Disk.Records))
	if s.Disk.Total > 0 {
		tell("disk_free_bytes", float64(s.Disk.Free))
		tell("disk_bytes", float64(s.Disk.Total))
	}
	tell("attachments", float64(s.Blobs.Kept))
	tell("attachment_bytes", float64(s.Blobs.Bytes))
	tell("attachments_waiting", float64(s.Blobs.Waiting))
	tell("members", float64(len(s.Members)))
	tell("clock_plausible", number(s.Clock.Plausible))
	tell("clock_seconds", float64(s.Clock.Now.UnixMilli())/1000)
	c.links(s, tell)
	for i, t := range s.Program.Traffic {
		if i >= maxProtocols {
			break
		}
		tell("protocol_sent_bytes_total", float64(t.Sent), t.Protocol)
		tell("protocol_received_bytes_total", float64(t.Received), t.Protocol)
	}
	warned := map[[2]string]bool{}
	for _, w := range s.Warnings {
		key := [2]string{w.Code, string(w.Level)}
		if !warned[key] {
			warned[key] = true
			tell("warning", 1, key[0], key[1])
		}
	}
}

// links tells of the links that are up: with each hub once.
func (c *collector) links(s control.Status, tell func(string, float64, ...string)) {
	traffic, told := c.from.Traffic(), map[string]bool{}
	for _, l := range s.Links {
		if !l.Up() || l.Peer == "" || told[l.Peer] {
			continue
		}
		told[l.Peer] = true
		if len(told) > maxPeers {
			continue
		}
		peer := l.Peer // all of it: two that are equal would spoil the whole answer
		tell("link_equal", number(l.Equal), peer, l.Label)
		tell("link_waiting_records", float64(l.Waiting), peer, l.Label)
		for end, n := range map[string]*uint64{"here": l.Behind.We, "there": l.Behind.They} {
			if n != nil {
				tell("link_behind_changes", float64(*n), peer, l.Label, end)
			}
		}
		if t, ok := traffic[l.Peer]; ok {
			tell("link_sent_bytes_total", float64(t.Sent), peer, l.Label)
			tell("link_received_bytes_total", float64(t.Received), peer, l.Label)
		}
	}
	tell("links", float64(len(told)))
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
