package table_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
)

// FuzzRead holds to two things whatever comes: what is taken is sound and within its
// bounds, and written and read again it is as much.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"name,lat,lon\nA,1,2\n", "\xef\xbb\xbfNom;Latitude;Longitude\n\xc9cole;1,5;2,5\n", "a\tb\n1\t2\n", "x|y\n1|2\n",
		"t\n#loc+name,#geo+lat,#geo+lon,#capacity\nA,1,2,3\n", "id,wkt\n1,\"MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)))\"\n2,POINT Z (1 2 3)\n",
		"name,plus code\nA,87P8FQ5C+2X\n", "\xff\xfea\x00,\x00b\x00\n\x00", "a,\"b\nc\"\n\"d", "name,x;=y\n'=1,'-2\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := table.Propose(file, true)
		if err != nil {
			return
		}
		r, err := table.NewReader(bytes.NewReader(file), 1<<20, p.Mapping, locate)
		if err != nil {
			return // one of latitude and longitude is missing
		}
		var fs []feature.Feature
		var props []string
		for one, err := range feature.All(r) {
			if err != nil {
				continue
			}
			if _, err := one.Fit(); err != nil {
				t.Fatalf("not sound: %#v, %v", one, err)
			}
			fs = append(fs, one)
			var names []string
			for _, p := range one.Props {
				names = append(names, p.Name)
			}
			for _, name := range names {
				for count(props, name) < count(names, name) {
					props = append(props, name)
				}
			}
		}
		back, said := readAll(t, written(t, props, fs...))
		blank := 0
		for _, f := range fs {
			if empty(f) {
				blank++
			}
		}
		if len(props) <= table.MaxColumns-6 && (said != nil || len(back)+blank < len(fs)) {
			t.Fatalf("%d written, %d came back: %q", len(fs), len(back), said)
		}
	})
}

func count(all []string, name string) (n int) {
	for _, s := range all {
		if s == name {
			n++
		}
	}
	return n
}

// empty reports whether nothing can be seen in a feature, so that its row is empty.
func empty(f feature.Feature) bool {
	seen := []string{f.ID, f.Name, f.Description}
	for _, p := range f.Props {
		seen = append(seen, p.Value)
	}
	return f.Geometry == nil && !slices.ContainsFunc(seen, func(s string) bool { return len(bytes.TrimSpace([]byte(s))) > 0 })
}
