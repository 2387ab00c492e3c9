package main

import (
	"errors"
	"fmt"

	"github.com/lamppost-hub/lamppost/hub/node"
)

// checkCertificate checks what was typed, not what is in the files: that may change.
func (c *runCommand) checkCertificate() error {
	if (c.PortalCertificate == "") != (c.PortalKey == "") {
		return errors.New("a certificate has a key: give both --portal-certificate and --portal-key")
	}
	if err := checkListen("--portal-https", c.PortalHTTPS); err != nil {
		return err
	}
	if c.PortalCertificate != "" && c.HTTPS == c.PortalHTTPS {
		return fmt.Errorf("--https and --portal-https are both %s: two certificates need two ports, such as --https :8443", c.HTTPS)
	}
	return nil
}

// certificate is by which phones are told over HTTPS.
func (c *runCommand) certificate() node.Certificate {
	return node.Certificate{File: c.PortalCertificate, Key: c.PortalKey, Listen: c.PortalHTTPS}
}
