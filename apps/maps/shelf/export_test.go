package shelf

import "os"

// CreateBy has uploads written to what f makes.
func (s *Shelf) CreateBy(f func(string) (*os.File, error)) { s.create = f }

// Accepts is what Accept-Encoding says of an encoding.
func Accepts(header []string, name string) bool { return accepts(header, name) }

// OpenBy has map files opened by f; nil is as usual.
func (s *Shelf) OpenBy(f func(string) (*os.File, error)) {
	if s.open = f; f == nil {
		s.open = os.Open
	}
}
