package server_test

import (
	"strings"
	"testing"
)

const (
	townTalk  = "What neighbors say"
	enSpanish = "Lo que dicen los vecinos"
)

func TestALanguageIsChosenByALinkAndStays(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/").want(t, 200, townTalk, `lang="en" dir="ltr"`, `<a href="/~es/" lang="es"`)
	p := b.open("/~es/").want(t, 200, enSpanish, `lang="es"`)
	if c := p.header.Get("Set-Cookie"); !strings.HasPrefix(c, "lp_lang=es; ") || !strings.Contains(c, "HttpOnly") {
		t.Errorf("cookie %q", c)
	}
	// The cookie has come back, and the address is clean again.
	if p := b.open("/~es/messages/town").want(t, 200, `lang="es"`); p.url != "/messages/town" {
		t.Errorf("at %s", p.url)
	}
	b.open("/").want(t, 200, enSpanish)
	b.open("/~ar/language").want(t, 200, `lang="ar" dir="rtl"`)
}

func TestWhatAPageAsksForByItselfChoosesNoLanguage(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.open("/~es/").want(t, 200, enSpanish)
	b.open("/~en/").want(t, 200, townTalk)
	b.header.Set("Lamppost-Part", "1")
	b.open("/~es/").want(t, 200, enSpanish) // the page before is still open somewhere
	b.header.Del("Lamppost-Part")
	for _, c := range []struct{ method, path string }{{"HEAD", "/~es/"}, {"GET", "/~es/api/v1/status"}} {
		if cookie := b.ask(c.method, c.path, "").header.Get("Set-Cookie"); cookie != "" {
			t.Errorf("%s %s sets %q", c.method, c.path, cookie)
		}
	}
	b.open("/").want(t, 200, townTalk)
}

func TestALanguageStaysWithoutCookies(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t))).withoutCookies()
	b.open("/~es/messages/town").want(t, 200, `lang="es"`, `href="/~es/"`)
	p := b.send("text", "hola", "name", "Ana").want(t, 200, "hola", `lang="es"`)
	if !strings.HasPrefix(p.url, "/~es~") {
		t.Errorf("the language and the session are at %s", p.url)
	}
	session := strings.TrimPrefix(b.prefix(), "/~es~")
	b.open("/~fr~"+session+"/name").want(t, 200, "Ana", `lang="fr"`)
	b.open("/~"+session+"/name").want(t, 200, "Ana", `lang="en"`)
}

func TestTheBrowsersLanguageCountsUntilOneIsChosen(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	b.header.Set("Accept-Language", "es-MX, en;q=0.5")
	b.open("/").want(t, 200, enSpanish)
	b.open("/nothing").want(t, 404, `lang="es"`)
	b.open("/~en/").want(t, 200, townTalk)
	b.open("/").want(t, 200, townTalk)
}

func TestOnlyWhatPeopleReadIsTranslated(t *testing.T) {
	b := newProgram(t, newServer(t, newFakeHub(t)))
	b.header.Set("Accept-Language", "es")
	b.call("POST", townPath, object{"text": "a", "client_id": "c", "name": "Official Bob"}).problem(t, 422, "name", "suena a algo oficial")
	b.call("POST", townPath, object{"text": "a", "client_id": "c", "colour": "red"}).problem(t, 422, "colour", "There is no field")
}

func TestAStrangeLanguageIsNone(t *testing.T) {
	b := newBrowser(t, newServer(t, newFakeHub(t)))
	for _, path := range []string{"/~xx/", "/~ES/", "/~en~en~en/", "/~~en/", "/~" + strings.Repeat("~", 300) + "/"} {
		b.open(path).want(t, 200, townTalk)
	}
	b.header.Set("Accept-Language", strings.Repeat("es,", 5_000))
	b.open("/").want(t, 200)
}
