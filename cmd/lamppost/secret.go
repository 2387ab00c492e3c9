package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// secret asks for one line that is not shown while it is typed.
func (a *asker) secret(ctx context.Context, question string) (string, error) {
	f, ok := a.std.in.(*os.File)
	if !ok || !a.person {
		return a.line(ctx, question)
	}
	before, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return "", fmt.Errorf("switch off what the terminal shows: %w", err)
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	hidden.Lflag |= unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(int(f.Fd()), unix.TCSETSF, &hidden); err != nil {
		return "", fmt.Errorf("switch off what the terminal shows: %w", err)
	}
	defer func() {
		_ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, before) // it took the other setting
		fmt.Fprintln(a.std.err)
	}()
	return a.line(ctx, question)
}
