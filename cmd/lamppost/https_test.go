package main

import (
	"testing"

	"github.com/lamppost-hub/lamppost/hub/accesspoint"
	"github.com/lamppost-hub/lamppost/hub/node"
)

func TestPhonesOfPortalUpAreLedToTheOfficialPages(t *testing.T) {
	led := accesspoint.NewPlan("wlan0", "")
	led.API = 4443
	closed := accesspoint.NewPlan("wlan0", "")
	for name, c := range map[string]struct {
		run  runCommand
		plan *accesspoint.Plan
		want node.HTTPS
	}{
		"no portal":                      {runCommand{HTTPS: ":8443"}, nil, node.HTTPS{Listen: ":8443"}},
		"a portal that refuses HTTPS":    {runCommand{HTTPS: ":8443"}, &closed, node.HTTPS{Listen: ":8443"}},
		"a portal that leads there":      {runCommand{HTTPS: ":8443"}, &led, node.HTTPS{Listen: ":4443", Port: "443"}},
		"off":                            {runCommand{HTTPS: off}, &led, node.HTTPS{}},
		"led to another certificate's":   {runCommand{HTTPS: ":8443", PortalCertificate: "cert.pem"}, &led, node.HTTPS{Listen: ":8443"}},
		"a certificate without a portal": {runCommand{HTTPS: ":443", PortalCertificate: "cert.pem"}, nil, node.HTTPS{Listen: ":443"}},
	} {
		if got := c.run.https(c.plan); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
