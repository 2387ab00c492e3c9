package names_test

import (
	"os"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/names"
)

func TestANameThatSeemsOfficialIsFoundHoweverItIsWritten(t *testing.T) {
	for how, all := range map[string][]string{
		"as it is":           {"Official", "OFFICIAL Bob", "Bob (official)", "Unofficial", "Admin", "the admin", "Moderator", "Police", "Chief of Police", "FEMA", "911", "Call 911", "Staff", "Shelter Staff"},
		"several words":      {"Fire Department", "fire-department", "Red Cross", "City of Millbrook", "Millbrook City Hall", "National Guard", "Lamp Post"},
		"letters apart":      {"p.o.l.i.c.e", "L a m p p o s t", "lamppost.hub", "off icial", "Po-lice", "f.e.m.a.", "P  O  L  I  C  E man", "p_o_l_i_c_e"},
		"run together":       {"PoliceChief", "policechief", "TheOfficialBob", "MillbrookPolice", "xXsheriffXx", "cityhallnews", "AdminBob", "SystemAdmin", "iamthemoderator"},
		"digits for letters": {"P0lice", "p0l1c3", "0fficial", "0ff1c1al", "4dmin", "M0derat0r", "5heriff", "5taff", "police1", "Admin2", "7own Hall", "Bob0fficial"},
		"signs for letters":  {"pol!ce", "@dmin", "$heriff", "offici@l", "|amppost", "Police!", "Admin!", "$taff"},
		"i, l and I":         {"PoIice", "poIlce", "offlciaI", "Offıcial", "poiice", "ADMlN"},
		"rn for m":           {"Adrnin", "Larnppost", "rnoderator"},
		"Cyrillic":           {"Pоlice", "роӏісе", "РОӀІСЕ", "оffісіаl", "Ѕheriff", "аdmіn"},
		"Greek":              {"Pοlice", "ροlιce", "αdmin"},
		"Cherokee and Lisu":  {"ᏢOᏞIᏟᎬ", "ꓑꓳꓡꓲꓚꓰ"},
		"fullwidth":          {"ｏｆｆｉｃｉａｌ", "Ｐｏｌｉｃｅ"},
		"mathematical":       {"𝐏𝐨𝐥𝐢𝐜𝐞", "𝓅ℴ𝓁𝒾𝒸ℯ", "𝟗𝟏𝟏", "𝕺𝖋𝖋𝖎𝖈𝖎𝖆𝖑"},
		"circles and flags":  {"ⓟⓞⓛⓘⓒⓔ", "🅟🅞🅛🅘🅒🅔", "🅰🅳🅼🅸🅽", "🇵🇴🇱🇮🇨🇪"},
		"small capitals":     {"ᴘᴏʟɪᴄᴇ", "ᴏꜰꜰɪᴄɪᴀʟ", "ꜱᴛᴀꜰꜰ"},
		"accents":            {"Pòlïcë", "P̸o̸l̸i̸c̸e̸", "Ádmín", "ôfficiâl", "p⃝o⃝l⃝i⃝c⃝e⃝"},
		"Spanish":            {"policía", "Policia Local", "Bomberos", "El Alcalde", "alcalde", "Oficial", "CUENTA OFICIAL", "Guardia Civil", "Cruz Roja", "cruzroja", "Protección Civil", "Ayuntamiento de León", "Administrador", "Vecino"},
		"French":             {"Mairie", "Mairie de Lyon", "les Pompiers", "Sapeurs-Pompiers", "Gendarmerie", "Monsieur le Maire", "Le Maire", "Croix-Rouge", "officielle", "Hôtel de Ville", "Préfecture", "Modérateur", "Voisin"},
		"Haitian Creole":     {"Lapolis", "lapolis d Ayiti", "Ponpye", "ofisyèl", "ofisyel", "Majistra", "Lameri", "Lakwa Wouj", "Gouvènman an"},
		"Vietnamese":         {"Cảnh sát", "canh sat", "Cảnh Sát Giao Thông", "chính thức", "Chính quyền", "Công An", "Công an phường 5", "Quản trị viên", "UBND Ủy ban nhân dân", "Đội cứu hỏa"},
		"Chinese":            {"警察", "人民警察", "官方", "官方账号", "市政府", "消防队", "管理员", "市长", "系统", "邻居", "红十字会", "公安局"},
		"Arabic":             {"شرطة", "الشرطة", "رسمي", "حساب رسمي", "صفحة رسمية", "الحساب الرسمي", "الإطفاء", "رجال الاطفاء", "البلدية", "الدفاع المدني", "الهلال الأحمر", "شُرْطَة", "شـرطـة", "العمدة", "ضيف", "الشرطه"},
		"that calls":         {"Emergency", "Emergency Notice", "Water Department", "EMS", "Ambulance", "Army", "Hospital", "Verified", "Urgence", "Urgencias", "救援", "Polizei", "Notice", "Alert"},
		"the authorities":    {"Authorities", "The Authorities", "Las Autoridades", "Autorités", "Otorite yo", "Nhà chức trách", "当局", "市当局", "有关部门", "السلطات", "سلطات", "السلطات المحلية", "Behörde"},
		"who helps":          {"Paramedic", "Ambulancias", "Cứu thương", "警方", "急救车", "قوات الأمن", "رجال الأمن", "الأمن العام", "Notarzt", "Bürgermeister", "Bürgermeisterin Weber", "Polis", "Chính phủ", "الجيش"},
		"Russian, Ukrainian": {"администратор", "Админ", "Полиция", "полицейский Иванов", "мэрия", "Мэр", "спасатели", "МЧС", "скорая", "власти", "Официальный аккаунт", "Губернатор", "поліція", "Рятувальники", "ДСНС"},
		"other languages":    {"Bombeiros", "Prefeitura", "Rathaus", "Carabinieri", "Croce Rossa", "Straż Pożarna", "Policja", "Polisi", "Belediye", "पुलिस", "경찰서", "소방서", "自衛隊", "市役所", "شهرداری"},
		"strokes and signs":  {"Officia丨", "Po丨ice", "Mayor丨", "Pㅇlice", "Polㅣce", "FEㄇA", "Pロlice", "Cエty Hall", "丅own Hall", "P○LICE", "P⊙LICE", "M∆YOR", "ᏢᎾᏞᏆᏟᎬ"},
		"written wrong":      {"Offical", "Modertor", "Cordinator", "Sherriff", "Emergancy", "Fire Depatment", "Fire Departmnet", "National Gaurd", "Goverment", "Lampost"},
		"an office of":       {"The Real Mayor", "Office of the Mayor", "The Cops", "Health Dept", "Department of Health", "Search & Rescue", "Evacuation Order"},
		"with a badge":       {"Ann ✓", "✅ Ann", "⚠ Bob", "₱olice"},
		"begun with a title": {"Mayor", "Mayor Smith", "The Mayor", "Root", "Hub", "hub 3", "Guest", "Guest 12", "Neighbor", "112"},
	} {
		for _, name := range all {
			if !names.Official(name) {
				t.Errorf("%s: %q passes", how, name)
			}
		}
	}
}

