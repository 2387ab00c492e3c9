package node_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/node"
)

// office is a hub that can be told things, and whose pages are over HTTPS once there is
// a certificate.
type office struct {
	*node.Node
	path string
	stop func()
}

func newOffice(t *testing.T, path string, change ...func(*node.Config)) office {
	t.Helper()
	f, err := node.ReadFolder(path)
	ok(t, err)
	c := node.Config{
		Folder: f, Apps: []hub.App{notes{}}, HTTP: "127.0.0.1:0", HTTPS: node.HTTPS{Listen: "127.0.0.1:0"}, Control: true, TrustClock: true,
	}
	for _, ch := range change {
		ch(&c)
	}
	n, err := node.New(c)
	ok(t, err)
	return office{n, path, runs(t, n)}
}

// act has the hub do something about the authority.
func (o office) act(t *testing.T, what control.AuthorityKind, file []byte) (a control.Authority, err error) {
	t.Helper()
	err = control.NewClient(o.path).Call(t.Context(), "authority", control.AuthorityAct{Act: what, File: file}, &a)
	return a, err
}

// does is act that must succeed.
func (o office) does(t *testing.T, what control.AuthorityKind, file []byte) control.Authority {
	t.Helper()
	a, err := o.act(t, what, file)
	ok(t, err)
	return a
}

// refuses is act that must fail, and say so.
func (o office) refuses(t *testing.T, says string, what control.AuthorityKind, file []byte) {
	t.Helper()
	if _, err := o.act(t, what, file); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v, want %q", what, err, says)
	}
}

// officialAt waits until the pages are over HTTPS, and returns their port.
func (o office) officialAt(t *testing.T) string {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(15 * time.Second); ; {
		a := o.does(t, control.ShowAuthority, nil)
		if at, found := strings.CutPrefix(a.Address, "https://lamppost.internal:"); found {
			return strings.TrimSuffix(at, "/")
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("the pages are not over HTTPS: %+v", a)
		}
	}
}

// device asks for the official pages at a port. A nil root is a device that is not enrolled.
func device(root *x509.Certificate) func(host, port, path string) (string, error) {
	trusted := x509.NewCertPool()
	if root != nil {
		trusted.AddCert(root)
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(addr)
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}
	return func(host, port, path string) (string, error) {
		r, err := client.Get("https://" + net.JoinHostPort(host, port) + path)
		if err != nil {
			return "", err
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		return string(b), err
	}
}

// plainly is a page over plain http, by the hub's usual name.
func plainly(t *testing.T, n *node.Node, path string) []byte {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.HTTPAddr()+path, nil)
	ok(t, err)
	q.Host = "lamppost.internal"
	r, err := (&http.Client{Timeout: 15 * time.Second}).Do(q)
	ok(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	ok(t, err)
	return b
}

const officialPage = "This page is official"

func TestAnEnrolledDeviceKnowsEveryHubOfTheCommunity(t *testing.T) {
	_, paths := folders(t, 2)
	first, second := newOffice(t, paths[0]), newOffice(t, paths[1])
	second.refuses(t, "no authority here yet", control.SignForHTTPS, nil)
	made := first.does(t, control.MakeAuthority, nil)
	if !made.Holds || !slices.Contains(made.For, "place-2.internal") || !slices.Contains(made.Names, "place-1.internal") {
		t.Errorf("%+v", made)
	}
	first.refuses(t, "already", control.MakeAuthority, nil)
	port := first.officialAt(t)
	if s, err := first.Status(); err != nil || s.Official != "https://lamppost.internal:"+port+"/" {
		t.Errorf("the status says %q, %v", s.Official, err)
	}
	root, err := x509.ParseCertificate(plainly(t, first.Node, "/enrol/lamppost.crt"))
	ok(t, err)
	phone, stranger := device(root), device(nil)
	page, err := phone("lamppost.internal", port, "/enrol")
	if err != nil || !strings.Contains(page, officialPage) {
		t.Fatalf("%v\n%s", err, page)
	}
	if b := plainly(t, first.Node, "/enrol"); bytes.Contains(b, []byte(officialPage)) || !bytes.Contains(b, []byte("https://lamppost.internal:"+port+"/")) {
		t.Errorf("over plain http: %s", b)
	}
	if _, err := phone("place-1.internal", port, "/"); err != nil {
		t.Error(err)
	}
	if _, err := stranger("lamppost.internal", port, "/"); err == nil {
		t.Error("a device that is not enrolled is not warned")
	}

	// The second hub has its certificate by two files.
	asked := second.does(t, control.AskForHTTPS, nil).File
	second.refuses(t, "no authority here yet", control.SignForHTTPS, asked)
	signed := first.does(t, control.SignForHTTPS, asked)
	if signed.Hub != "Place 2" {
		t.Errorf("signed for %q", signed.Hub)
	}
	first.refuses(t, "for another key", control.InstallHTTPS, signed.File)
	got := second.does(t, control.InstallHTTPS, signed.File)
	if got.Fingerprint != made.Fingerprint || got.Holds || slices.Contains(got.Names, "place-1.internal") {
		t.Errorf("%+v", got)
	}
	second.refuses(t, "key is not at this hub", control.SignForHTTPS, asked)
	port = second.officialAt(t)
	if page, err := phone("place-2.internal", port, "/enrol"); err != nil || !strings.Contains(page, officialPage) {
		t.Errorf("at the second: %v", err)
	}
	if _, err := phone("place-1.internal", port, "/"); err == nil {
		t.Error("the second hub passes for the first by its own name")
	}
	for _, name := range []string{"authority.key", "https.key"} {
		info, err := os.Stat(filepath.Join(paths[0], name))
		ok(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, info.Mode())
		}
	}
}

