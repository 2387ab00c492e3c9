package maps

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

// ordered is what the command line says of an import.
type ordered struct {
	name, kind string
	swap, look bool
}

func orderOf(args []string) (o ordered, _ error) {
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.name, "name", "", "")
	set.StringVar(&o.kind, "kind", "", "")
	set.BoolVar(&o.swap, "swap", false, "")
	set.BoolVar(&o.look, "look", false, "")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.kind != "" && place.Named[place.Kind](place.Kinds(), o.kind) == 0 {
		return o, fmt.Errorf("%q is no kind of place", o.kind)
	}
	return o, nil
}

// importCommand brings a file here on the hub's machine.
func (a App) importCommand() hub.Command {
	return hub.Command{
		Usage: "FILE [--name LIST] [--kind KIND] [--swap] [--look]", File: true, Run: a.commandImport,
		Help: "Bring the places in a file of GeoJSON, KML, KMZ, GPX or CSV here, and say what it would change. It then waits for a coordinator, who puts them on the map, and may take that back; a box has no say of its own. With --look it does not stay.",
	}
}

// commandImport says what a file would change, and has it wait for a coordinator.
func (a App) commandImport(ctx context.Context, h hub.Host, args []string, in io.Reader, out io.Writer) error {
	if in == nil || len(args) == 0 {
		return errors.New("the name of a file is missing; - stands for what is piped in")
	}
	o, err := orderOf(args[1:])
	if err != nil {
		return err
	}
	it, err := a.desk.await(path.Base(args[0]), "", in, feature.MaxFileBytes)
	if err != nil {
		return err
	}
	box := a.desk.inbox()
	err = a.foresee(ctx, h, it, o, out)
	if err != nil || o.look {
		return errors.Join(err, box.Drop(it.ID))
	}
	fmt.Fprintf(out, "It waits for a coordinator at /maps/%s/%s\n", importPath, it.ID)
	return nil
}

// foresee says what a file that waits would change, read as was ordered.
func (a App) foresee(ctx context.Context, h hub.Host, it inbox.Item, o ordered, out io.Writer) error {
	with, err := a.desk.propose(it)
	if err != nil {
		return err
	}
	with.List = cmp.Or(o.name, with.List)
	with.Kind = cmp.Or(o.kind, with.Kind)
	if o.swap {
		with.Swap = exchange.Swap
	}
	if err := a.desk.inbox().Set(it.ID, with); err != nil {
		return err
	}
	var p *plan
	err = h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(a.sees(s))
		if err != nil {
			return err
		}
		it, p, err = a.desk.planOf(l, hub.Request{}, it.ID)
		return err
	})
	if err == nil {
		err = p.wrong
	}
	if err != nil {
		return err
	}
	if p.many {
		if p.big, err = a.desk.readMany(ctx, h, hub.Request{}, it, p.settings, progressTo(out)); err != nil {
			return err
		}
		p.counts = p.big.counts
	}
	p.tell(out)
	return nil
}

// eachLine is after how many entries a line on a terminal tells how far a file has been read.
const eachLine = 10_000

func progressTo(out io.Writer) func(int) {
	return func(n int) {
		if n > 0 && n%eachLine == 0 {
			fmt.Fprintf(out, "%d entries have been read\n", n)
		}
	}
}

// tell is the plan on a terminal.
func (p *plan) tell(out io.Writer) {
	if b := p.big; b != nil {
		fmt.Fprintf(out, "%s “%s”, as one list: %d new, %d changed, %d as they are, %d no more in it, %d left out; of %d somebody here has said something, which stands above\n",
			p.Format, p.List, b.new, b.changed, b.same, b.gone, b.counts.Refused, b.kept)
		p.left = b.left
	} else {
		fmt.Fprintf(out, "%s “%s”: %d new, %d changed, %d as they are, %d in conflict, %d left out\n",
			p.Format, p.List, p.of(exchange.New), p.of(exchange.Changed), p.of(exchange.Same), p.of(exchange.Conflict), p.refused())
	}
	if p.counts.Shelters > 0 {
		fmt.Fprintln(out, "  it is of FEMA's National Shelter System")
	}
	for _, s := range p.steps {
		if s.Verdict == exchange.Conflict {
			fmt.Fprintf(out, "  in conflict: %s: %s\n", s.Sheet.Details.Name, s.Why)
		}
	}
	for _, one := range p.left {
		name := one.Name
		if name != "" {
			name = " (" + name + ")"
		}
		fmt.Fprintf(out, "  left out: %s%s: %s\n", one.At, name, one.Why)
	}
	for _, s := range p.steps {
		for _, n := range s.Entry.Notes {
			fmt.Fprintf(out, "  note: %s: %s\n", s.Sheet.Details.Name, n)
		}
	}
	if len(p.counts.Left) > 0 {
		fmt.Fprintf(out, "  not taken over: %s\n", strings.Join(p.counts.Left, ", "))
	}
}
