// Package accesspoint makes an interface of the machine the phones' network: its
// addresses, the rules of who reaches what, and the way to the internet.
//
// Up changes the machine and Down undoes it exactly, also after a crash in the middle
// of either: what is changed is noted in the data folder before it is. See README.md.
package accesspoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// Errors that a caller may tell apart.
var (
	// ErrAlreadyUp says that all is as the plan wants it; nothing was changed.
	ErrAlreadyUp = errors.New("the phones' network is up already, as it should be")
	// ErrBusy says that somebody else is changing the phones' network.
	ErrBusy = errors.New("another “lamppost portal up” or “down” is at work with this data folder; wait until it has ended")
	// ErrNotUp says that there is no phones' network.
	ErrNotUp = errors.New("the phones' network is not up on this machine: “lamppost portal up” first")
	// ErrNotAllowed says that this process may not change the machine's network.
	ErrNotAllowed = errors.New("it takes root to change this machine's network, and nothing was changed: type the same with sudo before it")
	// errGone says that what was to be set is not there any more.
	errGone = errors.New("the interface is not there any more")
)

// machine is what is changed.
type machine interface {
	// boot names the time since the machine was started.
	boot() (string, error)
	interfaces() ([]Interface, error)
	// look says how a knob stands; errGone if it is not there.
	look(knob) (string, error)
	// set makes it stand so; errGone if it is not there.
	set(k knob, to string) error
}

// Allowed fails with ErrNotAllowed where this process can do neither Up nor Down.
func Allowed() error {
	if !privileged() {
		return ErrNotAllowed
	}
	return nil
}

// Up makes the machine as the plan wants it. What an earlier Up with another plan
// changed is undone first; if all stands as it should, it fails with ErrAlreadyUp. If
// something goes wrong, what was changed is undone, and what was up before is up again.
func Up(p Plan, folder string) error {
	unlock, err := lock(folder)
	if err != nil {
		return err
	}
	defer unlock()
	old, stood, err := Standing(folder)
	if err != nil {
		return err
	}
	err = bring(newKernel(p), p, folder)
	if err == nil || !stood {
		return err
	}
	if r, unread := read(folder); r != nil || unread != nil { // it stands, or is not undone
		return err
	}
	if again := bring(newKernel(old), old, folder); again != nil {
		return errors.Join(err, fmt.Errorf("nor could the phones' network be brought up as it was before; “lamppost portal up” with what it was given then tries it again: %w", again))
	}
	return errors.Join(err, errors.New("the phones' network is up as it was before"))
}

// Down undoes what Up changed, in the reverse order, and reports whether there was
// anything, also of an Up that did not come to its end. What is gone meanwhile is left
// alone.
func Down(folder string) (undone bool, err error) {
	unlock, err := lock(folder)
	if err != nil {
		return false, err
	}
	defer unlock()
	r, err := read(folder)
	if err != nil {
		return false, err
	}
	m := newKernel(Plan{})
	if err := undo(m, r, folder); err != nil || r == nil {
		return false, err
	}
	boot, err := m.boot()
	return boot == r.Boot && slices.ContainsFunc(r.Steps, func(s step) bool { return s.Before != s.After }), err
}

// Standing is the plan that was carried out last; false if there is none, or not
// since the machine was started.
func Standing(folder string) (Plan, bool, error) {
	r, err := read(folder)
	if err != nil || r == nil || !r.Whole {
		return Plan{}, false, err
	}
	boot, err := newKernel(r.Plan).boot()
	return r.Plan, boot == r.Boot, err
}

// bring is Up.
func bring(m machine, p Plan, folder string) error {
	old, err := read(folder)
	if err != nil {
		return err
	}
	all, err := m.interfaces()
	if err != nil {
		return fmt.Errorf("look at this machine's interfaces: %w", err)
	}
	boot, err := m.boot()
	if err != nil {
		return err
	}
	if old != nil && old.Boot == boot {
		if old.Whole && equal(old.Plan, p) && stands(m, old) {
			return ErrAlreadyUp
		}
		all = without(all, old.Steps)
	}
	if err := p.check(all); err != nil {
		return err
	}
	if err := undo(m, old, folder); err != nil {
		return err
	}
	want := knobs(p, all)
	if p.Wifi != nil {
		conf, err := filepath.Abs(filepath.Join(folder, hostapdFile))
		if err != nil {
			return err
		}
		want = append(want, step{knob: knob{Kind: wifi, On: p.Interface, Value: conf}, After: present})
	}
	r := &record{Boot: boot, Plan: p, Steps: []step{}}
	if err := change(m, r, want, folder); err != nil {
		return errors.Join(err, undo(m, r, folder))
	}
	return nil
}

