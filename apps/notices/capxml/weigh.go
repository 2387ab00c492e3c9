package capxml

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strings"
)

// weigh holds an alert to what no schema can say.
func (r *reader) weigh(a *Alert) {
	r.identity("alert/sender", a.Sender)
	r.identity("alert/identifier", a.Identifier)
	if a.Scope == Restricted && a.Restriction == "" {
		r.say(remarked, "alert/restriction", "an alert of restricted scope says what its restriction is")
	}
	if a.Scope == Private && a.Addresses == "" {
		r.say(borne, "alert/addresses", "a private alert says for whom it is")
	}
	switch {
	case a.MsgType == Cancel && len(a.References) == 0 && r.version != "1.0":
		r.refuse("alert/references", "a cancellation says what it cancels")
	case a.MsgType != New && a.MsgType != "" && len(a.References) == 0:
		r.say(borne, "alert/references", "an alert of type "+string(a.MsgType)+" says which earlier one it is about; this one replaces nothing")
	}
	for _, id := range a.References {
		if id.Same(a.ID) {
			r.say(borne, "alert/references", "an alert is about earlier ones; this one names itself")
		}
		if !a.Sent.IsZero() && id.Sent.After(a.Sent) {
			r.say(borne, "alert/references", "what it replaces was sent before it; "+quote(id.String())+" was sent later and is not replaced")
		}
	}
	if len(a.Infos) == 0 && (a.MsgType == New || a.MsgType == Update) {
		r.say(remarked, "alert/info", "there is none: the alert says nothing")
	}
	for n, i := range a.Infos {
		r.weighInfo(a, &i, fmt.Sprintf("alert/info[%d]", n+1))
	}
}

// identity looks at a part of an alert's id (CAP 1.2 section 3.2.1: no spaces, commas
// or < and &).
func (r *reader) identity(path, s string) {
	switch {
	case len(s) > maxID:
		r.refuse(path, fmt.Sprintf("it has at most %d bytes", maxID))
	case strings.ContainsAny(s, "\r\n\t"):
		r.refuse(path, "it is on one line")
	case strings.ContainsAny(s, " ,<&"):
		r.say(borne, path, "it has no spaces, commas, < or &, or nothing can refer to it; this is "+quote(s))
	}
}

func (r *reader) weighInfo(a *Alert, i *Info, path string) {
	// The pattern of XML Schema's language.
	if !regexp.MustCompile(`^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$`).MatchString(i.Language) {
		r.say(borne, path+"/language", "a language is a code as in en-US; this is "+quote(i.Language))
	}
	if begins := i.Begins(a.Sent); !i.Expires.IsZero() && !a.Sent.IsZero() && i.Expires.Before(begins) {
		r.say(remarked, path+"/expires", "it ends at "+FormatTime(i.Expires)+", before it begins at "+FormatTime(begins))
	}
	if i.Expires.IsZero() {
		r.say(remarked, path+"/expires", "it is missing: when the alert ends has to be assumed")
	}
	if i.Web != "" && !isLink(i.Web) {
		r.say(borne, path+"/web", "it is a full address as in https://example.org/; this is "+quote(i.Web))
	}
	for n, s := range i.Resources {
		at := fmt.Sprintf("%s/resource[%d]", path, n+1)
		if _, err := url.Parse(s.URI); err != nil {
			r.say(borne, at+"/uri", "it is an address; this is "+quote(s.URI))
		}
		if s.Digest != "" && (len(s.Digest) != 40 || strings.Trim(s.Digest, "0123456789abcdefABCDEF") != "") {
			r.say(remarked, at+"/digest", "it is SHA-1 in 40 hexadecimal digits; this is "+quote(s.Digest))
		}
	}
	for n, area := range i.Areas {
		at := fmt.Sprintf("%s/area[%d]", path, n+1)
		if area.Desc == "" {
			r.say(remarked, at+"/areaDesc", "it is empty")
		}
		if area.Ceiling != "" && area.Altitude == "" {
			r.say(borne, at+"/ceiling", "it goes with an altitude, and there is none")
		}
	}
}

// isLink reports whether s can be followed in a browser.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && !strings.ContainsAny(s, " \t\r\n")
}

// Of polygons and circles (CAP 1.2 section 3.2.4).

func (r *reader) polygon(s, path string) Polygon {
	pairs := words(s)
	if r.points += len(pairs); r.points > MaxPoints {
		r.refuse(path, fmt.Sprintf("an alert has at most %d points in its polygons", MaxPoints))
		return nil
	}
	if s == "" {
		r.say(borne, path, "it is empty, as if it were not there")
		return nil
	}
	p := make(Polygon, 0, len(pairs))
	for _, pair := range pairs {
		lat, lon, ok := coordinates(pair)
		if !ok {
			r.refuse(path, "a point is latitude,longitude, with white space between points; this is "+quote(pair))
			return nil
		}
		if rule := (Point{lat, lon}).rule(); rule != "" {
			r.refuse(path, rule+"; this is "+quote(pair))
			return nil
		}
		p = append(p, Point{lat, lon})
	}
	if rule := p.rule(); rule != "" {
		r.refuse(path, rule)
		return nil
	}
	return p
}

func (r *reader) circle(s, path string) (c Circle, ok bool) {
	parts := words(s)
	if s == "" {
		r.say(borne, path, "it is empty, as if it were not there")
		return c, false
	}
	if len(parts) != 2 {
		r.refuse(path, "a circle is latitude,longitude and, after a space, a radius in kilometers; this is "+quote(s))
		return c, false
	}
	c.Center.Lat, c.Center.Lon, ok = coordinates(parts[0])
	radius, _, isRadius := coordinates(parts[1] + ",0")
	if !ok || !isRadius {
		r.refuse(path, "a circle is latitude,longitude and, after a space, a radius in kilometers; this is "+quote(s))
		return c, false
	}
	c.Radius = radius
	if rule := c.rule(); rule != "" {
		r.refuse(path, rule+"; this is "+quote(s))
		return c, false
	}
	return c, true
}

// rule is the one that a point breaks, or "".
func (p Point) rule() string {
	switch {
	case !(math.Abs(p.Lat) <= 90):
		return "a latitude, which comes first, is between -90 and 90"
	case !(math.Abs(p.Lon) <= 180):
		return "a longitude, which comes second, is between -180 and 180"
	}
	return ""
}

func (p Polygon) rule() string {
	for _, point := range p {
		if rule := point.rule(); rule != "" {
			return rule
		}
	}
	switch {
	case len(p) < 4:
		return fmt.Sprintf("a polygon has at least 4 points, the last of which is the first; this one has %d", len(p))
	case p[0] != p[len(p)-1]:
		return "a polygon is closed: its last point is its first; this one is open"
	}
	return ""
}

func (c Circle) rule() string {
	const half = 20_040 // kilometers: half way around the Earth
	switch {
	case c.Center.rule() != "":
		return c.Center.rule()
	case !(c.Radius >= 0):
		return "a radius is not negative"
	case c.Radius > half:
		return "a radius is in kilometers, and no place is further away than half around the Earth"
	}
	return ""
}
