package notices

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// ImportView is the page to put in alerts of others.
type ImportView struct{ Official bool }

// forwards reports whether whoever asks may put in alerts of others.
func forwards(s hub.Snapshot, q hub.Request) bool {
	may := func(role roster.Role) bool { return hub.May(s.Roster(), q.Author, role) }
	return q.Author != (record.Author{}) && (may(roster.Notices) || may(roster.Relay))
}

func mayForward(s hub.Snapshot, q hub.Request) error {
	if !forwards(s, q) {
		return hub.Errorf(hub.Forbidden, "", "Only coordinators put in warnings of others. If you are one, enter your six words first.")
	}
	return nil
}

// importing is the page to put in alerts of others.
func importing(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	return hub.Page{Template: "import.html", Title: q.T("Put in a warning"), Model: ImportView{Official: q.Official}}, mayForward(s, q)
}

// upload takes a file from a form.
func (a App) upload(h hub.Host) hub.Handler {
	return func(_ http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		if err := h.Read(r.Context(), func(s hub.Snapshot) error { return mayForward(s, q) }); err != nil {
			return "", err
		}
		if !q.Official {
			return "", hub.Errorf(hub.Forbidden, "", "This cannot be signed from here, as others could listen in or answer in this place’s name. Do it at the box itself, or over a secure connection from a device that is set up for that.")
		}
		raw, err := fileOf(r)
		if err != nil {
			return "", err
		}
		all, err := taker{a.desk, h}.take(r.Context(), raw, origin{way: ByHand, hand: q.Author})
		if err != nil {
			return "", refusal(err)
		}
		return where(all)
	}
}

// where is where whoever has put in alerts goes on.
func where(all []Result) (string, error) {
	here, path := count(all, Taken)+count(all, Known), "/notices/"
	for _, r := range all {
		if r.Outcome == Refused || r.Outcome == Ignored {
			return "", hub.Errorf(hub.Invalid, "file", "%[1]d of %[2]d warnings were taken. One was not: %[3]s", here, len(all), r.Rule)
		}
		if r.differs() {
			return "", otherText()
		}
		path = r.Path
	}
	if len(all) == 0 {
		return "", hub.Errorf(hub.Invalid, "file", "There is no warning in this file. If it is a list of links, give the place its address as a feed.")
	}
	if len(all) > 1 {
		path = "/notices/"
	}
	return path, nil
}

// differs reports whether an alert stays as it is here, which is not as in the file.
func (r Result) differs() bool { return r.Other && r.Outcome == Known }

func otherText() error {
	return hub.Errorf(hub.Conflict, "file", "This warning is here already, with another text, and that stays. Whoever sends a warning changes it by an update.")
}

// fileOf is the file of a form.
func fileOf(r *http.Request) ([]byte, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, noFile()
	}
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, noFile()
		}
		if err != nil {
			return nil, err
		}
		if p.FormName() != "file" {
			continue
		}
		raw, err := bounded(p)
		if err == nil && len(raw) == 0 {
			err = noFile()
		}
		return raw, err
	}
}

func noFile() error { return hub.Errorf(hub.Invalid, "file", "Choose a file first.") }

// bounded reads a file that is not too large.
func bounded(r io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, capxml.MaxBytes))
	if err == nil && len(raw) >= capxml.MaxBytes {
		err = hub.Errorf(hub.Invalid, "file", "This file is too large for a warning. At most %d MB fit.", capxml.MaxBytes/1_000_000)
	}
	return raw, err
}

var _ hub.Commander = App{}

// Commands are what the app does on the hub's machine.
func (a App) Commands() map[string]hub.Command {
	return map[string]hub.Command{"import": {
		Usage: "FILE", Help: "Pass on the warnings in a file of the Common Alerting Protocol, also in EDXL-DE, Atom or RSS.", File: true,
		Run: a.commandImport,
	}}
}

func (a App) commandImport(ctx context.Context, h hub.Host, _ []string, in io.Reader, out io.Writer) error {
	raw, err := bounded(in)
	if err != nil {
		return err
	}
	all, err := taker{a.desk, h}.take(ctx, raw, origin{way: ByHand})
	for _, r := range all {
		if _, err := fmt.Fprint(out, r.text()); err != nil {
			return err
		}
	}
	switch here := count(all, Taken) + count(all, Known); {
	case err != nil:
		return err
	case len(all) == 0:
		return errors.New("there is no alert in this file; the address of a list of links is given to the hub: lamppost run --cap-feed ADDRESS")
	case here+count(all, Ignored) < len(all):
		return fmt.Errorf("%d of %d alerts were refused", count(all, Refused), len(all))
	case slices.ContainsFunc(all, Result.differs):
		return otherText()
	}
	return nil
}

// sender is whose alert it is; the name is that, the identifier and the time, none of which
// holds a comma (CAP 1.2 §3.2.1).
func (r Result) sender() string {
	name := r.Name
	for range 2 { // from behind: there are senders that hold one all the same
		name = name[:max(strings.LastIndex(name, ","), 0)]
	}
	return name
}

// place is this place as a shell takes it.
func (r Result) place() string {
	if r.Place == "" {
		return "HUB"
	}
	return quoted(r.Place)
}

// quoted is a text as a shell takes it: whole, and nothing in it is done.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// text is a result on a terminal.
func (r Result) text() string {
	name := r.Name
	if name == "" {
		name = "an alert"
	}
	s := fmt.Sprintf("%s: %s", name, r.Outcome)
	if r.Rule != "" {
		s += ": " + r.Rule
	}
	s += "\n"
	if r.Path != "" {
		s += "  page: " + r.Path + "\n"
	}
	if r.Checked {
		s += "  its signature holds\n"
	}
	if r.differs() {
		s += "  this file has another text than what is here of the same sender, identifier and time\n"
	}
	switch {
	case !r.Claim || r.Path == "":
	case strings.ContainsAny(r.sender(), " ,<&"):
		s += "  it tops no page: no hub can be let pass on the warnings of this sender, as the name holds blanks, commas, < or & (CAP 1.2 §3.2.1)\n"
	default:
		s += "  it tops no page: this hub may not pass on the warnings of this sender. The roots can let it: lamppost roster grant " + r.place() + " --roles relay --senders " + quoted(strings.Join(append(r.Senders, r.sender()), ",")) + "\n"
	}
	for _, p := range r.Remarks {
		s += "  note: " + p.String() + "\n"
	}
	return s
}
