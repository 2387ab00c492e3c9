package server_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/server"
	"go.yaml.in/yaml/v3"
)

// description is an OpenAPI document.
type description struct{ object }

func readDescription(t testing.TB, b []byte, err error) description {
	t.Helper()
	d := description{}
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &d.object); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.object["openapi"].(string), "3.1.") || d.at("servers/0/url") != "/api/v1" {
		t.Fatalf("openapi %v, servers %v", d.object["openapi"], d.object["servers"])
	}
	return d
}

// descriptions are the server's and those of the apps that answer programs.
func descriptions(t testing.TB) map[string]description {
	t.Helper()
	b, err := os.ReadFile("openapi.yaml")
	all := map[string]description{"": readDescription(t, b, err)}
	for _, a := range apps.All(apps.Given{}) {
		if _, is := a.(hub.Answerer); is {
			m := a.Manifest()
			b, err := fs.ReadFile(m.Files, "openapi.yaml")
			all[string(m.Name)] = readDescription(t, b, err)
		}
	}
	return all
}

// at follows a path of names and indices; nil if it leads nowhere.
func (d description) at(path string) any {
	var here any = d.object
	for name := range strings.SplitSeq(path, "/") {
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		switch h := here.(type) {
		case object:
			here = h[name]
		case []any:
			i := 0
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(h) {
				return nil
			}
			here = h[i]
		default:
			return nil
		}
	}
	return here
}

// deref follows a reference within the document.
func (d description) deref(o object) object {
	for {
		ref, is := o["$ref"].(string)
		if !is {
			return o
		}
		to, ok := d.at(strings.TrimPrefix(ref, "#/")).(object)
		if !ok {
			panic("nothing at " + ref)
		}
		o = to
	}
}

// members are the properties of an object's schema and which of them must be.
func (d description) members(schema object) (properties object, required []string) {
	properties = object{}
	parts, _ := schema["allOf"].([]any)
	for _, part := range append(parts, schema) {
		if p := d.deref(part.(object)); p["allOf"] == nil || len(parts) > 0 {
			for name, of := range object2(p["properties"]) {
				properties[name] = of
			}
			for _, r := range list(p["required"]) {
				required = append(required, r.(string))
			}
		}
	}
	return properties, required
}

func object2(v any) object { o, _ := v.(object); return o }
func list(v any) []any     { l, _ := v.([]any); return l }

