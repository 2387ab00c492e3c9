//go:build !linux

package iface

import "errors"

// subscribe fails: interfaces are polled.
func subscribe(chan<- struct{}) (stop func(), _ error) {
	return nil, errors.ErrUnsupported
}

// listenForChanges is as subscribe.
func listenForChanges() (changes, error) { return nil, errors.ErrUnsupported }
