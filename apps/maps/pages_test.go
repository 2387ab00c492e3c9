package maps_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/grid"
	"github.com/paulmach/orb"
)

func TestAShelterIsOpenedCountedAndFoundWithoutAScript(t *testing.T) {
	s := newSite(t)
	kim, ann := s.coordinator(t), s.browser(t)
	ann.open("/maps/")
	ann.says("Nobody has put a place here yet.", "Nobody has said yet where this place is.")
	ann.saysNot("Open a shelter")

	kim.open("/maps/here")
	if code := kim.send("/maps/here", "points", "44.47"); code != 422 {
		t.Error(code)
	}
	kim.says("one number only")
	kim.send("/maps/here", "points", "44.47 -73.21")
	kim.says("Changed.", "The nearest to Fire Station 4 first.")

	kim.open(kim.link("/maps/open"))
	if code := kim.send("/maps/open", "title", "Hill School", "points", "-173.2, 44.4", "most", "many"); code != 422 {
		t.Error(code)
	}
	kim.says("If these are longitude and latitude, write 44.40000, -173.20000.")
	if got := valuesIn(kim.form("/maps/open")); got.Get("title") != "Hill School" || got.Get("points") != "-173.2, 44.4" {
		t.Errorf("what was typed is lost: %v", got)
	}
	kim.send("/maps/open", "title", "Hill School", "points", "44.48, -73.2", "most", "3")
	kim.says("Hill School", "Shelter", "Now open", "1.4 km (0.8 miles) north-east", "by Kim, north", "Room for 3 people in an evacuation")
	place := kim.path
	if got, err := url.Parse(kim.link("/notices/new")); err != nil || got.Query().Get("t") != "shelter" || got.Query().Get("text") != "Hill School is open, with room for 3 people." || got.Query().Get("point") != "44.48,-73.2" {
		t.Errorf("%v %v", got, err)
	}

	ann.open("/maps/")
	ann.says("1. Hill School", "Now open · Room for 3 people in an evacuation", "north-east")
	ann.open("/print")
	ann.says("Hill School · Shelter · Now open", "by Kim, north, as of")
	ann.open("/maps/")
	ann.open(ann.link(place))
	ann.saysNot("You have counted", "Take it off the map", "Let them count")
	ann.send("/count", "text", "the one with the dog")
	ann.says("You have asked to count here.")
	kim.open(place)
	kim.says("the one with the dog")
	kim.send("/count", "allow", valuesIn(kim.formWith("allow")).Get("allow"))
	ann.open(place)
	for range 2 {
		ann.send("/count", "add", "1")
	}
	ann.says("You have counted 2 here.", "2 people there · room for about 1 more")
	ann.send("/count", "number", "5")
	ann.says("5 people there · 2 more than it holds")
	if code := ann.send("/count", "number", "lots"); code != 422 {
		t.Error(code)
	}
	ann.says("A count is a number")
	kim.open(place)
	kim.send("/count", "recount", "2")
	kim.says("2 people there")
	if got, err := url.Parse(kim.link("/notices/new")); err != nil || got.Query().Get("text") != "Hill School is open, with room for 1 person." {
		t.Errorf("%v %v", got, err)
	}
	s.now = s.now.Add(time.Minute)
	ann.open(place)
	ann.send("/count", "add", "-1")
	ann.says("1 person there", "Counted anew by Kim, north")
	kim.open(place)
	kim.send("/status", "status", "full")
	kim.says("Changed.", "Full")
	kim.saysNot("Tell everybody in a notice")
	ann.open("/maps/?room=yes")
	ann.says("Nothing here is like that.")
	kim.open(place)
	kim.send("/edit", "gone", "yes")
	kim.says("It is no more")
	ann.open("/maps/")
	ann.says("Nobody has put a place here yet.")
	ann.open(place)
	ann.says("It is no more by Kim, north")
}

