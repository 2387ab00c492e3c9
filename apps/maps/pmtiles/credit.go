package pmtiles

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/lamppost-hub/lamppost/hub"
)

const (
	maxCredit = 200 // characters
	osm       = "© OpenStreetMap"
)

// Credit is whom to thank for the map, as text in one line. It names OpenStreetMap, whose
// licence asks for it (openstreetmap.org/copyright), also where the file forgot to: streets
// in a form that can be drawn are hardly ever from elsewhere, and one that names somebody
// else may have both. Only a file that says of itself that it is made up, or not from
// OpenStreetMap, is believed.
func (m Metadata) Credit() string {
	text, err := hub.CleanLine("", plain(m.Attribution), maxCredit, 4*maxCredit)
	switch parts := partsOf(text); {
	case err != nil || text == "":
		return osm
	case slices.ContainsFunc(parts, thanks), slices.ContainsFunc(parts, denies):
		return text
	}
	return osm + ", " + text
}

// partsOf is what an attribution says, one by one, in small letters.
func partsOf(text string) []string {
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(",;.:·|()", r) })
	for i, p := range parts {
		parts[i] = strings.Join(strings.Fields(p), " ")
	}
	return parts
}

// thanks reports whether a part names OpenStreetMap, and not to say that something is from
// elsewhere.
func thanks(part string) bool {
	no := func(word string) bool { return slices.Contains([]string{"no", "not", "non", "without"}, word) }
	return strings.Contains(part, "openstreetmap") && !slices.ContainsFunc(strings.Fields(part), no)
}

// denies reports whether a part says, and nothing else, that nothing is from OpenStreetMap:
// "buildings not from OpenStreetMap" says nothing of the streets.
func denies(part string) bool {
	return slices.Contains([]string{"made up", "made-up", "fictional", "not from openstreetmap", "not openstreetmap", "no openstreetmap data"}, part)
}

// plain is the text of HTML.
func plain(markup string) string {
	var text strings.Builder
	t := html.NewTokenizer(strings.NewReader(markup))
	for hidden := ""; ; {
		switch t.Next() {
		case html.ErrorToken:
			return text.String()
		case html.TextToken:
			if hidden == "" {
				text.Write(t.Text())
			}
		case html.StartTagToken:
			if name, _ := t.TagName(); string(name) == "script" || string(name) == "style" {
				hidden = string(name)
			}
		case html.EndTagToken:
			if name, _ := t.TagName(); string(name) == hidden {
				hidden = ""
			}
			text.WriteByte(' ')
		}
	}
}