// knobs are what the plan wants, in the order in which nothing passes that should not:
// the rules are there before there is anything to pass.
func knobs(p Plan, all []Interface) []step {
	on := func(kind, name, value, after string) step {
		i, _ := find(all, name)
		return step{knob: knob{Kind: kind, On: name, Index: i.Index, Value: value}, After: after}
	}
	want := []step{
		{knob: knob{Kind: rules}, After: present},
		// The rules say so as well, but for what comes before them or when they are gone.
		on(advertisements, p.Interface, "", "0"), on(redirects6, p.Interface, "", "0"), on(redirects, p.Interface, "", "0"),
		on(address, p.Interface, p.Address.String(), present),
		on(address, p.Interface, p.Virtual.String()+"/32", present),
	}
	if p.Uplink != "" {
		// Not for the whole machine, which would have others pass as well.
		want = append(want, on(forwarding, p.Interface, "", "1"), on(forwarding, p.Uplink, "", "1"))
	}
	return append(want, on(link, p.Interface, "", up))
}

// change sets the knobs that stand otherwise, each once it is on disk how it stood.
func change(m machine, r *record, want []step, folder string) error {
	for _, s := range want {
		before, err := m.look(s.knob)
		if err != nil {
			return s.failed(err)
		}
		if s.Kind == rules && before != absent {
			return errors.New("there is a table “inet lamppost” in nftables of which this data folder knows nothing. If no other Lamppost runs the phones' network here, remove it with “nft delete table inet lamppost” and try again")
		}
		if s.Kind == wifi && before == present {
			return fmt.Errorf("hostapd runs with %s already, of which this data folder knows nothing else: end it, and try again", s.Value)
		}
		s.Before = before
		r.Steps = append(r.Steps, s)
		if before == s.After {
			continue
		}
		if err := r.write(folder); err != nil {
			return err
		}
		if err := m.set(s.knob, s.After); err != nil {
			return s.failed(err)
		}
	}
	r.Whole = true
	return r.write(folder)
}

func (s step) failed(err error) error {
	if s.On == "" {
		return fmt.Errorf("set the %s: %w", s.Kind, err)
	}
	return fmt.Errorf("set the %s of %s: %w", s.Kind, s.On, err)
}

// undo is Down. It goes on where something cannot be undone, and then keeps the
// record, so that it can be tried again.
func undo(m machine, r *record, folder string) error {
	if r == nil {
		return forget(folder, recordFile+".new") // of one that was killed before its first change
	}
	boot, err := m.boot()
	if err != nil {
		return err
	}
	var wrong []error
	for _, s := range slices.Backward(r.Steps) {
		if r.Boot != boot {
			break // nothing of it outlived the machine's end
		}
		if s.Before == s.After {
			continue
		}
		if err := m.set(s.knob, s.Before); err != nil && !errors.Is(err, errGone) {
			wrong = append(wrong, s.failed(err))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("not all could be undone; “lamppost portal down” tries again: %w", errors.Join(wrong...))
	}
	return forget(folder, hostapdFile+".new", hostapdFile, recordFile+".new", recordFile)
}

// stands reports whether all is still as it was made, or found.
func stands(m machine, r *record) bool {
	return !slices.ContainsFunc(r.Steps, func(s step) bool {
		now, err := m.look(s.knob)
		return err != nil || now != s.After
	})
}

// without is the interfaces as if the addresses of the steps were not there.
func without(all []Interface, steps []step) []Interface {
	out := slices.Clone(all)
	for i := range out {
		out[i].Addrs = nil
		for _, a := range all[i].Addrs {
			ours := slices.ContainsFunc(steps, func(s step) bool {
				return s.Kind == address && s.Index == all[i].Index && s.Value == a.String()
			})
			if !ours {
				out[i].Addrs = append(out[i].Addrs, a)
			}
		}
	}
	return out
}

func equal(a, b Plan) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
