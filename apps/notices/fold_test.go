package notices_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

// drawn makes up notices, of which some were written here and some forwarded.
func drawn(t *rapid.T) []notices.Notice {
	n := rapid.IntRange(0, 12).Draw(t, "notices")
	var all []notices.Notice
	for i := range n {
		hour := func(name string) time.Time {
			return now.Add(time.Duration(rapid.IntRange(-8, 8).Draw(t, name)) * time.Hour)
		}
		by := rapid.SampledFrom([]string{"maria", "tom", "feed"}).Draw(t, "by")
		sent := hour("sent")
		one := notices.Notice{
			Identity: fmt.Sprintf("%s/%d", by, rapid.IntRange(0, n).Draw(t, "id")),
			Kind:     rapid.SampledFrom([]notices.Kind{notices.Alert, notices.Update, notices.Cancel}).Draw(t, "kind"),
			Grade: notices.Grade{
				Status: rapid.SampledFrom([]notices.Status{notices.Actual, notices.Test}).Draw(t, "status"), Category: 1,
				Severity: notices.Severity(rapid.IntRange(1, 5).Draw(t, "severity")), Urgency: 1, Certainty: 1, Response: 1, //nolint:gosec // small
			},
			Span:   notices.Span{Sent: record.At(sent) + record.Time(i), At: sent, Until: hour("until"), Ahead: rapid.Bool().Draw(t, "ahead")}, //nolint:gosec // small
			By:     notices.Provenance{Authority: by, Local: by != "feed"},
			Signed: notices.Signed{Waiting: rapid.IntRange(0, 4).Draw(t, "waits") == 0},
		}
		if rapid.Bool().Draw(t, "later") {
			one.Span.From = hour("from")
		}
		for range rapid.IntRange(0, 2).Draw(t, "references") {
			one.Re = append(one.Re, fmt.Sprintf("%s/%d", rapid.SampledFrom([]string{"maria", "tom", "feed"}).Draw(t, "re by"), rapid.IntRange(0, n).Draw(t, "re")))
		}
		all = append(all, one)
	}
	return all
}

func text(t *rapid.T, b notices.Board) string {
	out, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestWhatHoldsDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawn(t)
		b := notices.Fold(all, now)
		if again := notices.Fold(append(rapid.Permutation(all).Draw(t, "order"), all...), now); text(t, again) != text(t, b) {
			t.Fatalf("in another order, and twice:\n%s\nonce:\n%s", text(t, again), text(t, b))
		}
		seen := map[string]int{}
		for _, list := range [][]notices.Notice{b.Active, b.Upcoming, b.Waiting, b.Ended, b.Ahead} {
			for _, n := range list {
				seen[n.Identity]++
			}
		}
		for _, n := range all {
			if seen[n.Identity] != 1 {
				t.Fatalf("%s stands in %d places", n.Identity, seen[n.Identity])
			}
		}
		for i, n := range b.Active {
			if i > 0 && notices.Worse(b.Active[i-1], n) > 0 {
				t.Fatal("the worst is not first")
			}
			if n.Signed.Waiting || n.Span.Ahead || !n.Span.Until.After(now) || n.Span.From.After(now) {
				t.Fatalf("it does not hold: %+v", n)
			}
		}
		for _, n := range b.Ended {
			if n.End.How == notices.Expired {
				continue
			}
			by, ok := b.Find(n.End.By)
			if !ok || by.Signed.Waiting || by.Span.Ahead || by.Span.Sent <= n.Span.Sent {
				t.Fatalf("%s was ended by %+v", n.Identity, by)
			}
			if by.By.Authority != n.By.Authority && (by.Kind != notices.Cancel || !by.By.Local || !n.By.Local) {
				t.Fatalf("%s of %s was ended by %s", n.Identity, n.By.Authority, by.By.Authority)
			}
		}
	})
}

func TestTheBoardHoldsUntilItSaysSo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawn(t)
		b := notices.Fold(all, now)
		end := b.Next
		if end.IsZero() {
			end = now.Add(1000 * time.Hour)
		}
		if !end.After(now) {
			t.Fatal("it was out of date before it was made")
		}
		later := notices.Fold(all, end.Add(-time.Second))
		b.Next, later.Next = time.Time{}, time.Time{}
		if text(t, b) != text(t, later) {
			t.Fatalf("it has changed before %v:\n%s\n%s", end, text(t, b), text(t, later))
		}
	})
}

func TestAForwardedCancellationEndsOnlyWhatItsSenderSaid(t *testing.T) {
	one := func(id, authority string, local bool, kind notices.Kind, hour int, re ...string) notices.Notice {
		at := now.Add(time.Duration(hour) * time.Hour)
		return notices.Notice{
			Identity: id, Kind: kind, Re: re, By: notices.Provenance{Authority: authority, Local: local},
			Grade: notices.Grade{Status: notices.Actual, Severity: notices.Severe}, Span: notices.Span{Sent: record.At(at), At: at, Until: now.Add(9 * time.Hour)},
		}
	}
	b := notices.Fold([]notices.Notice{
		one("ours", "key:maria", true, notices.Alert, -5),
		one("theirs", "pin:weather", false, notices.Alert, -5),
		one("fake", "feed:rogue", false, notices.Cancel, -4, "ours", "theirs"),
		one("also", "key:tom", true, notices.Cancel, -4, "theirs"),
		one("before", "pin:weather", false, notices.Cancel, -6, "theirs"),
	}, now)
	if len(b.Ended) != 0 {
		t.Errorf("%+v", b.Ended)
	}
	b = notices.Fold([]notices.Notice{
		one("theirs", "pin:weather", false, notices.Alert, -5),
		one("real", "pin:weather", false, notices.Update, -4, "unseen", "theirs"),
	}, now)
	if len(b.Ended) != 1 || b.Ended[0].End.How != notices.Replaced {
		t.Errorf("%+v", b)
	}
}
