package names

// Words for the same people in languages that pages do not speak, but neighbors may. A
// stem among the long ones stands for its forms.
const (
	abroad = `
администратор, админ, модератор, координатор, оператор, власти, мэрия, мэрии, мчс, мвд, фсб, пожарная, пожарные, пожарный, пожарная охрана, горсовет,
скорая, скорая помощь, красный крест, городская администрация, росгвардия, гибдд, экстренная служба, экстренные службы,
адміністратор, адмін, оператор, мерія, міська рада, дснс, пожежна охорона, пожежна частина, швидка допомога, червоний хрест, влада міста,
prefeitura, bombeiro, bombeiros, governo, câmara municipal, defesa civil, cruz vermelha, guarda municipal, corpo de bombeiros,
offiziell, offizielle, offizieller, behördlich, rathaus, stadtverwaltung, rotes kreuz, katastrophenschutz, technisches hilfswerk, bundeswehr, bundesregierung, krankenwagen,
amministratore, carabinieri, carabiniere, vigili del fuoco, municipio, croce rossa, protezione civile, vigile del fuoco, comune di, ufficiale,
policja, policjant, straż pożarna, straż miejska, strażak, urząd miasta, urząd gminy, oficjalny, oficjalna, oficjalne, pogotowie ratunkowe,
polisi, pemadam kebakaran, bumbero, belediye, zabıta, resmi hesap,
शासन, प्रशासन, भारत सरकार, राज्य सरकार, नगर निगम, नगर पालिका, आधिकारिक, अग्निशमन, दमकल, रेड क्रॉस,
공식, 공식계정, 운영자, 관리자, 시청, 구청, 군청, 구급대, 구조대, 적십자,
پلیس, پولیس, آتش نشانی, شهرداری, اورژانس, هلال احمر
`
	abroadLong = `
полиция, полицейск, полиции, администраци, модератор, координатор, официальн, спасатели, спасатель, правительств, губернатор,
поліція, поліцейськ, поліції, адміністраці, офіційн, рятувальник, пожежник, уряд україни,
polícia, administrador, feuerwehr, rotkreuz, ufficiale,
पुलिस, पुलीस, 경찰, 소방서, 소방관, 소방대, 市役所, 区役所, 役場, 県庁, 自衛隊, 救急隊, 管理者, 公式アカウント, 公式
`
	abroadTitles = `мэр, мер, prefeito, prefeita, burmistrz, sindaco, oberbürgermeister, महापौर`
	abroadAlone  = `модер, спасение, скора, rettung, notruf, regierung, comune, governo, resmi, 정부, 공지, 시장, 運営, 알림`
)
