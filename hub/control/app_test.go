package control_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub/control"
)

func swallow(_ context.Context, _ []string, in io.Reader, out io.Writer) error {
	n, err := io.Copy(io.Discard, in)
	fmt.Fprintln(out, n)
	return err
}

// appVerbs are those of an app of tests.
var appVerbs = map[string]map[string]control.AppVerb{"notices": {
	"echo": {Run: func(_ context.Context, args []string, in io.Reader, out io.Writer) error {
		fmt.Fprintf(out, "%q\n", args)
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			fmt.Fprintf(out, "heard %s\n", lines.Text())
		}
		return lines.Err()
	}},
	"fail": {Run: func(_ context.Context, _ []string, _ io.Reader, out io.Writer) error {
		fmt.Fprintln(out, "half")
		return errors.New("the other half is missing:\n100 %")
	}},
	"panic": {Run: func(context.Context, []string, io.Reader, io.Writer) error { panic("at the disk") }},
	"wait": {Run: func(ctx context.Context, _ []string, _ io.Reader, out io.Writer) error {
		fmt.Fprintln(out, "begun")
		<-ctx.Done()
		return ctx.Err()
	}},
	"swallow":      {Most: 70 << 20, Run: swallow},
	"swallow some": {Run: swallow},
}}

func TestACommandOfAnAppReadsAsMuchAsItSays(t *testing.T) {
	folder := t.TempDir()
	defer serve(t, folder, &fakeHub{})()
	for verb, most := range map[string]int64{"swallow": 70 << 20, "swallow some": control.DefaultMost} {
		for size, taken := range map[int64]bool{most: true, most + 1: false} {
			var out bytes.Buffer
			err := control.NewClient(folder).Command(t.Context(), "notices", verb, nil, io.LimitReader(zeros{}, size), &out)
			if taken && (err != nil || out.String() != fmt.Sprintln(size)) || !taken && (err == nil || !strings.Contains(err.Error(), "too large")) {
				t.Errorf("%s, %d bytes: %v; it has read %s", verb, size, err, &out)
			}
		}
	}
}

// zeros are as many as are asked for.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestACommandOfAnAppReadsAndAnswersWhileItWorks(t *testing.T) {
	folder := t.TempDir()
	defer serve(t, folder, &fakeHub{})()
	in, typed := io.Pipe()
	heard, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- control.NewClient(folder).Command(t.Context(), "notices", "echo", []string{"a b", "", "ü&arg=c"}, in, out)
		out.Close()
	}()
	lines := bufio.NewScanner(heard)
	hear := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("%q, want %q", lines.Text(), want)
		}
	}
	hear(`["a b" "" "ü&arg=c"]`)
	for _, line := range []string{"one", "two"} { // which is said after the answer to the first
		if _, err := fmt.Fprintln(typed, line); err != nil {
			t.Fatal(err)
		}
		hear("heard " + line)
	}
	typed.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWhatACommandOfAnAppCannotDoItSays(t *testing.T) {
	folder := t.TempDir()
	stop := serve(t, folder, &fakeHub{})
	c := control.NewClient(folder)
	for _, one := range []struct{ app, verb, arg, out, says string }{
		{"notices", "fail", "", "half\n", "the other half is missing:\n100 %"},
		{"notices", "panic", "", "", "it broke; the hub's log says where"},
		{"notices", "sing", "", "", `the hub refuses: notices has no command "sing" here`},
		{"maps/..", "sing", "", "", `the hub refuses: there is nothing named "maps/.." here that takes commands`},
		{"notices", "echo", strings.Repeat("x", 8<<10), "", "that is too long for a command line: put it into a file"},
	} {
		var out bytes.Buffer
		err := c.Command(t.Context(), one.app, one.verb, []string{one.arg}, nil, &out)
		if err == nil || err.Error() != one.says || out.String() != one.out {
			t.Errorf("%s %s: %v, %q", one.app, one.verb, err, &out)
		}
	}
	stop()
	if err := c.Command(t.Context(), "notices", "echo", nil, nil, io.Discard); !errors.Is(err, control.ErrNotRunning) {
		t.Errorf("without a hub: %v", err)
	}
}

func TestACommandOfAnAppEndsWithTheHubAndWithWhoeverAsked(t *testing.T) {
	for name, end := range map[string]func(stop, leave func()){
		"the hub":       func(stop, _ func()) { stop() },
		"whoever asked": func(_, leave func()) { leave() },
		"both":          func(stop, leave func()) { leave(); stop() },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			stop := serve(t, folder, &fakeHub{})
			stopped := false
			defer func() {
				if !stopped {
					stop() // returns when no command runs any more
				}
			}()
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			heard, out := io.Pipe()
			done := make(chan error, 1)
			go func() { done <- control.NewClient(folder).Command(ctx, "notices", "wait", nil, nil, out) }()
			if line, err := bufio.NewReader(heard).ReadString('\n'); line != "begun\n" {
				t.Fatal(line, err)
			}
			end(func() { stopped = true; stop() }, leave)
			if err := <-done; err == nil {
				t.Error("it ended as if it were done")
			}
		})
	}
}