func TestWhatANeighborHasSeenIsConfirmedByACoordinator(t *testing.T) {
	s := newSite(t)
	kim, ann, bob := s.coordinator(t), s.browser(t), s.browser(t)
	s.place(maria, "x", "shelter", "Hill School", "44,-73")
	s.do(maria, "p/x/status", "client_id", "s", "status", "open", "offers", "beds")
	ann.open("/maps/p/x")
	ann.open(ann.link("/maps/report"))
	ann.says("About Hill School")
	if code := ann.send("/maps/report", "text", "no bed is free"); code != 422 {
		t.Error(code)
	}
	ann.says("Choose one of these first.")
	ann.send("/maps/report", "what", "full", "text", "no bed is free")
	ann.says("It is full", "Not confirmed", "nobody else has said so", "no bed is free", "Yes, take it back")
	report := ann.path
	bob.open(report)
	bob.send(report, "saw", "yes")
	bob.says("1 other saw it too, at one place", "You saw it too.")
	bob.open("/maps/")
	bob.says("1 report, not confirmed", "It is full · Hill School")
	kim.open(report)
	kim.says("It is true Then it stands on the map: Full")
	kim.send(report, "confirms", valuesIn(kim.formWith("confirms")).Get("confirms"))
	kim.says("Confirmed by Kim, north")
	kim.open("/maps/p/x")
	kim.says("Full", "Beds")
	bob.open("/maps/")
	bob.saysNot("report, not confirmed")

	// Elsewhere it becomes a place of its own.
	bob.open("/maps/report")
	if code := bob.send("/maps/report", "what", "road", "text", " "); code != 422 {
		t.Error(code)
	}
	bob.says("the street and the nearest corner are enough")
	bob.send("/maps/report", "what", "road", "text", "Bridge Street at the mill\nNo car gets through", "points", "44.1,-73.1")
	report = bob.path
	kim.open(report)
	kim.open(kim.link("/maps/new?from="))
	if v := valuesIn(kim.formWith("title")); v.Get("kind") != "road" || v.Get("title") != "Bridge Street at the mill" || v.Get("about") != "Bridge Street at the mill\nNo car gets through" || v.Get("points") != "44.1,-73.1" {
		t.Errorf("%v", v)
	}
	kim.send("/maps/new", "title", "Bridge Street")
	kim.says("Bridge Street", "Closed road", grid.FormatPlusCode(orb.Point{-73.1, 44.1}), grid.FormatReference(orb.Point{-73.1, 44.1}, 10))
	kim.saysNot("how it stands", "Now open")
	kim.open(report)
	kim.saysNot("put it on the map")
	ann.open("/maps/")
	ann.says("Keep away from", "Bridge Street")
	ann.open(report)
	ann.says("Confirmed", "The place on the map")
	bob.open(report)
	bob.send(report, "withdraws", "yes")
	bob.says("Taken back.")
	if w := ann.ask(http.MethodGet, report, nil); w.Code != 404 {
		t.Error(w.Code)
	}
}

func TestWhoTakesOverAnothersWordSeesWhatStands(t *testing.T) {
	s := newSite(t)
	kim := s.coordinator(t)
	s.place(maria, "x", "shelter", "Hill School", "44,-73", "hours", "day")
	b := s.moment.copyOf()
	for i, m := range []*moment{s.moment, b} {
		m.now = m.now.Add(time.Duration(i+1) * time.Minute)
		m.do([]byte{maria, tom}[i], "p/x/edit", "client_id", "e", "kind", "shelter", "title", "Hill School", "points", "44,-73", "hours", []string{"night", "noon"}[i], "contact", []string{"", "desk"}[i])
		m.do([]byte{maria, tom}[i], "p/x/status", "client_id", "s", "status", []string{"full", "open"}[i], "offer", []string{"", "cots"}[i])
	}
	exchange(s.moment, b)
	s.now = b.now
	kim.open("/maps/p/x")
	kim.says("Also reported by Maria Ortiz, fire district · 1 min ago Hours: night", "How it stands: Full")
	kim.open(kim.link("/maps/p/x/edit?from="))
	kim.says("So it stands now", "Hours: noon")
	if got := valuesIn(kim.formWith("hours")); got.Get("hours") != "night" || got.Get("contact") != "desk" {
		t.Errorf("the form begins with %v", got) // what she has left open is not taken away
	}
	kim.send("/edit", "hours", "day and night")
	kim.open(kim.link("/maps/p/x/status?from="))
	kim.says("So it stands now", "How it stands: Now open")
	if got := valuesIn(kim.formWith("offer")); got.Get("offer") != "cots" {
		t.Errorf("the form begins with %v", got)
	}
	kim.send("/status", "status", "full")
	kim.says("Full", "Hours: day and night")
	kim.saysNot("Also reported")
}

