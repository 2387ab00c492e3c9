package pmtiles

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Metadata is what a file says of itself that is of use here.
type Metadata struct {
	Name        string
	Description string
	Attribution string // often HTML; see Credit
	Version     string // of the tiles, not of PMTiles
	Layers      []Layer
}

// Layer is one of the layers of vector tiles.
type Layer struct {
	ID      string
	Kind    bool // its features say what they are under "kind"
	OldKind bool // or under "pmap:kind"
}

// maxLayers is how many layers are taken from metadata.
const maxLayers = 200

// ReadMetadata reads the metadata of a file, unpacked JSON. What is of another type than
// it should be is left out; what is no JSON object is a *Refused.
func ReadMetadata(raw []byte) (Metadata, error) {
	if len(raw) > MaxMetadata {
		return Metadata{}, damaged("its metadata has more than %d bytes", MaxMetadata)
	}
	var in struct {
		Name         loose  `json:"name"`
		Description  loose  `json:"description"`
		Attribution  loose  `json:"attribution"`
		Version      loose  `json:"version"`
		VectorLayers layers `json:"vector_layers"`
		TileStats    stats  `json:"tilestats"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return Metadata{}, because(err, damaged("its metadata is no JSON that can be read"))
	}
	m := Metadata{Name: string(in.Name), Description: string(in.Description), Attribution: string(in.Attribution), Version: string(in.Version), Layers: in.VectorLayers}
	if len(m.Layers) == 0 {
		m.Layers = in.TileStats.layers // so do older ones
	}
	return m, nil
}

// loose is a text, or a number as text; what is neither is empty.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case len(b) > 0 && b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		s = string(b)
	}
	*l = loose(s)
	return nil
}

// layers are the layers of a list, each an object with "id" (of TileJSON) or "layer" (of
// tilestats), and "fields".
type layers []Layer

func (l *layers) UnmarshalJSON(b []byte) error {
	return each(b, func(d *json.Decoder) error {
		if len(*l) == maxLayers {
			return errors.New("it has more than 200 layers")
		}
		var one struct {
			ID     loose  `json:"id"`
			Layer  loose  `json:"layer"`
			Fields fields `json:"fields"`
		}
		if err := d.Decode(&one); err != nil {
			return err
		}
		if one.ID == "" {
			one.ID = one.Layer
		}
		*l = append(*l, Layer{ID: string(one.ID), Kind: one.Fields.kind, OldKind: one.Fields.old})
		return nil
	})
}

// each gives a list's elements to f, one after the other; anything but a list has none.
func each(list []byte, f func(*json.Decoder) error) error {
	d := json.NewDecoder(bytes.NewReader(list))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return err
	}
	for d.More() {
		if err := f(d); err != nil {
			return err
		}
	}
	return nil
}

// fields tells which of two names a layer's fields have.
type fields struct{ kind, old bool }

func (f *fields) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		f.kind = f.kind || name == "kind"
		f.old = f.old || name == "pmap:kind"
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return err
		}
	}
	return nil
}

// stats is the "layers" of an object; anything but an object has none.
type stats struct{ layers layers }

func (s *stats) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	var in struct {
		Layers layers `json:"layers"`
	}
	err := json.Unmarshal(b, &in)
	s.layers = in.Layers
	return err
}
