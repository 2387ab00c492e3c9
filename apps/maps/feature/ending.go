package feature

import "errors"

// Ending remembers the error that has ended a Source. The zero Ending is of one that goes on.
type Ending struct{ err error }

// Next is what next gives, until that ends the file: from then on it is the same error, and
// next is not asked again. A *Refused ends nothing.
func (e *Ending) Next(next func() (Feature, error)) (Feature, error) {
	if e.err != nil {
		return Feature{}, e.err
	}
	f, err := next()
	if _, goesOn := errors.AsType[*Refused](err); err != nil && !goesOn {
		e.err = err
	}
	return f, err
}
