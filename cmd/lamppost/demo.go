package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/lamppost-hub/lamppost/cmd/internal/madeup"
	"github.com/lamppost-hub/lamppost/hub/node"
)

type demoCommand struct {
	Base    int  `default:"8080" placeholder:"PORT" help:"Port of the pages, normally ${default}. The links use the next one."`
	Verbose bool `help:"Show what the three hubs log."`
}

// Help is the longer text of --help.
func (demoCommand) Help() string {
	return `Founds a community of three places in a temporary folder and runs a hub for each, in a
line: 1 - 2 - 3. What is posted at 1 reaches 3 by way of 2. The pages are at
127.0.0.1, 127.0.0.2 and 127.0.0.3. Everything is removed at the end.

The town is made up: its streets, its shelters, its notices and what its neighbors say.
It lies in the middle of an ocean.

Commands, from the keyboard or a pipe:

    cut 1 2     cut the link between 1 and 2
    mend 1 2    mend it
    kill 2      end hub 2 at once, as if its plug were pulled
    start 2     start it again
    status      how it stands
    help        these commands
    quit        stop everything`
}

// Validate checks the ports.
func (c *demoCommand) Validate() error {
	if c.Base < 1 || c.Base > 65534 {
		return errors.New("--base: the port is a number from 1 to 65534, as the one after it is used too")
	}
	return nil
}

// demo is three hubs in a line.
type demo struct {
	out    io.Writer
	places []*place
	people []coordinator
	cut    map[string]bool // by pair
	ended  chan *process
}

// Run founds the community, runs the hubs and takes commands.
func (c *demoCommand) Run(ctx context.Context, std streams) (err error) {
	// The hubs end with the thread that started them: this one, which lasts.
	runtime.LockOSThread()
	dir, err := os.MkdirTemp("", "lamppost-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{out: std.out, cut: map[string]bool{}, ended: make(chan *process, 1)}
	root, err := d.found(dir, c.Base)
	if err != nil {
		return err
	}
	defer d.stopAll()
	for _, p := range d.places {
		p.verbose(c.Verbose, std.err)
		if err := p.launch(ctx, d.ended); err != nil {
			return err
		}
	}
	if err := d.settle(ctx, root); err != nil {
		return err
	}
	d.introduce(ctx)
	return d.take(ctx, std)
}

// found checks the ports and writes the three folders. It returns the root's key, which
// is kept nowhere.
func (d *demo) found(dir string, base int) (root ed25519.PrivateKey, err error) {
	var busy []error
	var seats []node.Place
	for i, label := range []string{"Fire Station", "Library", "Elm Street School"} {
		ip := fmt.Sprintf("127.0.0.%d", i+1)
		p := &place{
			number: i + 1, label: label, folder: filepath.Join(dir, strconv.Itoa(i+1)),
			http: net.JoinHostPort(ip, strconv.Itoa(base)), sync: net.JoinHostPort(ip, strconv.Itoa(base+1)),
		}
		busy = append(busy, free(p.http), free(p.sync))
		d.places = append(d.places, p)
		seats = append(seats, node.Place{Folder: p.folder, Label: label})
	}
	if err := errors.Join(busy...); err != nil {
		return nil, fmt.Errorf("%w\nstop it, or choose other ports: lamppost demo --base 9000", err)
	}
	if root, err = node.Found(madeup.Town, time.Now().Add(-townAge), seats...); err != nil {
		return nil, err
	}
	if err := d.layStreets(); err != nil {
		return nil, err
	}
	for i, p := range d.places {
		if i > 0 {
			p.peers = append(p.peers, d.places[i-1])
		}
		if i+1 < len(d.places) {
			p.peers = append(p.peers, d.places[i+1])
		}
		if err := p.identify(); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// free reports who cannot be served at an address.
func free(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s is not free: another program uses it (%w)", addr, err)
	}
	return ln.Close()
}

func (d *demo) introduce(ctx context.Context) {
	fmt.Fprintln(d.out, "Three places of "+madeup.Town+", a made-up town, in a line. Open them in a browser, write at one, read at another:")
	for _, p := range d.places {
		fmt.Fprintf(d.out, "  %d  %-18s http://%s/\n", p.number, p.label, p.http)
	}
	for _, p := range d.places[:len(d.places)-1] {
		if err := d.linked(ctx, p, d.places[p.number]); err != nil {
			fmt.Fprintln(d.out, err)
		}
	}
	d.introducePeople()
	fmt.Fprintln(d.out, "Commands: "+commandList)
}

// take carries out commands until quit, the end of the input, or the end of ctx.
func (d *demo) take(ctx context.Context, std streams) error {
	lines := make(chan string)
	stopped := make(chan struct{})
	defer close(stopped)
	go func() { // a read that waits ends with the process
		defer close(lines)
		for s := bufio.NewScanner(std.in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-stopped:
				return
			}
		}
	}()
	for {
		d.prompt(std.in)
		select {
		case <-ctx.Done():
			return nil
		case p := <-d.ended:
			d.lost(p)
		case line, ok := <-lines:
			if !ok || d.obey(ctx, line) {
				return nil
			}
		}
	}
}

// prompt invites whoever sits at a keyboard.
func (d *demo) prompt(in io.Reader) {
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprint(d.out, "> ")
		}
	}
}

// lost tells of a hub that ended without having been told to.
func (d *demo) lost(proc *process) {
	i := slices.IndexFunc(d.places, func(p *place) bool { return p.proc == proc })
	if i < 0 {
		return
	}
	p := d.places[i]
	p.proc = nil
	fmt.Fprintf(d.out, "\n%d (%s) has stopped by itself. \"start %d\" brings it back. The last it said:\n%s\n", p.number, p.label, p.number, proc.said.last())
}

func (d *demo) stopAll() {
	for _, p := range d.places {
		p.ask() // all at once, then wait for each
	}
	for _, p := range d.places {
		p.stop()
	}
}
