package httpserve_test

import (
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
