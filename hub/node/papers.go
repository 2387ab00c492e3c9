package node

import (
	"crypto/ecdsa"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/lamppost-hub/lamppost/hub/authority"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// What the data folder holds of the community's certificate authority.
const (
	authorityFile    = "authority.pem" // its root and signer, at every hub that has a certificate
	authorityKeyFile = "authority.key" // the signer's key, at the hub that made it
	httpsFile        = "https.pem"     // this hub's certificate, with those above
	httpsKeyFile     = "https.key"     // its key
)

// papers are these files, read.
type papers struct {
	authority authority.Authority
	issuer    *authority.Issuer // nil: its key is elsewhere
	key       *ecdsa.PrivateKey // nil: none yet
	chain     authority.Chain   // nil: none yet
	pair      *tls.Certificate
}

// covers is what the hub's certificate is for.
func (p papers) covers() (names []string, addrs []netip.Addr) {
	if p.chain == nil {
		return nil, nil
	}
	for _, ip := range p.chain[0].IPAddresses {
		if a, ok := netip.AddrFromSlice(ip); ok {
			addrs = append(addrs, a.Unmap())
		}
	}
	return p.chain[0].DNSNames, addrs
}

// papersDesk reads and writes the files. Its methods may be called at once.
type papersDesk struct {
	folder Folder
	now    func() (t time.Time, sure bool)
	names  func() (label string, names []string)
	addrs  func() []netip.Addr
	hubs   func() *roster.State

	mu     sync.Mutex
	read   [4]stamp
	papers papers
	made   time.Time // the last certificate by itself
}

// stamp tells whether a file has changed.
type stamp struct {
	changed time.Time
	size    int64
}

func (d *papersDesk) path(name string) string { return filepath.Join(d.folder.Path, name) }

// look is what is in the files. What is damaged is left out and told.
func (d *papersDesk) look() (papers, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.load()
	if err == nil && d.due() {
		err = d.issue()
	}
	if err == nil {
		err = d.ending()
	}
	return d.papers, err
}

// load reads the files if they have changed. Callers hold mu.
func (d *papersDesk) load() error {
	var found [4]stamp
	var files [4][]byte
	for i, name := range []string{authorityFile, authorityKeyFile, httpsFile, httpsKeyFile} {
		info, err := os.Stat(d.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.Size() > authority.MaxFile {
			return fmt.Errorf("%s is too large: it has %d bytes", d.path(name), info.Size())
		}
		found[i] = stamp{info.ModTime(), info.Size()}
		if files[i], err = os.ReadFile(d.path(name)); err != nil {
			return err
		}
	}
	if found == d.read {
		return nil
	}
	p, err := readPapers(files)
	if err != nil {
		return fmt.Errorf("%w, in %s", err, d.folder.Path)
	}
	d.papers, d.read = p, found
	return nil
}

func readPapers(files [4][]byte) (p papers, err error) {
	wrong := func(name string, err error) error { return fmt.Errorf("%s is damaged: %w", name, err) }
	if files[0] != nil {
		if p.authority, err = authority.Parse(files[0]); err != nil {
			return papers{}, wrong(authorityFile, err)
		}
	}
	if files[0] != nil && files[1] != nil {
		key, err := authority.ParseKey(files[1])
		if err == nil {
			p.issuer, err = p.authority.With(key)
		}
		if err != nil {
			return papers{}, wrong(authorityKeyFile, err)
		}
	}
	if files[3] != nil {
		if p.key, err = authority.ParseKey(files[3]); err != nil {
			return papers{}, wrong(httpsKeyFile, err)
		}
	}
	if files[0] == nil || files[2] == nil || p.key == nil {
		return p, nil
	}
	chain, err := authority.ParseChain(files[2])
	if err == nil {
		err = p.authority.Check(chain)
	}
	if err != nil {
		return papers{}, wrong(httpsFile, err)
	}
	err = p.take(chain)
	return p, err
}

// take makes a chain the hub's.
func (p *papers) take(chain authority.Chain) error {
	if public, ok := chain[0].PublicKey.(*ecdsa.PublicKey); !ok || p.key == nil || !public.Equal(p.key.Public()) {
		return errors.New("the certificate is for another key than this hub's")
	}
	p.chain = chain
	p.pair = &tls.Certificate{Certificate: [][]byte{chain[0].Raw, chain[1].Raw}, PrivateKey: p.key, Leaf: chain[0]}
	return nil
}

// due reports whether the hub is to have another certificate, and can make it. With a
// clock that nobody has confirmed it makes none. Callers hold mu.
func (d *papersDesk) due() bool {
	now, sure := d.now()
	if d.papers.issuer == nil || !sure {
		return false
	}
	if d.papers.chain == nil || d.papers.chain.Until().Sub(now) < renewBefore {
		return true
	}
	_, names := d.names()
	names, addrs := d.papers.authority.Covers(names, d.addrs())
	hasNames, hasAddrs := d.papers.covers()
	lacks := slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(hasNames, n) }) ||
		slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !slices.Contains(hasAddrs, a) })
	return lacks && (d.made.IsZero() || time.Since(d.made) >= renewEvery)
}

// ending warns of a certificate that another hub has to renew. Callers hold mu.
func (d *papersDesk) ending() error {
	now, sure := d.now()
	if !sure || d.papers.issuer != nil || d.papers.chain == nil || d.papers.chain.Until().Sub(now) > warnBefore {
		return nil
	}
	return fmt.Errorf("this hub's certificate ends on %s, and then enrolled devices warn: ask the hub that has the authority's key for another one with “lamppost ca request”", d.papers.chain.Until().Format(time.DateOnly))
}

