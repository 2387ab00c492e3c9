package fieldtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/fieldtest"
)

// valley is a file with so many shelters in it, some 100 m apart, in rows of 200.
func (f *field) valley(count int) (file string) {
	f.Helper()
	file = filepath.Join(f.dir, "shelters.geojson")
	out, err := os.Create(file)
	f.ok(err)
	w := bufio.NewWriter(out)
	fmt.Fprint(w, `{"type":"FeatureCollection","features":[`)
	for i := range count {
		if i > 0 {
			fmt.Fprint(w, ",\n")
		}
		lat, lon := shelterAt(i)
		fmt.Fprintf(w, `{"type":"Feature","id":"s%d","geometry":{"type":"Point","coordinates":[%.4f,%.4f]},"properties":{"name":"Shelter %d","type":"shelter","status":"open","capacity":%d,"phone":"802-555-%04d","wheelchair":"yes","notes":"Room %d, behind house %d."}}`,
			i, lon, lat, i, 20+i*7919%400, i*6373%10_000, i*104_729%977, i*7907%1009)
	}
	fmt.Fprint(w, "]}\n")
	f.ok(w.Flush(), out.Close())
	return file
}

func shelterAt(i int) (lat, lon float64) { return 44 + float64(i/200)/1000, -73 + float64(i%200)/1000 }

// takenOver has a file taken over as one list: it is put in at the hub's console, where it waits, and
// a coordinator looks at it and says yes.
func (f *field) takenOver(h *fieldtest.Hub, by *fieldtest.Browser, file, list string) {
	f.Helper()
	said, err := h.Run(f.ctx, "maps", "import", file, "--name", list, "--data", h.Folder)
	_, waits, found := strings.Cut(said, "It waits for a coordinator at ")
	if err != nil || !found {
		f.Fatalf("maps import: %v\n%s", err, said)
	}
	waits = strings.TrimSpace(waits)
	_, err = fieldtest.Await(f.ctx, time.Minute, 50*time.Millisecond, "the file has been read", func(ctx context.Context) (bool, error) {
		a, err := by.Get(ctx, waits)
		return strings.Contains(a.Page, "Take over"), err
	})
	f.ok(err)
	_, err = by.Fill(f.ctx, waits, waits, url.Values{"plan": nil})
	f.ok(err)
}

// A list of 20,000 shelters comes to three hubs over 2 Mbit/s, which all of them share or which each has
// for itself. All the while messages go from each hub to all others in under a second. Then each of the
// three finds the nearest shelters, a single one, and what is in a part of the map, and a shelter that is
// closed at one of them is closed at all.
func TestAListOfManyPlacesComesOverASlowLinkWhileMessagesStayLive(t *testing.T) {
	t.Run("shared", func(t *testing.T) { open(t).listComes(0) })
	t.Run("one for each", func(t *testing.T) { open(t).listComes(1, 2, 3) })
}

// listComes has a list come to three hubs, where some of the four, which are told, have slow links.
func (f *field) listComes(slow ...int) {
	f.Helper()
	street := f.bridge("street")
	var hubs []*fieldtest.Hub
	for i := range 4 {
		h := f.hub(fmt.Sprintf("Place %d", i+1))
		port := f.plug(h, street, fmt.Sprintf("10.1.0.%d/24", i+1))
		if hubs = append(hubs, h); slices.Contains(slow, i) {
			f.ok(port.Rate(f.ctx, "2mbit"))
		}
	}
	sheets, err := fieldtest.FoundBySheets(filepath.Join(f.dir, "sheets.html"), 3, 2, hubs...)
	f.ok(err)
	knows(hubs[0], "10.1.0.2", "10.1.0.3", "10.1.0.4")
	f.start(hubs...)
	near, others := hubs[0], hubs[1:]
	words, err := near.Cards(f.ctx, sheets, 2, "maps")
	f.ok(err)
	f.agree("coordinators were named,", 15*time.Second, 0, hubs...)
	ann, ben := f.browser(near), f.browser(hubs[3])
	f.ok(ann.Enter(f.ctx, words[0], false), ben.Enter(f.ctx, words[1], false))
	var people []*fieldtest.Person
	for _, h := range hubs {
		p := f.person(h, "Somebody at "+h.Label)
		f.post(p, 1, "the first") // for which a key is made, slowly on purpose
		people = append(people, p)
	}
	f.agree("the first have posted,", 15*time.Second, 0, hubs...)

	const count = 20_000
	before := f.gave(near)
	begun := time.Now()
	f.takenOver(near, ann, f.valley(count), "Shelters of the valley")
	f.Logf("%d shelters are taken over after %v", count, time.Since(begun).Round(10*time.Millisecond))
	begun = time.Now()
	done, end := context.WithCancelCause(f.ctx)
	defer end(nil)
	go func() {
		for _, h := range others {
			if err := f.hasList(h, count, 2*time.Minute); err != nil {
				end(err)
				return
			}
		}
		end(errArrived)
	}()
	took, err := talk(f.ctx, done, people, hubs)
	f.ok(err)
	if cause := context.Cause(done); !errors.Is(cause, errArrived) {
		f.Fatal(cause)
	}
	f.figure("all three hubs have the list, and its index,", time.Since(begun), 2*time.Minute)
	f.Logf("%d bytes left the first hub", f.gave(near)-before)
	if len(took) < 30 {
		f.Errorf("only %d messages were under way with it: this shows nothing", len(took))
	}
	f.hold("a message, meanwhile, is at all hubs", took, time.Second)

	const chosen = 12_345
	var id string
	for _, h := range others {
		id = f.findsAll(f.browser(h), chosen, count)
	}
	_, err = ben.Fill(f.ctx, "/maps/p/"+id, "/status", url.Values{"status": {"closed"}})
	f.ok(err)
	f.agree("one of them is closed,", healing, 0, hubs...)
	for _, h := range hubs {
		p, err := f.browser(h).Place(f.ctx, id)
		f.ok(err)
		if p.Properties.Standing.Status != "closed" || p.Properties.Standing.Told.Name != "Card 2" || len(p.Properties.Standing.Also) > 0 {
			f.Errorf("%s: %+v", h.Label, p)
		}
	}
}

