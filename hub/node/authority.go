package node

import (
	"context"
	"fmt"
	"net"
	"slices"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
)

// authorityVerb does what is asked at the console about the community's certificate
// authority.
func (n *Node) authorityVerb(_ context.Context, in control.AuthorityAct) (out control.Authority, err error) {
	desk := &n.sealed.desk
	var file []byte
	hub := ""
	switch in.Act {
	case control.ShowAuthority:
	case control.MakeAuthority:
		err = desk.found()
	case control.Recertify:
		err = desk.reissue()
	case control.AskForHTTPS:
		file, err = desk.ask()
	case control.SignForHTTPS:
		file, hub, err = desk.sign(in.File)
	case control.InstallHTTPS:
		err = desk.accept(in.File)
	default:
		err = fmt.Errorf("there is no %q", in.Act)
	}
	if err != nil {
		return out, control.BadRequest(err)
	}
	n.sealed.look()
	n.sealed.changed()
	out = n.sealed.account()
	out.File, out.Hub = file, hub
	return out, nil
}

// facts is what the doctor is to know.
func (s *sealedPages) facts() doctor.Official {
	a := s.account()
	return doctor.Official{Address: a.Address, Until: a.Ends, Problem: a.Problem}
}

// account is how the authority and the hub's certificate stand.
func (s *sealedPages) account() (out control.Authority) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.papers
	out.Problem = s.said
	if p.authority.Root == nil {
		return out
	}
	out.Name, out.Fingerprint = p.authority.Root.Subject.CommonName, p.authority.Fingerprint()
	out.For, out.Until, out.Holds = p.authority.Signer.PermittedDNSDomains, p.authority.Root.NotAfter, p.issuer != nil
	if p.chain == nil {
		return out
	}
	names, addrs := p.covers()
	out.Names, out.Ends = names, p.chain.Until()
	for _, a := range addrs {
		out.Names = append(out.Names, a.String())
	}
	name := names[0]
	if slices.Contains(names, PortalName) {
		name = PortalName
	}
	switch s.port {
	case "":
	case "443":
		out.Address = "https://" + name + "/"
	default:
		out.Address = "https://" + net.JoinHostPort(name, s.port) + "/"
	}
	return out
}
