package hub

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// Collection gives the bodies under one key prefix a type.
type Collection[T any] struct{ Prefix string }

// Draft encodes v for the key.
func (c Collection[T]) Draft(key string, v T) (Draft, error) {
	b, err := cbor.Marshal(v)
	return Draft{Key: c.Prefix + key, Body: b}, err
}

// Decode reads a record's body. A withdrawn record has none, which is an error.
func (c Collection[T]) Decode(r record.Record) (v T, err error) {
	if err := cbor.Unmarshal(r.Body, &v); err != nil {
		return v, fmt.Errorf("body of %s/%s: %w", r.App, r.Key, err)
	}
	return v, nil
}
