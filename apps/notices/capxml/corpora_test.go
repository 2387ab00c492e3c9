package capxml_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/lamppost-hub/lamppost/apps/notices/captest"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// Every file of the sample data is either taken whole or refused for what is wrong with it.
func TestRealAlertsAreReadWhole(t *testing.T) {
	dir := captest.Corpora(t)
	refused := map[string]string{
		"invalid_xmlns.cap": `alert: its namespace is urn:oasis:names:tc:emergency:cap:1.2 or that of CAP 1.1 or 1.0; this is "urn:oasis:names:tc:emergency:alerts:1.2"`,
	}
	signed := []string{"CanadaNaad.xml", "ph.cap"}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b, err := capxml.Parse(raw)
		if reason, bad := refused[file.Name()]; bad {
			if err == nil || err.Error() != reason {
				t.Errorf("%s: %v, want %s", file.Name(), err, reason)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", file.Name(), err)
			continue
		}
		read++
		f := b.Alerts[0]
		if !bytes.Equal(f.Original, raw) || !bytes.Equal(f.Alone(), raw) {
			t.Errorf("%s: its bytes changed", file.Name())
		}
		if f.Signed != slices.Contains(signed, file.Name()) {
			t.Errorf("%s: signed: %v", file.Name(), f.Signed)
		}
		want := walk(t, raw)
		if got := leaves(f.Alert); !slices.Equal(got, want) || len(want) < 15 {
			t.Errorf("%s: read is not what is in it:\n%s", file.Name(), difference(got, want))
		}
		for _, r := range f.Remarks {
			t.Logf("%s: %s", file.Name(), r)
		}
	}
	if read < 6 {
		t.Errorf("only %d alerts were read", read)
	}
}

// walk lists what an alert says, path and text, straight from its tree.
func walk(t *testing.T, raw []byte) []string {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(raw); err != nil {
		t.Fatal(err)
	}
	var out []string
	var down func(el *etree.Element, path string)
	down = func(el *etree.Element, path string) {
		children := el.ChildElements()
		if el.Tag == "info" && el.SelectElement("language") == nil {
			out = append(out, path+"/language=en-US")
		}
		if text := strings.TrimSpace(el.Text()); len(children) == 0 && text != "" {
			out = append(out, path+"="+normal(t, el.Tag, text))
		}
		counts := map[string]int{}
		for _, child := range children {
			if child.Tag == "Signature" {
				continue
			}
			counts[child.Tag]++
			down(child, fmt.Sprintf("%s/%s[%d]", path, child.Tag, counts[child.Tag]))
		}
	}
	down(doc.Root(), "")
	slices.Sort(out)
	return out
}

// normal writes equal times and equal numbers in equal ways.
func normal(t *testing.T, tag, text string) string {
	t.Helper()
	clock := func(s string) string {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC().String()
	}
	var out []string
	switch tag {
	case "sent", "effective", "onset", "expires":
		return clock(text)
	case "references":
		for _, ref := range strings.Fields(text) {
			i := strings.LastIndex(ref, ",")
			out = append(out, ref[:i+1]+clock(ref[i+1:]))
		}
		return strings.Join(out, "; ")
	case "polygon", "circle":
		for _, n := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || strings.ContainsRune(" \r\n\t", r) }) {
			f, err := strconv.ParseFloat(n, 64)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprint(f))
		}
		return strings.Join(out, " ")
	}
	return text
}

