//go:build !linux

package accesspoint

import (
	"context"
	"errors"
	"os"
)

// kernel is a machine on which nothing can be changed.
type kernel struct{}

func newKernel(Plan) machine { return kernel{} }

func own(*os.File, string) error { return nil }

// privileged leaves it to lock to say that nothing can be done.
func privileged() bool { return true }

func lock(string) (func(), error) { return nil, errors.ErrUnsupported }

func (kernel) boot() (string, error)            { return "", errors.ErrUnsupported }
func (kernel) interfaces() ([]Interface, error) { return nil, errors.ErrUnsupported }
func (kernel) look(knob) (string, error)        { return "", errors.ErrUnsupported }
func (kernel) set(knob, string) error           { return errors.ErrUnsupported }

func survey(context.Context, Plan, string) (surroundings, error) {
	return surroundings{}, errors.ErrUnsupported
}
