package capxml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// Kind is what a document is.
type Kind int

// The kinds.
const (
	Bare Kind = iota + 1 // an alert and nothing else
	EDXL                 // a distribution (OASIS EDXL-DE 1.0 or 2.0), with alerts as its contents
	Atom                 // a feed or an entry of one (RFC 4287)
	RSS                  // a feed, of whatever version
)

// Bundle is what a document holds.
type Bundle struct {
	Kind   Kind
	Alerts []Found // in their order; those that are refused too
	Links  []Link  // where the entries of a feed have their alerts, if not in it
}

// Found is an alert, or why it was refused.
type Found struct {
	Alert    *Alert // nil if refused
	Original []byte // as it came, byte for byte: the whole file of a bare one, else a part of that
	Signed   bool   // it carries an XML signature; nobody has checked it yet
	Practice bool   // the distribution around it is an exercise or a test, whatever it says itself
	Remarks  []Problem
	Err      error // a *Refusal

	alone []byte
}

// Alone is the alert as a file of its own, to be kept and handed on. That is Original,
// unless the alert was cut out of a document whose encoding or namespaces it needs: then
// it is in UTF-8, with these namespaces added to its first tag, and no other change.
func (f Found) Alone() []byte { return f.alone }

// Parse reads a document that may hold alerts. The error, a *Refusal, is about the
// document as a whole, or about a bare alert; in a bundle, one alert that is refused
// does not take the others with it.
func Parse(raw []byte) (*Bundle, error) {
	doc, seen, err := check(raw)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(seen.root)
	if err != nil {
		return nil, err
	}
	out := &Bundle{Kind: kind}
	if kind == Bare {
		f := read(doc.utf8, seen.root.Space)
		f.Original, f.alone = raw, raw
		if doc.remark != "" {
			f.Remarks = append(f.Remarks, Problem{Rule: doc.remark})
		}
		out.Alerts = []Found{f}
		return out, f.Err
	}
	for _, at := range seen.alerts {
		out.Alerts = append(out.Alerts, cut(doc, at))
	}
	tree, err := build(doc.utf8)
	if err != nil {
		return nil, err
	}
	switch kind {
	case EDXL:
		practice(tree, out.Alerts)
	case Atom:
		out.Links = atomLinks(tree)
	case RSS:
		out.Links = rssLinks(tree)
	}
	return out, nil
}

// kindOf tells what a document is by its root.
func kindOf(root xml.Name) (Kind, error) {
	switch {
	case root.Local == "alert" && version(root.Space) != "":
		return Bare, nil
	case root.Local == "alert":
		return 0, refuse("alert", "its namespace is "+Namespace12+" or that of CAP 1.1 or 1.0; this is "+quote(root.Space))
	case strings.EqualFold(root.Local, "EDXLDistribution") && (root.Space == "urn:oasis:names:tc:emergency:EDXL:DE:1.0" || root.Space == "urn:oasis:names:tc:emergency:EDXL:DE:2.0"):
		return EDXL, nil
	case root.Space == namespaceAtom && (root.Local == "feed" || root.Local == "entry"):
		return Atom, nil
	case root.Local == "rss" || root.Local == "RDF":
		return RSS, nil
	case strings.EqualFold(root.Local, "html"):
		return 0, refuse("", "this is a web page, not an alert")
	}
	return 0, refuse("", "this file is neither an alert nor alerts in EDXL-DE, Atom or RSS: its root is "+quote(root.Local))
}

// read reads an alert from a document of its own that has been scanned.
func read(doc []byte, space string) Found {
	tree, err := build(doc)
	if err != nil {
		return Found{Err: err}
	}
	r := &reader{space: space, version: version(space)}
	a := r.alert(tree.Root())
	f := Found{Signed: r.signed, Remarks: r.remarks(), Err: r.refusal()}
	if f.Err == nil {
		f.Alert = a
	}
	return f
}

func build(doc []byte) (*etree.Document, error) {
	tree := etree.NewDocument()
	tree.ReadSettings = etree.ReadSettings{PreserveDuplicateAttrs: true}
	if err := tree.ReadFromBytes(doc); err != nil {
		return nil, refuse("", "this file is not well-formed XML: "+err.Error())
	}
	return tree, nil
}