// ordinary are the names in testdata.
func ordinary(t testing.TB) (all []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/ordinary.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}

func TestNoOrdinaryNameSeemsOfficial(t *testing.T) {
	all := ordinary(t)
	if len(all) < 700 {
		t.Errorf("only %d names", len(all))
	}
	for _, name := range all {
		if names.Official(name) {
			t.Errorf("%q is refused", name)
		}
	}
}

func TestATalkDoesNotSeemOfficialButAStreetMayBeCalledAfterThePolice(t *testing.T) {
	for _, bad := range []string{
		"official", "Officiаl", "OFFICIAL news", "0fficial", "Police", "City Hall", "policía", "Mayor", "The Mayor", "官方", "警察", "رسمي", "شرطة", "Lamppost", "moderators",
		"Official Street", "calle oficial", "Rue des modérateurs", "官方路",
	} {
		if !names.OfficialTalk(bad) {
			t.Errorf("%q passes", bad)
		}
	}
	for _, good := range []string{
		"town", "Elm Street", "Police Street", "Sheriff Rd.", "Rue de la Mairie", "Place de l’Hôtel de Ville", "Calle de los Bomberos", "市政路", "شارع البلدية", "Đường Cảnh Sát",
		"Neighbors help", "Guest house", "Mayor’s race", "Root cellar", "Water", "Lost & found", "3rd floor", "Vecinos", "系统", "Ana", "🌻",
	} {
		if names.OfficialTalk(good) {
			t.Errorf("%q is refused", good)
		}
	}
}
