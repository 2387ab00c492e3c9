package capxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What a document may have at most. A real alert has some 2,000 elements at a depth of 5.
const (
	MaxBytes      = 5_000_000 // refused from here on
	MaxDepth      = 32        // elements in each other
	MaxElements   = 100_000
	MaxAttributes = 64 // of one element
	MaxAlerts     = 1000
	maxName       = 200 // bytes of an element's or attribute's name
)

const (
	namespaceXML   = "http://www.w3.org/XML/1998/namespace"
	namespaceXMLNS = "http://www.w3.org/2000/xmlns/"
)

// span is an alert within a document.
type span struct {
	start, end int        // in the text
	space      string     // the namespace of its root
	inherited  []xml.Attr // the declarations in force around it
	name       int        // bytes of "<" and the name of its root
}

// scanned is what a document was found to hold before any tree of it was built.
type scanned struct {
	root   xml.Name // with the namespace in Space
	alerts []span   // outermost ones, in their order
}

// scanner reads a document token by token and holds it to what is well-formed and small.
// The standard decoder lets some things pass that other readers take differently, so
// that what is checked is not what is shown; those are refused here.
type scanner struct {
	dec      *xml.Decoder
	open     []frame
	bound    []binding
	elements int
	ended    bool // the root has
	out      scanned
	within   int // depth of the alert that is open; 0 for none
	extract  int // depth of an extract (EDXL's keyXMLContent) that is open
}

type frame struct {
	raw   xml.Name // prefix and local name, as written
	bound int      // how many bindings there were before
}

type binding struct{ prefix, space string }

// scan reads the whole of a document.
func scan(doc []byte) (scanned, error) {
	s := scanner{dec: xml.NewDecoder(bytes.NewReader(doc))}
	s.dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		start := int(s.dec.InputOffset())
		tok, err := s.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return scanned{}, s.malformed(err)
		}
		if err := s.token(tok, start); err != nil {
			return scanned{}, err
		}
	}
	if !s.ended {
		return scanned{}, refuse("", "the file ends before its XML does")
	}
	return s.out, nil
}

func (s *scanner) malformed(err error) error {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return refuse("", fmt.Sprintf("this file is not well-formed XML: line %d: %s", syntax.Line, syntax.Msg))
	}
	return refuse("", "this file is not well-formed XML: "+err.Error())
}

func (s *scanner) token(tok xml.Token, start int) error {
	switch tok := tok.(type) {
	case xml.Directive:
		return refuse("", "a document type is not taken, as entities of one can grow without bound or fetch other files; this file has <!"+word(tok))
	case xml.ProcInst:
		if strings.EqualFold(tok.Target, "xml") && (s.elements > 0 || tok.Target != "xml") {
			return refuse("", "the XML declaration is at the start of the file")
		}
	case xml.CharData:
		if len(s.open) == 0 && len(bytes.Trim(tok, " \t\r\n")) > 0 {
			return refuse("", "this file is not well-formed XML: there is text outside of its root")
		}
	case xml.StartElement:
		return s.start(tok, start)
	case xml.EndElement:
		return s.end(tok)
	}
	return nil
}

func word(directive []byte) string {
	first, _, _ := bytes.Cut(directive, []byte(" "))
	return string(first[:min(len(first), 12)])
}

func (s *scanner) start(tok xml.StartElement, start int) error {
	s.elements++
	switch {
	case s.ended:
		return refuse("", "this file is not well-formed XML: it has a second root")
	case s.elements > MaxElements:
		return refuse("", fmt.Sprintf("the file has at most %d elements", MaxElements))
	case len(s.open) >= MaxDepth:
		return refuse("", fmt.Sprintf("elements lie in each other at most %d deep", MaxDepth))
	case len(tok.Attr) > MaxAttributes:
		return refuse("", fmt.Sprintf("an element has at most %d attributes", MaxAttributes))
	}
	s.open = append(s.open, frame{raw: tok.Name, bound: len(s.bound)})
	inherited := len(s.bound)
	if err := s.declare(tok.Attr); err != nil {
		return err
	}
	name, err := s.resolve(tok.Name, true)
	if err != nil {
		return err
	}
	if err := s.distinct(tok.Attr); err != nil {
		return err
	}
	depth := len(s.open)
	if depth == 1 {
		s.out.root = name
	}
	switch {
	case s.within > 0 || s.extract > 0:
	case name.Local == "keyXMLContent" && depth > 1:
		s.extract = depth
	case name.Local == "alert" && (version(name.Space) != "" || depth > 1):
		if len(s.out.alerts) >= MaxAlerts {
			return refuse("", fmt.Sprintf("a file has at most %d alerts", MaxAlerts))
		}
		s.within = depth
		s.out.alerts = append(s.out.alerts, span{
			start: start, space: name.Space, inherited: s.inForce(inherited), name: 1 + len(full(tok.Name)),
		})
	}
	return nil
}

