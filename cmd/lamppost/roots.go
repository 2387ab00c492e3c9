package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/control"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// maxSheets bounds a file of root sheets, in bytes.
const maxSheets = 1 << 20

// sheetForms is what a file of root sheets may be.
const sheetForms = "the file is to be the page that “lamppost found --sheets” wrote, the sheets as it shows them, or a line of ten words for each sheet"

// rootAct signs statements with root sheets, which no other process sees, and
// hands them to the hub.
type rootAct struct {
	file     string // with the sheets; empty = they are typed
	console  *control.Client
	founding roster.Founding
	self     record.Author
}

// run gathers the sheets that a plan takes, signs it and has it taken in.
func (r rootAct) run(ctx context.Context, std streams, ask *asker, plan control.RootPlan) error {
	hand, err := handFor(plan)
	if err != nil {
		return err
	}
	if r.file != "" {
		err = r.read(hand, len(plan.Roots))
	} else {
		err = r.ask(ctx, std, ask, hand, len(plan.Roots))
	}
	if err != nil {
		return err
	}
	codec, err := record.NewCodec(r.founding.Community(), r.founding.Time)
	if err != nil {
		return err
	}
	var statements []record.Record
	for _, s := range plan.Statements {
		statements = append(statements, record.Record{
			App: record.Roster, Class: record.Trust, Key: s.Key, Time: record.Time(s.Time), Via: r.self.Via(), Body: s.Body,
		})
	}
	signed, err := hand.Sign(codec, statements...)
	if err != nil {
		return err
	}
	taken, err := r.console.Records(ctx, signed...)
	if err != nil {
		return err
	}
	for _, t := range taken {
		if t.Outcome != control.Added {
			return fmt.Errorf("the hub did not take in what the roots have signed (%s): %s", t.Outcome, t.Why)
		}
	}
	return nil
}

func handFor(plan control.RootPlan) (*rootsheet.Hand, error) {
	var roots []record.Author
	for _, root := range plan.Roots {
		key, err := hex.DecodeString(root)
		if err != nil || len(key) != len(record.Author{}) {
			return nil, errors.New("the hub names roots that are no keys")
		}
		roots = append(roots, record.Author(key))
	}
	return rootsheet.NewHand(roots, plan.Threshold), nil
}

// read takes sheets from the file until there are enough.
func (r rootAct) read(hand *rootsheet.Hand, of int) error {
	f, err := os.Open(r.file)
	if err != nil {
		return fmt.Errorf("--sheets: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSheets+1))
	if err != nil || len(text) > maxSheets {
		return errors.Join(fmt.Errorf("--sheets: %s cannot be read, or is too large for root sheets; %s", r.file, sheetForms), err)
	}
	sheets := rootsheet.Find(string(bytes.ToValidUTF8(text, nil)))
	need := hand.Missing()
	first := map[string]int{} // which sheet stands where
	again := ""
	for i, sheet := range sheets {
		if hand.Missing() == 0 {
			return nil
		}
		which, err := hand.Take(sheet)
		switch {
		case errors.Is(err, rootsheet.ErrTwice):
			again += fmt.Sprintf(" Sheet %d in the file is the same as sheet %d.", i+1, first[which])
		case err != nil && len(strings.Fields(sheet)) != rootsheet.Words:
			return fmt.Errorf("--sheets: sheet %d in %s does not have ten words; nothing was changed; %s", i+1, r.file, sheetForms)
		case err != nil:
			return fmt.Errorf("--sheets: sheet %d in %s: %w Nothing was changed", i+1, r.file, err)
		default:
			first[which] = i + 1
		}
	}
	switch n := hand.Missing(); {
	case len(sheets) == 0:
		return fmt.Errorf("--sheets: there is no root sheet in %s; nothing was changed; %s", r.file, sheetForms)
	case n > 0:
		return fmt.Errorf("--sheets: %s in %s; nothing was changed.%s %s", plural(n, "root sheet is missing", "root sheets are missing"), r.file, again, lostText(need, of))
	}
	return nil
}

// lostText says what can be done where sheets are lost.
func lostText(need, of int) string {
	if need == of {
		return "All of them are needed: without one nobody can decide for this community any more. It goes on as it is; who may do what in it changes only in a new one, which “lamppost found” makes."
	}
	return fmt.Sprintf("Any %d of the %d are enough. If fewer are left, nobody can decide for this community any more: it goes on as it is, and who may do what changes only in a new one, which “lamppost found” makes.", need, of)
}

// ask asks for sheets until there are enough. Mistakes can be made again and again.
func (r rootAct) ask(ctx context.Context, std streams, ask *asker, hand *rootsheet.Hand, of int) error {
	need := hand.Missing()
	fmt.Fprintf(std.err, "This takes %d of the %s. What is typed is not shown.\n", need, plural(of, "root sheet", "root sheets"))
	for hand.Missing() > 0 {
		text, err := ask.secret(ctx, "The ten words of a sheet: ")
		if errors.Is(err, errNoAnswer) {
			return fmt.Errorf("%w: the root sheets are typed at a terminal, or read from a file with --sheets; nothing was changed", err)
		}
		if err != nil {
			return err
		}
		if text == "" && ask.person {
			fmt.Fprint(std.err, folded("", "", "Type the ten words of another sheet, or press Ctrl+C to leave all as it is. "+lostText(need, of)))
			continue
		}
		which, err := hand.Take(text)
		switch {
		case err == nil:
			fmt.Fprintf(std.err, "Read: %s.\n", which)
		case ask.person:
			fmt.Fprintln(std.err, err)
		default:
			return err
		}
	}
	return nil
}
