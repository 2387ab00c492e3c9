package control

import "time"

// AuthorityKind is what is to be done with the community's certificate authority.
type AuthorityKind string

// The kinds.
const (
	ShowAuthority AuthorityKind = "show"
	MakeAuthority AuthorityKind = "init"
	Recertify     AuthorityKind = "issue"   // this hub, by the key that is here
	AskForHTTPS   AuthorityKind = "request" // of the hub that has the key
	SignForHTTPS  AuthorityKind = "sign"    // what another hub has asked
	InstallHTTPS  AuthorityKind = "install" // what was signed
)

type (
	// AuthorityAct is one of these.
	AuthorityAct struct {
		Act  AuthorityKind `json:"act"`
		File []byte        `json:"file,omitempty"` // of SignForHTTPS: the request; of InstallHTTPS: the answer
	}
	// Authority is the community's certificate authority as a hub knows it.
	Authority struct {
		Name        string    `json:"name,omitempty"` // of its certificate; empty = there is none here
		Fingerprint string    `json:"fingerprint,omitempty"`
		For         []string  `json:"for,omitempty"` // names that it may speak for
		Until       time.Time `json:"until,omitzero"`
		Holds       bool      `json:"holds,omitempty"` // its key is here

		Names   []string  `json:"names,omitempty"` // of the hub's own certificate, addresses included
		Ends    time.Time `json:"ends,omitzero"`   // that
		Address string    `json:"address,omitempty"`
		Problem string    `json:"problem,omitempty"` // what is wrong with the pages over HTTPS

		File []byte `json:"file,omitempty"` // of AskForHTTPS and SignForHTTPS: what was made
		Hub  string `json:"hub,omitempty"`  // of SignForHTTPS: for which
	}
)
