package main

import (
	"errors"

	"github.com/lamppost-hub/lamppost/hub/node"
)

// checkCertificate checks what was typed, not what is in the files: that may change.
func (c *runCommand) checkCertificate() error {
	if (c.PortalCertificate == "") != (c.PortalKey == "") {
		return errors.New("a certificate has a key: give both --portal-certificate and --portal-key")
	}
	return checkListen("--portal-https", c.PortalHTTPS)
}

// certificate is by which phones are told over HTTPS.
func (c *runCommand) certificate() node.Certificate {
	return node.Certificate{File: c.PortalCertificate, Key: c.PortalKey, Listen: c.PortalHTTPS}
}
