package maps

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// ordered is what the command line says of an import.
type ordered struct {
	name, kind            string
	swap, conflicts, look bool
}

func orderOf(args []string) (o ordered, _ error) {
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.name, "name", "", "")
	set.StringVar(&o.kind, "kind", "", "")
	set.BoolVar(&o.swap, "swap", false, "")
	set.BoolVar(&o.conflicts, "conflicts", false, "")
	set.BoolVar(&o.look, "look", false, "")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.kind != "" && place.Named[place.Kind](place.Kinds(), o.kind) == 0 {
		return o, fmt.Errorf("%q is no kind of place", o.kind)
	}
	return o, nil
}

// importCommand takes a file over on the hub's machine.
func (a App) importCommand() hub.Command {
	return hub.Command{
		Usage: "FILE [--name LIST] [--kind KIND] [--swap] [--conflicts] [--look]", File: true, Run: a.commandImport,
		Help: "Take over the places in a file of GeoJSON, KML, KMZ, GPX or CSV, signed by this hub. With --look only say what would change; with --conflicts also replace what somebody has said here since. The answer says where it is taken back.",
	}
}

// commandImport takes a file over, signed by the hub itself.
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
	with, err := a.desk.propose(it)
	if err != nil {
		return errors.Join(err, box.Drop(it.ID))
	}
	if o.name != "" {
		with.List = o.name
	}
	if o.kind != "" {
		with.Kind = o.kind
	}
	if o.swap {
		with.Swap = exchange.Swap
	}
	if err := box.Set(it.ID, with); err != nil {
		return err
	}
	kept, err := a.carryOut(ctx, h, it.ID, o, out)
	if kept {
		fmt.Fprintf(out, "It waits for a coordinator at /maps/%s/%s\n", importPath, it.ID)
		return err
	}
	return errors.Join(err, box.Drop(it.ID))
}

// carryOut says what would change, and does it unless it is only to be looked at. The file is
// kept where this hub may not sign it.
func (a App) carryOut(ctx context.Context, h hub.Host, id string, o ordered, out io.Writer) (kept bool, _ error) {
	var p *plan
	var ds []hub.Draft
	err := h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(a.sees(s))
		if err != nil {
			return err
		}
		it, plan, err := a.desk.planOf(l, hub.Request{}, id)
		if err != nil {
			return err
		}
		switch p = plan; {
		case p.wrong != nil:
			return p.wrong
		case p.many:
			return tooMany()
		case o.look:
			return nil
		}
		ds, err = l.drafts(record.Author{}, it, p, func(string) bool { return o.conflicts })
		return err
	})
	if p != nil {
		p.tell(out)
	}
	if err != nil || o.look {
		return false, err
	}
	_, err = h.Write(ctx, ds...)
	if told, is := errors.AsType[*hub.Error](err); is && told.Code == hub.Forbidden {
		return true, errors.New("this hub may not put places on the map by itself. The roots can let it: lamppost roster grant HUB --roles maps")
	}
	if err == nil {
		fmt.Fprintf(out, "Taken over. To take it back: /maps/%s/%s\n", takenPath, id)
	}
	return false, err
}

// tell is the plan on a terminal.
func (p *plan) tell(out io.Writer) {
	fmt.Fprintf(out, "%s “%s”: %d new, %d changed, %d as they are, %d in conflict, %d left out\n",
		p.Format, p.List, p.of(exchange.New), p.of(exchange.Changed), p.of(exchange.Same), p.of(exchange.Conflict), p.refused())
	for _, s := range p.steps {
		if s.Verdict == exchange.Conflict {
			fmt.Fprintf(out, "  in conflict: %s: %s\n", s.Sheet.Details.Name, s.Why)
		}
	}
	for _, one := range p.left {
		fmt.Fprintf(out, "  left out: %s: %s\n", one.At, one.Why)
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
