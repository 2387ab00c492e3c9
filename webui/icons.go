package webui

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"html/template"
)

// sprite is icons.svg: one symbol a drawing.
type sprite struct {
	Symbols []struct {
		ID      string `xml:"id,attr"`
		Drawing string `xml:",innerxml"`
	} `xml:"symbol"`
}

// readIcons makes elements to stand within HTML of a sprite's symbols, by their
// names. They say nothing to who cannot see them: words stand beside each.
func readIcons(b []byte) (map[string]template.HTML, error) {
	var s sprite
	if err := xml.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("icons: %w", err)
	}
	icons := make(map[string]template.HTML, len(s.Symbols))
	for _, one := range s.Symbols {
		icons[one.ID] = template.HTML(`<svg class="i" viewBox="0 0 24 24" aria-hidden="true">` + one.Drawing + `</svg>`) //nolint:gosec // a file of this package
	}
	return icons, nil
}

// Icon is a drawing of icons.svg, to stand before words. An app is drawn by its
// name, and by the lamp if it has no drawing.
func (f *Frame) Icon(name string) template.HTML {
	return cmp.Or(f.Assets.icons[name], f.Assets.icons["lamp"])
}
