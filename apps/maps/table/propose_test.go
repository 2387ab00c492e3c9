package table_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/table"
)

// roles are those of a proposal's columns, in order.
func roles(p table.Proposal) string {
	var all []string
	for _, c := range p.Columns {
		if c.Role == table.Keep {
			all = append(all, "-")
		} else {
			all = append(all, string(c.Role))
		}
	}
	return strings.Join(all, " ")
}

func said(p table.Proposal) string {
	var all []string
	for _, r := range p.Remarks {
		all = append(all, r.String())
	}
	return strings.Join(all, " ")
}

func TestAMappingIsProposed(t *testing.T) {
	for name, tt := range map[string]struct {
		file       string
		roles      string
		comma      rune
		head, tags int
	}{
		"English":    {"Name,Type,Lat,Lon,Capacity,Pets allowed,Color\nElm School,shelter,44.4,-73.2,120,yes,red\n", "name kind latitude longitude capacity_everyday pets -", ',', 1, 0},
		"Spanish":    {"Nombre;Latitud;Longitud;Capacidad de evacuación;Teléfono;Dirección\nEscuela;44,4;-73,2;120;555;Calle 1\n", "name latitude longitude capacity_evacuation contact address", ';', 1, 0},
		"French":     {"Nom\tCoordonnée Y\tCoordonnée X\tCapacité\tÉtat\tHeures d’ouverture\nÉcole\t44.4\t-73.2\t120\touvert\t8h–20h\n", "name latitude longitude capacity_everyday status hours", '\t', 1, 0},
		"Creole":     {"Non|Latitid|Lonjitid|Kapasite|Nòt\nLekòl|18.5|-72.3|40|\n", "name latitude longitude capacity_everyday -", '|', 1, 0},
		"Vietnamese": {"Tên,Vĩ độ,Kinh độ,Sức chứa\nTrường,10.7,106.6,40\n", "name latitude longitude capacity_everyday", ',', 1, 0},
		"plus codes": {"Site name,Plus code,Notes\nSchool,87P8FQ5C+2X,warm\n", "name place description", ',', 1, 0},
		"plus codes by a word that may be a name": {"Title,Location\nSchool,87P8FQ5C+2X\nChurch,\"87P8FQ5C+3X Burlington, VT\"\n", "name place", ',', 1, 0},
		"grid references by such a word":          {"Title,Where\nSchool,18T XP 12345 67890\nChurch,18TXP1234567890\nTap,\n", "name place", ',', 1, 0},
		"degrees by such a word":                  {"Title;Ubicación\nSchool;44.4, -73.2\n", "name place", ';', 1, 0},
		"names and addresses by such a word":      {"Title,Location,Where\nSchool,12 Main Street,3rd floor\nChurch,14 Main Street,19\n", "name - -", ',', 1, 0},
		"such a word, with nothing below":         {"Title,Location\nSchool,\n", "name -", ',', 1, 0},
		"minutes":                                 {"name,lat,lon\nA,44° 24′ N,73° 12′ W\n", "name latitude longitude", ',', 1, 0},
		"of the national shelter system": {
			"X,Y,OBJECTID,SHELTER_ID,SHELTER_NAME,ADDRESS_1,EVACUATION_CAPACITY,POST_IMPACT_CAPACITY,WHEELCHAIR_ACCESSIBLE,PET_ACCOMMODATIONS_CODE,LATITUDE,LONGITUDE,ORG_MAIN_PHONE,SHELTER_STATUS_CODE,TOTAL_POPULATION\n-73.2,44.4,1,2,A,B,3,4,YES,NONE,44.4,-73.2,555,OPEN,9\n",
			"longitude latitude - id name address capacity_evacuation capacity_everyday step_free pets - - contact status people", ',', 1, 0,
		},
		"well-known text":      {"id,WKT\n1,\"POINT (1 2)\"\n", "id wkt", ',', 1, 0},
		"geometry that is not": {"id,geometry\n1,round\n2,square\n", "id -", ',', 1, 0},
		"y that is no degrees": {"name,y,x\na,4920000,640000\n", "name - -", ',', 1, 0},
		"the same twice":       {"name,title,lat,latitude,lon\nA,B,1,2,3\n", "name - latitude - longitude", ',', 1, 0},
		"titles above":         {"Shelters of Milltown,,,\n,,,\nname,lat,lon,beds\nA,1,2,3\n", "name latitude longitude capacity_everyday", ',', 3, 0},
		"no headings":          {"A;1,5;2,5\nB;3,5;4,5\n", "- - -", ';', 0, 0},
		"hashtags":             {"Place,N,W,Room,Other\n#loc +name,#geo+lat,#geo+lon,#capacity,\nA,1,2,3,4\n", "name latitude longitude capacity_everyday -", ',', 1, 2},
		"hashtags alone":       {"#loc+name,#geo+lat,#geo+lon\nA,1,2\n", "name latitude longitude", ',', 0, 1},
		"hashtags further down": {
			"Shelters\n\"as of\nMonday\"\n" + strings.Repeat("x,y\n", 10) + "Nom du lieu,Latitude,Longitude\n#site+name+fr,#geo+lat+wgs84,#geo+lon+wgs84\nA,1,2\n",
			"name latitude longitude", ',', 13, 14,
		},
		"hashtags too far down": {strings.Repeat("a,b,c\n", 25) + "#loc+name,#geo+lat,#geo+lon\nA,1,2\n", "- - -", ',', 1, 0},
		"one column":            {"name\nA\nB\n", "name", '\t', 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := table.Propose([]byte(tt.file), true)
			if err != nil {
				t.Fatal(err)
			}
			if roles(p) != tt.roles || p.Comma != tt.comma || p.Head != tt.head || p.Tags != tt.tags {
				t.Errorf("got %q by %q, headings at %d, hashtags at %d", roles(p), p.Comma, p.Head, p.Tags)
			}
		})
	}
}

