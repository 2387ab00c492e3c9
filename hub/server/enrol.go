package server

import (
	"html/template"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/hub/httpserve"
	"github.com/lamppost-hub/lamppost/hub/qr"
)

// Authority tells how a device is enrolled.
type Authority interface {
	// Enrolment is what it needs, and false where this hub has no authority yet.
	Enrolment() (Enrolment, bool)
}

// Enrolment is what a device needs to sign official acts here.
type Enrolment struct {
	Root  authority.Authority
	Port  string // of the pages over HTTPS, as devices reach it; empty: they are not served just now
	Plain string // of the pages over plain http
	// Names and Addrs are what the hub's certificate is for.
	Names []string
	Addrs []netip.Addr
}

// at is the address of the pages over HTTPS by a name or number of the hub.
func (e Enrolment) at(host string) string { return address("https", host, e.Port) }

// address leaves out the port that browsers add themselves.
func address(scheme, host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[scheme] {
		host += ":" + port
	}
	return scheme + "://" + host + "/"
}

// plainHost is where the pages are without HTTPS, for a Host.
func (s *Server) plainHost(host string) string {
	port := "80"
	if s.cfg.Authority != nil {
		if e, ok := s.cfg.Authority.Enrolment(); ok && e.Plain != "" {
			port = e.Plain
		}
	}
	if port == "80" {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// enrolView is how a device is enrolled.
type enrolView struct {
	Way         way
	Ready       bool
	Name        string   // of the certificate
	Fingerprint []string // in lines
	Address     string   // over HTTPS; empty where that is not served
	Number      string   // the same without a name; may be empty
	QR          template.HTML
	Devices     []device
}

// Sealed reports whether the page has come over HTTPS.
func (m enrolView) Sealed() bool { return m.Way == sealed }

// AtBox reports whether it has come to the hub's own machine.
func (m enrolView) AtBox() bool { return m.Way == atBox }

// device is a kind of device, and how it comes to trust the certificate.
type device struct {
	Kind, Steps hub.Phrase
	Command     string // what the steps have typed; may be empty
}

// devices are told what their makers call things.
func devices() []device {
	return []device{
		{"iPhone and iPad", "Open this page in Safari, tap “Profile for Apple devices” and “Allow”. In Settings, tap “Profile Downloaded”, then “Install”. Compare: General, VPN & Device Management, the profile, More Details, the certificate. Only then switch it on: General, About, Certificate Trust Settings.", ""},
		{"Android", "Tap “Certificate” and keep the file. In Settings, search for “CA certificate” and install it from the file. Compare: Trusted credentials, User, the certificate; remove it if it differs. Chrome trusts it then, other browsers perhaps not, and the phone says from now on that somebody may watch the network: that is always said of a certificate of one’s own.", ""},
		{"Windows", "Keep the file “Certificate”. Compare in a command window, in the folder with the file: %s. Then open the file: Install Certificate, Current User, Trusted Root Certification Authorities. Edge and Chrome trust it then.", "certutil -hashfile lamppost.crt SHA256"},
		{"Mac", "Keep the file “Certificate” and open it: it goes to Keychain Access. Open it there, compare SHA-256 under Details, then choose under Trust: Always Trust. Safari and Chrome trust it then.", ""},
		{"Firefox on a computer", "Settings, Privacy & Security, View Certificates, Authorities, Import: choose the file. Press “View” and compare SHA-256, then tick “Trust this CA to identify websites”.", ""},
		{"Linux with Chromium or Chrome", "Compare: %s. Then in the browser: Settings, Privacy and security, Security, Manage certificates, import the file as an authority for websites.", "sha256sum lamppost.crt"},
	}
}

// fingerprintLine is how many pairs of digits stand in a line.
const fingerprintLine = 8

// enrol says how a device comes to sign official acts. Whoever answers in the hub's place
// can show anything here, so the page leads to what they cannot: what the device itself
// shows, beside a paper.
func (s *Server) enrol(v *visit) (answer, error) {
	m := enrolView{Way: v.way, Devices: devices()}
	a := answer{page: "enrol.html", title: v.lang.Text("A device for official acts")}
	if s.cfg.Authority == nil {
		a.model = m
		return a, nil
	}
	e, ok := s.cfg.Authority.Enrolment()
	if !ok {
		a.model = m
		return a, nil
	}
	m.Ready, m.Name = true, e.Root.Root.Subject.CommonName
	for pairs := range slices.Chunk(strings.Fields(e.Root.Fingerprint()), fingerprintLine) {
		m.Fingerprint = append(m.Fingerprint, strings.Join(pairs, " "))
	}
	if e.Port != "" && len(e.Names) > 0 {
		name := e.Names[0]
		if asked := httpserve.HostName(v.r.Host); slices.Contains(e.Names, asked) {
			name = asked
		} else if slices.Contains(e.Names, usualName) {
			name = usualName
		}
		m.Address = e.at(name)
		if at := localAddr(v.r); slices.Contains(e.Addrs, at) {
			m.Number = e.at(at.String())
		}
		code, err := qr.Encode(m.Address, qr.Screen)
		if err != nil {
			return answer{}, err
		}
		m.QR = template.HTML(code.SVG(v.lang.Text("%s as a QR code", m.Address))) //nolint:gosec // package qr escapes
	}
	a.model = m
	return a, nil
}

// usualName is the one that every hub answers to.
const usualName = "lamppost.internal"

// file is something to download.
type file struct {
	kind, name string
	body       []byte
}

func (s *Server) authorityFile(*visit) (answer, error) {
	return s.download(func(a authority.Authority) file {
		return file{authority.CertificateType, "lamppost.crt", a.Root.Raw}
	})
}

func (s *Server) profileFile(*visit) (answer, error) {
	return s.download(func(a authority.Authority) file {
		return file{authority.ProfileType, "lamppost.mobileconfig", a.Profile()}
	})
}

func (s *Server) download(of func(authority.Authority) file) (answer, error) {
	e, ok := s.cfg.Authority.Enrolment()
	if !ok {
		return answer{}, hub.Errorf(hub.NotFound, "", "There is no such page here.")
	}
	f := of(e.Root)
	return answer{file: &f}, nil
}