func TestEveryPageReadsInEveryLanguage(t *testing.T) {
	s, _ := withMap(t, maps.Options{})
	kim := s.coordinator(t)
	s.do(maria, "here", "client_id", "h", "points", "44,-73")
	s.do(maria, "open", "client_id", "x", "title", "Hill School", "points", "44.1,-73", "most", "80", "everyday", "40", "langs", "en ar uk", "pets", "no", "stepfree", "yes", "contact", "desk", "hours", "all day", "about", "Gym")
	s.place(maria, "r", "road", "Main Street", "44,-73 44.1,-73.1")
	b := s.moment.copyOf()
	for i, m := range []*moment{s.moment, b} {
		who := []byte{maria, tom}[i]
		m.do(who, "p/x/edit", "client_id", "e", "kind", "shelter", "title", "School", "points", "44.1,-73", "hours", []string{"day", ""}[i])
		m.do(who, "p/x/status", "client_id", "s", "status", []string{"full", "filling"}[i], "offers", "beds", "needs", "fuel")
		m.do(who, "p/x/count", "client_id", "c", "recount", []string{"90", "8"}[i])
	}
	exchange(s.moment, b)
	s.do(ann, "report", "client_id", "o", "what", "full", "place", "x", "text", "no room")
	s.do(tom, "report", "client_id", "o2", "what", "road", "points", "44,-73")
	s.do(maria, "o/"+author(tom).String()[:16]+"/o2", "client_id", "v", "dismisses", "yes")
	seen := "/maps/o/" + author(ann).String()[:16] + "/o"
	kim.bringFile("a.csv", "id,name,type,lat,lon,status\n1,Gym,shelter,44.2,-73,open\n")
	kim.send(kim.path)
	taken, _, _ := strings.Cut(kim.path, "?")
	kim.bringFile("a.csv", "id,name,type,lat,lon,status,x\n1,Gym,shelter,44.2,-73,full,\n2,Hill,tent,-73,44,busy,y\n3,,,44,-73,,\n,School,shelter,44.1,-73,,\n")
	waits := kim.path
	pages := []string{
		taken, waits, "/maps/import", "/maps/export", "/maps/export?kind=water",
		"/maps/", "/maps/?near=Hill", "/maps/?near=x", "/maps/p/x", "/maps/p/r", "/maps/new", "/maps/open", "/maps/here", "/maps/report", "/maps/report?place=x", "/maps/p/x/edit", "/maps/p/x/status",
		"/maps/o", seen, seen + "/report", "/", "/print", "/print/new",
		"/maps/map", "/maps/map?pick=1", "/maps/map?point=44.05,-73", "/maps/map?point=nowhere", "/maps/map?near=x", "/maps/extracts",
	}
	english := map[string]string{}
	for _, lang := range []string{"en", "es", "fr", "ht", "vi", "ar", "zh-Hans"} {
		for who, b := range map[string]*browser{"kim": kim, "a neighbor": s.browser(t)} {
			b.lang = lang
			for _, page := range pages {
				w := b.ask(http.MethodGet, page, nil)
				if staff := slices.Contains([]string{"/maps/new", "/maps/open", "/maps/here", "/maps/p/x/edit", "/maps/p/x/status", "/maps/import", waits}, page); w.Code != http.StatusOK && (w.Code != http.StatusForbidden || who == "kim" || !staff) {
					t.Errorf("%s in %s for %s: %d: %s", page, lang, who, w.Code, b.text())
				}
				if text := b.text(); lang == "en" {
					english[who+page] = text
				} else if text == english[who+page] {
					t.Errorf("%s in %s is in English", page, lang)
				}
				if strings.Contains(b.text(), "%!") || strings.Contains(b.text(), "ZgotmplZ") {
					t.Errorf("%s in %s: %s", page, lang, b.text())
				}
			}
		}
	}
}

