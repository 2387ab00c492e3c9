package accesspoint

import (
	"errors"
	"maps"
	"slices"
	"testing"
)

// fake is a machine in memory, which fails at one change.
type fake struct {
	started string
	all     []Interface
	stand   map[knob]string
	left    int // changes until one fails; negative = never
	stuck   bool
}

var errBroken = errors.New("the kernel says no")

func newFake() *fake {
	f := &fake{started: "one", all: someInterfaces(), stand: map[knob]string{}, left: -1}
	for _, s := range knobs(NewPlan("wlan0", "eth0"), f.all) {
		f.stand[s.knob] = map[string]string{rules: absent, address: absent, forwarding: "0", advertisements: "1", redirects: "1", redirects6: "1", link: down}[s.Kind]
	}
	return f
}

func (f *fake) boot() (string, error)            { return f.started, nil }
func (f *fake) interfaces() ([]Interface, error) { return f.all, nil }

func (f *fake) look(k knob) (string, error) {
	if s, ok := f.stand[k]; ok {
		return s, nil
	}
	return "", errGone
}

func (f *fake) set(k knob, to string) error {
	if _, ok := f.stand[k]; !ok {
		return errGone
	}
	if f.left--; f.left == -1 || f.stuck {
		return errBroken
	}
	f.stand[k] = to
	return nil
}

func TestWhatFailsInTheMiddleIsUndone(t *testing.T) {
	for n := range knobs(NewPlan("wlan0", "eth0"), someInterfaces()) {
		f, folder := newFake(), t.TempDir()
		before := maps.Clone(f.stand)
		f.left = n
		if err := bring(f, NewPlan("wlan0", "eth0"), folder); !errors.Is(err, errBroken) {
			t.Fatalf("change %d: %v", n, err)
		}
		if !maps.Equal(f.stand, before) {
			t.Errorf("after change %d: %v", n, f.stand)
		}
		if r, err := read(folder); r != nil || err != nil {
			t.Errorf("after change %d it is noted: %v %v", n, r, err)
		}
	}
}

func TestWhatCannotBeUndoneIsTriedAgain(t *testing.T) {
	f, folder := newFake(), t.TempDir()
	before := maps.Clone(f.stand)
	ok(t, bring(f, NewPlan("wlan0", "eth0"), folder))
	down := func() error {
		r, err := read(folder)
		ok(t, err)
		return undo(f, r, folder)
	}
	f.stuck = true
	if err := down(); !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
	f.stuck = false
	ok(t, down())
	if !maps.Equal(f.stand, before) {
		t.Errorf("%v", f.stand)
	}
}

func TestAMachineThatWasStartedAnewIsLeftAsItIs(t *testing.T) {
	f, folder := newFake(), t.TempDir()
	p := NewPlan("wlan0", "eth0")
	ok(t, bring(f, p, folder))
	up := maps.Clone(f.stand)
	f = newFake()
	f.started = "two"
	for k := range f.stand { // by somebody else
		if k.Kind == link {
			f.stand[k] = "up"
		}
	}
	before := maps.Clone(f.stand)
	r, err := read(folder)
	ok(t, err)
	ok(t, undo(f, r, folder))
	if !maps.Equal(f.stand, before) {
		t.Errorf("%v", f.stand)
	}
	ok(t, bring(f, p, folder))
	if !maps.Equal(f.stand, up) {
		t.Errorf("%v", f.stand)
	}
	if err := bring(f, p, folder); !errors.Is(err, ErrAlreadyUp) {
		t.Errorf("%v", err)
	}
}

func TestTheRulesComeFirstAndGoLast(t *testing.T) {
	all := knobs(NewPlan("wlan0", "eth0"), someInterfaces())
	if all[0].Kind != rules || slices.ContainsFunc(all[1:], func(s step) bool { return s.Kind == rules }) {
		t.Errorf("%v", all)
	}
}
