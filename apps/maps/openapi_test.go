package maps_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/hub"
	"go.yaml.in/yaml/v3"
)

type object = map[string]any

// described is the description of what programs get.
func described(t testing.TB) object {
	t.Helper()
	b, err := fs.ReadFile(maps.New().Manifest().Files, "openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc object
	if err := yaml.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// follow is what stands at a path of names.
func follow(doc object, path ...string) object {
	for _, name := range path {
		doc, _ = doc[name].(object)
	}
	if ref, is := doc["$ref"].(string); is {
		return nil2(ref)
	}
	return doc
}

func nil2(ref string) object { panic("a reference where none is looked for: " + ref) }

// fits holds a value against a schema, as far as schemas are used here. What is not
// described does not fit.
func fits(doc, schema object, v any, where string) error {
	if ref, is := schema["$ref"].(string); is {
		schema = follow(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	kind, _ := schema["type"].(string)
	got := map[bool]string{}
	switch v := v.(type) {
	case object:
		got[true] = "object"
		properties, _ := schema["properties"].(object)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, has := v[name.(string)]; !has {
				return fmt.Errorf("%s lacks %s", where, name)
			}
		}
		for name, member := range v {
			of, has := properties[name].(object)
			if !has {
				return fmt.Errorf("%s has %s, which is not described", where, name)
			}
			if err := fits(doc, of, member, where+"."+name); err != nil {
				return err
			}
		}
	case []any:
		got[true] = "array"
		if items, has := schema["items"].(object); has {
			for i, item := range v {
				if err := fits(doc, items, item, fmt.Sprintf("%s[%d]", where, i)); err != nil {
					return err
				}
			}
		}
	case string:
		got[true] = "string"
		if enum, has := schema["enum"].([]any); has && !slices.Contains(enum, any(v)) {
			return fmt.Errorf("%s is %q, none of %v", where, v, enum)
		}
		if p, has := schema["pattern"].(string); has && !regexp.MustCompile(p).MatchString(v) {
			return fmt.Errorf("%s is %q, not like %s", where, v, p)
		}
		if schema["format"] == "date-time" {
			if _, err := time.Parse(time.RFC3339, v); err != nil {
				return err
			}
		}
	case bool:
		got[true] = "boolean"
	case float64:
		if got[true] = "number"; kind == "integer" && v == float64(int64(v)) {
			got[true] = "integer"
		}
	}
	if got[true] != kind {
		return fmt.Errorf("%s is of type %s, described as %q", where, got[true], kind)
	}
	return nil
}

func (m *moment) answered(doc object, schema, path string, v any) {
	m.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		m.t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(b, &plain); err != nil {
		m.t.Fatal(err)
	}
	if err := fits(doc, object{"$ref": "#/components/schemas/" + schema}, plain, schema); err != nil {
		m.t.Errorf("%s: %v\n%s", path, err, b)
	}
}

func TestProgramsGetWhatIsDescribed(t *testing.T) {
	doc := described(t)
	m := newMoment(t)
	m.do(maria, "here", "client_id", "here", "points", "44,-73")
	m.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44.001,-73", "most", "100", "everyday", "50", "langs", "en pt", "pets", "yes", "about", "Gym", "contact", "desk", "hours", "all day")
	m.place(maria, "road", "road", "Main Street", "44,-73 44.1,-73.1", "shape", "line")
	m.place(maria, "flood", "hazard", "Flood", "44,-73 44.1,-73 44.1,-73.1", "shape", "area")
	b := m.copyOf()
	for i, o := range []*moment{m, b} {
		who := []byte{maria, tom}[i]
		o.now = o.now.Add(time.Duration(i+1) * time.Minute)
		o.do(who, "places/x/edit", "client_id", fmt.Sprint("e", i), "kind", "shelter", "title", fmt.Sprint("Hill School ", i), "points", "44.001,-73")
		o.do(who, "places/x/status", "client_id", fmt.Sprint("s", i), "status", []string{"full", "filling"}[i], "offers", "beds meals", "needs", "fuel", "offer", "cots", "need", "salt")
		o.do(who, "places/x/count", "client_id", fmt.Sprint("c", i), "recount", fmt.Sprint(10+i))
	}
	exchange(m, b)
	m.now = now.Add(20 * time.Hour)
	m.do(ann, "seen", "client_id", "o", "what", "full", "place", "x", "text", "no room")
	m.do(tom, "seen", "client_id", "o2", "what", "road", "points", "44,-73")
	m.do(ann, "seen/"+author(tom).String()[:16]+"/o2", "saw", "yes", "client_id", "w")
	m.do(maria, "seen/"+author(tom).String()[:16]+"/o2", "dismisses", "yes", "client_id", "v")
	ask := func(path string, query ...string) any {
		t.Helper()
		q := m.ask(ann, path)
		for i := 0; i < len(query); i += 2 {
			q.Query.Set(query[i], query[i+1])
		}
		v, err := maps.New().Answer(m, q)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return v
	}
	all := ask("places")
	m.answered(doc, "Places", "places", all)
	if c := all.(maps.Collection); len(c.Features) != 3 || c.Features[0].Properties.Also == nil || c.Features[0].Properties.Standing.Also == nil || c.Features[0].Properties.People.Also == nil || c.Features[0].Properties.Away == nil {
		t.Errorf("this shows too little: %+v", c)
	}
	m.answered(doc, "Place", "places/x", ask("places/x"))
	m.answered(doc, "OnMap", "map", ask("map", "center", "44.0005,-73.0005", "zoom", "15"))
	m.answered(doc, "OnMap", "map", ask("map", "place", "x"))
	m.answered(doc, "OnMap", "map", ask("map", "points", "44,-73 44.1,-73", "point", "44.1,-73.1"))
	m.answered(doc, "SeenList", "seen", ask("seen"))
	file := m.ask(maria, "files", "client_id", "f", "list", "wells", "file", "id,name,type,lat,lon\n1,Well,water,44.2,-73\n2,,water,44.2,-73\n")
	if rs, err := m.act(file); err != nil || len(rs) != 4 {
		t.Fatalf("%d records, %v", len(rs), err)
	}
	m.answered(doc, "File", "files/f", ask("files/f"))
	m.answered(doc, "Sighting", "seen/…", ask("seen/"+author(ann).String()[:16]+"/o"))
	for _, w := range []struct {
		schema string
		q      hub.Request
	}{
		{"Place", m.ask(maria, "open", "client_id", "x")}, {"Place", m.ask(maria, "places", "client_id", "road")},
		{"Place", m.ask(maria, "places/x/count", "client_id", "c")}, {"Origin", m.ask(maria, "here", "client_id", "h")},
		{"Brought", file}, {"File", m.ask(maria, "files/f", "client_id", "u")},
		{"Sighting", m.ask(ann, "seen", "client_id", "o")}, {"Sighting", m.ask(ann, "seen/"+author(tom).String()[:16]+"/o2", "saw", "yes")},
	} {
		v, err := maps.New().Written(m, w.q)
		if err != nil {
			t.Errorf("%s: %v", w.q.Path, err)
		}
		m.answered(doc, w.schema, w.q.Path, v)
	}
	for _, path := range []string{"", "x", "x/y", "x/y/z", "places/", "places/a/b/c", "seen/x", "seen/x/y"} {
		if _, err := maps.New().Answer(m, m.ask(ann, path)); err == nil {
			t.Errorf("%q is answered and not described", path)
		}
		if ds, err := maps.New().Act(m, m.ask(maria, path, "client_id", "a", "text", "b")); err == nil {
			t.Errorf("%q takes something: %v", path, ds)
		}
	}
}

// Every field that a form may have is described somewhere, and none besides.
func TestTheFieldsAreThoseDescribed(t *testing.T) {
	doc := described(t)
	fields := map[string]bool{}
	var walk func(v any, within bool)
	walk = func(v any, within bool) {
		switch v := v.(type) {
		case object:
			for name, member := range v {
				if properties, is := member.(object); is && name == "properties" && within {
					for field := range properties {
						fields[field] = true
					}
				}
				walk(member, within || name == "requestBody" || name == "Details")
			}
		case []any:
			for _, one := range v {
				walk(one, within)
			}
		}
	}
	walk(doc, false)
	delete(fields, "name") // the hub's own
	for _, f := range maps.New().Fields() {
		if !fields[f] {
			t.Errorf("%s is not described", f)
		}
		delete(fields, f)
	}
	for f := range fields {
		t.Errorf("%s is described and not taken", f)
	}
}
