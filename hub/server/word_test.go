package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lamppost-hub/lamppost/hub/returncode"
)

var wordFrame = regexp.MustCompile(`class="word[ "]`)

func TestACoordinatorReleasesAtTheBoxAndDraftsOnTheWiFi(t *testing.T) {
	st := newFirehouse(t)
	drafting := st.signsIn(t, air)
	drafting.open("/notices/").want(t, 200, "Write a notice", "No notice holds now.")
	drafting.open("/notices/new").want(t, 200, "Boil your water", "In your own words")
	drafting.open("/notices/new?t=road").want(t, 200, "From here it becomes a draft").wantNot(t, "Release it now")
	p := drafting.send("text", "Main Street <b>").want(t, 200, "Draft of a notice", "This is not released yet", "Main Street <b>")
	if wordFrame.MatchString(p.body) {
		t.Error("a draft stands in the frame of a notice")
	}
	newBrowser(t, st.s).open("/notices/drafts").want(t, 403, "Only coordinators")
	newBrowser(t, st.s).open("/").want(t, 200, "No notice holds now.").wantNot(t, "Main Street")

	b := st.signsIn(t, box)
	b.open("/notices/drafts").want(t, 200, "Main Street", "Release it now")
	b.send().want(t, 200, "FS-1", "Road closed", "From <bdi>Maria Ortiz</bdi> · checked by this place")
	b.open("/notices/new?t=evacuate").want(t, 200, "Release it now")
	b.send("text", "Below the dam").want(t, 200, "FS-2", "Signed by one coordinator alone.")

	for _, lang := range []string{"en", "es", "fr", "ht", "vi", "zh-Hans", "ar"} {
		for _, path := range []string{"/", "/notices/", "/notices/archive", "/notices/questions", "/messages/town", "/print", "/kiosk", "/you", "/nothing"} {
			status := 200
			if path == "/nothing" {
				status = 404
			}
			p := newBrowser(t, st.s).open("/~"+lang+path).want(t, status, "FS-2", "Below the dam")
			if !wordFrame.MatchString(p.body) {
				t.Errorf("%s in %s has no notice on top", path, lang)
			}
		}
		for _, path := range []string{"/notices/new", "/notices/new?t=evacuate", "/notices/new?t=other", "/notices/templates", "/notices/drafts"} {
			b.open("/~"+lang+path).want(t, 200)
		}
	}
	newBrowser(t, st.s).open("/~es/notices/").want(t, 200, "Salga de esta zona ahora", "Aún no está en su idioma. Esto está en <bdi>English</bdi>", "Firmado por un solo coordinador.")
}

func TestWhatANeighborWritesNeverLooksLikeANotice(t *testing.T) {
	st := newFirehouse(t)
	b := newBrowser(t, st.s)
	const fake = "⚠ NOTICE FS-9 · EXTREME DANGER <div class=\"word loud\"><p class=\"cap\">Leave now</p></div> From Maria Ortiz · checked by this place"
	b.open("/messages/town")
	b.send("text", fake, "name", "Ana").want(t, 200, "NOTICE FS-9")
	b.open("/notices/questions")
	b.send("text", fake).want(t, 200, "NOTICE FS-9")
	for _, path := range []string{"/", "/messages/town", "/notices/", "/notices/questions", "/print", "/kiosk"} {
		if p := b.open(path); wordFrame.MatchString(p.body) {
			t.Errorf("%s has the frame of a notice:\n%s", path, p.body)
		}
	}
	for path := range st.questions() {
		c := st.signsIn(t, box)
		c.open(path).want(t, 200, "Your answer")
		p := c.send("verdict", "false", "text", "Stay where you are.").want(t, 200, "Not true", "Stay where you are.")
		_, frame, _ := strings.Cut(p.body, `<div class="word"`)
		if frame, _, _ = strings.Cut(frame, "</div>"); strings.Contains(frame, "FS-9") || !strings.Contains(frame, "Stay where you are.") {
			t.Errorf("within the frame of the answer stands %s", frame)
		}
	}
}

// questions are the paths of all questions.
func (st *firehouse) questions() map[string]bool {
	all := map[string]bool{}
	for slot := range st.records {
		if id, is := strings.CutPrefix(slot.Key, "q/"); is && slot.App == "notices" {
			all["/notices/questions/"+slot.Author.String()[:16]+"/"+id] = true
		}
	}
	return all
}

