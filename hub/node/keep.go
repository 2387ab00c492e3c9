package node

import (
	"path/filepath"

	"github.com/fxamacker/cbor/v2"
)

// keepCertificate writes the hub's certificate into its folder where that has one
// with another name, so that a hub which loses its records is called as it was.
// It returns the name that the folder has now.
func (n *Node) keepCertificate(has string) string {
	c, ok := n.store.Roster().Hub(n.self)
	if !ok || c.Label == has {
		return has
	}
	trust, err := chain(n.store, n.self)
	if err == nil {
		var enc []byte
		if enc, err = cbor.Marshal(trust); err == nil {
			err = writeNew(filepath.Join(n.conf.Folder.Path, trustFile), enc)
		}
	}
	if err != nil {
		n.log.Warn("the hub's new certificate was not kept in its folder; it is in its records", "err", err)
		return has
	}
	return c.Label
}
