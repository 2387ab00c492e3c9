package place

import "cmp"

// Or is d, with what it leaves open as in o: all but the kind, the name, the shape and whether
// it is there.
func (d Details) Or(o Details) Details {
	d.About, d.Contact, d.Hours = cmp.Or(d.About, o.About), cmp.Or(d.Contact, o.Contact), cmp.Or(d.Hours, o.Hours)
	d.StepFree, d.Pets = cmp.Or(d.StepFree, o.StepFree), cmp.Or(d.Pets, o.Pets)
	d.Everyday, d.Most = cmp.Or(d.Everyday, o.Everyday), cmp.Or(d.Most, o.Most)
	if len(d.Langs) == 0 {
		d.Langs = o.Langs
	}
	return d
}

// Or is s, with what it leaves open as in o: what is there and what is needed.
func (s State) Or(o State) State {
	s.Offers, s.Needs = cmp.Or(s.Offers, o.Offers), cmp.Or(s.Needs, o.Needs)
	s.Offer, s.Need = cmp.Or(s.Offer, o.Offer), cmp.Or(s.Need, o.Need)
	return s
}