// issue makes the hub's certificate by the key that is here. Callers hold mu.
func (d *papersDesk) issue() error {
	if err := d.ensureKey(); err != nil {
		return err
	}
	now, _ := d.now()
	label, names := d.names()
	chain, err := d.papers.issuer.Issue(authority.Hub{Key: &d.papers.key.PublicKey, Label: label, Names: names, Addrs: d.addrs()}, now)
	if err != nil {
		return err
	}
	d.made = time.Now()
	return d.install(chain)
}

// install keeps a chain. Callers hold mu.
func (d *papersDesk) install(chain authority.Chain) error {
	p := d.papers
	if err := p.take(chain); err != nil {
		return err
	}
	if err := writeNew(d.path(httpsFile), chain.PEM()); err != nil {
		return err
	}
	d.papers = p
	return nil
}

// ensureKey makes the hub's own key, if there is none. Callers hold mu.
func (d *papersDesk) ensureKey() error {
	if d.papers.key != nil {
		return nil
	}
	key, err := authority.NewKey()
	if err != nil {
		return err
	}
	pem, err := authority.KeyPEM(key)
	if err != nil {
		return err
	}
	if err := writeNew(d.path(httpsKeyFile), pem); err != nil {
		return err
	}
	d.papers.key = key
	return nil
}

// What is said at the console.
var (
	errNoAuthority  = errors.New("there is no authority here yet: make it with “lamppost ca init”, or if another hub has made it, ask that one with “lamppost ca request”")
	errNoKey        = errors.New("the authority's key is not at this hub: do this at the one where “lamppost ca init” was said")
	errHasAuthority = errors.New("there is an authority here already; “lamppost ca show” shows it. Devices that trust it would warn of another one")
	errClock        = errors.New("nobody has confirmed what time it is here, and a certificate has to say from when it holds: lamppost clock set")
)

// found makes the community's authority, and this hub's certificate by it.
func (d *papersDesk) found() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.load(); err != nil {
		return err
	}
	if d.papers.authority.Root != nil {
		return errHasAuthority
	}
	if _, sure := d.now(); !sure {
		return errClock
	}
	_, names := d.names()
	for _, c := range d.hubs().Hubs() {
		for _, name := range namesOf(c.Label) {
			if !slices.Contains(names, name) && len(names) < authority.MaxNames {
				names = append(names, name)
			}
		}
	}
	f := d.folder.Founding
	i, err := authority.Found(authority.Scope{Community: f.Name, Founded: f.Time.Wall(), Names: names})
	if err != nil {
		return err
	}
	key, err := i.KeyPEM()
	if err != nil {
		return err
	}
	if err := errors.Join(writeNew(d.path(authorityKeyFile), key), writeNew(d.path(authorityFile), i.PEM())); err != nil {
		return err
	}
	d.papers.authority, d.papers.issuer = i.Authority, i
	return d.issue()
}

// reissue makes this hub another certificate.
func (d *papersDesk) reissue() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.issuing(); err != nil {
		return err
	}
	return d.issue()
}

// issuing reports why nothing can be signed here. Callers hold mu.
func (d *papersDesk) issuing() error {
	if err := d.load(); err != nil {
		return err
	}
	switch _, sure := d.now(); {
	case d.papers.authority.Root == nil:
		return errNoAuthority
	case d.papers.issuer == nil:
		return errNoKey
	case !sure:
		return errClock
	}
	return nil
}

// ask makes what this hub asks of the one that has the authority's key.
func (d *papersDesk) ask() ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.load(); err != nil {
		return nil, err
	}
	if err := d.ensureKey(); err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, a := range d.addrs() {
		if a.IsPrivate() {
			addrs = append(addrs, a)
		}
	}
	return authority.Ask(d.papers.key, addrs, d.folder.Key, d.folder.Founding.Community())
}

// sign answers what another hub asks, if it is one of the community's.
func (d *papersDesk) sign(file []byte) (chain []byte, hub string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.issuing(); err != nil {
		return nil, "", err
	}
	r, err := authority.ReadRequest(file, d.folder.Founding.Community())
	if err != nil {
		return nil, "", err
	}
	label, err := memberLabel(d.hubs(), r.Hub)
	if err != nil {
		return nil, "", err
	}
	now, _ := d.now()
	c, err := d.papers.issuer.Issue(authority.Hub{Key: r.Key, Label: label, Names: namesOf(label), Addrs: r.Addrs}, now)
	if err != nil {
		return nil, "", err
	}
	return c.PEM(), label, nil
}

// memberLabel is what a hub of the community is called.
func memberLabel(state *roster.State, hub record.Author) (string, error) {
	c, ok := state.Hub(hub)
	if !ok || state.Revoked(hub) {
		return "", fmt.Errorf("the hub %s, which asks, is not one of this community, or not any more", hub.Tag())
	}
	return c.Label, nil
}

// accept takes what was signed for this hub.
func (d *papersDesk) accept(file []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.load(); err != nil {
		return err
	}
	chain, err := authority.ParseChain(file)
	if err != nil {
		return fmt.Errorf("this is not what “lamppost ca sign” has written: %w", err)
	}
	above := chain.Authority()
	if d.papers.authority.Root != nil && !d.papers.authority.Same(above) {
		return fmt.Errorf("that is of another authority than the one here, and devices enrolled here would warn of it; if it is the right one, move %s and %s away first", d.path(authorityFile), d.path(authorityKeyFile))
	}
	if err := (&papers{key: d.papers.key}).take(chain); err != nil {
		return fmt.Errorf("%w; ask anew with “lamppost ca request”", err)
	}
	if err := writeNew(d.path(authorityFile), above.PEM()); err != nil {
		return err
	}
	d.papers.authority = above
	return d.install(chain)
}
