package roster

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Compute is the state that follows from the trust records, whatever their
// order and however often each is there. Records that may not be in the set
// (see State.Admits) change nothing, with one exception: whether a key without
// certificate may revoke or retire itself depends on a vouch, of which Compute
// knows nothing; so leave out what keys say that nobody vouches for.
// Of several records in one slot the newer counts.
// Under a founding statement that cannot be encoded nobody may do anything.
func Compute(f Founding, trust []record.Record) *State {
	c := &computation{
		State:    newState(f),
		rooted:   make(map[record.Author]candidate),
		issued:   make(map[record.Author]map[record.Author]candidate),
		against:  make(map[record.Author]*against),
		retiring: make(map[record.Author]map[record.Author]bool),
	}
	// Each pass looks only at what the passes before it have settled: there is
	// nothing to iterate to a fixed point, and so only one outcome.
	c.collect(trust)
	c.succeed()
	c.rootActs()
	c.ownActs()
	c.issuerActs()
	c.settle()
	c.purges()
	return c.State
}

// act is a statement with its signatures, one an author, newest first.
type act struct {
	statement
	body []byte
	sigs []signature
}

type signature struct {
	author record.Author
	time   record.Time
	id     record.ID
}

// computation is a state in the making, with what its passes hand on.
type computation struct {
	*State
	forms    [128][]*act
	rooted   map[record.Author]candidate                   // certificates by root act, before revocation
	issued   map[record.Author]map[record.Author]candidate // subject, issuer
	against  map[record.Author]*against                    // what is said against a key
	retiring map[record.Author]map[record.Author]bool      // subject, issuer
}

// candidate is a certificate before revocation.
type candidate struct {
	standing
	time record.Time
}

// newer reports whether c stands rather than o: the newer, then the larger hash.
func (c candidate) newer(o candidate) bool {
	return cmp.Or(cmp.Compare(c.time, o.time), bytes.Compare(c.sum[:], o.sum[:])) > 0
}

// against is who revokes a key, each with the vouches that stay.
type against struct {
	roots, self         bool
	rootStays, ownStays stays
	issuers             map[record.Author]stays
}

// collect reduces the records to their slots' winners and groups those by statement.
func (c *computation) collect(trust []record.Record) {
	type said struct{ key, body string }
	type slot struct {
		author record.Author
		key    string
	}
	acts := make(map[said]*act)
	winners := make(map[slot]*record.Record, len(trust))
	for i := range trust {
		r := &trust[i]
		if r.App != record.Roster || r.Class != record.Trust {
			continue
		}
		id := said{r.Key, string(r.Body)}
		if _, ok := acts[id]; !ok {
			st, bound := parseKey(r.Key, r.Body)
			if !bound {
				continue
			}
			acts[id] = &act{statement: st, body: r.Body}
		}
		at := slot{r.Author, r.Key}
		if w, ok := winners[at]; !ok || record.Supersedes(r, w) {
			winners[at] = r
		}
	}
	for _, r := range winners {
		a := acts[said{r.Key, string(r.Body)}]
		a.sigs = append(a.sigs, signature{r.Author, r.Time, r.ID()})
	}
	for _, a := range acts {
		slices.SortFunc(a.sigs, func(x, y signature) int {
			return cmp.Or(cmp.Compare(y.time, x.time), compareAuthors(x.author, y.author))
		})
		c.forms[a.form] = append(c.forms[a.form], a)
	}
}

// succeed follows the chain of successions.
func (c *computation) succeed() {
	for len(c.generations) > 0 && len(c.generations) < MaxGenerations {
		last := c.generations[len(c.generations)-1]
		var next []generation
		for _, a := range c.forms[formSuccession] {
			if a.list != last.id {
				continue
			}
			_, proof, held := last.holds(a)
			v, err := DecodeSuccession(a.body)
			if !held || err != nil || v.Follows != a.list {
				continue
			}
			next = append(next, generation{id: ListID(a.sum[:16]), roots: v.Roots, threshold: v.Threshold, proof: proof})
		}
		if len(next) != 1 {
			c.rivals = len(next)
			return
		}
		c.generations = append(c.generations, next[0])
	}
}

// rootActs reads certificates, revocations and retirements by root act.
func (c *computation) rootActs() {
	for _, a := range c.forms[formCertificate] {
		t, proof, held := c.holds(a)
		if !held {
			continue
		}
		cert, err := DecodeCertificate(a.body)
		if err != nil || cert.Subject != a.subject {
			continue
		}
		next := candidate{standing{cert: cert, sum: a.sum, proof: proof}, t}
		if old, ok := c.rooted[a.subject]; !ok || next.newer(old) {
			c.rooted[a.subject] = next
		}
	}
	for _, a := range c.forms[formRevocation] {
		if _, _, held := c.holds(a); held {
			g := c.said(a.subject)
			g.roots = true
			g.rootStays = g.rootStays.with(a)
		}
	}
	for _, a := range c.forms[formRetirement] {
		if _, _, held := c.holds(a); held && a.retires() {
			c.retired[a.subject] = true
		}
	}
}

