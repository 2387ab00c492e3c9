package maps_test

import (
	"bytes"
	"strings"
	"testing"
)

// imported is what the command of the hub's machine says of a file.
func (f *files) imported(text string, args ...string) (string, error) {
	var out bytes.Buffer
	err := f.app.Commands()["import"].Run(f.t.Context(), behindFiles{f}, args, strings.NewReader(text), &out)
	return out.String(), err
}

func TestTheCommandSaysWhatItTookTheColumnsAs(t *testing.T) {
	f := newFiles(t)
	const table = "Nombre;Otro nombre;Latitud;Longitud;Gente\nEscuela Ni\xf1os;Gimnasio;44,4;-73,2;12\n"
	out, err := f.imported(table, "a.csv", "--look")
	if err != nil || !strings.Contains(out, "read as windows-1252, separated by ';'; columns: name=Nombre, latitude=Latitud, longitude=Longitud\n") || !strings.Contains(out, "not taken over: Otro nombre, Gente") {
		t.Errorf("%s%v", out, err)
	}
	out, err = f.imported(table, "a.csv", "--column", "name=otro NOMBRE", "--column=people=Gente", "--kind", "shelter")
	_, waits, found := strings.Cut(out, "It waits for a coordinator at /maps/import/")
	if err != nil || !found || !strings.Contains(out, "columns: name=Otro nombre, latitude=Latitud, longitude=Longitud, people=Gente\n") {
		t.Fatalf("%s%v", out, err)
	}
	if f.take(maria, strings.TrimSpace(waits)); f.shown() != "Gimnasio 12" {
		t.Error(f.shown())
	}
	out, err = f.imported(table, "a.csv", "--column", "name=Otro nombre", "--column", "people=Gente", "--kind", "shelter")
	if err != nil || !strings.Contains(out, "There is nothing in it to take over") || strings.Contains(out, "It waits") {
		t.Errorf("%s%v", out, err)
	}
	for arg, says := range map[string]string{"name=Titel": `no column is called "Titel": there are "Nombre", "Otro nombre"`, "title=Nombre": "with one of none, latitude", "name": "ROLE=HEADING"} {
		if _, err := f.imported(table, "a.csv", "--column", arg); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", arg, err)
		}
	}
	if _, err := f.imported(`{"type":"FeatureCollection","features":[]}`, "a.geojson", "--column", "name=Nombre"); err == nil || !strings.Contains(err.Error(), "no table") {
		t.Error(err)
	}
	// Where one half of where it is is missing, it is said how to say which column that is.
	if out, err := f.imported("name,lat,west\nA,44,-73\n", "a.csv"); err == nil || !strings.Contains(out, "columns: name=name, latitude=lat\n") {
		t.Errorf("%s%v", out, err)
	}
}