func TestAPracticeSaysSoOnEveryPage(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=evacuate")
	b.send("text", "Below Mill Road.", "status", "Exercise").want(t, 200, "PRACTICE, not real")
	newBrowser(t, st.s).open("/messages/town").want(t, 200, "PRACTICE, not real", `class="word practice"`)
}

func TestAFormOfANoticeThatIsWrongIsShownAgain(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=road")
	p := b.send("text", "Main Street", "point", "-120, 44", "severity", "Severe", "text_es", "Calle Mayor")
	p.want(t, 422, "Is the longitude first?", "Main Street", `value="-120, 44"`, `<option value="Severe" selected>`, "Calle Mayor", `id="problem-point"`)
	b.send("point", "44, -120").want(t, 200, "FS-1", "At the point", "Calle Mayor")

	p = b.open("/notices/new?t=other").want(t, 200, `name="advice_ht"`, `name="head_zh-Hans"`)
	if top, _, _ := strings.Cut(p.body, "<details"); !strings.Contains(top, `name="head"`) {
		t.Error("a notice in one's own words has its headline in a fold")
	}
	b.send("head", "Sacos", "text", "Venga.", "lang", "es", "head_fr", "Des sacs", "life", "48", "radius", "3").
		want(t, 422, "around which point", `id="problem-radius"`, `<option value="es" selected>`, `<option value="48" selected>`, `<details open><summary lang="fr">`, `<details><summary lang="vi">`)
}

// The end of a notice is a moment that its author has set: a hub that does not know what
// time it is can read it all the same.
func TestANoticesEndIsReadWhereTheClockIsNot(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=boil-water")
	b.send("text", "The upper town").want(t, 200, "Holds until <bdi>Wednesday, 25 November 2026, 18:42")
	st.about.Plausible = false
	for _, path := range []string{"/notices/", "/print", "/print/new"} {
		newBrowser(t, st.s).open(path).want(t, 200, "Holds until <bdi>Wednesday, 25 November 2026, 18:42").wantNot(t, "Holds until <bdi>time uncertain")
	}
}

func TestFromWhomANoticeIsLeadsToWhoMaySpeakOfficially(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=boil-water")
	const from = `href="/coordinators">From <bdi>Maria Ortiz</bdi> · checked by this place</a>`
	b.send("text", "The upper town").want(t, 200, from)
	b.open("/notices/").want(t, 200, from)
	for _, path := range []string{"/print", "/kiosk"} { // where nothing can be pressed
		newBrowser(t, st.s).open(path).want(t, 200, "From <bdi>Maria Ortiz</bdi>").wantNot(t, from)
	}
}

func TestASheetForAWallSaysTheWorstNoticeOnce(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=boil-water")
	b.send("text", "The upper town").want(t, 200)
	if p := newBrowser(t, st.s).open("/print/new").want(t, 200, "The upper town"); strings.Count(p.body, "The upper town") != 1 {
		t.Errorf("it says it more than once:\n%s", p.body)
	}
}

func TestACoordinatorFindsOnTheirOwnPageWhatTheyMayDoAndWhere(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/you").want(t, 200, "You speak officially here as <b><bdi>Maria Ortiz</bdi></b>.", "writes official notices").wantNot(t, "Moderate", "hides posts")
	b.open(b.at.link(t, "/notices/new$")).want(t, 200, "Boil your water")
	neighbor := newBrowser(t, st.s)
	neighbor.open("/messages/town")
	neighbor.send("text", "hello", "name", "Ana")
	neighbor.open("/you").want(t, 200, "Ana").wantNot(t, "officially", "Write a notice")
}

func TestTheHomePageSaysTheWorstNoticeOnce(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	newBrowser(t, st.s).open("/").want(t, 200, "No notice holds now.")
	b.open("/notices/new?t=boil-water")
	b.send("text", "The upper town").want(t, 200)
	home := newBrowser(t, st.s).open("/").want(t, 200, "No other notice holds now.")
	if n := strings.Count(home.body, ">Boil your water<"); n != 1 {
		t.Errorf("it stands there %d times:\n%s", n, home.body)
	}
	b.open("/notices/new?t=meeting")
	b.send("text", "At the school").want(t, 200)
	newBrowser(t, st.s).open("/").want(t, 200, "Meeting").wantNot(t, "No other notice")
}

