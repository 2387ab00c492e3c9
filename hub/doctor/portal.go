package doctor

import (
	"fmt"
	"time"
)

// Portal is the certificate by which phones are told over HTTPS where the page is.
type Portal struct {
	Wanted  bool      // there is to be one
	Host    string    // that it is for
	Until   time.Time // it holds
	Problem string    // why phones are not told; empty if they are

	Official Official
}

// Official is the pages over HTTPS, on which coordinators sign; zero where the hub has no
// certificate by its community's authority.
type Official struct {
	Address string    // empty while they are not served
	Until   time.Time // the certificate holds
	Problem string    // empty if there is none
}

// official is whether coordinators can sign on devices of their own. At the box they can
// without it, too.
func official(f Facts) []Finding {
	const code = "official"
	switch o := f.Portal.Official; {
	case o.Problem != "":
		return []Finding{{code, Warn, "The pages over HTTPS, on which coordinators sign, need care: " + o.Problem + ".", "See how they stand: lamppost ca show. At the box itself coordinators can sign all the same."}}
	case o.Address != "":
		return fine(code, fmt.Sprintf("Coordinators can sign at %s on devices that are enrolled, until %s.", o.Address, o.Until.UTC().Format(time.DateOnly)))
	}
	return nil
}

// renewal is how long before its end a certificate should have been renewed.
const renewal = 14 * 24 * time.Hour

// portal is whether phones can be told over HTTPS. They find the page without it, too.
func portal(f Facts) []Finding {
	const code, todo = "portal", "Renew the certificate, with its key, in the files that --portal-certificate and --portal-key name. They are looked at every ten seconds."
	p := f.Portal
	until := p.Until.UTC().Format(time.DateOnly)
	switch {
	case !p.Wanted:
		return nil
	case p.Problem != "":
		return []Finding{{code, Warn, "Phones are not told over HTTPS where the page is, and find it as if there were no certificate: " + p.Problem + ".", todo}}
	case f.Clock.Plausible && p.Until.Sub(f.Clock.Now) < renewal:
		return []Finding{{code, Warn, fmt.Sprintf("The portal's certificate for %s ends on %s.", p.Host, until), todo}}
	}
	return fine(code, fmt.Sprintf("Phones are told over HTTPS where the page is, as %s, until %s.", p.Host, until))
}
