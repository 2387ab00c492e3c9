package portal_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/portal"
)

const home = "http://lamppost.internal/"

// phone is where requests come from.
var phone = netip.MustParseAddr("10.1.0.7")

// meets is a portal that has let the phone through or not, as a server asks it.
func meets(accepted bool) http.Handler {
	st := newStreet()
	clients := st.start()
	if accepted {
		if err := clients.Accept(phone); err != nil {
			panic(err)
		}
	}
	p := portal.New(clients, home, netip.MustParsePrefix("10.1.0.0/16"))
	sheet := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<a href="http://lamppost.internal/">Millbrook</a>`))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Stray(w, r, sheet) })
}

// asked is what a portal answers.
type asked struct {
	status int
	header http.Header
	body   string
}

func ask(h http.Handler, method, host, target, agent string) asked {
	r := httptest.NewRequest(method, target, nil)
	r.Host, r.RemoteAddr = host, phone.String()+":40000"
	r.Header.Set("User-Agent", agent)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return asked{w.Code, w.Header(), w.Body.String()}
}

// What an answer has to be.
type want struct {
	status int
	body   string // exact; "*" any that is not empty; "" none
	header string // "Name: value"
}

var (
	sheet     = want{status: 200, body: `<a href="http://lamppost.internal/">Millbrook</a>`}
	away      = want{status: 302, body: "*", header: "Location: " + home}
	noContent = want{status: 204}
	success   = want{status: 200, body: "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"}
	online    = want{status: 200, body: "NetworkManager is online", header: "X-NetworkManager-Status: online"}
)

const (
	wispr   = "CaptiveNetworkSupport-443.0.0.0.1 wispr"
	browser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
)

// rows are those of the conformance table that are answered over HTTP.
var rows = []struct {
	row             string
	hosts           []string
	path            string
	agent           string
	captive, letBye want
}{
	{"1 iOS", []string{"captive.apple.com"}, "/hotspot-detect.html", wispr, sheet, success},
	{"2 the sheet of iOS", []string{"captive.apple.com"}, "/hotspot-detect.html", browser, sheet, success},
	{"3 Apple, older", []string{"www.apple.com"}, "/library/test/success.html", wispr, sheet, success},
	{
		"4 Apple's other hosts", []string{
			"www.appleiphonecell.com", "www.airport.us", "www.ibook.info", "www.itools.info", "www.thinkdifferent.us", "gsp1.apple.com", "netcts.cdn-apple.com",
		}, "/any/path.html", wispr, sheet, success,
	},
	{"5 Android", []string{"connectivitycheck.gstatic.com"}, "/generate_204", "", away, noContent},
	{"6 Android, other hosts", []string{"connectivitycheck.android.com", "clients3.google.com", "clients4.google.com"}, "/generate_204", "", away, noContent},
	{"7 Android and Chrome", []string{"www.google.com"}, "/gen_204", "", away, noContent},
	{"8 Android's fallback", []string{"play.googleapis.com"}, "/generate_204", "", away, noContent},
	{"10 ChromeOS", []string{"www.gstatic.com"}, "/generate_204", "", away, noContent},
	{"11 Android in China", []string{"connectivitycheck.gstatic.cn", "www.googleapis.cn"}, "/generate_204", "", away, noContent},
	{"12 Xiaomi", []string{"connect.rom.miui.com"}, "/generate_204", "", away, noContent},
	{"13 Huawei", []string{"connectivitycheck.platform.hicloud.com"}, "/generate_204", "", away, noContent},
	{"14 Samsung, older", []string{"d2uzsrnmmf6tds.cloudfront.net"}, "/50KB.txt", "", away, want{status: 200, body: "*"}},
	{"14 Samsung, older still", []string{"www.samsung.com"}, "/", "", away, want{status: 200, body: "*"}},
	{"15 GrapheneOS", []string{"connectivitycheck.grapheneos.network"}, "/generate_204", "", away, noContent},
	{"15 GrapheneOS, other host", []string{"grapheneos.online"}, "/gen_204", "", away, noContent},
	{"16 Android without Google", []string{"204.ecloud.global", "captiveportal.kuketz.de"}, "/", "", away, noContent},
	{"17 Windows", []string{"www.msftconnecttest.com"}, "/connecttest.txt", "", away, want{status: 200, body: "Microsoft Connect Test"}},
	{"19 Windows opens a browser", []string{"www.msftconnecttest.com"}, "/redirect", "", away, away},
	{"20 Windows, older", []string{"www.msftncsi.com"}, "/ncsi.txt", "", away, want{status: 200, body: "Microsoft NCSI"}},
	{"22 Edge", []string{"edge-http.microsoft.com"}, "/captiveportal/generate_204", "", away, noContent},
	{
		"23 Firefox", []string{"detectportal.firefox.com"}, "/canonical.html", "", away,
		want{status: 200, body: `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`},
	},
	{"24 Firefox", []string{"detectportal.firefox.com"}, "/success.txt", "", away, want{status: 200, body: "success\n"}},
	{"24 Firefox over IPv4", []string{"detectportal.firefox.com"}, "/success.txt?ipv4", "", away, want{status: 200, body: "success\n"}},
	{"24 Firefox over IPv6", []string{"detectportal.firefox.com"}, "/success.txt?ipv6", "", away, want{status: 200, body: "success\n"}},
	{"25 GNOME", []string{"nmcheck.gnome.org"}, "/check_network_status.txt", "", away, online},
	{"26 Ubuntu", []string{"connectivity-check.ubuntu.com"}, "/", "", away, want{status: 204, header: "X-NetworkManager-Status: online"}},
	{"27 Debian", []string{"network-test.debian.org"}, "/nm", "", away, online},
	{"27 Arch", []string{"ping.archlinux.org"}, "/nm-check.txt", "", away, online},
	{"28 Fedora", []string{"fedoraproject.org"}, "/static/hotspot.txt", "", away, want{status: 200, body: "OK"}},
	{"29 KDE", []string{"networkcheck.kde.org"}, "/", "", away, want{status: 200, body: "OK"}},
	{"30 Kindle", []string{"spectrum.s3.amazonaws.com"}, "/kindle-wifi/wifistub.html", "", away, want{status: 200, body: "*"}},
	{"30 Kindle, redirect", []string{"spectrum.s3.amazonaws.com"}, "/kindle-wifi/wifiredirect.html", "", away, want{status: 200, body: "*"}},
	{"31 Nintendo", []string{"ctest.cdn.nintendo.net", "conntest.nintendowifi.net"}, "/", "", away, want{status: 200, body: "*", header: "X-Organization: Nintendo"}},
	{"32 somebody who asks like Android", []string{"check.example.org", "", "192.0.2.1"}, "/generate_204", "", away, noContent},
	{"32 somebody who asks like Chrome", []string{"check.example.org"}, "/gen_204", "", away, noContent},
	{"33 any other page", []string{"www.example.org", "www.google.com", "fedoraproject.org"}, "/news?page=2", "", away, away},
}

// In O names are forwarded, and whoever still asks here is answered as in A: the
// portal does not know whether there is internet.
func TestProbes(t *testing.T) {
	for _, c := range rows {
		for _, state := range []string{"C", "A", "O"} {
			accepted, want := state != "C", c.letBye
			if !accepted {
				want = c.captive
			}
			for _, host := range c.hosts {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					t.Run(fmt.Sprintf("row %s/%s/in %s/%s", c.row, host, state, method), func(t *testing.T) {
						check(t, ask(meets(accepted), method, host, c.path, c.agent), want, method)
					})
				}
			}
		}
	}
}

func check(t *testing.T, got asked, want want, method string) {
	t.Helper()
	if got.status != want.status {
		t.Errorf("status %d, want %d", got.status, want.status)
	}
	if name, value, ok := strings.Cut(want.header, ": "); ok && got.header.Get(name) != value {
		t.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
	}
	switch {
	case got.header.Get("Strict-Transport-Security") != "":
		t.Error("promises encryption for ever")
	case want.status == 204 && got.body != "", method == http.MethodHead && want.status == 302 && got.body != "":
		t.Errorf("a body: %q", got.body)
	case method == http.MethodHead:
	case want.body == "*" && len(got.body) <= 1, want.status == 302 && len(got.body) <= 4:
		t.Errorf("body %q", got.body)
	case want.body != "*" && got.body != want.body:
		t.Errorf("body %q, want %q", got.body, want.body)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", got.header.Get("Cache-Control"))
	}
}

func TestACaptivePhoneIsNeverToldSuccess(t *testing.T) {
	for _, c := range rows[:4] {
		if got := ask(meets(false), http.MethodGet, c.hosts[0], c.path, c.agent); strings.Contains(got.body, "Success") || strings.Contains(got.body, "<form") {
			t.Errorf("row %s: %s", c.row, got.body)
		}
	}
}

// TestRequestsAsNoBrowserMakesThem goes through Go's own reading of requests.
func TestRequestsAsNoBrowserMakesThem(t *testing.T) {
	captive := meets(false)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = phone.String() + ":40000"
		captive.ServeHTTP(w, r)
	}))
	s.Config.MaxHeaderBytes = 16 << 10
	s.Start()
	defer s.Close()
	for name, c := range map[string]struct{ request, begins string }{
		"HTTP/1.0 without a host":     {"GET /generate_204 HTTP/1.0\r\n\r\n", "HTTP/1.0 302"},
		"the whole address":           {"GET http://captive.apple.com/hotspot-detect.html HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n", "HTTP/1.1 200"},
		"an asterisk":                 {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 "},
		"a host that is none":         {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "HTTP/1.1 302"},
		"a host of ten thousand dots": {"GET / HTTP/1.1\r\nHost: " + strings.Repeat(".", 10_000) + "\r\n\r\n", "HTTP/1.1 302"},
		"headers without end":         {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 32<<10) + "\r\n\r\n", "HTTP/1.1 431"},
		"two in one":                  {"GET /generate_204 HTTP/1.1\r\nHost: x\r\n\r\nGET /gen_204 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 302"},
	} {
		t.Run(name, func(t *testing.T) {
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte(c.request)); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.HasPrefix(line, c.begins) {
				t.Errorf("%q, %v", line, err)
			}
		})
	}
}

func TestWhoIsNotOnTheWiFiIsNeverCaptive(t *testing.T) {
	for _, at := range []string{"127.0.0.1", "192.168.1.7", "::1", "fd00::7"} {
		r := httptest.NewRequest(http.MethodGet, "/generate_204", nil)
		r.Host, r.RemoteAddr = "x", netip.AddrPortFrom(netip.MustParseAddr(at), 1).String()
		w := httptest.NewRecorder()
		meets(false).ServeHTTP(w, r)
		if w.Code != http.StatusNoContent {
			t.Errorf("%s: %d", at, w.Code)
		}
	}
}

func TestNetworksOfPhonesComeAndGo(t *testing.T) {
	p := portal.New(newStreet().start(), home, netip.MustParsePrefix("10.9.0.0/16"))
	if !p.Accepted(phone) {
		t.Error("who is on another network is captive")
	}
	p.SetNetworks([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")})
	if p.Accepted(phone) {
		t.Error("who is on the new network is not")
	}
}

func TestPhonesThatAreThereAreCounted(t *testing.T) {
	st := newStreet()
	for i := range byte(3) {
		st.near[netip.AddrFrom4([4]byte{10, 1, 0, 7 + i})] = mac(7 + i)
	}
	st.near[netip.MustParseAddr("192.168.1.9")] = mac(99) // of another network
	c := st.start()
	if err := c.Accept(phone); err != nil {
		t.Fatal(err)
	}
	if accepted, captive := portal.New(c, home, netip.MustParsePrefix("10.1.0.0/16")).Phones(); accepted != 1 || captive != 2 {
		t.Errorf("%d let through, %d not", accepted, captive)
	}
	st.now += portal.Absence
	if accepted, captive := portal.New(c, home).Phones(); accepted != 0 || captive != 4 {
		t.Errorf("after a day: %d let through, %d not", accepted, captive)
	}
}

func TestHostsAreTheProbes(t *testing.T) {
	all := portal.Hosts()
	for _, host := range []string{"captive.apple.com", "connectivitycheck.gstatic.com", "www.msftconnecttest.com", "detectportal.firefox.com"} {
		found := false
		for _, h := range all {
			found = found || h == host
		}
		if !found {
			t.Errorf("%s is missing of %d", host, len(all))
		}
	}
}

func FuzzPortal(f *testing.F) {
	for _, c := range rows {
		f.Add(c.hosts[0], c.path, true)
	}
	f.Add("[::1]:80", "/%2e%2e/generate_204", false)
	captive, through := meets(false), meets(true)
	f.Fuzz(func(t *testing.T, host, path string, accepted bool) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.URL.Path, r.RemoteAddr = host, path, phone.String()+":1"
		h := captive
		if accepted {
			h = through
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusMovedPermanently || w.Code >= 500 {
			t.Errorf("%d", w.Code)
		}
		if w.Code == http.StatusNoContent && !accepted {
			t.Error("a captive phone is told that it is on the internet")
		}
	})
}
