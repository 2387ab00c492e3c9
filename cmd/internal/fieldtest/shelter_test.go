package fieldtest_test

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// shelter is one that a coordinator opens, which is on the map of all hubs.
func (f *field) shelter(by *fieldtest.Browser, name, about string, hubs ...*fieldtest.Hub) (id string) {
	f.Helper()
	to, err := by.Fill(f.ctx, "/maps/open", "/maps/open", url.Values{"title": {name}, "points": {"44.47, -73.21"}, "most": {"80"}, "about": {about}})
	f.ok(err)
	to, _, _ = strings.Cut(to, "?")
	f.agree(name+" is open,", 15*time.Second, 0, hubs...)
	return path.Base(to)
}

// Two coordinators work on the same shelters at hubs that are cut apart. Where one says how a
// shelter stands and the other what it is, both is so. Where both say the same thing otherwise,
// the later word stands and the other is told beside it, at every hub, until somebody settles it.
func TestWhatTwoCoordinatorsSayOfAShelterWhileCutApartIsSeenEverywhere(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, _, cable, sheets := f.line(3)
	near, far := hubs[0], hubs[2]
	words, err := near.Cards(f.ctx, sheets, 2, "maps")
	f.ok(err)
	f.agree("coordinators were named,", 15*time.Second, 0, hubs...)
	ann, ben := f.browser(near), f.browser(far)
	f.ok(ann.Enter(f.ctx, words[0], false), ben.Enter(f.ctx, words[1], false))
	school := f.shelter(ann, "Hill School", "The gym.", hubs...)
	hall := f.shelter(ann, "Town Hall", "The great hall.", hubs...)

	f.ok(cable.Cut(f.ctx))
	f.linked(time.Minute, hubs[1], near)
	says := func(b *fieldtest.Browser, id, page, field, value string) {
		t.Helper()
		_, err := b.Fill(f.ctx, "/maps/p/"+id+"/"+page, "/"+page, url.Values{field: {value}})
		f.ok(err)
	}
	says(ann, school, "status", "status", "full")
	says(ben, school, "edit", "about", "The gym. Go in by the side door.")
	says(ann, hall, "status", "status", "filling")
	says(ann, hall, "edit", "about", "The great hall, upstairs.")
	f.pause(10 * time.Millisecond) // who speaks later stands
	says(ben, hall, "status", "status", "closed")
	says(ben, hall, "edit", "about", "Flooded. Go to the school.")
	f.pause(sized(time.Minute, 5*time.Second))
	here, err := ann.Place(f.ctx, school)
	f.ok(err)
	there, err := ben.Place(f.ctx, school)
	f.ok(err)
	if here.Properties.About != "The gym." || there.Properties.Standing.Status != "open" {
		t.Fatalf("the cut cable carries: %+v, %+v", here, there)
	}

	f.ok(cable.Mend(f.ctx))
	f.agree("mended,", healing, 0, hubs...)
	for _, h := range hubs {
		b := f.browser(h)
		f.stands(b, school, "full", "The gym. Go in by the side door.", nil)
		f.stands(b, hall, "closed", "Flooded. Go to the school.", []string{
			"Card 1: Description: The great hall, upstairs.", "Card 1: How it stands: Open, filling up",
		})
	}

	// A third way: what the first said is taken over in the middle, and nothing else is told any more.
	f.settle(ben, hall, "edit")
	f.settle(ben, hall, "status")
	f.agree("it is settled,", healing, 0, hubs...)
	for _, h := range hubs {
		f.stands(f.browser(h), hall, "filling", "The great hall, upstairs.", nil)
	}
}

