package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/paper"
)

// handout is secrets on paper that are shown once: into a file to print with a browser,
// or on standard output.
type handout struct {
	file   string // empty = standard output
	flag   string // by which the file is named
	one    string // what a leaf is: "root sheet"
	undone string // if they cannot be given out: "nothing was founded"
	void   string // if they count for nothing in the end: "no community was founded: the sheets"
	title  string // of the page
	leaves []paper.Sheet
}

// text is all leaves, one after the other.
func (h handout) text(terminal bool) (string, error) {
	var b strings.Builder
	for _, s := range h.leaves {
		text, err := s.Text(terminal)
		if err != nil {
			return "", err
		}
		b.WriteString(text + "\n")
	}
	return b.String(), nil
}

// give shows them, or writes the file.
func (h handout) give(std streams) error {
	if h.file == "" {
		text, err := h.text(isTerminal(std.out))
		if err == nil {
			_, err = fmt.Fprint(std.out, text)
		}
		if err != nil {
			return fmt.Errorf("the %ss could not be shown, so %s: %w", h.one, h.undone, err)
		}
		return nil
	}
	page, err := paper.HTML(h.title, h.leaves)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(h.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and may be what was printed for something else; choose another file with %s", h.file, h.flag)
	}
	if err != nil {
		return fmt.Errorf("the %ss could not be written, so %s: %w", h.one, h.undone, err)
	}
	_, err = bytes.NewReader(page).WriteTo(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("the %ss could not be written, so %s: %w", h.one, h.undone, err), os.Remove(h.file))
	}
	if len(h.leaves) == 1 {
		fmt.Fprintf(std.out, "The %s is in %s: open it in a browser and print it.\n", h.one, h.file)
		return nil
	}
	fmt.Fprintf(std.out, "The %d %ss are in %s: open it in a browser and print it, a page each.\n", len(h.leaves), h.one, h.file)
	return nil
}

// then gives them out and has done what makes them count. Who was not sure beforehand is
// asked for a word first. If it is not done they are void.
func (h handout) then(ctx context.Context, std streams, ask *asker, sure bool, done func() error) error {
	if err := h.give(std); err != nil {
		return err
	}
	var err error
	if !sure {
		err = h.confirm(ctx, std, ask)
	}
	if err == nil {
		err = done()
	}
	if err != nil {
		return errors.Join(err, h.voided())
	}
	return nil
}

// voided says that they count for nothing, and removes the file.
func (h handout) voided() error {
	if h.file == "" {
		return fmt.Errorf("%s above are void", h.void)
	}
	return errors.Join(fmt.Errorf("%s are void, and %s was removed", h.void, h.file), os.Remove(h.file))
}

// confirm asks whoever sits at the terminal for a word, which shows that the leaves
// were looked at.
func (h handout) confirm(ctx context.Context, std streams, a *asker) error {
	if !a.person {
		return nil
	}
	n := rand.IntN(len(h.leaves))
	leaf := h.leaves[n]
	at := rand.IntN(len(leaf.Words))
	fmt.Fprintf(std.err, "\nThe %ss are shown this once. Print or copy them now.\n", h.one)
	short := h.one[strings.LastIndexByte(h.one, ' ')+1:]
	for range 3 {
		word, err := a.line(ctx, fmt.Sprintf("When all %d are on paper, type word %d of %s %d: ", len(h.leaves), at+1, short, n+1))
		if err != nil {
			return err
		}
		if strings.EqualFold(word, leaf.Words[at]) {
			return nil
		}
		fmt.Fprintf(std.err, "That is not word %d of %s %d (check %s).\n", at+1, short, n+1, leaf.Check)
	}
	return errors.New("the word was wrong three times")
}