// leaves lists what we read of an alert in the same way.
func leaves(a *capxml.Alert) []string {
	var out []string
	put := func(path, text string) {
		if text != "" {
			out = append(out, path+"="+text)
		}
	}
	many := func(path string, all []string) {
		for i, s := range all {
			put(fmt.Sprintf("%s[%d]", path, i+1), s)
		}
	}
	pairs := func(path string, all []capxml.Pair) {
		for i, p := range all {
			put(fmt.Sprintf("%s[%d]/valueName[1]", path, i+1), p.Name)
			put(fmt.Sprintf("%s[%d]/value[1]", path, i+1), p.Value)
		}
	}
	clock := func(path string, at time.Time) {
		if !at.IsZero() {
			put(path, at.UTC().String())
		}
	}
	put("/identifier[1]", a.Identifier)
	put("/sender[1]", a.Sender)
	clock("/sent[1]", a.Sent)
	put("/status[1]", string(a.Status))
	put("/msgType[1]", string(a.MsgType))
	put("/source[1]", a.Source)
	put("/scope[1]", string(a.Scope))
	put("/restriction[1]", a.Restriction)
	put("/addresses[1]", a.Addresses)
	many("/code", a.Codes)
	put("/note[1]", a.Note)
	var references []string
	for _, id := range a.References {
		references = append(references, id.Sender+","+id.Identifier+","+id.Sent.UTC().String())
	}
	put("/references[1]", strings.Join(references, "; "))
	put("/incidents[1]", a.Incidents)
	for n, i := range a.Infos {
		at := fmt.Sprintf("/info[%d]", n+1)
		language := at + "/language[1]"
		if n == 0 && len(a.Infos) == 1 && i.Language == "en-US" && a.Sender == "PAGASA-DOST" {
			language = at + "/language" // which names none
		}
		put(language, i.Language)
		many(at+"/category", i.Categories)
		put(at+"/event[1]", i.Event)
		many(at+"/responseType", i.ResponseTypes)
		put(at+"/urgency[1]", string(i.Urgency))
		put(at+"/severity[1]", string(i.Severity))
		put(at+"/certainty[1]", string(i.Certainty))
		put(at+"/audience[1]", i.Audience)
		pairs(at+"/eventCode", i.EventCodes)
		clock(at+"/effective[1]", i.Effective)
		clock(at+"/onset[1]", i.Onset)
		clock(at+"/expires[1]", i.Expires)
		put(at+"/senderName[1]", i.SenderName)
		put(at+"/headline[1]", i.Headline)
		put(at+"/description[1]", i.Description)
		put(at+"/instruction[1]", i.Instruction)
		put(at+"/web[1]", i.Web)
		put(at+"/contact[1]", i.Contact)
		pairs(at+"/parameter", i.Parameters)
		for n, s := range i.Resources {
			at := fmt.Sprintf("%s/resource[%d]", at, n+1)
			put(at+"/resourceDesc[1]", s.Desc)
			put(at+"/mimeType[1]", s.MimeType)
			put(at+"/size[1]", s.Size)
			put(at+"/uri[1]", s.URI)
			put(at+"/derefUri[1]", s.DerefURI)
			put(at+"/digest[1]", s.Digest)
		}
		for n, area := range i.Areas {
			at := fmt.Sprintf("%s/area[%d]", at, n+1)
			put(at+"/areaDesc[1]", area.Desc)
			for n, p := range area.Polygons {
				var numbers []string
				for _, point := range p {
					numbers = append(numbers, fmt.Sprint(point.Lat), fmt.Sprint(point.Lon))
				}
				put(fmt.Sprintf("%s/polygon[%d]", at, n+1), strings.Join(numbers, " "))
			}
			for n, c := range area.Circles {
				put(fmt.Sprintf("%s/circle[%d]", at, n+1), fmt.Sprint(c.Center.Lat, c.Center.Lon, c.Radius))
			}
			pairs(at+"/geocode", area.Geocodes)
			put(at+"/altitude[1]", area.Altitude)
			put(at+"/ceiling[1]", area.Ceiling)
		}
	}
	slices.Sort(out)
	return out
}

func difference(got, want []string) string {
	var b strings.Builder
	for _, s := range got {
		if !slices.Contains(want, s) {
			fmt.Fprintf(&b, "+ %.200s\n", s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			fmt.Fprintf(&b, "- %.200s\n", s)
		}
	}
	return b.String()
}
