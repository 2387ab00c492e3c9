package fieldtest_test

import (
	"strings"

	"github.com/miekg/dns"
)

// What phones are while nobody has tapped yet, and afterwards without internet.
const (
	captive = iota
	accepted
)

// What is asked of the hub's name server in place of a page.
const (
	addressOf  = "A "
	address6Of = "AAAA "
	secure     = "https " // a connection to port 443
)

// Answers that are not given word by word.
const (
	toThePage = " 302 http://lamppost.internal/"
	thePage   = "a page that leads to the hub's and does not say the word that Apple looks for"
	refused   = "refused at once"
)

// step is one thing that a system asks, and what it has to hear in either state.
type step struct {
	asks string // a URL, or one of the above with a name
	want [2]string
	curl []string
}

// same is heard in either state.
func same(answer string) [2]string { return [2]string{answer, answer} }

// system is what one kind of phone or computer asks when it joins, in this order.
type system struct {
	name  string
	steps []step
}

const (
	appleAgent   = "CaptiveNetworkSupport-481.140.3 wispr"
	safariAgent  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
	androidAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36"
	appleSuccess = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML> 200 "
	mozillaPage  = `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`
)

func systems() []system {
	android := []string{"-A", androidAgent}
	return []system{
		{"iOS", []step{
			{asks: addressOf + "captive.apple.com", want: same("NOERROR 192.0.2.1")},
			{asks: addressOf + "mask.icloud.com", want: same("NXDOMAIN")},
			{asks: "http://captive.apple.com/hotspot-detect.html", curl: []string{"--http1.0", "-A", appleAgent}, want: [2]string{thePage, appleSuccess}},
			{asks: "http://captive.apple.com/hotspot-detect.html", curl: []string{"-A", safariAgent}, want: [2]string{thePage, appleSuccess}},
			{asks: "http://www.apple.com/library/test/success.html", curl: []string{"--http1.0", "-A", appleAgent}, want: [2]string{thePage, appleSuccess}},
		}},
		{"Android", []step{
			{asks: addressOf + "connectivitycheck.gstatic.com", want: same("NOERROR 192.0.2.1")},
			{asks: address6Of + "connectivitycheck.gstatic.com", want: same("NOERROR")},
			{asks: secure + "192.0.2.1:443", want: same(refused)},
			{asks: "http://connectivitycheck.gstatic.com/generate_204", curl: android, want: [2]string{toThePage, " 204 "}},
			{asks: "http://www.google.com/gen_204", curl: android, want: [2]string{toThePage, " 204 "}},
			{asks: "http://play.googleapis.com/generate_204", curl: android, want: [2]string{toThePage, " 204 "}},
			{asks: secure + "10.44.0.1:853", want: same(refused)},
		}},
		{"Windows", []step{
			{asks: addressOf + "dns.msftncsi.com", want: [2]string{"NOERROR 192.0.2.1", "NOERROR 131.107.255.255"}},
			{asks: "http://www.msftconnecttest.com/connecttest.txt", curl: []string{"-A", "Microsoft NCSI"}, want: [2]string{toThePage, "Microsoft Connect Test 200 "}},
			{asks: address6Of + "ipv6.msftconnecttest.com", want: same("NOERROR")},
			{asks: "http://www.msftconnecttest.com/redirect", want: same(toThePage)},
			{asks: "http://www.msftncsi.com/ncsi.txt", curl: []string{"-A", "Microsoft NCSI"}, want: [2]string{toThePage, "Microsoft NCSI 200 "}},
		}},
		{"Firefox", []step{
			{asks: addressOf + "use-application-dns.net", want: same("NXDOMAIN")},
			{asks: "http://detectportal.firefox.com/canonical.html", want: [2]string{toThePage, mozillaPage + " 200 "}},
			{asks: "http://detectportal.firefox.com/success.txt?ipv4", want: [2]string{toThePage, "success\n 200 "}},
			{asks: address6Of + "detectportal.firefox.com", want: same("NOERROR")},
			{asks: "http://detectportal.firefox.com/success.txt?ipv6", want: [2]string{toThePage, "success\n 200 "}},
		}},
		{"GNOME", []step{
			{asks: addressOf + "nmcheck.gnome.org", want: same("NOERROR 192.0.2.1")},
			{asks: "http://nmcheck.gnome.org/check_network_status.txt", want: [2]string{toThePage, "NetworkManager is online 200 "}},
			{asks: "http://nmcheck.gnome.org/check_network_status.txt", curl: []string{"-I"}, want: [2]string{toThePage, "X-Networkmanager-Status: online"}},
		}},
	}
}

// probes asks what each system asks, in its order.
func (p *phone) probes(state int) {
	p.Helper()
	for _, s := range systems() {
		for _, one := range s.steps {
			p.hears(s.name, one, one.want[state])
		}
	}
}

// hears makes one step and compares what comes of it.
func (p *phone) hears(system string, s step, want string) {
	p.Helper()
	if at, ok := strings.CutPrefix(s.asks, secure); ok {
		p.isRefused(at)
		return
	}
	var got string
	if name, ok := strings.CutPrefix(s.asks, addressOf); ok {
		got = p.hearsOf(name, dns.TypeA)
	} else if name, ok := strings.CutPrefix(s.asks, address6Of); ok {
		got = p.hearsOf(name, dns.TypeAAAA)
	} else {
		got = p.loads(s.asks, s.curl...)
	}
	fits := got == want
	switch {
	case want == thePage:
		fits = strings.HasSuffix(got, " 200 ") && strings.Contains(got, "http://lamppost.internal/") && !strings.Contains(got, "Success")
	case want == toThePage:
		fits = strings.HasSuffix(got, want)
	case len(s.curl) > 0 && s.curl[0] == "-I":
		fits = strings.Contains(strings.ToLower(got), strings.ToLower(want))
	}
	if !fits {
		p.Errorf("%s: %s: %q, want %q", system, s.asks, got, want)
	}
}

func (p *phone) hearsOf(name string, kind uint16) string {
	p.Helper()
	said, err := p.lookUp(name, kind)
	p.ok(err)
	return said
}
