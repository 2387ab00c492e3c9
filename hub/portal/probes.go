package portal

import (
	"net/http"
	"slices"
)

// answer is what a probe is told once its phone has been let through: what the
// system behind it takes for the open internet, to the byte.
type answer struct {
	status int
	kind   string // Content-Type; "" where there is no body
	body   string
	header map[string]string
}

// probe is a way in which a system asks whether it is on the internet.
type probe struct {
	name  string
	hosts []string // exact; none: any host that no other probe has
	paths []string // exact; none: any path
	apple bool     // captive is told by a page, not by a redirect
	open  answer
}

const (
	plainText = "text/plain"
	htmlText  = "text/html"
)

func noContent() answer { return answer{status: http.StatusNoContent} }

func appleSuccess() answer {
	return ok(htmlText, "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>")
}

func networkManager(status int) answer {
	a := answer{status: status, header: map[string]string{"X-NetworkManager-Status": "online"}}
	if status == http.StatusOK {
		a.kind, a.body = plainText, "NetworkManager is online"
	}
	return a
}

func ok(kind, body string) answer { return answer{status: http.StatusOK, kind: kind, body: body} }

// probes are those of which the answers are known. The first that fits counts.
var probes = []probe{
	{
		name: "Apple", hosts: []string{"captive.apple.com", "www.apple.com"}, apple: true, open: appleSuccess(),
		paths: []string{"/hotspot-detect.html", "/library/test/success.html"},
	},
	{name: "Apple, the page itself", hosts: []string{"captive.apple.com"}, apple: true, open: appleSuccess()},
	{
		name: "Apple, older", apple: true, open: appleSuccess(),
		hosts: []string{
			"www.appleiphonecell.com", "www.airport.us", "www.ibook.info", "www.itools.info", "www.thinkdifferent.us",
			"gsp1.apple.com", "netcts.cdn-apple.com",
		},
	},
	{
		name: "Android and Chrome", paths: []string{"/generate_204", "/gen_204"}, open: noContent(),
		hosts: []string{
			"connectivitycheck.gstatic.com", "connectivitycheck.android.com", "clients3.google.com", "clients4.google.com",
			"www.google.com", "play.googleapis.com", "www.gstatic.com",
			"connectivitycheck.gstatic.cn", "www.googleapis.cn",
		},
	},
	{
		name: "Android of other makers", paths: []string{"/generate_204", "/gen_204"}, open: noContent(),
		hosts: []string{
			"connect.rom.miui.com", "connectivitycheck.platform.hicloud.com",
			"connectivitycheck.grapheneos.network", "grapheneos.online",
		},
	},
	{name: "Android without Google", hosts: []string{"204.ecloud.global", "captiveportal.kuketz.de"}, open: noContent()},
	{name: "Samsung, older", hosts: []string{"d2uzsrnmmf6tds.cloudfront.net", "www.samsung.com"}, open: ok(plainText, "ok")},
	{
		name: "Windows", hosts: []string{"www.msftconnecttest.com", "ipv6.msftconnecttest.com"}, paths: []string{"/connecttest.txt"},
		open: ok(plainText, "Microsoft Connect Test"),
	},
	{name: "Windows, older", hosts: []string{"www.msftncsi.com", "ipv6.msftncsi.com"}, paths: []string{"/ncsi.txt"}, open: ok(plainText, "Microsoft NCSI")},
	{name: "Edge", hosts: []string{"edge-http.microsoft.com"}, paths: []string{"/captiveportal/generate_204"}, open: noContent()},
	{
		name: "Firefox", hosts: []string{"detectportal.firefox.com"}, paths: []string{"/canonical.html"},
		open: ok(htmlText, `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`),
	},
	{name: "Firefox, whether IPv4 and IPv6 work", hosts: []string{"detectportal.firefox.com"}, paths: []string{"/success.txt"}, open: ok(plainText, "success\n")},
	{name: "GNOME", hosts: []string{"nmcheck.gnome.org"}, paths: []string{"/check_network_status.txt"}, open: networkManager(http.StatusOK)},
	{
		name: "Ubuntu", hosts: []string{"connectivity-check.ubuntu.com"},
		open: networkManager(http.StatusNoContent),
	},
	{name: "Debian and Arch", hosts: []string{"network-test.debian.org", "ping.archlinux.org"}, open: networkManager(http.StatusOK)},
	{name: "Fedora", hosts: []string{"fedoraproject.org"}, paths: []string{"/static/hotspot.txt"}, open: ok(plainText, "OK")},
	{name: "KDE", hosts: []string{"networkcheck.kde.org"}, open: ok(plainText, "OK")},
	{
		name: "Kindle", hosts: []string{"spectrum.s3.amazonaws.com"}, paths: []string{"/kindle-wifi/wifistub.html", "/kindle-wifi/wifiredirect.html"},
		open: ok(htmlText, "<html><head><title>Kindle Reachability Probe Page</title></head><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>"),
	},
	{
		name: "Nintendo", hosts: []string{"ctest.cdn.nintendo.net", "conntest.nintendowifi.net"},
		open: answer{status: http.StatusOK, kind: plainText, body: "ok", header: map[string]string{"X-Organization": "Nintendo"}},
	},
	{name: "whoever asks as Android does", paths: []string{"/generate_204", "/gen_204"}, open: noContent()},
}

// probeFor is the probe that asks a host for a path.
func probeFor(host, path string) (probe, bool) {
	for _, p := range probes {
		if (p.hosts == nil || slices.Contains(p.hosts, host)) && (p.paths == nil || slices.Contains(p.paths, path)) {
			return p, true
		}
	}
	return probe{}, false
}

// Hosts are the names that probes ask for. While a phone has not been let through,
// and while the internet is down, they resolve to the hub.
func Hosts() (all []string) {
	for _, p := range probes {
		all = append(all, p.hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