// One coordinator takes shelters off the map while another, at a hub that is cut apart, says how
// they stand: one of them later, one before. Both is told at every hub, until somebody settles it.
func TestAShelterThatIsTakenOffTheMapWhileItIsOpenElsewhereIsSeenEverywhere(t *testing.T) {
	t.Parallel()
	f := open(t)
	hubs, _, cable, sheets := f.line(2)
	words, err := hubs[0].Cards(f.ctx, sheets, 2, "maps")
	f.ok(err)
	f.agree("coordinators were named,", 15*time.Second, 0, hubs...)
	ann, ben := f.browser(hubs[0]), f.browser(hubs[1])
	f.ok(ann.Enter(f.ctx, words[0], false), ben.Enter(f.ctx, words[1], false))
	school := f.shelter(ann, "Hill School", "The gym.", hubs...)
	hall := f.shelter(ann, "Town Hall", "The great hall.", hubs...)
	gone := func(id string) {
		t.Helper()
		_, err := ann.Fill(f.ctx, "/maps/p/"+id, "/edit", url.Values{})
		f.ok(err)
	}
	says := func(id, status string) {
		t.Helper()
		_, err := ben.Fill(f.ctx, "/maps/p/"+id+"/status", "/status", url.Values{"status": {status}})
		f.ok(err)
	}

	f.ok(cable.Cut(f.ctx))
	f.linked(time.Minute, hubs[1])
	gone(school)
	says(hall, "filling")
	f.pause(10 * time.Millisecond)
	says(school, "filling")
	gone(hall)
	f.ok(cable.Mend(f.ctx))
	f.agree("mended,", healing, 0, hubs...)
	for _, h := range hubs {
		b := f.browser(h)
		for _, id := range []string{school, hall} {
			f.disputed(b, id, "It is no more by Card 1", "Others report otherwise Open, filling up by Card 2")
		}
	}

	gone(school) // with what its page has shown
	_, err = ben.Fill(f.ctx, "/maps/p/"+hall+"/edit", "/edit", url.Values{})
	f.ok(err)
	f.agree("it is settled,", healing, 0, hubs...)
	for _, h := range hubs {
		b := f.browser(h)
		f.stands(b, hall, "filling", "The great hall.", nil)
		list, err := b.Get(f.ctx, "/maps/")
		f.ok(err)
		if strings.Contains(list.Page, "Hill School") {
			f.Errorf("what is no more is listed: %s", list.Said())
		}
	}
}

// disputed holds a hub to what it tells of a place that is no more, on its page and in the list.
func (f *field) disputed(b *fieldtest.Browser, id string, says ...string) {
	f.Helper()
	page, err := b.Get(f.ctx, "/maps/p/"+id)
	f.ok(err)
	list, err := b.Get(f.ctx, "/maps/")
	f.ok(err)
	_, row, _ := strings.Cut(list.Page, `<li id="m-`+id+`">`)
	row, _, _ = strings.Cut(row, "</li>")
	if !strings.Contains(row, "It is no more") || !strings.Contains(row, "Others report otherwise") {
		f.Errorf("in the list %s", row)
	}
	for _, what := range says {
		if !strings.Contains(strings.Join(strings.Fields(unmarked.ReplaceAllString(page.Page, " ")), " "), what) {
			f.Errorf("its page does not say %q: %s", what, page.Said())
		}
	}
}

// unmarked is what of a page is no text.
var unmarked = regexp.MustCompile(`<[^>]*>`)

// settle takes over, as it is, what a place's page says that was also reported.
func (f *field) settle(by *fieldtest.Browser, id, form string) {
	f.Helper()
	a, err := by.Get(f.ctx, "/maps/p/"+id)
	f.ok(err)
	_, rest, found := strings.Cut(a.Page, `href="/maps/p/`+id+"/"+form+"?from=")
	if !found {
		f.Fatalf("nothing can be taken over: %s", a.Said())
	}
	from, _, _ := strings.Cut(rest, `"`)
	_, err = by.Fill(f.ctx, "/maps/p/"+id+"/"+form+"?from="+from, "/"+form, url.Values{})
	f.ok(err)
}

// stands holds a hub to how a place stands, what it is, and what was also reported of it: to
// programs, on its page, and in the list of places.
func (f *field) stands(b *fieldtest.Browser, id, status, about string, also []string) {
	f.Helper()
	p, err := b.Place(f.ctx, id)
	f.ok(err)
	var other []string
	for _, a := range append(p.Properties.Also, p.Properties.Standing.Also...) {
		other = append(other, a.Says())
	}
	if p.Properties.Standing.Status != status || p.Properties.About != about || strings.Join(other, "; ") != strings.Join(also, "; ") {
		f.Errorf("%+v; also reported: %q", p, other)
	}
	page, err := b.Get(f.ctx, "/maps/p/"+id)
	f.ok(err)
	list, err := b.Get(f.ctx, "/maps/")
	f.ok(err)
	_, row, _ := strings.Cut(list.Page, `<li id="m-`+id+`">`)
	row, _, _ = strings.Cut(row, "</li>")
	if !strings.Contains(page.Page, about) || strings.Count(page.Page, "Also reported") != len(also) || strings.Contains(row, "Others report otherwise") != (len(also) > 0) {
		f.Errorf("%s in the list %s", page.Said(), row)
	}
	for _, a := range also {
		if _, what, _ := strings.Cut(a, ": "); !strings.Contains(unmarked.ReplaceAllString(page.Page, ""), what) {
			f.Errorf("its page does not say %q: %s", what, page.Said())
		}
	}
}