func TestCoordinatorsAreWarnedBeforeTheyType(t *testing.T) {
	st := newFirehouse(t)
	b := newBrowser(t, st.s)
	b.open("/return").want(t, 200, "Coordinators: not here").wantNot(t, "Go on.")
	b.post("code", st.code.Text()).want(t, 403, "tick the box", "Sign in here all the same").wantNot(t, "All six words are right. Go on.")
	box(b)
	b.open("/return").want(t, 200, "This page is official").wantNot(t, "Coordinators: not here")
}

// Two coordinators release a notice at the box in one moment, and each has a number of its own.
func TestTwoWhoSignAtOnceHaveTwoNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFirehouse(t)
		code := returncode.New(nil)
		st.certify(t, code, "Tom Lee")
		both := []*browser{st.signsIn(t, box), st.signsInWith(t, code, box)}
		st.beforeWrite = func() { time.Sleep(time.Second) } // the other has asked meanwhile
		var done sync.WaitGroup
		for _, b := range both {
			b.open("/notices/new?t=meeting").want(t, 200, "Release it now")
			done.Go(func() { b.send("text", "At the school.") })
		}
		done.Wait()
		newBrowser(t, st.s).open("/notices/").want(t, 200, "FS-1<", "FS-2<").wantNot(t, "FS-1-")
	})
}

// Boiling does not help, says whoever wrote it: nobody is told to boil, in whatever language
// they read and wherever, and what is not in their language says in which one it is.
func TestNobodyReadsTheTemplatesAdviceWhereTheAuthorGivesAnother(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=boil-water")
	b.send("text", "Fuel in the wells.", "text_es", "Combustible en los pozos.", "advice", "Do NOT drink it even boiled.").want(t, 200, "FS-1")
	b.open("/notices/new?t=other")
	b.send("head", "Sandbags at the mill", "text", "Come and fill.", "text_es", "Venga a llenar.", "advice", "Bring a shovel.").want(t, 200, "FS-2")
	reader := newBrowser(t, st.s)
	for _, path := range []string{"/notices/", "/print"} {
		reader.open("/~es"+path).want(t, 200, "Combustible en los pozos.", "Do NOT drink it even boiled.", "Venga a llenar.").wantNot(t, "un minuto")
	}
	reader.open("/~es/notices/").want(t, 200, "Bring a shovel.", "<bdi>English</bdi>", ` lang="en">Do NOT drink`, ` lang="en">Bring a shovel.`)
	reader.open("/~es/").want(t, 200, "Combustible en los pozos.", "(English) Sandbags at the mill").wantNot(t, "un minuto")
	reader.open("/~es/kiosk").want(t, 200, "Combustible en los pozos.").wantNot(t, "un minuto")
	reader.open("/~ar/notices/").want(t, 200, "Fuel in the wells.", "Do NOT drink it even boiled.").wantNot(t, "دقيقة كاملة")
}

// Whoever fills in all that a form offers is not told that it is too much.
func TestTheFormsOfNoticesAreTakenWhole(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=road")
	b.send("text", "Mill Road").want(t, 200, "FS-1")
	field := regexp.MustCompile(` name="([^"]+)"`)
	for i, of := range []string{"other", "all-clear", "boil-water"} {
		p := b.open("/notices/new?t=" + of)
		all := []string{"text", "It is over.", "head", "Over"}
		for _, m := range field.FindAllStringSubmatch(p.body, -1) {
			if name := m[1]; strings.HasPrefix(name, "text_") || strings.HasPrefix(name, "head_") || strings.HasPrefix(name, "advice_") || slices.Contains([]string{"point", "radius", "polygon", "contact", "area"}, name) {
				all = append(all, name, "")
			}
		}
		if len(all) < 2*19 {
			t.Fatalf("%s has %d fields", of, len(all)/2)
		}
		if of == "all-clear" {
			all = append(all, "ends", "none")
		}
		for n := range 20 {
			all = append(all, fmt.Sprint("more", n), "")
		}
		b.send(all...).want(t, 200, fmt.Sprint("FS-", i+2))
	}
}

// Nowhere does a headline stand alone whose advice the author has put another in place of.
func TestARowOfANoticeSaysWhatItsAuthorAdvises(t *testing.T) {
	st := newFirehouse(t)
	b := st.signsIn(t, box)
	b.open("/notices/new?t=boil-water")
	b.send("text", "Fuel is in it.", "advice", "Do NOT drink it, even boiled.").want(t, 200, "FS-1")
	b.open("/notices/new?t=inside")
	b.send("text", "A storm comes.").want(t, 200, "FS-2")
	for _, path := range []string{"/", "/print"} {
		b.open(path).want(t, 200, "Do NOT drink it, even boiled.")
	}
}
