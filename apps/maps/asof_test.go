package maps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
)

// What a file says of how it stands is as old as the file says, not as young as its import.
func TestWhatAFileSaysIsAsOldAsItSays(t *testing.T) {
	hour := func(n int) string { return now.Add(-time.Duration(n) * time.Hour).Format(time.RFC3339) }
	rows := func(n int) string {
		text := "name,kind,lat,lon,status,people,updated\n" +
			"Old Hall,shelter,44.1,-73.1,open,7," + hour(13) + "\n" +
			"Young Hall,shelter,44.2,-73.1,open,8," + hour(1) + "\n" +
			"Odd Hall,shelter,44.3,-73.1,open,9," + hour(-5) + "\n"
		for i := range n {
			text += "Tap " + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ",water,44,-73,,,\n"
		}
		return text
	}
	for name, taps := range map[string]int{"few": 0, "many": 220} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t)
			f.take(maria, f.bring(maria, "halls.csv", rows(taps)))
			f.follow()
			at := map[string]maps.Place{}
			for _, p := range f.list(ann, "kind", "shelter").Places {
				at[p.Name] = p
			}
			for hall, want := range map[string]struct {
				at  time.Time
				old bool
			}{"Old Hall": {now.Add(-13 * time.Hour), true}, "Young Hall": {now.Add(-time.Hour), false}, "Odd Hall": {f.now, false}} {
				p := at[hall]
				if p.Standing == nil || p.People == nil || p.Standing.Told.At.Sub(want.at).Abs() > time.Minute || p.Standing.Told.Old != want.old || p.People.Told.At.Sub(want.at).Abs() > time.Minute {
					t.Errorf("%s: %+v", hall, p)
				}
			}
		})
	}
}

// Whoever exports places, changes one in a spreadsheet and brings the file again says that now.
func TestWhatWasChangedInAFileIsNew(t *testing.T) {
	f := newFiles(t)
	f.take(maria, f.bring(maria, "halls.csv", "id,name,kind,lat,lon,status\nh,Hall,shelter,44.1,-73.1,open\n"))
	hall := f.list(ann).Places[0]
	f.now = f.now.Add(20 * time.Hour)
	text := f.run("export", "", "csv")
	f.take(maria, f.bring(maria, "places.csv", strings.Replace(text, ",open,", ",closed,", 1)))
	if p := f.one(ann, hall.ID); p.Standing.Status != place.Closed || p.Standing.Told.Old || f.now.Sub(p.Standing.Told.At) > time.Minute {
		t.Errorf("%+v", p.Standing)
	}

	// What has been said here since stays, unless somebody chooses what the file says.
	f.now = f.now.Add(time.Minute)
	f.do(tom, "p/"+hall.ID+"/status", "client_id", "s", "status", "full")
	f.expect(f.bring(maria, "places.csv", strings.Replace(text, ",open,", ",closing,", 1)), "0 new, 0 changed, 0 same, 1 in conflict, 0 left out")
}
