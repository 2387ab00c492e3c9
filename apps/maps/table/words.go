package table

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

func decompose(s string) string { return norm.NFD.String(s) }

// headings are what columns are called, as Plain has it, in English, Spanish, French,
// Haitian Creole and Vietnamese.
var headings = map[Role]string{
	Latitude:    "lat|latitude|latitud|latitid|y|y coord|y coordinate|coord y|coordenada y|coordonnee y|point y|gps lat|gps latitude|lat wgs84|latitude wgs84|geo lat|vi do",
	Longitude:   "lon|lng|long|longitude|longitud|lonjitid|x|x coord|x coordinate|coord x|coordenada x|coordonnee x|point x|gps lon|gps long|gps longitude|lon wgs84|longitude wgs84|geo lon|geo lng|kinh do",
	WKT:         "wkt|wkt geom|geometry wkt|geometry|geom|the geom|shape|geometria|geometrie|jeometri",
	Place:       "plus code|pluscode|plus codes|open location code|olc|mgrs|usng|grid|grid ref|grid reference|code plus|codigo plus|codigo abierto|coordinates|coordinate|coords|coordenadas|coordonnees|kowodone|latlon|lat lon|lat long|latlng|lat lng|gps|gps coordinates|cuadricula|referencia de cuadricula|carroyage|toa do|position|ubicacion gps",
	ID:          "id|identifier|identificador|identifiant|idantifyan|uuid|guid|globalid|global id|site id|place id|shelter id|id del sitio|id du site|ma so",
	Name:        "name|nombre|nom|non|ten|title|titulo|titre|tit|site name|site|shelter|shelter name|facility|facility name|place name|nombre del refugio|nombre del sitio|nombre del lugar|refugio|albergue|lugar|nom du site|nom du lieu|nom de l abri|abri|lieu|label|etiqueta|etiquette|non kote a|ten dia diem",
	Description: "description|descripcion|deskripsyon|desc|notes|note|nota|notas|comments|comment|comentario|comentarios|commentaire|commentaires|remarks|remark|remarques|remarque|observaciones|observations|details|detalles|mo ta|ghi chu",
	Kind:        "kind|type|tipo|kalite|category|categoria|categorie|kategori|class|clase|classe|site type|place type|shelter type|facility type|tipo de sitio|tipo de lugar|type de site|type de lieu|loai",
	Everyday:    "capacity|capacidad|capacite|kapasite|max capacity|capacity everyday|everyday capacity|post impact capacity|beds|cots|camas|lits|places|plazas|aforo|capacidad maxima|capacite maximale|capacite d accueil|nombre de places|suc chua",
	Evacuation:  "evacuation capacity|capacity evacuation|evac capacity|capacidad de evacuacion|capacidad en evacuacion|capacite d evacuation|capacite en evacuation|kapasite evakyasyon|suc chua so tan",
	People:      "people|population|occupancy|occupants|headcount|head count|present|current population|total population|people present|personas|personas presentes|ocupacion|ocupantes|poblacion|personnes|personnes presentes|occupation|moun|kantite moun|so nguoi",
	Status:      "status|estado|estatus|situacion|statut|etat|situation|estati|sitiyasyon|state of shelter|shelter status|shelter status code|trang thai|tinh trang",
	Address:     "address|address 1|street address|street|addr|direccion|domicilio|calle|adresse|rue|adres|dia chi",
	Contact:     "contact|contacto|kontak|phone|phone number|telephone|telefono|tel|telefon|mobile|cell|celular|movil|contact phone|main phone|org main phone|telefono de contacto|numero de telephone|portable|lien he|dien thoai|so dien thoai",
	Hours:       "hours|opening hours|open hours|horario|horarios|horas|horario de atencion|heures|horaires|heures d ouverture|le louvri|gio mo cua",
	StepFree:    "step free|stepfree|accessible|accessibility|wheelchair|wheelchair accessible|ada|ada compliant|accesible|accesibilidad|silla de ruedas|sin escalones|accessibilite|fauteuil roulant|pmr|sans marche|aksesib|xe lan",
	Pets:        "pets|pets allowed|pet accommodations code|pet friendly|takes pets|animals|mascotas|se admiten mascotas|acepta mascotas|animales|animaux|animaux acceptes|animaux admis|bet|thu cung",
	Languages:   "languages|language|languages spoken|idioma|idiomas|lenguas|langue|langues|langues parlees|lang|ngon ngu",
}

// ByHeading is the role of a column that is called so.
func ByHeading(heading string) Role {
	words := Plain(heading)
	if words == "" {
		return Keep
	}
	for _, r := range Roles() {
		if slices.Contains(strings.Split(headings[r], "|"), words) || words == strings.ReplaceAll(string(r), "_", " ") && r != LeaveIt {
			return r
		}
	}
	return Keep
}

// tags are the hashtags that are written, and read with whatever attributes besides.
var tags = map[Role]string{
	Latitude: "#geo+lat", Longitude: "#geo+lon", WKT: "#geo+wkt", Place: "#geo+code",
	ID: "#meta+id", Name: "#loc+name", Description: "#description", Kind: "#loc+type",
	Everyday: "#capacity+everyday", Evacuation: "#capacity+evacuation", People: "#population+present",
	Status: "#status", Address: "#loc+address", Contact: "#contact", Hours: "#date+hours",
	StepFree: "#access+step_free", Pets: "#access+pets", Languages: "#access+languages",
}

// byTag is the role of a column with a hashtag.
func byTag(s string) Role {
	base, attributes, ok := tag(s)
	if !ok {
		return Keep
	}
	has := func(one ...string) bool {
		return slices.ContainsFunc(one, func(a string) bool { return slices.Contains(attributes, a) })
	}
	switch base {
	case "geo":
		return geoTag(has)
	case "loc", "site", "facility", "name":
		return siteTag(has, len(attributes) == 0)
	case "meta":
		if has("id") {
			return ID
		}
	case "id":
		return ID
	case "description":
		return Description
	case "capacity":
		if has("evacuation", "evac") {
			return Evacuation
		}
		return Everyday
	case "population", "affected", "reached":
		if has("present", "sheltered") || base == "reached" {
			return People
		}
	case "status":
		return Status
	case "contact":
		return Contact
	case "date":
		if has("hours") {
			return Hours
		}
	case "access":
		return accessTag(has)
	}
	return Keep
}

func geoTag(has func(...string) bool) Role {
	switch {
	case has("lat"):
		return Latitude
	case has("lon"):
		return Longitude
	case has("wkt", "geometry"):
		return WKT
	case has("code", "coord", "coords", "mgrs", "usng"):
		return Place
	}
	return Keep
}

func siteTag(has func(...string) bool, alone bool) Role {
	switch {
	case has("id", "code"):
		return ID
	case has("type"):
		return Kind
	case has("address"):
		return Address
	case has("name") || alone:
		return Name
	}
	return Keep
}

func accessTag(has func(...string) bool) Role {
	switch {
	case has("step_free", "wheelchair"):
		return StepFree
	case has("pets"):
		return Pets
	case has("languages"):
		return Languages
	}
	return Keep
}
