package names

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Words of a name that are refused wherever they stand and however they are spaced:
// who has one seems to speak for somebody who is trusted here. Left out is what people
// are called: công an ("police"), chính phủ ("government") and thị trưởng ("mayor")
// are given names of Vietnam, رسمي ("official") one of Arabia, samu, the ambulance of
// France, one of Finland. Sheriff is a name of few, and is refused all the same.
const (
	// speaking is what says that somebody speaks for the community or for Lamppost.
	speaking = `
official, officials, officially, unofficial, admin, admins, administrator, administration, moderator, mod team, coordinator, operator, system,
staff, lamppost, help desk, checked by, signed by, confirmed by, not real, notice, notices, announcement, announcements, aviso, avisos, comunicado,
oficial, oficiales, oficialmente, administrador, administradora, administración, moderador, moderadora, coordinador, coordinadora, operador, sistema,
officiel, officielle, officiels, officielles, administrateur, administratrice, modérateur, modératrice, coordinateur, coordinatrice, coordonnateur,
opérateur, système,
ofisyèl, ofisyèlman, administratè, moderatè, kowòdonatè, operatè, sistèm,
chính thức, quản trị viên, ban quản trị, điều phối viên, người điều phối, người kiểm duyệt, hệ thống,
الرسمي, الرسمية, حساب رسمي, صفحة رسمية, حساب رسمية, مصدر رسمي, جهة رسمية, رسميا, مدير النظام, مشرف النظام
`
	// offices are those whom people look to in an outage.
	offices = `
police, policeman, policewoman, policemen, sheriff, sheriffs, sheriffs office, officer, governor, government, fema, fbi, 911,
fire department, fire dept, fire station, fire chief, fire marshal, fire brigade, fire service, firefighter, firefighters, police department,
city of, town of, city hall, city council, town hall, town council, county of, emergency management, emergency service, emergency services,
emergency manager, civil defense, civil defence, civil protection, national guard, coast guard, red cross, red crescent, salvation army,
weather service, public health, health department, homeland security, search and rescue, search rescue, rescue team,
department of, dept of, office of, ministry of, health dept, evacuation order, evacuation orders,

policía, policías, policial, bombero, bomberos, alcaldía, ayuntamiento, municipalidad, gobierno, gobernador, gobernadora, guardia civil,
guardia nacional, protección civil, cruz roja, defensa civil, servicio de emergencia, servicios de emergencia, salud pública,

policier, policière, gendarme, gendarmes, gendarmerie, pompier, pompiers, sapeurs pompiers, mairie, adjoint au maire, hôtel de ville, préfet,
préfecture, gouvernement, gouverneur, croix rouge, protection civile, sécurité civile, garde nationale, secours, santé publique,

lapolis, polisye, ponpye, majistra, lameri, meri vil, gouvènman, gouvènè, gad nasyonal, lakwa wouj, pwoteksyon sivil, pwoteksyon civil,
sekou ijans, leta ayiti,

cảnh sát, lính cứu hỏa, đội cứu hỏa, phòng cháy, chính quyền, ủy ban nhân dân, tòa thị chính, công an phường, công an xã, công an tỉnh,
công an huyện, đồn công an, chữ thập đỏ, hội chữ thập đỏ, quân đội, y tế công cộng,

شرطة, شرطي, شرطية, إطفاء, إطفائي, مطافئ, مطافي, بلدية, دفاع مدني, حماية مدنية, حكومة, حكومي, هلال أحمر, صليب أحمر, إسعاف, رئيس البلدية,
حرس وطني, طوارئ, وزارة, محافظة, الدرك, درك وطني
`
)

