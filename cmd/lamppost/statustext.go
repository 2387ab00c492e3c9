package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/doctor"
	"github.com/lamppost-hub/lamppost/hub/gateway"
)

// Widths of the table of neighbors, so that it fits on a screen.
const (
	labelWide = 20
	sinceWide = 11
	stateWide = 18
	keptWide  = 30
)

// statusText is a status for people.
func statusText(s control.Status) string {
	var b strings.Builder
	place := s.Place
	if place == "" {
		place = "A hub without a certificate"
	}
	fmt.Fprintf(&b, "%s (%.8s) of %s, up for %s\n", shortened(place, 40), s.ID, shortened(s.Community, 40), span(time.Duration(s.Program.Uptime)*time.Second))
	b.WriteString(folded("", "  ", where(s)))
	b.WriteString("\n" + neighborsText(s) + "\n")
	kept := table{most: []int{keptWide}}
	kept.add("KEPT HERE", " HOW MANY")
	for _, a := range s.Apps {
		kept.add(keptWords(a.Name), fmt.Sprintf("%9s", thousands(a.Records)))
	}
	b.WriteString(kept.String())
	fmt.Fprintf(&b, "\n%s\n%s%s\n", diskText(s.Disk), blobText(s.Blobs), clockText(s.Clock))
	if words, ok := internetWords[s.Internet]; ok {
		b.WriteString("Net    " + words + "\n")
	}
	b.WriteString(findingsText(s.Warnings))
	return b.String()
}

// internetWords is what a hub says of the internet; of an unknown one nothing.
var internetWords = map[string]string{
	gateway.Up.String():   "the internet can be reached",
	gateway.Down.String(): "the internet cannot be reached; hubs need none",
}

// keptWords is what an app keeps, for people who do not know the apps.
func keptWords(app string) string {
	switch app {
	case "messages":
		return "posts"
	case "people":
		return "names of people"
	case "roster":
		return "certificates"
	case "hubs":
		return "where posts have got to"
	}
	return app
}

// where is what runs, and at which addresses.
func where(s control.Status) string {
	text := "lamppost " + s.Program.Version
	if s.HTTP != "" {
		text += "; pages at " + s.HTTP
	}
	if s.Official != "" {
		text += "; official at " + s.Official
	}
	if len(s.Sync) > 0 {
		text += "; other hubs at " + strings.Join(s.Sync, ", ")
	}
	return text
}

// neighborsText is the table of links, and of hubs and addresses without one.
func neighborsText(s control.Status) string {
	t := table{most: []int{labelWide, sinceWide, stateWide}}
	t.add("NEIGHBOR", "LINKED FOR", "SAME POSTS", "LINK")
	missed := map[string]string{} // where they were dialled in vain
	for _, l := range s.Links {
		if l.Up() {
			t.add(named(l.Label, l.Peer), span(s.Clock.Now.Sub(l.Since)), linkState(l), linkWay(l))
		} else if l.Peer != "" {
			missed[l.Peer] = " (" + short(l.Addr) + ")"
		}
	}
	for _, h := range s.Hubs {
		if !h.Linked && !h.Retired {
			t.add(named(h.Label, h.ID), "no", hubState(h, s)+missed[h.ID])
		}
	}
	for _, l := range s.Links {
		if !l.Up() && l.Peer == "" {
			t.add("not known yet", "no", "nobody has answered at "+short(l.Addr))
		}
	}
	if len(t.rows) == 1 {
		return "No other place is known yet.\n"
	}
	return t.String()
}

// named is a hub's label with the beginning of its key.
func named(label, id string) string {
	if label == "" {
		label = "not certified"
	}
	return shortened(label, labelWide-7) + " " + id[:min(6, len(id))]
}

// linkState says whether both ends hold the same, and else by how many changes at
// most they differ.
func linkState(l control.Link) string {
	if l.Equal && l.Waiting == 0 {
		return "yes"
	}
	out, in := uint64(l.Waiting), uint64(0)
	if l.Behind.They != nil {
		out = max(out, *l.Behind.They)
	}
	if l.Behind.We != nil {
		in = *l.Behind.We
	}
	var parts []string
	if out > 0 {
		parts = append(parts, thousands(out)+" out")
	}
	if in > 0 {
		parts = append(parts, thousands(in)+" in")
	}
	if len(parts) == 0 {
		return "comparing"
	}
	return strings.Join(parts, ", ")
}

func linkWay(l control.Link) string {
	if l.Dialled {
		return "to " + short(l.Addr)
	}
	return "from " + short(l.Addr)
}

// short is an address in 21 columns; --json has all of it.
func short(addr string) string {
	const most = 21 // 255.255.255.255:65535
	if a, err := netip.ParseAddrPort(addr); err == nil && len(addr) > most {
		addr = a.Addr().WithZone("").String()
	}
	return shortened(addr, most)
}

func hubState(h control.Hub, s control.Status) string {
	now := s.Clock.Now
	switch {
	case slices.ContainsFunc(s.Warnings, func(f doctor.Finding) bool { return f.Code == "certificate" && f.Level == doctor.Bad }):
		return "no place links with this one any more"
	case h.Heard.IsZero() && h.Up:
		return "there, but not linked yet"
	case h.Heard.IsZero():
		return "nothing heard yet"
	case h.Up:
		return "there; heard " + span(now.Sub(h.Heard)) + " ago"
	}
	return "heard " + span(now.Sub(h.Heard)) + " ago"
}

func diskText(d control.Disk) string {
	records := doctor.Bytes(uint64(max(0, d.Records)))
	if d.Total == 0 {
		return fmt.Sprintf("Disk   what is kept takes %s; how much is free is not known", records)
	}
	return fmt.Sprintf("Disk   %s of %s free; what is kept takes %s", doctor.Bytes(d.Free), doctor.Bytes(d.Total), records)
}

// blobText is a line about attachments; nothing where there are none.
func blobText(f control.Blobs) string {
	if f.Kept == 0 && f.Waiting == 0 {
		return ""
	}
	s := fmt.Sprintf("Files  %s take %s of %s", thousands(uint64(f.Kept)), doctor.Bytes(uint64(f.Bytes)), doctor.Bytes(uint64(f.Most)))
	if f.Waiting > 0 {
		s += fmt.Sprintf("; %s to come (%s)", thousands(uint64(f.Waiting)), doctor.Bytes(f.WaitingBytes))
	}
	if f.NoRoom > 0 {
		s += fmt.Sprintf(", %s without room", thousands(uint64(f.NoRoom)))
	}
	return s + "\n"
}

func clockText(c control.Clock) string {
	at := c.Now.Format("2006-01-02 15:04:05 -07:00")
	if !c.Plausible {
		return "Clock  perhaps " + at + "; nothing confirms it"
	}
	return "Clock  " + at + ", by " + c.Why
}

// findingsText is what needs care, and what to do.
func findingsText(all []doctor.Finding) string {
	if len(all) == 0 {
		return "\nNothing needs care.\n"
	}
	text := "\n"
	for _, f := range all {
		text += folded("! ", "  ", f.Text)
		if f.Todo != "" {
			text += folded("  > ", "    ", f.Todo)
		}
	}
	return text
}

// span is a length of time for people, in its two largest units.
func span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", s/60)
	case s < 24*3600:
		return two(s/3600, "h", s%3600/60, "min")
	}
	return two(s/(24*3600), "d", s%(24*3600)/3600, "h")
}

func two(n int64, unit string, m int64, smaller string) string {
	if m == 0 {
		return fmt.Sprintf("%d %s", n, unit)
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, m, smaller)
}

// thousands is a number with its digits in groups.
func thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
