package main

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/node"
)

func TestAGuestIsToldWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		wifi  node.Wifi
		pages string
		root  bool
		want  []string
	}{
		"no phones":                        {node.Wifi{DNS: ":5353"}, ":8080", false, nil},
		"its own Wi-Fi":                    {node.Wifi{Portal: true, DNS: ":5353", Lease: node.Lease{Interface: "wlan0"}}, ":8080", true, nil},
		"all that can be":                  {node.Wifi{Portal: true, DNS: ":53"}, ":80", true, []string{"name server"}},
		"no names":                         {node.Wifi{Portal: true}, ":80", true, []string{"name server", "not answered"}},
		"high ports, by somebody":          {node.Wifi{Portal: true, DNS: "10.9.0.2:5353"}, ":8080", false, []string{"name server", "5353", "8080", "setcap cap_net_bind_service=+ep /opt/lamppost"}},
		"high ports, by root, for a trial": {node.Wifi{Portal: true, DNS: "10.9.0.2:5353"}, ":8080", true, []string{"name server", "5353", "8080"}},
	} {
		got := guestNotes(c.wifi, c.pages, "/opt/lamppost", c.root)
		fits := len(got) == len(c.want)
		for i := range min(len(got), len(c.want)) {
			fits = fits && strings.Contains(got[i], c.want[i])
		}
		if !fits {
			t.Errorf("%s: %q", name, got)
		}
	}
}