// Who takes a place off the map and who says how it stands may not know of each other.
func TestWhatIsSaidOfAWithdrawnPlaceIsSeen(t *testing.T) {
	s := newSite(t)
	ann := s.browser(t)
	s.place(maria, "x", "food", "Kitchen", "44,-73")
	s.now = s.now.Add(time.Minute)
	s.do(maria, "p/x/edit", "client_id", "g", "gone", "yes")
	ann.open("/maps/")
	ann.saysNot("Kitchen")
	s.now = s.now.Add(time.Minute)
	s.do(tom, "p/x/status", "client_id", "s", "status", "open")
	ann.open("/maps/")
	ann.says("Kitchen", "It is no more", "Others report otherwise")
	ann.open("/maps/p/x")
	ann.says("It is no more by Maria Ortiz", "Others report otherwise Now open by Tom Lee")
	s.place(maria, "y", "food", "Bakery", "44.01,-73")
	s.do(maria, "here", "client_id", "here", "points", "44,-73")
	ann.open("/maps/")
	ann.says("1. Bakery", "2. Kitchen") // nobody is led there first
	s.now = s.now.Add(time.Minute)
	s.do(maria, "p/x/edit", "client_id", "h", "gone", "yes")
	ann.open("/maps/")
	ann.saysNot("Kitchen")
}

// Nor may who counts at the door.
func TestWhoIsCountedAtAWithdrawnPlaceIsSeen(t *testing.T) {
	s := newSite(t)
	ann := s.browser(t)
	s.place(maria, "x", "shelter", "Hall", "44,-73", "most", "90")
	s.do(tom, "p/x/count", "client_id", "r1", "recount", "30")
	s.now = s.now.Add(time.Minute)
	s.do(maria, "p/x/edit", "client_id", "g", "gone", "yes")
	ann.open("/maps/")
	ann.saysNot("Hall")
	s.now = s.now.Add(time.Minute)
	s.do(tom, "p/x/count", "client_id", "r2", "recount", "40")
	ann.open("/maps/")
	ann.says("Hall", "It is no more", "Others report otherwise")
	ann.open("/maps/p/x")
	ann.says("It is no more by Maria Ortiz", "Others report otherwise 40 people there by Tom Lee")
	ann.saysNot("Put it back on the map")
	official := s.coordinator(t)
	official.open("/maps/p/x")
	official.open(official.link("/maps/p/x/edit"))
	official.send("/maps/p/x/edit")
	ann.open("/maps/p/x")
	ann.saysNot("It is no more")
}

// Which of two who do not know of each other was later does not matter: both are seen.
func TestWhatWhoeverTookAPlaceOffTheMapHadNotSeenIsSeen(t *testing.T) {
	s := newSite(t)
	ann := s.browser(t)
	s.place(maria, "x", "shelter", "Hall", "44,-73", "most", "90")
	s.place(maria, "y", "food", "Bakery", "44,-73")
	s.do(tom, "p/y/status", "client_id", "before", "status", "open")
	b := s.moment.copyOf()
	b.now = b.now.Add(time.Minute)
	b.do(tom, "p/x/count", "client_id", "r", "recount", "30")
	b.do(tom, "p/y/status", "client_id", "s", "status", "full")
	s.now = b.now.Add(time.Minute) // and then, at a place that has not heard of it
	s.do(maria, "p/x/edit", "client_id", "g", "gone", "yes")
	s.do(maria, "p/y/edit", "client_id", "h", "gone", "yes")
	ann.open("/maps/")
	ann.saysNot("Hall")
	ann.saysNot("Bakery") // what she knew is no other word
	exchange(s.moment, b)
	ann.open("/maps/")
	ann.says("Hall", "Bakery", "Others report otherwise")
	ann.open("/maps/p/x")
	ann.says("It is no more by Maria Ortiz", "Others report otherwise 30 people there by Tom Lee")
	ann.open("/maps/p/y")
	ann.says("It is no more by Maria Ortiz", "Others report otherwise Full by Tom Lee")
	ann.open("/maps/report?place=y")
	ann.says("About Bakery", "It is no more")
	s.do(maria, "p/x/edit", "client_id", "g2", "gone", "yes")
	s.do(maria, "p/y/edit", "client_id", "h2", "gone", "yes")
	ann.open("/maps/")
	ann.saysNot("Hall")
	ann.saysNot("Bakery")
}

