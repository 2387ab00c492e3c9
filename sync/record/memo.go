package record

import "sync/atomic"

// Memo is a place beside a record for what was made of it, such as its body decoded,
// to be found there the next time. A nil Memo keeps nothing.
type Memo struct{ made atomic.Pointer[any] }

// Once is what f makes, and made before if m has kept it. It must depend on the record
// alone, and nobody may change it. Several at once may make it.
func Once[T any](m *Memo, f func() T) T {
	if m == nil {
		return f()
	}
	if was := m.made.Load(); was != nil {
		if v, ok := (*was).(T); ok {
			return v
		}
	}
	v := f()
	var kept any = v
	m.made.Store(&kept)
	return v
}
