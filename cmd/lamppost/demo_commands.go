package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/sync/record"
)

const commandList = `cut 1 2, mend 1 2, kill 2, start 2, status, help, quit`

// settleWithin is how long a mended link may take before the demo says so.
const settleWithin = 15 * time.Second

// obey carries out one command and reports whether it was the last.
func (d *demo) obey(ctx context.Context, line string) (quit bool) {
	words := strings.Fields(strings.ToLower(line))
	if len(words) == 0 {
		return false
	}
	var err error
	switch words[0] {
	case "quit", "exit", "q":
		return true
	case "help", "?":
		fmt.Fprintln(d.out, demoCommand{}.Help())
	case "status":
		err = d.status(ctx)
	case "cut", "mend":
		err = d.onLink(ctx, words[0], words[1:])
	case "kill", "start":
		err = d.onPlace(ctx, words[0], words[1:])
	default:
		err = fmt.Errorf("there is no command %q; there are: %s", words[0], commandList)
	}
	if err != nil {
		fmt.Fprintln(d.out, err)
	}
	return false
}

// onPlace kills or starts a hub.
func (d *demo) onPlace(ctx context.Context, verb string, words []string) error {
	if len(words) != 1 {
		return fmt.Errorf("%s takes one place, 1 to %d: %s 2", verb, len(d.places), verb)
	}
	p, err := d.place(words[0])
	switch {
	case err != nil:
		return err
	case verb == "kill" && p.proc == nil:
		return fmt.Errorf("%d does not run; \"start %d\" starts it", p.number, p.number)
	case verb == "kill":
		if err := p.kill(); err != nil {
			return err
		}
		fmt.Fprintf(d.out, "%d (%s) is killed.\n", p.number, p.label)
		return nil
	case p.proc != nil:
		return fmt.Errorf("%d runs already", p.number)
	}
	if err := p.launch(ctx, d.ended); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%d (%s) runs again: http://%s/\n", p.number, p.label, p.http)
	for _, other := range p.peers {
		switch {
		case d.cut[pair(p, other)]: // a new process knows of no cuts
			err = p.console.Block(ctx, other.self)
		case other.proc != nil:
			err = d.linked(ctx, p, other)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// onLink cuts or mends a link.
func (d *demo) onLink(ctx context.Context, verb string, words []string) error {
	if len(words) != 2 {
		return fmt.Errorf("%s takes two places: %s 1 2", verb, verb)
	}
	a, err := d.place(words[0])
	if err != nil {
		return err
	}
	b, err := d.place(words[1])
	if err != nil {
		return err
	}
	if a.number > b.number {
		a, b = b, a
	}
	if !slices.Contains(a.peers, b) {
		return fmt.Errorf("there is no link between %d and %d; the links are 1 2 and 2 3", a.number, b.number)
	}
	if verb == "cut" {
		if err := each(ctx, a, b, (*control.Client).Block); err != nil {
			return err
		}
		d.cut[pair(a, b)] = true
		fmt.Fprintf(d.out, "The link between %d and %d is cut.\n", a.number, b.number)
		return nil
	}
	if !d.cut[pair(a, b)] {
		return fmt.Errorf("the link between %d and %d is not cut", a.number, b.number)
	}
	delete(d.cut, pair(a, b))
	begun := time.Now()
	if err := each(ctx, a, b, (*control.Client).Unblock); err != nil {
		return err
	}
	if a.proc == nil || b.proc == nil {
		fmt.Fprintf(d.out, "Nothing keeps %d and %d apart any more, once both run.\n", a.number, b.number)
		return nil
	}
	if err := d.linked(ctx, a, b); err != nil {
		return err
	}
	err = waitFor(ctx, settleWithin, func() (bool, error) {
		ss, err := states(ctx, a, b)
		return err == nil && slices.Equal(ss[0].Set, ss[1].Set), err
	})
	if err != nil {
		return fmt.Errorf("%d and %d are linked again and still catch up with each other", a.number, b.number)
	}
	fmt.Fprintf(d.out, "The link is mended; %d and %d hold the same again after %d ms.\n", a.number, b.number, time.Since(begun).Milliseconds())
	return nil
}

// linked waits until both ends of a link say that it is up.
func (d *demo) linked(ctx context.Context, a, b *place) error {
	err := waitFor(ctx, settleWithin, func() (bool, error) {
		ss, err := states(ctx, a, b)
		return err == nil && up(ss[0], b) && up(ss[1], a), err
	})
	if err != nil {
		return fmt.Errorf("the link between %d and %d does not come up: %w", a.number, b.number, err)
	}
	return nil
}

func up(s control.Status, other *place) bool {
	return slices.ContainsFunc(s.Links, func(l control.Link) bool { return l.Up() && l.Peer == other.self.String() })
}

func states(ctx context.Context, ps ...*place) (ss []control.Status, err error) {
	for _, p := range ps {
		s, err := p.console.Status(ctx)
		if err != nil {
			return nil, fmt.Errorf("%d (%s): %w", p.number, p.label, err)
		}
		ss = append(ss, s)
	}
	return ss, nil
}

func (d *demo) place(word string) (*place, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > len(d.places) {
		return nil, fmt.Errorf("there is no place %q; there are 1 to %d", word, len(d.places))
	}
	return d.places[n-1], nil
}

// status shows a table of the places, and whether they hold the same.
func (d *demo) status(ctx context.Context) error {
	w := tabwriter.NewWriter(d.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "Place\tPage\tLinks\tPosts")
	var names []string
	var held []control.Status
	for _, p := range d.places {
		name := fmt.Sprintf("%d %s", p.number, p.label)
		if p.proc == nil {
			fmt.Fprintf(w, "%s\t-\tdoes not run\t-\n", name)
			continue
		}
		s, err := p.console.Status(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var links []string
		for _, other := range p.peers {
			links = append(links, fmt.Sprintf("%d %s", other.number, d.word(s, p, other)))
		}
		names, held = append(names, name), append(held, s)
		fmt.Fprintf(w, "%s\thttp://%s/\t%s\t%d\n", name, p.http, strings.Join(links, ", "), posts(s))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(d.out, compare(names, held))
	return nil
}

func (d *demo) word(s control.Status, p, other *place) string {
	switch {
	case d.cut[pair(p, other)]:
		return "cut"
	case other.proc != nil && up(s, other):
		return "up"
	}
	return "down"
}

// compare says in words who holds less than others, or something else.
func compare(names []string, held []control.Status) string {
	if len(held) == 0 {
		return "No place runs."
	}
	most := slices.MaxFunc(held, func(a, b control.Status) int { return int(a.Records()) - int(b.Records()) })
	var behind, other []string
	for i, s := range held {
		switch {
		case s.Records() < most.Records():
			behind = append(behind, names[i])
		case !slices.Equal(s.Set, most.Set):
			other = append(other, names[i])
		}
	}
	switch {
	case len(behind) == 0 && len(other) == 0 && len(held) == 1:
		return "Only this one runs."
	case len(behind) == 0 && len(other) == 0:
		return "All that run hold the same."
	case len(behind) == 0:
		return "They hold as much, but not the same: " + strings.Join(other, ", ") + " has other posts."
	}
	return "Not yet the same everywhere: behind is " + strings.Join(behind, ", ") + "."
}

// posts is how many posts a hub holds.
func posts(s control.Status) uint64 {
	for _, c := range s.Set {
		if c.Name == "talk" {
			return c.Records
		}
	}
	return 0
}

// pair names a link, from whichever end.
func pair(a, b *place) string {
	return fmt.Sprintf("%d %d", min(a.number, b.number), max(a.number, b.number))
}

// each tells both ends of a link, as far as they run, about the other.
func each(ctx context.Context, a, b *place, tell func(*control.Client, context.Context, record.Author) error) error {
	for _, ends := range [][2]*place{{a, b}, {b, a}} {
		if ends[0].proc == nil {
			continue
		}
		if err := tell(ends[0].console, ctx, ends[1].self); err != nil {
			return fmt.Errorf("%d (%s): %w", ends[0].number, ends[0].label, err)
		}
	}
	return nil
}
