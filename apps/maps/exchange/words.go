package exchange

import (
	"errors"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
)

// What files call the kinds of places, as table.Plain has it: in English, Spanish, French,
// Haitian Creole, Vietnamese, Chinese and Arabic, and in OpenStreetMap's values.
var kindWords = map[place.Kind]string{
	place.Shelter:  "shelter|shelters|emergency shelter|evacuation shelter|evacuation center|evacuation centre|evacuation site|mass care|refuge|refugio|refugios|albergue|albergues|centro de evacuacion|abri|abris|centre d hebergement|hebergement|centre d evacuation|abri pwovizwa|noi tru an|避难所|收容所|ملجأ|ملاجئ",
	place.Water:    "water|drinking water|water point|water distribution|agua|agua potable|punto de agua|eau|eau potable|point d eau|dlo|dlo potab|pwen dlo|nuoc|nuoc uong|水|饮用水|ماء|مياه",
	place.Food:     "food|meals|food bank|soup kitchen|food distribution|kitchen|comida|alimentos|comedor|nourriture|repas|banque alimentaire|manje|thuc an|do an|食物|食品|طعام",
	place.Medical:  "medical|medical help|health|hospital|clinic|doctors|first aid|pharmacy|medical station|medico|salud|clinica|farmacia|primeros auxilios|medical care|sante|hopital|clinique|pharmacie|premiers secours|lopital|swen medikal|y te|benh vien|医疗|医院|طبي|مستشفى",
	place.Charging: "charging|charging phones|phone charging|power|device charging|carga|carga de celulares|recharge|chargement|chaje telefon|sac dien thoai|充电|شحن",
	place.Toilets:  "toilets|toilet|toilets and showers|restroom|restrooms|shower|showers|sanitation|banos|duchas|sanitarios|toilettes|douches|twalet|nha ve sinh|厕所|مراحيض",
	place.Warmth:   "warmth|warm or cool room|warming center|warming centre|cooling center|cooling centre|warming|cooling|centro de calor|centro de enfriamiento|salle chauffee|salle climatisee|suoi am|lam mat|取暖|避暑",
	place.Supplies: "supplies|supply|distribution|distribution point|point of distribution|pod|donations|suministros|provisiones|distribucion|distribution de materiel|fournitures|materyel|vat tu|物资|إمدادات",
	place.Hazard:   "hazard|danger|dangers|warning|flood|fire|peligro|inundacion|incendio|danje|inondation|incendie|nguy hiem|危险|خطر",
	place.Road:     "road|closed road|road closed|road closure|closure|carretera cerrada|calle cerrada|route fermee|route barree|wout femen|duong bi chan|道路封闭|طريق مغلق",
	place.Other:    "other|other place|otro|autre|lot|khac|其他|آخر",
}

var statusWords = map[place.Status]string{
	place.Planned: "planned|planned not open yet|standby|stand by|alert|pending|planificado|previsto|prevu|planifie|pwograme|du kien|计划|مخطط",
	place.Open:    "open|opened|now open|open now|active|operational|abierto|abierta|activo|ouvert|ouverte|actif|louvri|mo cua|dang mo|开放|مفتوح",
	place.Filling: "filling|filling up|open filling up|nearly full|almost full|limited|casi lleno|presque plein|presque complet|preske plen|gan day|将满",
	place.Full:    "full|at capacity|lleno|completo|plein|complet|plen|day|da day|已满|ممتلئ",
	place.Closing: "closing|closing soon|cerrando|fermeture|ap femen|sap dong",
	place.Closed:  "closed|close|inactive|not open|cerrado|cerrada|inactivo|ferme|fermee|femen|dong cua|da dong|关闭|مغلق",
}

var answerWords = map[place.Answer]string{
	place.Yes: "yes|y|true|t|1|si|oui|o|wi|co|designated|allowed|是|نعم",
	place.No:  "no|n|false|f|0|non|khong|none|not allowed|否|لا",
}

// known is what a word means; false if it means nothing here. It may be one of a program's
// own names.
func known[T ~uint8](names []place.Choice, words map[T]string, text string) (T, bool) {
	text = strings.TrimSpace(text)
	if v := place.Named[T](names, strings.ToLower(text)); v != 0 {
		return v, true
	}
	plain := table.Plain(text)
	if plain == "" {
		return 0, false
	}
	for v, all := range words {
		for one := range strings.SplitSeq(all, "|") {
			if one == plain {
				return v, true
			}
		}
	}
	return 0, false
}

