package metrics_test

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/metrics"
)

func TestTheMetricsTellHowItStandsWithPhones(t *testing.T) {
	m := newMetrics(t, func() (control.Status, error) { return standing(), nil })
	if text, err := m.Text(); err != nil || strings.Contains(text, "lamppost_dns") {
		t.Errorf("without a Wi-Fi: %v\n%s", err, text)
	}
	w := metrics.Wifi{
		Queries: map[string]uint64{"quick": 700, "dropped": 3}, Cached: 4, CacheBytes: 2000,
		Servers: map[string]bool{"9.9.9.9:53": true, "1.1.1.1:53": false},
		Leased:  12, Leases: 4084, Phones: map[string]int{"captive": 2, "accepted": 10},
	}
	if err := m.TellWifi(func() metrics.Wifi { return w }); err != nil {
		t.Fatal(err)
	}
	text, err := m.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`lamppost_dns_queries_total{outcome="quick"} 700`, `lamppost_dns_queries_total{outcome="dropped"} 3`, "# TYPE lamppost_dns_queries_total counter",
		`lamppost_dns_cache_answers 4`, `lamppost_dns_cache_bytes 2000`,
		`lamppost_dns_server_up{server="9.9.9.9:53"} 1`, `lamppost_dns_server_up{server="1.1.1.1:53"} 0`,
		`lamppost_dhcp_leased_addresses 12`, `lamppost_dhcp_addresses 4084`,
		`lamppost_portal_phones{state="captive"} 2`, `lamppost_portal_phones{state="accepted"} 10`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
	w = metrics.Wifi{Phones: map[string]int{"captive": 1}}
	if text, err := m.Text(); err != nil || strings.Contains(text, "lamppost_dhcp") || strings.Contains(text, "lamppost_dns") {
		t.Errorf("of the portal alone: %v\n%s", err, text)
	}
}
