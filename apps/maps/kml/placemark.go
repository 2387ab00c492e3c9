package kml

import (
	"encoding/xml"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/markup"
	"github.com/lamppost-hub/lamppost/hub"
)

// placemark is one Placemark while it is read.
type placemark struct {
	r      *Reader
	f      feature.Feature
	parts  []orb.Geometry
	points int   // so far, also those that are beyond the bound
	bad    error // the first reason to leave it out
}

// placemark reads one to its end, also where it is refused.
func (r *Reader) placemark(el xml.StartElement) (feature.Feature, error) {
	p := &placemark{r: r}
	p.f.At, p.f.ID = r.m.At(), markup.Attr(el, "id")
	if path := r.path(); path != "" {
		p.add(PropFolder, path)
	}
	if err := p.children(p.field); err != nil {
		return feature.Feature{}, err
	}
	if p.bad == nil && p.points > feature.MaxPoints {
		p.refuse("It has %[1]d points, and at most %[2]d are read. Simplify it.", p.points, feature.MaxPoints)
	}
	if p.bad != nil {
		return feature.Feature{}, feature.Named(p.bad, p.f.Name)
	}
	var rest []feature.Feature
	for _, g := range kinds(p.parts) {
		f := p.f
		f.Geometry, f.Part = g, len(rest) > 0
		rest = append(rest, f)
	}
	if len(rest) == 0 {
		return p.f.Fit()
	}
	r.rest = rest[1:]
	return rest[0].Fit()
}

// kinds puts geometry together by kind, so that each is one that a feature may have: areas
// first, then lines, then points.
func kinds(parts []orb.Geometry) []orb.Geometry {
	var by [3][]orb.Geometry
	for _, g := range parts {
		d := 2 - g.Dimensions()
		by[d] = append(by[d], g)
	}
	var out []orb.Geometry
	for _, one := range by {
		if g := feature.Gather(one); g != nil {
			out = append(out, g)
		}
	}
	return out
}

// refuse keeps the first reason.
func (p *placemark) refuse(phrase hub.Phrase, args ...any) {
	if p.bad == nil {
		p.bad = feature.Refuse(p.f.At, phrase, args...)
	}
}

// add keeps a value; of too many one more than may be, so that it shows.
func (p *placemark) add(name, value string) {
	if len(p.f.Props) <= feature.MaxProps {
		p.f.Props = append(p.f.Props, feature.Prop{Name: name, Value: value})
	}
}

// children hands each element within the open one to take, which reads it to its end.
func (p *placemark) children(take func(xml.StartElement) error) error {
	for {
		el, ok, err := p.r.m.Child()
		if err != nil || !ok {
			return err
		}
		if !p.r.ours(el) {
			err = p.r.m.Skip()
		} else {
			err = take(el)
		}
		if err != nil {
			return err
		}
	}
}

// field takes what a Placemark has.
func (p *placemark) field(el xml.StartElement) (err error) {
	m := p.r.m
	switch el.Name.Local {
	case "name":
		p.f.Name, _, err = m.Text(feature.MaxName)
	case "description":
		var text string
		if text, _, err = m.Text(maxHTML); len(text) > maxHTML {
			p.refuse("%[1]s is too long: at most %[2]d bytes are read. Shorten it.", hub.Phrase("Its description"), maxHTML)
			return err
		}
		p.f.Description = plainText(text)
	case "address":
		err = p.value(PropAddress)
	case "phoneNumber":
		err = p.value(PropPhone)
	case "TimeStamp", "TimeSpan":
		err = p.children(func(el xml.StartElement) error {
			switch el.Name.Local {
			case "when", "begin", "end": // named as the values are
				return p.value(el.Name.Local)
			}
			return m.Skip()
		})
	case "ExtendedData":
		err = p.extended()
	default:
		err = p.geometry(el)
	}
	return err
}

// value keeps the text of the open element.
func (p *placemark) value(name string) error {
	text, _, err := p.r.m.Text(feature.MaxText)
	p.add(name, text)
	return err
}

// extended reads ExtendedData: Data, SchemaData, and elements of other namespaces that
// have only text.
func (p *placemark) extended() error {
	m := p.r.m
	for {
		el, ok, err := m.Child()
		if err != nil || !ok {
			return err
		}
		switch {
		case !p.r.ours(el):
			var text string
			var elements bool
			if text, elements, err = m.Text(feature.MaxText); err == nil && !elements {
				p.add(el.Name.Local, text)
			}
		case el.Name.Local == "Data":
			err = p.data(markup.Attr(el, "name"))
		case el.Name.Local == "SchemaData":
			err = p.children(func(el xml.StartElement) error {
				if el.Name.Local == "SimpleData" {
					return p.value(markup.Attr(el, "name"))
				}
				return m.Skip()
			})
		default:
			err = m.Skip()
		}
		if err != nil {
			return err
		}
	}
}

// data reads a Data. Its displayName is for a page of Google's, and passed over.
func (p *placemark) data(name string) error {
	value := ""
	err := p.children(func(el xml.StartElement) (err error) {
		if el.Name.Local == "value" {
			value, _, err = p.r.m.Text(feature.MaxText)
			return err
		}
		return p.r.m.Skip()
	})
	p.add(name, value)
	return err
}