// findsAll asks a hub for places of the list: those around a chosen one, it alone, on a page, and all on
// one map. It returns the id of the chosen one.
func (f *field) findsAll(b *fieldtest.Browser, chosen, count int) (id string) {
	f.Helper()
	lat, lon := shelterAt(chosen)
	near, name := fmt.Sprintf("%.4f, %.4f", lat, lon), fmt.Sprintf("Shelter %d", chosen)
	begun := time.Now()
	around, err := b.Places(f.ctx, url.Values{"near": {near}, "open": {"yes"}})
	f.ok(err)
	f.Logf("the nearest shelters come after %v", time.Since(begun).Round(time.Millisecond))
	if len(around) != 50 || around[0].Properties.Name != name || around[0].Properties.Standing.Status != "open" {
		f.Fatalf("the nearest to %s: %+v", near, around)
	}
	id = around[0].ID
	p, err := b.Place(f.ctx, id)
	f.ok(err)
	if p.Properties.Name != name || p.Properties.About == "" {
		f.Errorf("%+v", p)
	}
	page, err := b.Get(f.ctx, "/maps/?"+url.Values{"near": {near}}.Encode())
	f.ok(err)
	if !strings.Contains(page.Page, `href="/maps/p/`+id+`"`) || !strings.Contains(page.Page, name) {
		f.Errorf("the page has other places: %s", page.Said())
	}
	all, err := b.Places(f.ctx, url.Values{"bbox": {"-73.1,43.9,-72.7,44.2"}, "zoom": {"9"}})
	f.ok(err)
	n := 0
	for _, p := range all {
		n += max(1, p.Properties.Count)
	}
	if n != count {
		f.Errorf("%d places are on the map", n)
	}
	return id
}

var errArrived = errors.New("all of it has arrived")

// hasList waits until a hub finds the places of a list.
func (f *field) hasList(h *fieldtest.Hub, count int, within time.Duration) error {
	b, err := h.AtBox()
	if err != nil {
		return err
	}
	defer b.Done()
	_, err = fieldtest.Await(f.ctx, within, 100*time.Millisecond, h.Label+" has the list", func(ctx context.Context) (bool, error) {
		all, err := b.Lists(ctx)
		return len(all) == 1 && all[0].Count == count && all[0].Here && all[0].Problem == "", err
	})
	return err
}

// gave is how many bytes a hub has sent to others since it started.
func (f *field) gave(h *fieldtest.Hub) (n uint64) {
	f.Helper()
	s, err := h.Console().Status(f.ctx)
	f.ok(err)
	for _, p := range s.Program.Traffic {
		n += p.Sent
	}
	return n
}

// talk has people post in turn until done ends, and returns for each post how long it took from the
// sending until the last hub had it on disk.
func talk(ctx, done context.Context, people []*fieldtest.Person, hubs []*fieldtest.Hub) (took []time.Duration, _ error) {
	type one struct {
		took time.Duration
		err  error
	}
	var under []chan one
	for i := 0; done.Err() == nil; i++ {
		begun := time.Now()
		key, err := people[i%len(people)].Post(ctx, fmt.Sprintf("meanwhile %d", i))
		if err != nil {
			return nil, err
		}
		c := make(chan one, 1)
		under = append(under, c)
		go func() {
			took, err := fieldtest.Reached(ctx, key, begun, hubs...)
			c <- one{took, err}
		}()
		if err := fieldtest.Pause(done, 50*time.Millisecond); err != nil && ctx.Err() != nil {
			return nil, err
		}
	}
	for _, c := range under {
		o := <-c
		if o.err != nil {
			return nil, o.err
		}
		took = append(took, o.took)
	}
	return took, nil
}
