package accesspoint

import "testing"

// Android asks over HTTPS as well, and waits ten seconds for each answer that does
// not come.
func TestRow9HTTPSIsResetAtOnce(t *testing.T) {
	p := testPlan()
	p.Passes = Nothing // there is no internet
	s := newStreet(t, p)
	for _, to := range []string{server, "142.250.74.36", "192.0.2.1", "10.44.0.1"} {
		s.ana.refuses("tcp", to+":443")
	}
	s.lets(ana)
	for _, to := range []string{server, "142.250.74.36", "192.0.2.1", "10.44.0.1"} {
		s.ana.refuses("tcp", to+":443")
	}
}

// Neither does the hub have to know a way there.
func TestRow9HTTPSIsResetAtOnceWithoutAnUplink(t *testing.T) {
	p := testPlan()
	p.Uplink = ""
	s := newStreet(t, p)
	s.hub.run("ip", "route", "flush", "table", "main", "root", "0.0.0.0/0", "exact", "0.0.0.0/0")
	for _, to := range []string{server, "142.250.74.36", "192.0.2.1", "10.44.0.1"} {
		s.ana.refuses("tcp", to+":443")
		s.ana.refuses("tcp", to+":853")
	}
	s.ana.hears("tcp", "142.250.74.36:80", "hub "+ana)
}

// With a certificate phones are told over HTTPS where the page is, at the hub alone.
func TestRow34HTTPSReachesTheHubAlone(t *testing.T) {
	p := testPlan()
	p.Passes, p.API = Nothing, 4443
	s := newStreet(t, p)
	s.hub.serves("api", "10.44.0.1", 4443)
	s.ana.hears("tcp", "10.44.0.1:443", "api "+ana)
	for _, to := range []string{server, "192.0.2.1"} {
		s.ana.refuses("tcp", to+":443")
	}
}
