package maps

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/inbox"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/maps/table"
	"github.com/lamppost-hub/lamppost/hub"
)

// ordered is what the command line says of an import.
type ordered struct {
	name, kind string
	swap, look bool
	columns    []roleOf
}

// roleOf is what the command line says that a column is.
type roleOf struct {
	role    table.Role
	heading string
}

func orderOf(args []string) (o ordered, _ error) {
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.name, "name", "", "")
	set.StringVar(&o.kind, "kind", "", "")
	set.BoolVar(&o.swap, "swap", false, "")
	set.BoolVar(&o.look, "look", false, "")
	set.Func("column", "", func(s string) error {
		role, heading, ok := strings.Cut(s, "=")
		if !ok || role == "" || !slices.Contains(table.Roles(), table.Role(role)) {
			return fmt.Errorf("say what a column is as ROLE=HEADING, such as name=Title, with one of %s", roleNames())
		}
		o.columns = append(o.columns, roleOf{table.Role(role), heading})
		return nil
	})
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.kind != "" && place.Named[place.Kind](place.Kinds(), o.kind) == 0 {
		return o, fmt.Errorf("%q is no kind of place", o.kind)
	}
	return o, nil
}

// roleNames are what a column can be, as the command line has it.
func roleNames() string {
	var all []string
	for _, r := range table.Roles() {
		if r != table.Keep {
			all = append(all, string(r))
		}
	}
	return strings.Join(all, ", ")
}

// take says anew what columns are. A role that only one can have is taken from the other.
func (with *settings) take(columns []roleOf) error {
	if len(columns) > 0 && with.Columns == nil {
		return errors.New("this file is no table, and has no columns")
	}
	for _, one := range columns {
		all := with.Columns.Columns
		i := slices.IndexFunc(all, func(c table.Column) bool { return table.Plain(c.Heading) == table.Plain(one.heading) })
		if i < 0 {
			return fmt.Errorf("no column is called %q: there are %s", one.heading, headings(all))
		}
		for n := range all {
			if all[n].Role == one.role && one.role.Unique() {
				all[n].Role = table.Keep
			}
		}
		all[i].Role = one.role
	}
	return nil
}

func headings(all []table.Column) string {
	var names []string
	for _, c := range all {
		names = append(names, strconv.Quote(c.Heading))
	}
	return strings.Join(names, ", ")
}

// importCommand brings a file here on the hub's machine.
func (a App) importCommand() hub.Command {
	return hub.Command{
		Usage: "FILE [--name LIST] [--kind KIND] [--swap] [--look] [--column ROLE=HEADING]...", File: true, Most: feature.MaxFileBytes + 1, Run: a.commandImport,
		Help: "Bring the places in a file of GeoJSON, KML, KMZ, GPX or CSV here, and say what it would change. It then waits for a coordinator, who puts them on the map, and may take that back; a box has no say of its own. With --look it does not stay. Of a table it says which column it took as what; --column says that otherwise, such as --column name=Title, also several times.",
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
	p, err := a.foresee(ctx, h, it, o, out)
	switch {
	case err != nil || o.look:
		return errors.Join(err, box.Drop(it.ID))
	case p.nothing():
		fmt.Fprintln(out, "There is nothing in it to take over, so that it does not wait.")
		return box.Drop(it.ID)
	}
	fmt.Fprintf(out, "It waits for a coordinator at /maps/%s/%s\n", importPath, it.ID)
	return nil
}

// foresee says what a file that waits would change, read as was ordered.
func (a App) foresee(ctx context.Context, h hub.Host, it inbox.Item, o ordered, out io.Writer) (p *plan, _ error) {
	with, err := a.desk.propose(it)
	if err != nil {
		return nil, err
	}
	with.List = cmp.Or(o.name, with.List)
	with.Kind = cmp.Or(o.kind, with.Kind)
	if err := with.take(o.columns); err != nil {
		return nil, err
	}
	if o.swap {
		with.Swap = exchange.Swap
	}
	if err := a.desk.inbox().Set(it.ID, with); err != nil {
		return nil, err
	}
	err = h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(a.sees(s))
		if err != nil {
			return err
		}
		it, p, err = a.desk.planOf(l, hub.Request{}, it.ID)
		return err
	})
	if err == nil && p.wrong != nil {
		p.tellColumns(out) // which may be what is wrong
		err = p.wrong
	}
	if err != nil {
		return nil, err
	}
	if p.many {
		if p.big, err = a.desk.readMany(ctx, h, hub.Request{}, it, p.settings, progressTo(out)); err != nil {
			return nil, err
		}
		p.counts = p.big.counts
	}
	p.tell(out)
	return p, nil
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

// tellColumns is what the columns of a table were taken as.
func (p *plan) tellColumns(out io.Writer) {
	if p.Columns == nil {
		return
	}
	var roles []string
	for _, c := range p.Columns.Columns {
		if c.Role != table.Keep {
			roles = append(roles, fmt.Sprintf("%s=%s", c.Role, cmp.Or(c.Heading, c.Tag)))
		}
	}
	fmt.Fprintf(out, "  read as %s, separated by %q; columns: %s\n", p.Columns.Encoding, p.Columns.Comma, cmp.Or(strings.Join(roles, ", "), "by their names"))
}

// nothing reports whether a file would change nothing here.
func (p *plan) nothing() bool { return p.changes(func(string) bool { return true }) == 0 }

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
	if at := p.counts.Newest; !at.IsZero() {
		fmt.Fprintf(out, "  the newest of what it says was said at %s\n", at.UTC().Format(time.RFC3339))
	}
	if p.counts.Shelters > 0 {
		fmt.Fprintln(out, "  it is of FEMA's National Shelter System")
	}
	p.tellColumns(out)
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
	for _, one := range p.noted() {
		for _, n := range one.Notes {
			fmt.Fprintf(out, "  note: %s: %s\n", one.Name, n)
		}
	}
	if len(p.counts.Left) > 0 {
		fmt.Fprintf(out, "  not taken over: %s\n", strings.Join(p.counts.Left, ", "))
	}
}
