package capxml

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// What an alert may have at most.
const (
	MaxInfos  = 200    // of one alert
	MaxAreas  = 2000   // of one info block
	MaxPoints = 50_000 // of all polygons of one alert
	maxOthers = 5000   // of anything else that may be there several times
	maxID     = 500    // bytes of a sender or an identifier
)

const namespaceSignature = "http://www.w3.org/2000/09/xmldsig#"

// reader takes the fields of one alert out of its tree.
type reader struct {
	judge
	space   string // the namespace of the alert
	version string
	points  int // of polygons so far
	signed  bool
}

// field is a kind of element that a parent may have.
type field struct {
	name string
	need bool // it must be there
	most int  // how often; 0 is once
	take func(el *etree.Element, path string)
}

// children goes through what is in an element. Fields are in the order of the schema.
func (r *reader) children(parent *etree.Element, path string, fields []field) {
	counts := make([]int, len(fields))
	last := 0
	for _, token := range parent.Child {
		switch token := token.(type) {
		case *etree.CharData:
			if !blank(token.Data) {
				r.say(borne, path, "there is no text between its elements; "+quote(trim(token.Data))+" is not shown")
			}
		case *etree.Element:
			if space := token.NamespaceURI(); space != r.space {
				r.foreign(token, path, space)
				continue
			}
			i := find(fields, token.Tag)
			if i < 0 {
				r.say(borne, path+"/"+token.Tag, "CAP "+r.version+" has no such element here; it is not shown")
				continue
			}
			if i < last {
				r.say(borne, path+"/"+token.Tag, "it comes before "+fields[last].name)
			}
			last = max(i, last)
			counts[i]++
			r.child(token, path, fields[i], counts[i])
		}
	}
	for i, f := range fields {
		if f.need && counts[i] == 0 {
			r.refuse(path+"/"+f.name, "it must be there, and is missing")
		}
	}
}

func (r *reader) child(el *etree.Element, path string, f field, count int) {
	path += "/" + f.name
	switch {
	case f.most == 0 && count > 1:
		if count == 2 {
			r.refuse(path, "it may be there once, and is there several times")
		}
		return
	case f.most > 0 && count > f.most:
		if count == f.most+1 {
			r.refuse(path, fmt.Sprintf("it may be there %d times at most", f.most))
		}
		return
	case f.most > 0:
		path = fmt.Sprintf("%s[%d]", path, count)
	}
	f.take(el, path)
}

func (r *reader) foreign(el *etree.Element, path, space string) {
	switch {
	case space == namespaceSignature && el.Tag == "Signature" && path == "alert":
		r.signed = true
	case version(space) != "" || space == "":
		r.say(borne, path+"/"+el.Tag, "it is in the namespace of the alert, "+r.space+"; it is not shown")
	default:
		r.say(remarked, path+"/"+el.Tag, "it is not of CAP; it is not shown")
	}
}

func find(fields []field, name string) int {
	for i, f := range fields {
		if f.name == name {
			return i
		}
	}
	return -1
}

// text is all the text of an element that has nothing else. A comment within it does not
// end it: a signature covers what stands on both sides.
func (r *reader) text(el *etree.Element, path string) string {
	var b strings.Builder
	for _, token := range el.Child {
		switch token := token.(type) {
		case *etree.CharData:
			b.WriteString(token.Data)
		case *etree.Element:
			r.refuse(path, "it has text only; there is an element "+quote(token.FullTag())+" in it")
			return ""
		}
	}
	return trim(b.String())
}

// The takers, one for each kind of value.

func (r *reader) into(to *string) func(*etree.Element, string) {
	return func(el *etree.Element, path string) { *to = r.text(el, path) }
}

// filled is a text that must not be empty.
func (r *reader) filled(to *string) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		before := len(r.found[refused])
		if *to = r.text(el, path); *to == "" && len(r.found[refused]) == before {
			r.refuse(path, "it must not be empty")
		}
	}
}

func (r *reader) each(to *[]string) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		if s := r.text(el, path); s != "" {
			*to = append(*to, s)
		}
	}
}

// pair takes a name and a value. CAP 1.0 had them in one text, as name=value.
func (r *reader) pair(to *[]Pair) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		var p Pair
		if r.version == "1.0" && len(el.ChildElements()) == 0 {
			s := r.text(el, path)
			name, value, found := strings.Cut(s, "=")
			if !found {
				r.say(remarked, path, "it is a name, = and a value; this is "+quote(s))
				name, value = "", s
			}
			p = Pair{Name: trim(name), Value: trim(value)}
		} else {
			r.children(el, path, []field{
				{name: "valueName", need: true, take: r.into(&p.Name)},
				{name: "value", need: true, take: r.into(&p.Value)},
			})
		}
		*to = append(*to, p)
	}
}

// number takes a number as it is written, where it is one.
func (r *reader) number(to *string, is func(string) bool, what string) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		s := r.text(el, path)
		switch {
		case s == "":
			r.say(borne, path, what+"; it is empty")
		case is(s):
			*to = s
		case r.version == "1.2":
			r.refuse(path, what+"; this is "+quote(s))
		default: // earlier versions had any text here
			r.say(remarked, path, what+"; this is "+quote(s)+" and not shown")
		}
	}
}

// isDecimal reports whether s is a number as XML Schema's decimal: no exponent, no
// infinity.
func isDecimal(s string) bool {
	s = strings.TrimLeft(s[:min(len(s), 1)], "+-") + s[min(len(s), 1):]
	whole, part, _ := strings.Cut(s, ".")
	return len(whole)+len(part) > 0 && len(s) < 40 && digits(whole) && digits(part)
}

// isSize reports whether s is a whole number, not negative.
func isSize(s string) bool { return s != "" && len(s) < 20 && digits(s) }

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// coordinates reads numbers with commas between them, as in 44.26,-72.58.
func coordinates(s string) (lat, lon float64, ok bool) {
	a, b, _ := strings.Cut(s, ",")
	if !isDecimal(a) || !isDecimal(b) {
		return 0, 0, false
	}
	lat, errLat := strconv.ParseFloat(a, 64)
	lon, errLon := strconv.ParseFloat(b, 64)
	return lat, lon, errLat == nil && errLon == nil
}

func blank(s string) bool { return trim(s) == "" }

// trim takes off the white space of XML, and no other.
func trim(s string) string { return strings.Trim(s, " \t\r\n") }

// words splits at the white space of XML, and no other.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) })
}
