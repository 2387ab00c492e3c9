package capxml_test

import (
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// Whatever comes in is refused clearly, or read; what is read, alone or written anew,
// reads the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(boil))
	f.Add([]byte(bare()))
	f.Add(utf16Bytes(binary.LittleEndian, boil))
	f.Add([]byte(strings.Replace(boil, "UTF-8", "ISO-8859-1", 1)))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom" xmlns:c="http://www.incident.com/cap/1.0"><entry><link href="x"/></entry><c:alert><c:identifier/></c:alert>` + bare() + `</feed>`))
	f.Add([]byte(`<rss><channel><item><link>x</link></item></channel></rss>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY a "b">]><alert>&a;</alert>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := capxml.Parse(raw)
		if err != nil {
			if told, ok := errors.AsType[*capxml.Refusal](err); !ok || len(told.Problems) == 0 || told.Problems[0].Rule == "" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		for _, found := range b.Alerts {
			if (found.Err == nil) != (found.Alert != nil) {
				t.Fatalf("neither read nor refused, or both: %+v", found)
			}
			if found.Alert == nil {
				continue
			}
			again, err := capxml.Parse(found.Alone())
			if err != nil || !reflect.DeepEqual(again.Alerts[0].Alert, found.Alert) {
				t.Fatalf("alone: %v\n%s", err, found.Alone())
			}
			out, err := capxml.Encode(found.Alert)
			if err != nil {
				continue // it broke a rule that is forgiven
			}
			again, err = capxml.Parse(out)
			if err != nil {
				t.Fatalf("written anew: %v\n%s", err, out)
			}
			want := *found.Alert
			want.Version = "1.2"
			if got := again.Alerts[0].Alert; !reflect.DeepEqual(whole(got), whole(&want)) {
				t.Fatalf("written anew:\n%+v\n%+v", got, want)
			}
		}
	})
}

// whole is an alert with its times in whole seconds.
func whole(a *capxml.Alert) *capxml.Alert {
	out := *a
	out.Sent = out.Sent.Truncate(time.Second)
	out.References = append([]capxml.ID(nil), a.References...)
	for i := range out.References {
		out.References[i].Sent = out.References[i].Sent.Truncate(time.Second)
	}
	out.Infos = append([]capxml.Info(nil), a.Infos...)
	for i := range out.Infos {
		in := &out.Infos[i]
		in.Effective, in.Onset, in.Expires = in.Effective.Truncate(time.Second), in.Onset.Truncate(time.Second), in.Expires.Truncate(time.Second)
	}
	return &out
}