// KindOf is the kind of places that a list with a name seems to have, by the whole of the name
// or by one of its words; false if it does not say.
func KindOf(list string) (place.Kind, bool) {
	if k, ok := kindOf(list); ok {
		return k, true
	}
	for word := range strings.FieldsSeq(table.Plain(list)) {
		if k, ok := kindOf(word); ok {
			return k, true
		}
	}
	return 0, false
}

func kindOf(s string) (place.Kind, bool)     { return known(place.Kinds(), kindWords, s) }
func statusOf(s string) (place.Status, bool) { return known(place.Statuses(), statusWords, s) }
func answerOf(s string) (place.Answer, bool) { return known(place.Answers(), answerWords, s) }

// peopleOf reads a number of people as tables have it: "1,200", "1.200", "120.0", "350
// people". What is less than none stands for not known, as -999 does at FEMA. More than a
// place can have is one more than that.
func peopleOf(s string) (uint32, bool) {
	s = strings.TrimSpace(s)
	if end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune(thousands, r) }); end > 0 {
		s = strings.TrimRight(s[:end], thousands)
	}
	var digits strings.Builder
	for i, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(thousands, r) }) {
		if i > 0 && len(part) != 3 { // no thousands: what comes is less than one
			if strings.Trim(part, "0") != "" {
				return 0, false
			}
			break
		}
		digits.WriteString(part)
	}
	n, err := strconv.ParseUint(digits.String(), 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return place.MaxPeople + 1, true
	}
	return uint32(min(n, place.MaxPeople+1)), err == nil //nolint:gosec // held to its bounds
}

// thousands is what stands between them, or before what is less than one.
const thousands = ".,' \u00a0\u202f\u2019"

// tonguesOf reads languages, by their codes or as people call them; left are those that are
// not understood.
func tonguesOf(s string) (codes, left []string) {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(",;/|\n،、[]\"", r) }) {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if code, ok := tongueOf(word); ok {
			codes = append(codes, code)
			continue
		}
		some := []string{} // "en es"
		for one := range strings.FieldsSeq(word) {
			code, ok := tongueOf(one)
			if !ok {
				some = nil
				break
			}
			some = append(some, code)
		}
		if some == nil {
			left = append(left, word)
		}
		codes = append(codes, some...)
	}
	return codes, left
}

// languageNames are what files call the languages of the pages, besides their own names.
var languageNames = map[string]string{
	"en": "english|ingles|anglais|angle|tieng anh", "es": "spanish|espanol|espagnol|panyol|castellano|tieng tay ban nha",
	"fr": "french|francais|frances|franse|tieng phap", "ht": "haitian creole|haitian|kreyol|creole|creole haitien|kreyol ayisyen",
	"vi": "vietnamese|tieng viet|vietnamita|vietnamien", "zh-Hans": "chinese|mandarin|chino|chinois|chinwa|zh|cmn|中文|简体中文",
	"ar": "arabic|arabe|العربية|arab",
}

// tongueOf is the code of a language: one of two or three letters, perhaps with more after
// a hyphen, or by its name.
func tongueOf(word string) (string, bool) {
	for _, t := range place.Tongues() {
		if strings.EqualFold(word, t.Code) || table.Plain(word) == table.Plain(t.Name) {
			return t.Code, true
		}
	}
	plain := table.Plain(word)
	for code, names := range languageNames {
		for one := range strings.SplitSeq(names, "|") {
			if one == plain && plain != "" {
				return code, true
			}
		}
	}
	main, _, _ := strings.Cut(word, "-")
	return word, place.ValidLang(word) && (len(main) == 2 || len(main) == 3)
}

// thingsOf reads what is offered or needed, by the names that this program writes; left are
// those that are none of them.
func thingsOf(s string) (all place.Things, left []string) {
	for name := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" ,;[]\"\n", r) }) {
		one, err := place.ThingsNamed("", []string{name})
		if err != nil {
			left = append(left, name)
		}
		all |= one
	}
	return all, left
}
