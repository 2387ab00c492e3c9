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
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
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
	var it inbox.Item
	var p *plan
	moment := func(f func(*look) error) error {
		return h.Read(ctx, func(s hub.Snapshot) error {
			l, err := lookingAt(a.sees(s))
			if err != nil {
				return err
			}
			return f(l)
		})
	}
	err := moment(func(l *look) (err error) {
		it, p, err = a.desk.planOf(l, hub.Request{}, id)
		return err
	})
	if err == nil {
		err = p.wrong
	}
	if err != nil {
		return false, err
	}
	if p.many {
		if p.big, err = a.desk.readMany(ctx, h, hub.Request{}, it, p.settings, progressTo(out)); err != nil {
			return false, err
		}
		p.counts = p.big.counts
	}
	p.tell(out)
	if o.look {
		return false, nil
	}
	var ds []hub.Draft
	err = moment(func(l *look) (err error) {
		if p.many {
			ds, err = l.draftsOfMany(it, p.settings, p.big)
			return err
		}
		if _, p, err = a.desk.planOf(l, hub.Request{}, id); err != nil { // of the same moment
			return err
		}
		ds, err = l.drafts(record.Author{}, it, p, func(string) bool { return o.conflicts })
		return err
	})
	if err != nil {
		return false, err
	}
	_, err = h.Write(ctx, ds...)
	if told, is := errors.AsType[*hub.Error](err); is && told.Code == hub.Forbidden {
		return true, errors.New("this hub may not put places on the map by itself. A coordinator can, at this box: the page says what would change, and takes it over")
	}
	if err == nil {
		fmt.Fprintf(out, "Taken over. To take it back: /maps/%s/%s\n", takenPath, id)
	}
	return false, err
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