// Words that are refused within longer ones as well: they are in no names but those of
// chance. In scripts that do not set words apart there is no other way.
const (
	speakingLong = `
official, lamppost, moderator, coordinator, administrator, oficial, moderador, coordinador, administrador, officiel, modérateur, administrateur,
ofisyèl, kowòdonatè, moderatè, chínhthức, quảntrịviên, điềuphốiviên, الرسمي,
官方, 管理员, 管理員, 版主, 协调员, 協調員, 系统管理
`
	officesLong = `
police, sheriff, firefighter, firedepartment, firestation, firechief, firemarshal, cityhall, townhall, citycouncil, sheriffsoffice,
emergencymanagement, emergencyservice, nationalguard, coastguard, redcross, weatherservice, publichealth, healthdepartment, government,
policía, bomberos, alcaldía, ayuntamiento, gobierno, protección civil, policier, gendarme, pompiers, préfecture, gouvernement, croixrouge,
lapolis, ponpye, lameri, gouvènman, lakwawouj, cảnhsát, chínhquyền, الشرطة, الإطفاء, البلدية, الحكومة,
警察, 公安, 民警, 武警, 派出所, 政府, 市政, 市长, 市長, 镇长, 鎮長, 消防, 红十字, 紅十字, 急救中心, 应急, 應急, 救援队, 救援隊, 居委会, 城管, 气象局, 氣象局,
卫生局, 公務員, 公务员, 警方, 当局, 當局, 有关部门, 有關部門
`
)

// calling is what a person's name has who wants to be heeded; a talk may be about it.
const calling = `
emergency, emergencies, ambulance, ambulances, verified, ems, water department, water dept, water company, power company, polizei, polizia, feuerwehr,
urgence, urgences, ambulancier, vérifié, vérifiée, urgencia, urgencias, emergencia, emergencias, ambulancia, verificado, verificada,
authorities, local authority, paramedic, paramedics, autoridad, autoridades, autorités, ambulancias, presidente municipal, otorite, otorite yo,
nhà chức trách, cứu thương, سلطات, سلطات محلية, رجال الأمن, قوات الأمن, أمن عام, رئيس المدينة, 急救车, 急救車,
behörde, behörden, notarzt, rettungsdienst, itfaiye, jandarma,
ijans, anbilans, verifye, cấp cứu, khẩn cấp, xe cứu thương, 救援, 紧急, 緊急, 急救, 救护车, 救護車, طارئ, موثق
`

// titles and addresses are refused where a name begins with one, or is nothing else:
// at its end they are names of families, such as of Federico Mayor, Joe Root,
// Christopher Guest, John Constable, Luisa Alcalde, Jacques Maire or Anna Hub.
const (
	titles = `mayor, marshal, deputy, constable, commissioner, magistrate, warden,
alcalde, alcaldesa, comisario, comisaría, maire, commissaire, majistra, bürgermeister, bürgermeisterin, عمدة, محافظ`
	addresses = `root, hub, guest, neighbor, neighbour, 112, 999`
)

// solitary are refused as a whole name only. Pages call people so who have none, or
// they are given names.
const solitary = `
vecino, vecina, invitado, invitada, voisin, voisine, invité, invitée, vwazen, vwazin, envite, hàng xóm, khách, công an, thị trưởng, samu,
公告, بلاغ, بلاغات, thông báo, mod, mods, cops, army, hospital, notice, alert, alerts, warning, news, info, aviso, alerta, avis, alerte, hôpital, ejército, armée, 医院, 通知, 警报,
polis, chính phủ, الجيش, رسمي, رسمية, ضيف, جار, مشرف, منسق, مدير, مسؤول, 邻居, 鄰居, 客人, 访客, 訪客, 系统, 系統, 市民
`

// leading may stand before a title.
const leading = `from, by, de, từ, của, من, 来自, 由, the, your, our, real, true, acting, el, la, los, las, su, le, les, l, notre, votre, lo, vi, ال, este, dear, mr, mrs, ms, madame, señor, señora, monsieur`

// chance are names in which a long word stands, or which are nearly a word, by chance.
const chance = `marlie, wanning, policella, policelli, policello, policek, policetti, policeno, oficialdegui, sheriffdeen, sheriffe`

// streets say that a talk is that of a street, which may be called after an office.
const (
	streets = `
street, st, road, rd, avenue, ave, lane, ln, drive, square, court, block, bridge, corner, alley, calle, avenida, av, plaza, camino, carrera, barrio,
puente, rue, boulevard, bd, place, chemin, impasse, allée, quartier, pont, ri, lari, katye, wout, đường, phố, ngõ, hẻm, cầu, شارع, طريق, ساحة, ميدان, حي, جسر
`
	streetsLong = `路, 街, 巷, 胡同, 大道, 小区`
)

