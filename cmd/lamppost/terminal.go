package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// maxLine bounds what is read of a line, in bytes.
const maxLine = 4096

// isTerminal reports whether a stream is one that a person sits at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// asker asks somebody for lines, or reads them from a file.
type asker struct {
	std    streams
	in     *bufio.Reader
	person bool // who answers sits at a terminal and can be asked again
}

func newAsker(std streams) *asker {
	return &asker{std, bufio.NewReaderSize(std.in, maxLine), isTerminal(std.in)}
}

// errNoAnswer means that the input has ended.
var errNoAnswer = errors.New("the input ended before everything was answered")

// line asks for one line and returns it without blanks around it. It ends with ctx.
func (a *asker) line(ctx context.Context, question string) (string, error) {
	if a.person {
		fmt.Fprint(a.std.err, question)
	}
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() { // ends with the line, or with the process
		b, err := a.in.ReadSlice('\n')
		got <- answer{string(b), err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.std.err)
		return "", errors.New("stopped before it was done; nothing has been changed")
	case r := <-got:
		text := strings.TrimSpace(r.text)
		switch {
		case errors.Is(r.err, io.EOF) && text != "", r.err == nil:
			return text, nil
		case errors.Is(r.err, io.EOF):
			return "", errNoAnswer
		case errors.Is(r.err, bufio.ErrBufferFull):
			return "", fmt.Errorf("a line of more than %d characters", maxLine)
		}
		return "", r.err
	}
}

// name has somebody type the name of what is about to be changed for good.
func (a *asker) name(ctx context.Context, label string) error {
	typed, err := a.line(ctx, fmt.Sprintf("To go on, type its name (%s): ", label))
	if errors.Is(err, errNoAnswer) {
		return fmt.Errorf("%w: to go on, its name (%s) is typed, or --yes given; nothing has been changed", err, label)
	}
	if err != nil {
		return err
	}
	if !strings.EqualFold(typed, label) {
		return errors.New("that is not its name; nothing has been changed")
	}
	return nil
}
