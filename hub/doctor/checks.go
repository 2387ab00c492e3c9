package doctor

import (
	"fmt"
	"time"
)

// standing is whether the community takes this hub for one of its own.
func standing(f Facts) []Finding {
	const code = "certificate"
	switch f.Standing {
	case Certified:
		return fine(code, "This hub has a certificate of its community.")
	case Retired:
		return []Finding{{code, Warn, "This hub is marked as no longer in use, though it runs.",
			"Switch it off. If the machine is to be used again, join with a new, empty data folder: the mark cannot be taken back."}}
	case Revoked:
		return []Finding{{code, Bad, "This hub's certificate has been revoked for good: no other hub speaks with it.",
			"Ask whoever looks after the community why. To use this machine again, join with a new, empty data folder."}}
	case Disowned:
		return []Finding{{code, Bad, "Other hubs say that this one's certificate has been revoked or was never given; none links with it.",
			"Ask whoever looks after the community. To use this machine again, join with a new, empty data folder."}}
	case Uncertified:
	}
	return []Finding{{code, Bad, "This hub has no certificate of its community: no other hub speaks with it.",
		"Put trust.cbor back from a backup of the data folder, or join with a new, empty data folder."}}
}

// roots is whether it is clear who decides.
func roots(f Facts) []Finding {
	const code = "roots"
	if f.Rivals == 0 {
		return fine(code, "It is clear which root sheets decide.")
	}
	return []Finding{{code, Warn, fmt.Sprintf("%d different lists were signed to follow the root sheets, so none of them does: the sheets before them go on deciding.", f.Rivals),
		"Keep the old sheets, and look with “lamppost roster” which they are. Ask whoever has signed the lists; where the old sheets are lost, only a new community can have others."}}
}

// How much room there should be: what a commit and its copy of pages need, and
// time to do something about it.
const (
	scarceBytes   = 200 << 20
	scarcePercent = 5
	noneBytes     = 20 << 20
)

// disk is whether there is room for what is posted.
func disk(f Facts) []Finding {
	const code = "disk"
	const todo = "Make room on it: delete what is not Lamppost's, or move the data folder to a larger disk while the hub is stopped."
	d := f.Disk
	text := fmt.Sprintf("%s of %s are free on the disk of the data folder.", Bytes(d.Free), Bytes(d.Total))
	full, nearly := "full", "nearly full"
	if d.Free > d.Total/2 { // it never had more room than that
		full, nearly = "too small", "small"
	}
	scarce := max(scarceBytes, d.Total/100*scarcePercent)
	switch {
	case d.Total == 0:
		return []Finding{{code, Warn, "How full the disk is cannot be found out.", "Look with “df -h” at the data folder."}}
	case d.Free < noneBytes:
		return []Finding{{code, Bad, "The disk is " + full + ": " + text + " A hub needs " + Bytes(noneBytes) + ".", todo}}
	case d.Free < scarce:
		return []Finding{{code, Warn, "The disk is " + nearly + ": " + text + " There should be " + Bytes(scarce) + ".", todo}}
	}
	return fine(code, text)
}

// blobs is whether there is room for attachments.
func blobs(f Facts) []Finding {
	const code = "attachments"
	b := f.Blobs
	switch {
	case b.Missing:
		return []Finding{{code, Bad, "Attachments cannot be kept: their folder does not read.",
			"Look at the folder “blobs” in the data folder, and at what the hub logged when it started; then start it again."}}
	case b.NoRoom > 0:
		return []Finding{{code, Warn, fmt.Sprintf("%d attachments from other places have no room here: %s of %s are taken.", b.NoRoom, Bytes(b.Bytes), Bytes(b.Most)),
			"Allow them more with --attachments, such as 1GB; the last tenth of the disk always stays free."}}
	}
	return fine(code, fmt.Sprintf("Attachments take %s of %s.", Bytes(b.Bytes), Bytes(b.Most)))
}

