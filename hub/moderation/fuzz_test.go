package moderation_test

import (
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/hub/moderation"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
)

// FuzzDecode: whatever a body holds, what is read of it is within its bounds and is
// written as the same decision.
func FuzzDecode(f *testing.F) {
	b := open(f)
	p := b.post("ann", "a/1", 0)
	for _, d := range []moderation.Decision{
		about(p, moderation.Hide, "rude"), about(p, moderation.Show, ""),
		b.holds("ann", moderation.Mute, time.Hour, "spam"), b.holds("ann", moderation.Free, 0, ""),
	} {
		dr, err := d.Draft()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(dr.Key, dr.Body)
	}
	f.Fuzz(func(t *testing.T, key string, body []byte) {
		if !record.ValidKey(key) || len(body) > record.MaxBody {
			return
		}
		r, err := b.town.Codec.Sign(record.Record{App: moderation.App, Class: record.Trust, TTL: moderation.TTL, Key: key, Time: record.At(b.now), Body: body}, simnet.Key("maria"))
		if err != nil {
			t.Fatal(err)
		}
		d, err := moderation.Decode(r)
		if err != nil {
			return
		}
		if len(d.Why) > moderation.MaxWhy || !d.Until.IsZero() && d.Until.Sub(b.now) > moderation.MaxHold || d.Since > r.Time {
			t.Fatalf("out of bounds: %+v", d)
		}
		again, err := d.Draft()
		if err != nil || again.Key != key {
			t.Fatalf("%+v is written as %q, %v; it was read at %q", d, again.Key, err, key)
		}
		if s := moderation.Fold([]record.Record{r, r}, b.roster()); len(s.Acts(b)) != 1 {
			t.Fatalf("folded to %+v", s.Acts(b))
		}
	})
}
