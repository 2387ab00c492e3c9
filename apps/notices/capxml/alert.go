package capxml

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// alert reads an alert from its root element. What is wrong is in the reader.
func (r *reader) alert(root *etree.Element) *Alert {
	a := &Alert{Version: r.version}
	var references string
	r.children(root, "alert", []field{
		{name: "identifier", need: true, take: r.filled(&a.Identifier)},
		{name: "sender", need: true, take: r.filled(&a.Sender)},
		{name: "sent", need: true, take: r.time(&a.Sent, true)},
		{name: "status", need: true, take: oneOf(r, &a.Status, Actual, Exercise, System, Test, Draft)},
		{name: "msgType", need: true, take: oneOf(r, &a.MsgType, New, Update, Cancel, Ack, Error)},
		{name: r.password(), take: func(*etree.Element, string) {}},
		{name: "source", take: r.into(&a.Source)},
		{name: "scope", need: r.version != "1.0", take: oneOf(r, &a.Scope, Public, Restricted, Private)},
		{name: "restriction", take: r.into(&a.Restriction)},
		{name: "addresses", take: r.into(&a.Addresses)},
		{name: "code", most: maxOthers, take: r.each(&a.Codes)},
		{name: "note", take: r.into(&a.Note)},
		{name: "references", take: r.into(&references)},
		{name: "incidents", take: r.into(&a.Incidents)},
		{name: "info", most: MaxInfos, take: func(el *etree.Element, path string) {
			a.Infos = append(a.Infos, r.info(el, path))
		}},
	})
	if a.Scope == "" && r.version == "1.0" {
		a.Scope = Public
		r.say(remarked, "alert/scope", "it is missing, as CAP 1.0 allows; taken as Public")
	}
	a.References = r.references(references)
	r.weigh(a)
	return a
}

// password is the name of an element that CAP 1.0 has, and no business of a reader.
func (r *reader) password() string {
	if r.version == "1.0" {
		return "password"
	}
	return ""
}

func (r *reader) info(el *etree.Element, path string) Info {
	var i Info
	r.children(el, path, []field{
		{name: "language", take: r.into(&i.Language)},
		{name: "category", need: r.version != "1.0", most: 50, take: r.code(&i.Categories, categories())},
		{name: "event", need: true, take: r.filled(&i.Event)},
		{name: "responseType", most: 50, take: r.code(&i.ResponseTypes, responses())},
		{name: "urgency", need: true, take: oneOf(r, &i.Urgency, Immediate, Expected, Future, Past, UnknownUrgency)},
		{name: "severity", need: true, take: oneOf(r, &i.Severity, Extreme, Severe, Moderate, Minor, UnknownSeverity)},
		{name: "certainty", need: true, take: r.certainty(&i.Certainty)},
		{name: "audience", take: r.into(&i.Audience)},
		{name: "eventCode", most: maxOthers, take: r.pair(&i.EventCodes)},
		{name: "effective", take: r.time(&i.Effective, false)},
		{name: "onset", take: r.time(&i.Onset, false)},
		{name: "expires", take: r.time(&i.Expires, false)},
		{name: "senderName", take: r.into(&i.SenderName)},
		{name: "headline", take: r.into(&i.Headline)},
		{name: "description", take: r.into(&i.Description)},
		{name: "instruction", take: r.into(&i.Instruction)},
		{name: "web", take: r.into(&i.Web)},
		{name: "contact", take: r.into(&i.Contact)},
		{name: "parameter", most: maxOthers, take: r.pair(&i.Parameters)},
		{name: "resource", most: maxOthers, take: func(el *etree.Element, path string) {
			i.Resources = append(i.Resources, r.resource(el, path))
		}},
		{name: "area", most: MaxAreas, take: func(el *etree.Element, path string) {
			i.Areas = append(i.Areas, r.area(el, path))
		}},
	})
	if i.Language == "" {
		i.Language = DefaultLanguage
	}
	return i
}

func (r *reader) resource(el *etree.Element, path string) Resource {
	var s Resource
	r.children(el, path, []field{
		{name: "resourceDesc", need: true, take: r.into(&s.Desc)},
		{name: "mimeType", need: r.version == "1.2", take: r.into(&s.MimeType)},
		{name: "size", take: r.number(&s.Size, isSize, "a size is a whole number of bytes")},
		{name: "uri", take: r.into(&s.URI)},
		{name: "derefUri", take: r.into(&s.DerefURI)},
		{name: "digest", take: r.into(&s.Digest)},
	})
	return s
}