// ownActs reads what keys say of themselves.
func (c *computation) ownActs() {
	for _, a := range c.forms[formRevocation] {
		if a.signedBy(a.subject) {
			g := c.said(a.subject)
			g.self = true
			g.ownStays = g.ownStays.with(a)
		}
	}
	for subject, g := range c.against {
		if g.roots || g.self {
			c.revoked[subject] = true
		}
	}
	for _, a := range c.forms[formRetirement] {
		if !c.revoked[a.subject] && a.signedBy(a.subject) && a.retires() {
			c.retired[a.subject] = true
		}
	}
}

// issuerActs reads what keys with Admit have issued and taken back.
func (c *computation) issuerActs() {
	issuer := func(a record.Author) bool {
		return c.rooted[a].cert.Roles.Has(Admit) && !c.revoked[a]
	}
	for _, a := range c.forms[formCertificate] {
		for _, sig := range a.sigs {
			if !issuer(sig.author) {
				continue
			}
			cert, err := DecodeCertificate(a.body)
			if err != nil || cert.Subject != a.subject || !cert.plain() {
				break
			}
			of := c.issued[a.subject]
			if of == nil {
				of = make(map[record.Author]candidate)
				c.issued[a.subject] = of
			}
			proof := append(slices.Clone(c.rooted[sig.author].proof), sig.id)
			next := candidate{standing{cert: cert, issuer: sig.author, sum: a.sum, proof: proof}, sig.time}
			if old, ok := of[sig.author]; !ok || next.newer(old) {
				of[sig.author] = next
			}
		}
	}
	for _, a := range c.forms[formRevocation] {
		for _, sig := range a.sigs {
			if issuer(sig.author) {
				g := c.said(a.subject)
				g.issuers[sig.author] = g.issuers[sig.author].with(a)
			}
		}
	}
	for _, a := range c.forms[formRetirement] {
		for _, sig := range a.sigs {
			if issuer(sig.author) && a.retires() {
				of := c.retiring[a.subject]
				if of == nil {
					of = make(map[record.Author]bool)
					c.retiring[a.subject] = of
				}
				of[sig.author] = true
			}
		}
	}
}

// settle decides each key's certificate and which vouches of a hub that has
// none stay.
func (c *computation) settle() {
	for subject, r := range c.rooted {
		c.known[subject] = r.cert.Kind
		if !c.revoked[subject] {
			c.certs[subject] = r.standing
		}
	}
	for subject, of := range c.issued {
		if _, ok := c.rooted[subject]; ok {
			continue // what others issue to a key that the roots certified is nothing
		}
		c.known[subject] = Hub
		if c.revoked[subject] {
			continue
		}
		for issuer, i := range of {
			if c.voided(subject, issuer) {
				continue
			}
			if old, ok := c.certs[subject]; !ok || compareAuthors(issuer, old.issuer) < 0 {
				c.certs[subject] = i.standing
			}
		}
		if issuer := c.certs[subject].issuer; c.retiring[subject][issuer] {
			c.retired[subject] = true
		}
	}
	for subject := range c.against {
		if _, ok := c.certs[subject]; ok {
			continue
		}
		if st := c.staying(subject); len(st) > 0 {
			c.stays[subject] = st
		}
	}
}

func (c *computation) voided(subject, issuer record.Author) bool {
	g, ok := c.against[subject]
	if !ok {
		return false
	}
	_, ok = g.issuers[issuer]
	return ok
}

// staying is which vouches stay of a key without a standing certificate.
func (c *computation) staying(subject record.Author) stays {
	g := c.against[subject]
	if g.roots {
		return g.rootStays
	}
	if c.known[subject] != Hub {
		return nil
	}
	// An issuer's list replaces the key's own only where no certificate is left
	// but for the key's own word; otherwise both count, so that no issuer can
	// cut what another's hub, or another issuer, lets stay.
	var st stays
	_, own := c.rooted[subject]
	if !own {
		for issuer := range c.issued[subject] {
			if c.voided(subject, issuer) {
				st = st.and(g.issuers[issuer])
			} else {
				own = true
			}
		}
	}
	if own {
		st = st.and(g.ownStays)
	}
	return st
}

// purges reads the purges that hold as a root act or by two keys with Moderate.
func (c *computation) purges() {
	for _, a := range c.forms[formPurge] {
		moderators := 0
		for _, sig := range a.sigs {
			if c.Has(sig.author, Moderate) {
				moderators++
			}
		}
		if _, _, held := c.holds(a); !held && moderators < 2 {
			continue
		}
		if p, err := DecodePurge(a.body); err == nil {
			c.bars[p.Slot] = max(c.bars[p.Slot], p.Time)
		}
	}
}

// said is the entry of a key that something is said against.
func (c *computation) said(subject record.Author) *against {
	g, ok := c.against[subject]
	if !ok {
		g = &against{issuers: make(map[record.Author]stays)}
		c.against[subject] = g
	}
	return g
}

func (a *act) signedBy(author record.Author) bool {
	return slices.ContainsFunc(a.sigs, func(s signature) bool { return s.author == author })
}

// retires reports whether the body can be read; a retirement cuts nothing off,
// so unlike a revocation it needs to be understood.
func (a *act) retires() bool {
	v, err := DecodeRevocation(a.body)
	return err == nil && v.Retired && v.Subject == a.subject
}

// plain reports whether a key with Admit may issue c.
func (c Certificate) plain() bool {
	return c.Kind == Hub && c.Roles == 0 && len(c.Senders) == 0 && c.Quota == 0
}