// lexicon is lists of words as they look. Those of word are those of alone, also with m
// for rn: Waming is read as a warning, but Wa Ming is somebody's name.
type lexicon struct {
	words, titles, word *shapes
	alone               map[string]bool

	long map[[prefixLen]byte][]string // by how they begin
}

// prefixLen is as long as the shortest of the long words: one character of Han.
const prefixLen = 3

func newLexicon(words, long, titles, alone string) *lexicon {
	l := &lexicon{words: newShapes(looks(words)), titles: newShapes(looks(titles)), alone: looks(alone), word: newShapes(looks(alone)), long: map[[prefixLen]byte][]string{}}
	l.words.slips = true
	all := newShapes(looks(long))
	maps.Copy(all.exact, all.folded)
	for w := range all.exact {
		p := [prefixLen]byte([]byte(w))
		l.long[p] = append(l.long[p], w)
	}
	return l
}

// shapes are words in the ways in which they are compared: as they look, also with m
// for rn; folded; and at a glance, by their length in bytes.
type shapes struct {
	exact, folded map[string]bool
	near          map[int][]string
	slips         bool // those that nobody is called, nor nearly so
}

func newShapes(looks map[string]bool) *shapes {
	s := &shapes{exact: both(looks), folded: map[string]bool{}, near: map[int][]string{}}
	for look := range looks {
		if fold := folded(look); fold != "" {
			s.folded[fold] = true
		}
		if seen := glanced(look); len(seen) >= minSwapped {
			s.near[len(seen)] = append(s.near[len(seen)], seen)
		}
	}
	return s
}

// miswritten reports whether a word at a glance is nearly one of them.
func (s *shapes) miswritten(seen string) bool {
	if slices.ContainsFunc(s.near[len(seen)], func(w string) bool { return near(w, seen) }) {
		return true
	}
	for n := len(seen) - 1; s.slips && n <= len(seen)+1; n++ {
		if slices.ContainsFunc(s.near[n], func(w string) bool { return slipped(w, seen) }) {
			return true
		}
	}
	return false
}

// lexica are for the names of people, for those of talks and, of these, for those
// of streets, and what says that a name is a street's.
type lexica struct {
	people, talks, streetTalks, streets *lexicon

	leading, chance map[string]bool
}

// known is made once, and only read.
var known = sync.OnceValue(func() *lexica {
	l := &lexica{
		people:      newLexicon(speaking+","+offices+","+calling+","+abroad, speakingLong+","+officesLong+","+abroadLong, titles+","+addresses+","+abroadTitles, solitary+","+abroadAlone),
		talks:       newLexicon(speaking+","+offices+","+abroad, speakingLong+","+officesLong+","+abroadLong, "", titles+", رسمي, رسمية"),
		streetTalks: newLexicon(speaking, speakingLong, "", ""),
		streets:     newLexicon(streets, streetsLong, "", ""),
		leading:     looks(leading),
		chance:      looks(chance),
	}
	l.streets.words = &shapes{exact: looks(streets)} // what only looks like a street excuses nothing
	return l
})

// both adds to a set of looks each with m for rn.
func both(set map[string]bool) map[string]bool {
	for look := range maps.Clone(set) {
		set[closed(look)] = true
	}
	return set
}

// looks is a list as it looks, each entry run together. Arabic puts its article
// before each word.
func looks(list string) map[string]bool {
	set := map[string]bool{}
	add := func(entry string) { set[strings.Join(read(apart(entry), true, false), "")] = true }
	for entry := range strings.SplitSeq(strings.ReplaceAll(list, "\n", " "), ",") {
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		add(entry)
		if unicode.Is(unicode.Arabic, []rune(words[0])[0]) {
			for i, w := range words {
				if !strings.HasPrefix(w, "ال") {
					words[i] = "ال" + w
				}
			}
			add(strings.Join(words, " "))
		}
	}
	return set
}