const (
	apart = 5 * time.Minute    // how far the machine's clock may be from the time by the hub
	soon  = 3 * 24 * time.Hour // before the operator's word ends, somebody is told
)

// clock is whether the time can be relied on.
func clock(f Facts) []Finding {
	const code = "clock"
	at, wall := f.Clock.Now.UTC().Format(time.DateTime), f.Clock.Wall.UTC().Format(time.DateTime)
	switch {
	case !f.Clock.Plausible && f.Clock.Leapt:
		return []Finding{{code, Warn, "This machine's clock has leapt to " + wall + " UTC while the hub ran, and nothing confirms it. The hub counts on from before and takes it to be " + at + " UTC; pages say “time uncertain”.",
			"Set the machine's clock right again; or, if it is right now, say so with “lamppost clock set now”."}}
	case !f.Clock.Plausible:
		return []Finding{{code, Warn, "Nothing confirms this machine's clock; pages say “time uncertain”. This hub takes it to be " + at + " UTC.",
			"Switch network time on; or link with three other hubs that know the time; or say what time it is with “lamppost clock set”."}}
	case !f.Clock.Until.IsZero() && f.Clock.Until.Sub(f.Clock.Now) < soon:
		return []Finding{{code, Warn, fmt.Sprintf("The time is known by an operator's word alone, which counts until %s UTC; then pages say “time uncertain”.", f.Clock.Until.UTC().Format(time.DateTime)),
			"Look at a watch and say it again with “lamppost clock set”; or switch network time on."}}
	case f.Clock.Wall.Sub(f.Clock.Now).Abs() > apart:
		return []Finding{{code, Warn, fmt.Sprintf("This machine's clock says %s UTC. This hub knows better, and goes by %s.", wall, at),
			"Set the machine's clock, so that the time is right after a restart too."}}
	}
	return fine(code, "The time is known: "+at+" UTC.")
}

// links is whether this hub reaches any other.
func links(f Facts) []Finding {
	const code = "neighbors"
	linked := 0
	for _, h := range f.Hubs {
		if h.Linked > 0 {
			linked++
		}
	}
	switch {
	case len(f.Hubs) == 0:
		return fine(code, "This is the community's only hub.")
	case linked == 0 && (f.Standing == Revoked || f.Standing == Disowned):
		return fine(code, "No hub links with this one, for want of a certificate.")
	case linked == 0 && len(f.Copies) > 0:
		return []Finding{{code, Warn, fmt.Sprintf("This hub is linked with none of the community's %s just now. It may be the turn of the other machine that uses its key.", others(len(f.Hubs))),
			"Stop one of the two, as is said of the hub's key. If it is linked with none a minute later, look whether cables, networks and the other hubs are on."}}
	case linked == 0 && f.Copied:
		return []Finding{{code, Warn, fmt.Sprintf("This hub is linked with none of the community's %s just now. If a copy of its card or data folder runs somewhere, as another hub says, it may be that one's turn.", others(len(f.Hubs))),
			"Look for a copy, as is said of the hub's key. Look as well whether cables, networks and the other hubs are on."}}
	case linked == 0:
		return []Finding{{code, Bad, fmt.Sprintf("This hub is linked with none of the community's %s. On a Wi-Fi the access point may keep devices apart.", others(len(f.Hubs))),
			"Look whether cables, Wi-Fi and the other hubs are on; " + isolation + "; give the address of one with --peer."}}
	}
	return fine(code, fmt.Sprintf("This hub is linked with %d of the community's %s.", linked, others(len(f.Hubs))))
}

func others(n int) string {
	if n == 1 {
		return "1 other hub"
	}
	return fmt.Sprintf("%d other hubs", n)
}

// Bytes is a size for people: "12.4 GB".
func Bytes(n uint64) string {
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	f, units := float64(n)/1000, []string{"kB", "MB", "GB", "TB"}
	for len(units) > 1 && f >= 999.5 {
		f, units = f/1000, units[1:]
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %s", f, units[0])
	}
	return fmt.Sprintf("%.0f %s", f, units[0])
}
