package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/control"
)

// signs is an app that takes commands.
type signs struct{ hub.App }

func (signs) Manifest() hub.Manifest { return hub.Manifest{Name: "told", Title: "Told"} }

func (signs) Commands() map[string]hub.Command {
	return map[string]hub.Command{
		"import": {Usage: "FILE [--name NAME]", Help: "Takes in a file.", File: true},
		"list":   {Usage: "[WORD…]", Help: "Lists them."},
		"export": {Usage: "[FILE or FORMAT]", Help: "Writes a file.", Into: true},
	}
}

// What a command writes into a file is there whole, or not at all, and takes the place of none.
func TestACommandWritesAFile(t *testing.T) {
	folder, file := hears(t), filepath.Join(t.TempDir(), "places.kml")
	run := func(args ...string) (code int, out, errs string) {
		var o, e bytes.Buffer
		code = call(t.Context(), append([]string{"told", "export", "--data", folder}, args...), streams{strings.NewReader(""), &o, &e}, []hub.App{signs{}})
		return code, o.String(), e.String()
	}
	if code, out, _ := run("kml"); code != exitOK || out != `["kml"] ""`+"\n" {
		t.Errorf("a format: exit %d, %s", code, out)
	}
	if code, _, errs := run(file, "fail"); code != exitFailed || !strings.Contains(errs, "line 7") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half of it is left: %v", err)
	}
	if code, out, errs := run(file); code != exitOK || out != "" || errs != "" {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != fmt.Sprintf("%q %q\n", []string{file}, "") {
		t.Errorf("%s, %v", b, err)
	}
	if code, _, errs := run(file); code != exitFailed || !strings.Contains(errs, "is there already; choose another file") {
		t.Errorf("once more: exit %d, %s", code, errs)
	}
	if code, _, errs := run(filepath.Join(folder, "none", "x.kml")); code != exitFailed || !strings.Contains(errs, "no such file") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

// hears serves a console at which told's commands say what they are given.
func hears(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	ln, err := control.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	say := func(_ context.Context, args []string, in io.Reader, out io.Writer) error {
		b, err := io.ReadAll(in)
		fmt.Fprintf(out, "%q %q\n", args, b)
		if len(args) > 1 && args[1] == "fail" {
			return errors.New("line 7: no end")
		}
		return err
	}
	desk := control.Desk{Apps: map[string]map[string]control.AppVerb{"told": {"import": {Run: say}, "list": {Run: say}, "export": {Run: say}}}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, ln, desk, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return folder
}

func TestAnAppIsAskedOnTheCommandLine(t *testing.T) {
	folder, file := hears(t), filepath.Join(t.TempDir(), "alert.xml")
	if err := os.WriteFile(file, []byte("<alert/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	nobody := t.TempDir()
	for _, one := range []struct {
		args     []string
		code     int
		out, err string
	}{
		{[]string{"told", "import", file, "--data", folder}, exitOK, fmt.Sprintf("%q %q\n", []string{file}, "<alert/>"), ""},
		{[]string{"told", "--data", folder, "import", "-"}, exitOK, `["-"] "piped in"` + "\n", ""},
		{[]string{"told", "--data", folder, "list", "--", "two words", "--flag"}, exitOK, `["two words" "--flag"] "piped in"` + "\n", ""},
		{[]string{"told", "list", "--data", folder}, exitOK, `[] "piped in"` + "\n", ""},
		{[]string{"told", "import", file, "fail", "--data", folder}, exitFailed, fmt.Sprintf("%q %q\n", []string{file, "fail"}, "<alert/>"), "line 7: no end"},
		{[]string{"told", "import", file, "--name", "Shelters", "--data=" + folder}, exitOK, fmt.Sprintf("%q %q\n", []string{file, "--name", "Shelters"}, "<alert/>"), ""},
		{[]string{"told", "import", file, "--nme", "Shelters", "--data", folder}, exitUsage, "", `import: unknown flag --nme; did you mean "--name"?`},
		{[]string{"told", "import", file, "--data"}, exitUsage, "", "--data: the name of a folder is missing"},
		{[]string{"told", "import", "--data", folder}, exitUsage, "", "import: the name of a file is missing; - stands for what is piped in"},
		{[]string{"told", "import", file + "x", "--data", folder}, exitFailed, "", "no such file"},
		{[]string{"told", "import", nobody, "--data", folder}, exitFailed, "", nobody + " is a folder. Name a file in it"},
		{[]string{"told", "imprt", file, "--data", folder}, exitUsage, "", `there is no "imprt" here; did you mean "import"?`},
		{[]string{"told"}, exitUsage, "", `expected "<verb>`},
		{[]string{"told", "list", "--data", nobody}, exitFailed, "", "no hub runs on " + nobody},
	} {
		var out, errs bytes.Buffer
		code := call(t.Context(), one.args, streams{strings.NewReader("piped in"), &out, &errs}, []hub.App{signs{}})
		if code != one.code || out.String() != one.out || !strings.Contains(errs.String(), one.err) || (one.err == "") != (errs.Len() == 0) {
			t.Errorf("%q: exit %d\nout: %s\nerr: %s", one.args, code, &out, &errs)
		}
	}
}

func TestTheHelpOfAnAppsCommandsListsThem(t *testing.T) {
	p, err := newParser(t.Context(), streams{}, []hub.App{signs{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range p.Model.Children {
		if n.Name != "told" {
			continue
		}
		if want := "Told at the running hub: export, import, list."; n.Help != want {
			t.Errorf("%q, want %q", n.Help, want)
		}
		for _, want := range []string{"lamppost told import FILE [--name NAME]\n        Takes in a file.", "lamppost told list [WORD…]\n        Lists them."} {
			if !strings.Contains(n.Detail, want) {
				t.Errorf("%q is not in:\n%s", want, n.Detail)
			}
		}
		return
	}
	t.Error("no command of the app")
}