func (s *scanner) end(tok xml.EndElement) error {
	depth := len(s.open)
	if depth == 0 || s.open[depth-1].raw != tok.Name {
		return refuse("", "this file is not well-formed XML: </"+full(tok.Name)+"> closes what is not open")
	}
	if s.within == depth {
		s.within = 0
		s.out.alerts[len(s.out.alerts)-1].end = int(s.dec.InputOffset())
	}
	if s.extract == depth {
		s.extract = 0
	}
	s.bound = s.bound[:s.open[depth-1].bound]
	s.open = s.open[:depth-1]
	s.ended = depth == 1
	return nil
}

// declare takes up the namespaces that an element declares.
func (s *scanner) declare(attrs []xml.Attr) error {
	for _, a := range attrs {
		switch {
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			s.bound = append(s.bound, binding{"", a.Value})
		case a.Name.Space == "xmlns":
			if a.Value == "" || a.Name.Local == "xmlns" || a.Name.Local == "xml" && a.Value != namespaceXML {
				return refuse("", "a prefix stands for a namespace; "+quote(a.Name.Local)+" does not")
			}
			s.bound = append(s.bound, binding{a.Name.Local, a.Value})
		}
	}
	return nil
}

// resolve puts the namespace of a name in the place of its prefix.
func (s *scanner) resolve(name xml.Name, element bool) (xml.Name, error) {
	if len(name.Space)+len(name.Local) > maxName {
		return name, refuse("", fmt.Sprintf("a name has at most %d bytes", maxName))
	}
	if name.Local == "" || strings.Contains(name.Space, ":") || strings.Contains(name.Local, ":") {
		return name, refuse("", "a name has one prefix at most; this is "+quote(full(name)))
	}
	switch {
	case name.Space == "" && !element:
		return name, nil // an attribute without a prefix is in no namespace
	case name.Space == "xml":
		return xml.Name{Space: namespaceXML, Local: name.Local}, nil
	case name.Space == "xmlns" && !element:
		return xml.Name{Space: namespaceXMLNS, Local: name.Local}, nil
	}
	for i := len(s.bound) - 1; i >= 0; i-- {
		if s.bound[i].prefix == name.Space {
			return xml.Name{Space: s.bound[i].space, Local: name.Local}, nil
		}
	}
	if name.Space != "" {
		return name, refuse("", "a prefix is declared before it is used; "+quote(name.Space)+" is not")
	}
	return name, nil
}

// distinct holds that no attribute is there twice, by whatever prefix.
func (s *scanner) distinct(attrs []xml.Attr) error {
	seen := make([]xml.Name, 0, len(attrs))
	for _, a := range attrs {
		name, err := s.resolve(a.Name, false)
		if err != nil {
			return err
		}
		for _, other := range seen {
			if other == name {
				return refuse("", "an attribute is there once; "+quote(full(a.Name))+" is there twice")
			}
		}
		seen = append(seen, name)
	}
	return nil
}

// inForce lists the first n bindings as declarations, without those that others hide.
func (s *scanner) inForce(n int) []xml.Attr {
	var out []xml.Attr
	hidden := map[string]bool{}
	for i := n - 1; i >= 0; i-- {
		b := s.bound[i]
		if hidden[b.prefix] {
			continue
		}
		hidden[b.prefix] = true
		switch {
		case b.prefix != "":
			out = append(out, xml.Attr{Name: xml.Name{Space: "xmlns", Local: b.prefix}, Value: b.space})
		case b.space != "":
			out = append(out, xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: b.space})
		}
	}
	return out
}

// full is a name as it is written.
func full(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// version is that of CAP which a namespace stands for; "" for none.
func version(namespace string) string {
	switch namespace {
	case Namespace10:
		return "1.0"
	case Namespace11:
		return "1.1"
	case Namespace12:
		return "1.2"
	}
	return ""
}