func TestTheFirstRowsAreShown(t *testing.T) {
	file := "name,lat,lon\n"
	for i := range 100 {
		file += fmt.Sprintf("n%d,1,2\n", i)
	}
	for _, whole := range []bool{true, false} {
		p, err := table.Propose([]byte(file), whole)
		if err != nil || len(p.Rows) != 5 || !slices.Equal(p.Rows[4], []string{"n4", "1", "2"}) {
			t.Errorf("got %v, %v", p.Rows, err)
		}
	}
	p, err := table.Propose([]byte("name,lat,lon\nA,1,2\nB,3"), false) // cut
	if err != nil || len(p.Rows) != 1 || p.Rows[0][0] != "A" {
		t.Errorf("got %v, %v", p.Rows, err)
	}
}

func TestTheEncodingIsRecognised(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		want table.Encoding
	}{
		"UTF-8":               {"Étage,lat\nà,1\n", table.UTF8},
		"cut within a letter": {"name,lat\n1,\xc3", table.UTF8},
		"Latin-1":             {"\xc9tage,lat\n\xe0,1\n", table.Windows1252},
		"UTF-16":              {"\xff\xfen\x00,\x00l\x00\n\x001\x00,\x002\x00\n\x00", table.UTF16},
		"UTF-16, big end":     {"\xfe\xff\x00n\x00,\x00l\x00\n\x001\x00,\x002\x00\n", table.UTF16},
	} {
		p, err := table.Propose([]byte(tt.file), true)
		if err != nil || p.Encoding != tt.want || len(p.Columns) != 2 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		if told := strings.Contains(said(p), "It is read as Windows-1252 (Latin-1)."); told != (tt.want == table.Windows1252) {
			t.Errorf("%s: said %q", name, said(p))
		}
	}
}

func TestWhatToLookAtIsSaid(t *testing.T) {
	for file, want := range map[string]string{
		"name,lat,lon\nA,1,2\n":                "",
		"name,lat\nA,1\n":                      "Latitude and longitude belong together, and only one of them was found.",
		"a,b\n1,2\n":                           "No column was found that says where each place is. No column was found with the names of the places.",
		"#loc+name,#geo+lat,#geo+lon\nA,1,2\n": "Row 1 has HXL hashtags. The columns are taken by them.",
		"1;2\n3;4\n":                           "There seems to be no row of headings. No column was found that says where each place is. No column was found with the names of the places.",
	} {
		p, err := table.Propose([]byte(file), true)
		if err != nil || said(p) != want {
			t.Errorf("%q: said %q (%v), want %q", file, said(p), err, want)
		}
	}
}

func TestWhatIsNoTableIsNotTakenForOne(t *testing.T) {
	for name, tt := range map[string]struct{ file, want string }{
		"a workbook":   {"PK\x03\x04...", "at line 1: it is a workbook of a spreadsheet. Save it as CSV."},
		"an old one":   {"\xd0\xcf\x11\xe0...", "at line 1: it is a workbook of a spreadsheet. Save it as CSV."},
		"XML":          {"\xef\xbb\xbf <kml>", "at line 1: it is no table."},
		"a picture":    {"\xff\xd8\xff\xe0\x00\x10JFIF", "at line 1: it is no table."},
		"JSON":         {"{\"a\":1}", "at line 1: it is no table."},
		"nothing":      {" \n", "at line 1: it is empty."},
		"a quotation":  {"a\"b,c\n", "at line 1, column 2: a quotation mark stands within a value."},
		"many columns": {strings.Repeat("a,", 300) + "b\n", "at line 1: it has 301 columns, and at most 250 are read."},
	} {
		_, err := table.Propose([]byte(tt.file), true)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestEveryRoleHasItsWords(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range table.Roles() {
		words := r.Words().English()
		if words == "" || seen[words] {
			t.Errorf("%q is called %q", r, words)
		}
		seen[words] = true
	}
}