// cut takes an alert out of what it lies in.
func cut(doc text, at span) Found {
	original := doc.original(at.start, at.end)
	alone := standalone(doc.utf8[at.start:at.end], at)
	if version(at.space) == "" {
		return Found{Original: original, alone: alone, Err: refuse("alert",
			"its namespace is "+Namespace12+" or that of CAP 1.1 or 1.0; this is "+quote(at.space))}
	}
	f := read(alone, at.space)
	f.Original, f.alone = original, alone
	return f
}

// standalone adds those declarations to an alert that it needs from around it.
func standalone(alert []byte, at span) []byte {
	var declarations bytes.Buffer
	for _, a := range at.inherited {
		if !needs(alert, a.Name) {
			continue
		}
		declarations.WriteString(" " + full(a.Name) + `="`)
		_ = xml.EscapeText(&declarations, []byte(a.Value)) // a buffer takes all
		declarations.WriteString(`"`)
	}
	return slices.Concat(alert[:at.name], declarations.Bytes(), alert[at.name:])
}

// needs reports whether an alert uses a prefix, or the lack of one, that its own first tag
// does not declare. It may say so too often, where the prefix is mentioned in a text.
func needs(alert []byte, declaration xml.Name) bool {
	dec := xml.NewDecoder(bytes.NewReader(alert))
	tok, err := dec.RawToken()
	start, ok := tok.(xml.StartElement)
	if err != nil || !ok {
		return false
	}
	if slices.ContainsFunc(start.Attr, func(a xml.Attr) bool { return a.Name == declaration }) {
		return false
	}
	if declaration.Space == "" {
		// Without it, what has no prefix would be in another namespace, or in none.
		return start.Name.Space == "" || unprefixed(dec)
	}
	return bytes.Contains(alert, []byte(declaration.Local+":"))
}

// unprefixed reports whether an element to come has no prefix.
func unprefixed(dec *xml.Decoder) bool {
	for {
		tok, err := dec.RawToken()
		if err != nil {
			return false
		}
		if start, ok := tok.(xml.StartElement); ok && start.Name.Space == "" {
			return true
		}
	}
}

// practice marks the alerts of a distribution that says it is an exercise or a test.
func practice(tree *etree.Document, alerts []Found) {
	said := ""
	for _, el := range tree.Root().ChildElements() {
		if el.Tag == "descriptor" { // of 2.0
			if el = el.SelectElement("distributionStatus"); el == nil {
				continue
			}
		}
		if el.Tag == "distributionStatus" {
			said = words(allText(el) + " ?")[0]
		}
	}
	for i := range alerts {
		a := alerts[i].Alert
		if a == nil || a.Status != Actual || said != string(Exercise) && said != string(Test) {
			continue
		}
		alerts[i].Practice = true
		alerts[i].Remarks = append(alerts[i].Remarks, Problem{Element: "alert/status", Rule: "it is Actual, and the distribution around it says " + said})
	}
}

// allText is the text of an element and of all that are in it.
func allText(el *etree.Element) string {
	var b strings.Builder
	for _, token := range el.Child {
		switch token := token.(type) {
		case *etree.CharData:
			b.WriteString(token.Data)
		case *etree.Element:
			b.WriteString(" " + allText(token))
		}
	}
	return b.String()
}

// Check holds a document to all that Parse demands of it before it builds a tree, and
// returns it in UTF-8. What reads such a document with encoding/xml or etree sees what
// Parse sees.
func Check(raw []byte) ([]byte, error) {
	doc, _, err := check(raw)
	return doc.utf8, err
}

func check(raw []byte) (text, scanned, error) {
	if len(raw) >= MaxBytes {
		return text{}, scanned{}, refuse("", fmt.Sprintf("a file has less than %d bytes; this one has %d", MaxBytes, len(raw)))
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return text{}, scanned{}, refuse("", "the file is empty")
	}
	doc, err := decode(raw)
	if err != nil {
		return text{}, scanned{}, err
	}
	seen, err := scan(doc.utf8)
	if err != nil {
		return text{}, scanned{}, err
	}
	return doc, seen, nil
}
