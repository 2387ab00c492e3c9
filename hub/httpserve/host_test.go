package httpserve_test

import (
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/httpserve"
)

func TestTheNameInAHostHeader(t *testing.T) {
	for header, want := range map[string]string{
		"lamppost.internal": "lamppost.internal", "LAMPPOST.Internal.:80": "lamppost.internal", "lamppost.internal:": "lamppost.internal",
		"192.0.2.1": "192.0.2.1", "192.0.2.1:8080": "192.0.2.1", "[::1]": "::1", "[::1]:80": "::1", "::1": "::1", "[fe80::1%eth0]:80": "fe80::1%eth0",
		"": "", ".": "", ":80": "", "[::1": "[::1", "::1]": "::1]", "[[::1]]": "[::1]", "a:80:80": "a:80:80", "a..": "a.",
	} {
		if got := httpserve.HostName(header); got != want {
			t.Errorf("%q is %q, want %q", header, got, want)
		}
	}
}

func TestTheNameOfAPlace(t *testing.T) {
	for label, want := range map[string]string{
		"Fire Station 4": "fire-station-4.internal", "École St. Jean": "ecole-st-jean.internal", "  Elm--St/9 ": "elm-st-9.internal",
		"救助站": "", "": "", "-": "", "\x00\xff": "",
		strings.Repeat("a", 80): strings.Repeat("a", 63) + ".internal",
	} {
		if got := httpserve.LabelHost(label); got != want {
			t.Errorf("%q is at %q, want %q", label, got, want)
		}
	}
}