func TestNoStrangerGetsACertificateAndNoAuthorityIsReplacedUnseen(t *testing.T) {
	_, paths := folders(t, 1)
	o := newOffice(t, paths[0])
	o.does(t, control.MakeAuthority, nil)
	f, err := node.ReadFolder(paths[0])
	ok(t, err)
	private, err := authority.NewKey()
	ok(t, err)
	foreign, err := authority.Ask(private, nil, key("zed"), f.Founding.Community())
	ok(t, err)
	o.refuses(t, "not one of this community", control.SignForHTTPS, foreign)
	o.refuses(t, "no request", control.SignForHTTPS, []byte("x"))

	asked := o.does(t, control.AskForHTTPS, nil).File
	r, err := authority.ReadRequest(asked, f.Founding.Community())
	ok(t, err)
	other, err := authority.Found(authority.Scope{Community: "Elm Street", Founded: time.Now(), Names: []string{"lamppost.internal"}})
	ok(t, err)
	chain, err := other.Issue(authority.Hub{Key: r.Key, Names: []string{"lamppost.internal"}}, time.Now())
	ok(t, err)
	o.refuses(t, "another authority", control.InstallHTTPS, chain.PEM())
	o.refuses(t, "not what", control.InstallHTTPS, other.PEM())
}

// Also at a hub that was off for two years.
func TestTheHubThatHasTheKeyRenewsItsCertificateByItself(t *testing.T) {
	_, paths := folders(t, 1)
	o := newOffice(t, paths[0])
	first := o.does(t, control.MakeAuthority, nil)
	if left := time.Until(first.Ends); left < 700*24*time.Hour {
		t.Errorf("it ends in %v", left)
	}
	o.stop()
	for _, c := range []struct {
		days    int
		renewed bool
	}{{100, false}, {730, true}} {
		o := newOffice(t, paths[0], func(conf *node.Config) {
			conf.Wall = func() time.Time { return time.Now().AddDate(0, 0, c.days) }
		})
		a := o.does(t, control.ShowAuthority, nil)
		if renewed := a.Ends.After(first.Ends); renewed != c.renewed || a.Fingerprint != first.Fingerprint {
			t.Errorf("after %d days it ends on %v, before on %v", c.days, a.Ends, first.Ends)
		}
		o.stop()
	}
}

// A hub that has its certificate from another one can only ask.
func TestAHubThatCannotRenewItsCertificateSaysSoInTime(t *testing.T) {
	_, paths := folders(t, 2)
	first, second := newOffice(t, paths[0]), newOffice(t, paths[1])
	first.does(t, control.MakeAuthority, nil)
	signed := first.does(t, control.SignForHTTPS, second.does(t, control.AskForHTTPS, nil).File)
	if a := second.does(t, control.InstallHTTPS, signed.File); a.Problem != "" {
		t.Errorf("at first: %s", a.Problem)
	}
	second.stop()
	for days, warns := range map[int]bool{600: false, 780: true} {
		o := newOffice(t, paths[1], func(conf *node.Config) {
			conf.Wall = func() time.Time { return time.Now().AddDate(0, 0, days) }
		})
		if a := o.does(t, control.ShowAuthority, nil); strings.Contains(a.Problem, "lamppost ca request") != warns {
			t.Errorf("after %d days: %q", days, a.Problem)
		}
		o.stop()
	}
}

func TestADamagedFileIsToldAndLeftAsItIs(t *testing.T) {
	_, paths := folders(t, 1)
	o := newOffice(t, paths[0])
	o.does(t, control.MakeAuthority, nil)
	o.stop()
	for _, name := range []string{"https.pem", "https.key", "authority.key", "authority.pem"} {
		path := filepath.Join(paths[0], name)
		good, err := os.ReadFile(path)
		ok(t, err)
		bad := bytes.Replace(good, []byte("\nM"), []byte("\nN"), 1)
		ok(t, os.WriteFile(path, bad, 0o600))
		o := newOffice(t, paths[0])
		a := o.does(t, control.ShowAuthority, nil)
		if !strings.Contains(a.Problem, name+" is damaged") || a.Address != "" {
			t.Errorf("%s: %+v", name, a)
		}
		o.refuses(t, name+" is damaged", control.MakeAuthority, nil)
		o.stop()
		now, err := os.ReadFile(path)
		ok(t, err)
		if !bytes.Equal(now, bad) {
			t.Errorf("%s was changed", name)
		}
		ok(t, os.WriteFile(path, good, 0o600))
	}
}