func (r *reader) area(el *etree.Element, path string) Area {
	var a Area
	r.children(el, path, []field{
		{name: "areaDesc", need: true, take: r.into(&a.Desc)},
		{name: "polygon", most: maxOthers, take: func(el *etree.Element, path string) {
			if p := r.polygon(r.text(el, path), path); p != nil {
				a.Polygons = append(a.Polygons, p)
			}
		}},
		{name: "circle", most: maxOthers, take: func(el *etree.Element, path string) {
			if c, ok := r.circle(r.text(el, path), path); ok {
				a.Circles = append(a.Circles, c)
			}
		}},
		{name: "geocode", most: maxOthers, take: r.pair(&a.Geocodes)},
		{name: "altitude", take: r.number(&a.Altitude, isDecimal, "an altitude is a number of feet")},
		{name: "ceiling", take: r.number(&a.Ceiling, isDecimal, "a ceiling is a number of feet")},
	})
	return a
}

// oneOf takes a code that is one of those given.
func oneOf[S ~string](r *reader, to *S, codes ...S) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		s := S(r.text(el, path))
		if !slices.Contains(codes, s) {
			known := make([]string, len(codes))
			for i, c := range codes {
				known[i] = string(c)
			}
			r.wrongCode(path, known, string(s))
			return
		}
		*to = s
	}
}

func (r *reader) wrongCode(path string, known []string, got string) {
	r.refuse(path, "it is one of "+strings.Join(known, ", ")+"; this is "+quote(got))
}

// code takes one of several codes.
func (r *reader) code(to *[]string, known []string) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		s := r.text(el, path)
		if !slices.Contains(known, s) {
			r.wrongCode(path, known, s)
			return
		}
		*to = append(*to, s)
	}
}

func (r *reader) certainty(to *Certainty) func(*etree.Element, string) {
	take := oneOf(r, to, Observed, Likely, Possible, Unlikely, UnknownCertainty)
	return func(el *etree.Element, path string) {
		// CAP 1.0 had it; later ones take it as Likely (1.2 section 3.2.2).
		if s := r.text(el, path); s == "Very Likely" {
			*to = Likely
			if r.version != "1.0" {
				r.say(borne, path, `"Very Likely" is of CAP 1.0; taken as Likely`)
			}
			return
		}
		take(el, path)
	}
}

func categories() []string {
	return []string{"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"}
}

func responses() []string {
	return []string{"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"}
}

// time takes a time, or nothing where one may be left out and is empty.
func (r *reader) time(to *time.Time, need bool) func(*etree.Element, string) {
	return func(el *etree.Element, path string) {
		s := r.text(el, path)
		if s == "" && !need {
			r.say(borne, path, "it is a time; it is empty, as if it were not there")
			return
		}
		t, remark, err := parseTime(s)
		switch {
		case err != nil:
			r.refuse(path, err.Error())
			return
		case remark != "":
			r.say(borne, path, remark+"; this is "+quote(s))
		}
		*to = t
	}
}

func (r *reader) references(s string) []ID {
	const path = "alert/references"
	var out []ID
	for _, one := range words(s) {
		id, remark, err := parseReference(one)
		switch {
		case len(out) >= maxOthers:
			r.refuse(path, fmt.Sprintf("there are at most %d", maxOthers))
			return out
		case err != nil && r.version == "1.0": // which left their form open
			r.say(remarked, path, err.Error())
			continue
		case err != nil:
			r.refuse(path, err.Error())
			continue
		case remark != "":
			r.say(borne, path, remark+"; this is "+quote(one))
		}
		out = append(out, id)
	}
	return out
}

// parseReference reads one of the references: sender,identifier,sent.
func parseReference(s string) (id ID, remark string, err error) {
	parts := strings.Split(s, ",")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
		return id, "", errors.New("each is sender,identifier,sent with white space between them; this is " + quote(s))
	}
	id = ID{Sender: parts[0], Identifier: parts[1]}
	if len(id.Sender) > maxID || len(id.Identifier) > maxID {
		return id, "", fmt.Errorf("a sender and an identifier have at most %d bytes each", maxID)
	}
	id.Sent, remark, err = parseTime(parts[2])
	return id, remark, err
}
