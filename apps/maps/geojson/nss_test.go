package geojson_test

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/geojson"
)

func TestAShelterOfTheNationalSystemIsRecognised(t *testing.T) {
	for name, tt := range map[string]struct {
		file  string
		want  geojson.Shelter
		place orb.Geometry
	}{
		"an open one, too full": {
			`{"type":"Feature","id":3,"geometry":{"type":"Point","coordinates":[-73.2,44.4]},"properties":{"objectid":3,"shelter_id":4711,"shelter_name":"ELM SCHOOL","address":"1 ELM ST","city":"MILLTOWN","state":"VT","zip":"05401","shelter_status":"OPEN","evacuation_capacity":100,"post_impact_capacity":50,"total_population":131,"hours_open":"08:00","hours_close":"22:00","org_name":"TOWN","pet_accommodations_code":"COHABIT","wheelchair_accessible":"YES","ada_compliant":"UNK"}}`,
			geojson.Shelter{
				ID: "4711", Name: "ELM SCHOOL", Address: "1 ELM ST, MILLTOWN, VT 05401", Status: geojson.Open,
				Evacuation: geojson.Count{N: 100, Known: true}, PostImpact: geojson.Count{N: 50, Known: true}, Population: geojson.Count{N: 131, Known: true},
				StepFree: geojson.Yes, Pets: geojson.PetsInside, Hours: "08:00–22:00", Organization: "TOWN",
			},
			orb.Point{-73.2, 44.4},
		},
		"one of the whole system, mostly blank": {
			`{"type":"Feature","geometry":null,"properties":{"SHELTER_ID":299108,"SHELTER_NAME":"MILL CHURCH","ADDRESS_1":"117 WALLACE ROAD","CITY":"MILLTOWN","COUNTY_PARISH":"MADISON","FIPS_CODE":" ","STATE":"TN","ZIP":"38301","FACILITY_USAGE_CODE":"EVAC","EVACUATION_CAPACITY":100,"POST_IMPACT_CAPACITY":-999,"ADA_COMPLIANT":"NO","WHEELCHAIR_ACCESSIBLE":" ","PET_ACCOMMODATIONS_CODE":"NONE","PET_ACCOMMODATIONS_DESC":" ","GENERATOR_ONSITE":"Y","LATITUDE":35.641,"LONGITUDE":-88.847,"ORG_ORGANIZATION_NAME":"AREA CHAPTER","ORG_MAIN_PHONE":"NOT AVAILABLE","SHELTER_STATUS_CODE":"CLOSED","TOTAL_POPULATION":null}}`,
			geojson.Shelter{
				ID: "299108", Name: "MILL CHURCH", Address: "117 WALLACE ROAD, MILLTOWN, TN 38301", Status: geojson.Closed,
				Evacuation: geojson.Count{N: 100, Known: true}, StepFree: geojson.No, Pets: geojson.PetsNone, Generator: geojson.Yes, Organization: "AREA CHAPTER",
			},
			orb.Point{-88.847, 35.641},
		},
		"nothing but a name": {
			`{"type":"Feature","geometry":null,"properties":{"shelter_name":"GYM","shelter_status":"FULL","latitude":null,"longitude":null,"evacuation_capacity":12.5,"hours_open":"9","pet_accommodations_code":"ASK"}}`,
			geojson.Shelter{Name: "GYM", Status: geojson.Full, Hours: "9", Pets: geojson.PetsSome}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			fs, said := readAll(tt.file)
			if len(fs) != 1 || said != nil {
				t.Fatal(fs, said)
			}
			got, place, ok := geojson.NSS(fs[0])
			if !ok || got != tt.want || place != tt.place {
				t.Errorf("got  %#v at %v (%v)\nwant %#v at %v", got, place, ok, tt.want, tt.place)
			}
		})
	}
}

func TestOtherFeaturesAreNoneOfTheNationalSystem(t *testing.T) {
	for _, props := range []string{`{"name":"Gym","capacity":3}`, `{"shelter_name":"Bus stop"}`, `{"EVACUATION_CAPACITY":3}`, `null`} {
		fs, _ := readAll(`{"type":"Feature","geometry":null,"properties":` + props + `}`)
		if _, _, ok := geojson.NSS(fs[0]); ok {
			t.Errorf("%s is taken as one", props)
		}
	}
}
