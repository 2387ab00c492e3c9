package metrics

import "github.com/prometheus/client_golang/prometheus"

// Wifi is what a hub has done for phones, and how it stands with them.
type Wifi struct {
	Queries        map[string]uint64 // for names, by how they were answered
	Cached         int               // answers that are remembered
	CacheBytes     int
	Servers        map[string]bool // name servers in the internet, and whether they answer
	Leased, Leases int             // addresses that phones have, of so many
	Phones         map[string]int  // that are there, by state
}

// wifiCollector looks that up.
type wifiCollector struct {
	look   func() Wifi
	gauges map[string]gauge
}

// TellWifi adds what there is to tell of phones. It is called once at most.
func (m *Metrics) TellWifi(look func() Wifi) error {
	c := &wifiCollector{look, map[string]gauge{}}
	for _, g := range []struct {
		name, help string
		kind       prometheus.ValueType
		labels     []string
	}{
		{"dns_queries_total", "Queries for names, by how they were answered: quick (at once, as phones ask), slow (at once, all else), forwarded (to the internet, or from what is remembered of it), slipped (told to come over TCP), dropped.", prometheus.CounterValue, []string{"outcome"}},
		{"dns_cache_answers", "Answers of name servers in the internet that are remembered.", prometheus.GaugeValue, nil},
		{"dns_cache_bytes", "What they take of memory.", prometheus.GaugeValue, nil},
		{"dns_server_up", "1 if the name server in the internet answers.", prometheus.GaugeValue, []string{"server"}},
		{"dhcp_leased_addresses", "Addresses that phones have been given and that hold.", prometheus.GaugeValue, nil},
		{"dhcp_addresses", "Addresses there are to give.", prometheus.GaugeValue, nil},
		{"portal_phones", "Phones that are there: captive (have not chosen to stay), accepted (have, without internet), open (have, with internet).", prometheus.GaugeValue, []string{"state"}},
	} {
		c.gauges[g.name] = gauge{prometheus.NewDesc("lamppost_"+g.name, g.help, g.labels, nil), g.kind}
	}
	return m.registry.Register(c)
}

// Describe names the numbers there are.
func (c *wifiCollector) Describe(out chan<- *prometheus.Desc) {
	for _, g := range c.gauges {
		out <- g.desc
	}
}

// Collect looks them up.
func (c *wifiCollector) Collect(out chan<- prometheus.Metric) {
	tell := func(name string, v float64, labels ...string) {
		g := c.gauges[name]
		out <- prometheus.MustNewConstMetric(g.desc, g.kind, v, labels...)
	}
	w := c.look()
	for outcome, n := range w.Queries {
		tell("dns_queries_total", float64(n), outcome)
	}
	for server, up := range w.Servers {
		tell("dns_server_up", number(up), server)
	}
	for state, n := range w.Phones {
		tell("portal_phones", float64(n), state)
	}
	if w.Queries != nil {
		tell("dns_cache_answers", float64(w.Cached))
		tell("dns_cache_bytes", float64(w.CacheBytes))
	}
	if w.Leases > 0 {
		tell("dhcp_leased_addresses", float64(w.Leased))
		tell("dhcp_addresses", float64(w.Leases))
	}
}
