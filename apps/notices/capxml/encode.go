package capxml

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Encode writes an alert as CAP 1.2, in UTF-8. It writes nothing that breaks a rule of the
// standard, not even one that Parse would forgive: the error is then a *Refusal. Texts
// lose white space at their ends, times what is less than a second. An alert that came
// from somebody else is handed on as it came, as writing it anew would break its signature.
func Encode(a *Alert) ([]byte, error) {
	w := &writer{}
	doc, root := newDocument("alert")
	root.CreateAttr("xmlns", Namespace12)
	w.alert(root, a)
	if err := w.refusal(); err != nil {
		return nil, err
	}
	out, err := written(doc)
	if err != nil {
		return nil, fmt.Errorf("writing an alert: %w", err)
	}
	if len(out) >= MaxBytes {
		return nil, refuse("", fmt.Sprintf("a file has less than %d bytes; this one has %d", MaxBytes, len(out)))
	}
	// What is written is read again by the same rules as what others write.
	r := &reader{space: Namespace12, version: "1.2"}
	r.alert(root)
	r.found[refused] = append(r.found[refused], r.found[borne]...)
	if err := r.refusal(); err != nil {
		return nil, err
	}
	return out, nil
}

// newDocument is one in UTF-8 with its root.
func newDocument(root string) (*etree.Document, *etree.Element) {
	doc := etree.NewDocument()
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	doc.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	el := doc.CreateElement(root)
	return doc, el
}

// written is a document for people to read as well: each element on a line of its own.
func written(doc *etree.Document) ([]byte, error) {
	indent := etree.NewIndentSettings()
	indent.Spaces = 1
	indent.PreserveLeafWhitespace = true
	doc.IndentWithSettings(indent)
	return doc.WriteToBytes()
}

// writer puts the fields of an alert into a tree, in the order of the schema.
type writer struct{ judge }

func (w *writer) alert(el *etree.Element, a *Alert) {
	w.must(el, "identifier", a.Identifier)
	w.must(el, "sender", a.Sender)
	w.time(el, "sent", a.Sent)
	w.may(el, "status", string(a.Status))
	w.may(el, "msgType", string(a.MsgType))
	w.may(el, "source", a.Source)
	w.may(el, "scope", string(a.Scope))
	w.may(el, "restriction", a.Restriction)
	w.may(el, "addresses", a.Addresses)
	w.all(el, "code", a.Codes)
	w.may(el, "note", a.Note)
	references := make([]string, len(a.References))
	for i, id := range a.References {
		references[i] = id.String()
	}
	w.may(el, "references", strings.Join(references, " "))
	w.may(el, "incidents", a.Incidents)
	for _, i := range a.Infos {
		w.info(el.CreateElement("info"), &i)
	}
}

func (w *writer) info(el *etree.Element, i *Info) {
	language := i.Language
	if language == "" {
		language = DefaultLanguage
	}
	w.may(el, "language", language)
	w.all(el, "category", i.Categories)
	w.must(el, "event", i.Event)
	w.all(el, "responseType", i.ResponseTypes)
	w.may(el, "urgency", string(i.Urgency))
	w.may(el, "severity", string(i.Severity))
	w.may(el, "certainty", string(i.Certainty))
	w.may(el, "audience", i.Audience)
	w.pairs(el, "eventCode", i.EventCodes)
	w.time(el, "effective", i.Effective)
	w.time(el, "onset", i.Onset)
	w.time(el, "expires", i.Expires)
	w.may(el, "senderName", i.SenderName)
	w.may(el, "headline", i.Headline)
	w.may(el, "description", i.Description)
	w.may(el, "instruction", i.Instruction)
	w.may(el, "web", i.Web)
	w.may(el, "contact", i.Contact)
	w.pairs(el, "parameter", i.Parameters)
	for _, s := range i.Resources {
		at := el.CreateElement("resource")
		w.must(at, "resourceDesc", s.Desc)
		w.must(at, "mimeType", s.MimeType)
		w.may(at, "size", s.Size)
		w.may(at, "uri", s.URI)
		w.may(at, "derefUri", s.DerefURI)
		w.may(at, "digest", s.Digest)
	}
	for _, a := range i.Areas {
		w.area(el.CreateElement("area"), &a)
	}
}

func (w *writer) area(el *etree.Element, a *Area) {
	w.must(el, "areaDesc", a.Desc)
	for _, p := range a.Polygons {
		w.must(el, "polygon", p.String())
	}
	for _, c := range a.Circles {
		w.must(el, "circle", c.String())
	}
	w.pairs(el, "geocode", a.Geocodes)
	w.may(el, "altitude", a.Altitude)
	w.may(el, "ceiling", a.Ceiling)
}

func (w *writer) must(parent *etree.Element, tag, s string) {
	if !isText(s) {
		w.refuse(parent.Tag+"/"+tag, "it has a character that XML does not know")
		return
	}
	el := parent.CreateElement(tag)
	if s = trim(s); s != "" {
		el.CreateText(s)
	}
}

// may writes an element unless it is empty.
func (w *writer) may(parent *etree.Element, tag, s string) {
	if trim(s) != "" {
		w.must(parent, tag, s)
	}
}

func (w *writer) all(parent *etree.Element, tag string, all []string) {
	for _, s := range all {
		w.may(parent, tag, s)
	}
}

func (w *writer) pairs(parent *etree.Element, tag string, all []Pair) {
	for _, p := range all {
		el := parent.CreateElement(tag)
		w.must(el, "valueName", p.Name)
		w.must(el, "value", p.Value)
	}
}

func (w *writer) time(parent *etree.Element, tag string, t time.Time) {
	if !t.IsZero() {
		w.must(parent, tag, FormatTime(t))
	}
}

// String is a polygon as CAP has it: latitude first.
func (p Polygon) String() string {
	points := make([]string, len(p))
	for i, point := range p {
		points[i] = point.String()
	}
	return strings.Join(points, " ")
}

// String is a circle as CAP has it: its center, and its radius in kilometers.
func (c Circle) String() string { return c.Center.String() + " " + degrees(c.Radius) }

// String is a point as CAP has it: latitude,longitude.
func (p Point) String() string { return degrees(p.Lat) + "," + degrees(p.Lon) }

// degrees writes a number without an exponent, which CAP does not know, and no more of it
// than others can be asked to read.
func degrees(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if len(s) > 24 {
		return strconv.FormatFloat(f, 'f', 15, 64)
	}
	return s
}

// isText reports whether XML 1.0 can hold a text.
func isText(s string) bool {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		}
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return true
}
