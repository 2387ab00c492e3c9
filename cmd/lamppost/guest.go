package main

import (
	"fmt"
	"io"
	"net"

	"github.com/lamppost-hub/lamppost/hub/node"
)

// The ports that phones ask.
const namesPort, pagesPort = "53", "80"

// guestNotes says what is missing where phones are met on somebody else's network, each
// with what to do. program is the path of lamppost, for whoever may not use low ports.
func guestNotes(w node.Wifi, pages, program string, root bool) (notes []string) {
	if !w.Portal || w.Lease.Interface != "" {
		return nil
	}
	notes = append(notes, "Another machine gives out addresses here. It has to name this hub as the only name server.")
	low := false
	if w.DNS == "" {
		notes = append(notes, "Names are not answered: start with --dns :53, or have whoever answers them lead all names to this hub.")
	} else if _, port, err := net.SplitHostPort(w.DNS); err == nil && port != namesPort {
		low = true
		notes = append(notes, fmt.Sprintf("Names are answered at port %s, but phones ask port 53: have that led there, or start with --dns :53.", port))
	}
	if _, port, err := net.SplitHostPort(pages); err == nil && port != pagesPort {
		low = true
		notes = append(notes, fmt.Sprintf("The pages are at port %s, but phones ask port 80: have that led there, or start with --http :80.", port))
	}
	if low && !root {
		notes = append(notes, "Ports 53 and 80 take root, or this once: sudo setcap cap_net_bind_service=+ep "+program)
	}
	return notes
}

// tellGuest prints them.
func tellGuest(out io.Writer, notes []string) {
	if len(notes) == 0 {
		return
	}
	fmt.Fprintln(out, "Phones are met as a guest on this network; see to this:")
	for _, n := range notes {
		fmt.Fprintln(out, "- "+n)
	}
}