// What one of two had seen who took a place off the map apart is no other word.
func TestWhatOneOfTwoKnewWhoTookAPlaceOffTheMapIsNoNews(t *testing.T) {
	s := newSite(t)
	ann := s.browser(t)
	s.place(maria, "x", "food", "Kitchen", "44,-73")
	b := s.moment.copyOf()
	b.do(tom, "p/x/status", "client_id", "s", "status", "full")
	b.now = b.now.Add(time.Minute)
	b.do(tom, "p/x/edit", "client_id", "h", "gone", "yes")
	s.now = b.now.Add(time.Minute)
	s.do(maria, "p/x/edit", "client_id", "g", "gone", "yes")
	exchange(s.moment, b)
	ann.open("/maps/p/x")
	ann.says("It is no more by Maria Ortiz")
	ann.saysNot("Others report otherwise")
}

// Who takes a place off the map says what their page had shown.
func TestAPageThatIsTakenOffTheMapSaysWhatItHasShown(t *testing.T) {
	s := newSite(t)
	ann, official := s.browser(t), s.coordinator(t)
	s.place(maria, "x", "food", "Kitchen", "44,-73")
	s.do(tom, "p/x/status", "client_id", "s1", "status", "open")
	official.open("/maps/p/x")
	s.now = s.now.Add(time.Minute)
	s.do(tom, "p/x/status", "client_id", "s2", "status", "full")
	official.send("/maps/p/x/edit")
	ann.open("/maps/p/x")
	ann.says("It is no more", "Others report otherwise Full by Tom Lee")
	official.open("/maps/p/x/edit")
	official.send("/maps/p/x/edit")
	official.open("/maps/p/x")
	official.send("/maps/p/x/edit")
	ann.open("/maps/p/x")
	ann.says("It is no more")
	ann.saysNot("Others report otherwise")
}

// What somebody has left open is not what they report.
func TestWhatIsLeftOpenIsNotReported(t *testing.T) {
	s := newSite(t)
	kim := s.browser(t)
	s.place(maria, "x", "food", "Kitchen", "44,-73")
	b := s.moment.copyOf()
	s.now = s.now.Add(2 * time.Minute)
	s.do(maria, "p/x/edit", "client_id", "e", "kind", "food", "title", "Kitchen", "points", "44,-73", "contact", "Maria", "pets", "yes")
	b.now = b.now.Add(time.Minute)
	b.do(tom, "p/x/edit", "client_id", "e", "kind", "food", "title", "Kitchen", "points", "44,-73", "hours", "8 to 20")
	exchange(s.moment, b)
	kim.open("/maps/p/x")
	kim.says("Also reported by Tom Lee", "Hours: 8 to 20")
	kim.saysNot("Nothing said")
	kim.saysNot("Takes pets: Not known")
}

// What a list tells has its own age each, on a phone and on paper.
func TestAListTellsWhoHasCountedAndWhoSaysHowItStands(t *testing.T) {
	s := newSite(t)
	ann := s.browser(t)
	s.place(maria, "x", "shelter", "Hall", "44,-73", "most", "90")
	s.do(tom, "p/x/count", "client_id", "r", "recount", "30")
	ann.open("/maps/")
	ann.says("30 people there · room for about 60 more")
	ann.saysNot("· 30 people")
	s.now = s.now.Add(4 * time.Hour)
	s.do(maria, "p/x/status", "client_id", "s", "status", "open")
	ann.open("/maps/")
	ann.says("Now open · room for about 60 more", "by Maria Ortiz, fire district · just now 30 people there by Tom Lee · 4 h ago Old: please look again")
	s.do(maria, "p/x/count", "client_id", "q", "recount", "40")
	ann.open("/maps/")
	ann.says("Now open · 40 people there · room for about 50 more")
	ann.saysNot("Old")
}