// fits holds a value against a schema (JSON Schema 2020-12, as far as it is used
// here). What is not described does not fit.
func (d description) fits(schema object, value any, where string) error {
	schema = d.deref(schema)
	kind, _ := schema["type"].(string)
	switch v := value.(type) {
	case object:
		if kind != "object" && schema["allOf"] == nil {
			return fmt.Errorf("%s is an object, not of type %q", where, kind)
		}
		properties, required := d.members(schema)
		for _, name := range required {
			if _, has := v[name]; !has {
				return fmt.Errorf("%s lacks %s", where, name)
			}
		}
		for name, member := range v {
			of, has := properties[name].(object)
			if !has {
				return fmt.Errorf("%s has %s, which is not described", where, name)
			}
			if err := d.fits(of, member, where+"."+name); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for i, item := range v {
			if err := d.fits(schema["items"].(object), item, fmt.Sprintf("%s[%d]", where, i)); err != nil {
				return err
			}
		}
		return is(kind, "array", where)
	case string:
		if format, _ := schema["format"].(string); format == "date-time" {
			if _, err := time.Parse(time.RFC3339, v); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
		}
		if p, _ := schema["pattern"].(string); !regexp.MustCompile(p).MatchString(v) {
			return fmt.Errorf("%s is %q, not like %s", where, v, p)
		}
		if enum := list(schema["enum"]); enum != nil && !slices.Contains(enum, value) {
			return fmt.Errorf("%s is %q, none of %v", where, v, enum)
		}
		return is(kind, "string", where)
	case bool:
		return is(kind, "boolean", where)
	case float64, int:
		return is(kind, "integer", where)
	}
	return fmt.Errorf("%s is %T", where, value)
}

func is(got, want, where string) error {
	if got != want {
		return fmt.Errorf("%s is of type %s, described as %q", where, want, got)
	}
	return nil
}

// answered holds an answer against what is described for it.
func (d description) answered(t *testing.T, method, path string, p *page) {
	t.Helper()
	responses := object2(d.at("paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + strings.ToLower(method) + "/responses"))
	response, named := responses[fmt.Sprint(p.status)].(object)
	if !named {
		response, named = responses["default"].(object)
		named = named && p.status >= 400
	}
	if !named {
		t.Errorf("%s %s: %d is not described", method, path, p.status)
		return
	}
	content := object2(d.deref(response)["content"])
	media, ok := content[p.header.Get("Content-Type")].(object)
	if !ok {
		t.Errorf("%s %s: %d of type %q is not described", method, path, p.status, p.header.Get("Content-Type"))
		return
	}
	var value any
	if err := json.Unmarshal([]byte(p.body), &value); err != nil {
		t.Error(err)
	} else if err := d.fits(media["schema"].(object), value, "answer"); err != nil {
		t.Errorf("%s %s: %d: %v\n%s", method, path, p.status, err, p.body)
	}
}

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// operations are the methods and paths of a document.
func (d description) operations() (all []string) {
	for path, of := range d.object["paths"].(object) {
		for _, m := range methods {
			if object2(of)[strings.ToLower(m)] != nil {
				all = append(all, m+" "+path)
			}
		}
	}
	slices.Sort(all)
	return all
}

func describedServer(t *testing.T) (*fakeHub, *server.Server) {
	h := newFakeHub(t)
	return h, newServer(t, h, func(c *server.Config) { c.Feed, c.Clock = newFakeFeed(), newClock() })
}

func TestTheServersCallsAreThoseDescribed(t *testing.T) {
	_, s := describedServer(t)
	got := s.Calls()
	slices.Sort(got)
	if want := descriptions(t)[""].operations(); !slices.Equal(got, want) {
		t.Errorf("there are %v\ndescribed are %v", got, want)
	}
}

// What an app answers is found by asking: paths of up to three names, by every
// method.
func TestAnAppAnswersWhatItDescribesAndNothingElse(t *testing.T) {
	for app, d := range descriptions(t) {
		if app == "" {
			continue
		}
		_, s := describedServer(t)
		described := d.operations()
		for _, path := range []string{"/" + app, "/" + app + "/", "/" + app + "/x", "/" + app + "/x/y", "/" + app + "/x/y/z"} {
			for _, method := range methods {
				b := newProgram(t, s)
				p := b.call(method, "/api/v1"+path, object{"text": "a", "client_id": "c"})
				pattern := method + " " + regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
				want := slices.ContainsFunc(described, func(o string) bool {
					return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(o, "x") == pattern
				})
				if there := p.status != 404 && p.status != 405; there != want {
					t.Errorf("%s: %d, described: %v", pattern, p.status, want)
				}
			}
		}
	}
}

func TestAnswersAreAsDescribed(t *testing.T) {
	h, s := describedServer(t)
	all := descriptions(t)
	b := newProgram(t, s)
	own, talk := all[""], all["messages"]
	own.answered(t, "GET", "/status", b.call("GET", "/api/v1/status", nil))
	own.answered(t, "GET", "/live", b.call("GET", "/api/v1/live", nil))

	const path = "/messages/{channel}"
	op := "paths/" + strings.ReplaceAll(path, "/", "~1")
	at := "/api/v1" + strings.ReplaceAll(path, "{channel}", talk.at(op+"/parameters/0/example").(string))
	body := object2(talk.at(op + "/post/requestBody/content/application~1json"))
	post := func(change object) *page {
		t.Helper()
		o := object{}
		for k, v := range body["example"].(object) {
			o[k] = v
		}
		for k, v := range change {
			o[k] = v
		}
		p := b.call("POST", at, o)
		talk.answered(t, "POST", path, p)
		return p
	}
	if err := talk.fits(body["schema"].(object), body["example"], "example"); err != nil {
		t.Error(err)
	}
	token := post(nil).object(t, 201)["session"].(object)["token"].(string)
	b.header.Set("Authorization", "Bearer "+token)
	post(nil).object(t, 200)
	post(object{"text": "other"}).object(t, 409)
	post(object{"text": ""}).object(t, 422)
	post(object{"more": ""}).object(t, 422)
	post(object{"text": strings.Repeat("x", 64<<10)}).object(t, 413)
	h.about.Now = h.about.Now.Add(time.Hour)
	post(object{"client_id": "from-an-hour-ahead"}).object(t, 201)
	h.about.Now = h.about.Now.Add(-time.Hour)
	post(object{"client_id": "two"}).object(t, 201)
	first := post(nil).object(t, 200)
	re := first["author"].(object)["key"].(string) + "/" + first["client_id"].(string)
	reply := post(object{"client_id": "reply", "re": re, "text": "Thank you"}).object(t, 201)
	post(object{"client_id": "reply", "edits": "", "text": "Thanks"}).object(t, 409)
	reply = post(object{"client_id": "reply", "edits": reply["id"], "text": "Many thanks"}).object(t, 201)
	post(object{"client_id": "x", "re": "nobody"}).object(t, 422)
	post(object{"client_id": "self", "re": first["author"].(object)["key"].(string) + "/self"}).object(t, 422)
	replies := b.call("GET", at+"?re="+url.QueryEscape(re), nil)
	talk.answered(t, "GET", path, replies)
	found := b.call("GET", "/api/v1/messages/search?q=many+thanks", nil)
	talk.answered(t, "GET", "/messages/search", found)
	for name, p := range map[string]*page{"replies": replies, "search": found} {
		if items := list(p.object(t, 200)["items"]); len(items) != 1 || items[0].(object)["edited"] == nil || items[0].(object)["re"] == nil {
			t.Errorf("%s: %v", name, items)
		}
	}
	talk.answered(t, "GET", "/messages/search", b.call("GET", "/api/v1/messages/search", nil))
	post(object{"client_id": "nothing", "withdraws": reply["id"]}).object(t, 404)
	if gone := post(object{"client_id": "reply", "withdraws": reply["id"]}).object(t, 201); gone["text"] != "" {
		t.Error(gone)
	}
	const reported = "/messages/{channel}/{by}/{client}/report"
	other := newProgram(t, s)
	for _, status := range []int{201, 200} {
		p := other.call("POST", at+"/"+re[:16]+re[64:]+"/report", object{"reason": "It is not true"})
		talk.answered(t, "POST", reported, p)
		if o := p.object(t, status); status == 201 {
			other.header.Set("Authorization", "Bearer "+o["session"].(object)["token"].(string))
		}
	}
	talk.answered(t, "POST", reported, other.call("POST", at+"/"+re[:16]+"/nothing/report", object{}))
	list := b.call("GET", at+"?limit=1", nil)
	talk.answered(t, "GET", path, list)
	if o := list.object(t, 200); o["next"] == nil || o["ahead"] == nil {
		t.Errorf("an example without next or ahead shows too little: %v", o)
	}
	talk.answered(t, "GET", path, b.call("GET", at+"?limit=0", nil))
	talk.answered(t, "GET", path, b.call("GET", "/api/v1/messages/a%2Fb", nil))
	b.header.Set("Content-Type", "text/plain")
	post(nil).object(t, 415)
	b.header.Set("Authorization", "Bearer x")
	post(nil).object(t, 401)
}

func TestLiveMessagesAreAsDescribed(t *testing.T) {
	d := descriptions(t)[""]
	ref := func(member string) object { return object2(d.at("paths/~1live/get/responses/101/" + member)) }
	for text, of := range map[string]string{
		wish: "x-client-sends", heard: "x-hub-sends", `{"watch":[]}`: "x-client-sends",
		`{"changed":[{"app":"messages","terms":["c/1"]}]}`: "x-hub-sends",
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := d.fits(ref(of), v, text); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatDoesNotFitADescriptionIsNoticed(t *testing.T) {
	d := descriptions(t)["messages"]
	schema := object{"$ref": "#/components/schemas/Message"}
	good := `{"id":"` + strings.Repeat("a", 64) + `","client_id":"c","text":"t","time":"2026-11-22T18:42:00.1Z","uncertain":false,"own":true,"reached":0,"replies":0,"author":{"key":"` + strings.Repeat("b", 64) + `","tag":"x","name":"","home":""}}`
	for text, fits := range map[string]bool{
		good: true,
		strings.Replace(good, `"own":true`, `"own":"yes"`, 1):      false,
		strings.Replace(good, `"own":true,`, ``, 1):                false,
		strings.Replace(good, `"own":true`, `"own":true,"a":1`, 1): false,
		strings.Replace(good, `T18:42`, ` 18:42`, 1):               false,
		strings.Replace(good, `"aa`, `"xa`, 1):                     false,
		strings.Replace(good, `"tag":"x"`, `"tag":null`, 1):        false,
		`[]`: false,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := d.fits(schema, v, "it"); (err == nil) != fits {
			t.Errorf("%s: %v", text, err)
		}
	}
}
