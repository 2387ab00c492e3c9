// Package hub is the contract between an app and the hub that runs it. It has
// no goroutine, does no I/O and reads no clock.
//
// An app is one folder under apps/ and one line in apps/all.go. Its View and
// Act are functions of one consistent moment of the store and of a request, so
// that the page, the live update and the tests all see the same model.
//
// What else it may do is an interface of this package each, found by type assertion when
// the app is mounted: to stand on pages that are not its own (Fronter, Bannerer, Printer,
// Reporter, Guide), to say what a decision about people changes (Foreseer), to answer programs (Answerer, Receiver) or HTTP by itself (Router), to work by
// itself (Runner), to take commands (Commander). The last three are handed the hub behind
// them, a Host, as they may wait.
package hub

import (
	"io/fs"
	"iter"
	"net/url"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// App is one service of a hub: messages, notices, maps.
type App interface {
	Manifest() Manifest
	View(Snapshot, Request) (Page, error)   // GET
	Act(Snapshot, Request) ([]Draft, error) // POST: what to write; the session's author signs it
}

// Fronter is an App that shows something on the home page.
type Fronter interface {
	Front(Snapshot, Request) (card Page, _ error)
}

// Answerer is an App for programs as well as for people: JSON under
// /api/v1/{name}/, which openapi.yaml among the manifest's Files describes. What
// a program writes comes to Act as a form.
type Answerer interface {
	// Answer is what a GET marshals.
	Answer(Snapshot, Request) (any, error)
	// Fields names the members a POST's object may have, all of them text. The
	// hub takes "name" besides, for the writer.
	Fields() []string
	// Written is the item that a POST stands for, once what Act drafted is
	// written or was there before. It marshals to an object.
	Written(Snapshot, Request) (any, error)
}

// Returner is an App with forms that lead elsewhere than back to their page.
type Returner interface {
	// Return is the escaped path where whoever sent the form goes on; empty for
	// the form's page. With ?done=changed or ?done=withdrawn the page there says so.
	Return(Request) string
}

// Manifest says what an app is. Nothing in it decides what a hub accepts from
// another hub: class and ttl are signed into each record.
type Manifest struct {
	Name  record.App   // also its path: /{name}/
	Title Phrase       // for people
	Class record.Class // of a draft that names none
	TTL   record.Days  // of a draft that names none
	Check func(record.Record) error
	Index func(record.Record) []Term // kept in the record's transaction; a new Version rebuilds it
	// Listed is where a record stands in its lists: not after its own time, which
	// it is if this is nil or returns 0.
	Listed  func(record.Record) record.Time
	Version int // of Index and Listed
	// Marked is how the terms begin of lists that Page.Mark may name: only of those
	// it is kept when what they list came. Empty is none.
	Marked Term
	Files  fs.FS // templates/*.html, as package webui describes them; openapi.yaml
}

type (
	// Term is what lists and live updates go by, at most 64 bytes: "c/1f3a…", "w/water".
	Term string
	// Cursor is where the next page of a list begins: only items older than it. 0 is the newest.
	Cursor record.Time
	// Draft is a record to be. An empty body withdraws.
	Draft struct {
		Key   string
		Class record.Class // 0 = the manifest's
		TTL   record.Days  // 0 = the manifest's
		Blobs []record.Blob
		Body  []byte
		// ByHub has the hub sign it with its own key, whoever asks. It is written before
		// the person's own drafts, so an app says in it what has to outlive them: they
		// may fail. A hub without a certificate says nothing, and leaves it out.
		ByHub bool
	}
	// Request is what a person asked of an app.
	Request struct {
		Path        string // below the app's own, without a leading slash
		Query, Form url.Values
		Author      record.Author // zero for a reader without a session
		Writer      record.Author // whom a form that is shown again was opened for, if not for the author; nothing shows that it is them
		Plain       bool          // a page's form, not a program's, of somebody whose key nobody shares
		Say         Say           // in the reader's language; nil for English
		Lang        string        // that language, as BCP 47 names it; empty for English
		Place       string        // the label of the hub that is asked
		Reader      Reader        // what the hub keeps for them; nil for a reader without a session
		Official    bool          // what they do from here may count as official, if the community lets them
	}
	// Seen is how far a reader has seen a list; zero is never.
	Seen struct {
		Last   Mark // at their last look
		Before Mark // at the last look of the visit before this one
	}
	// Mark is how far a list was seen at a look.
	Mark struct {
		Newest Cursor  // where its newest item stood; 1 if there was none
		Came   Arrival // what had come to this hub; zero where that is not known
	}
	// Arrival is a moment in all that comes to a hub.
	Arrival struct{ Epoch, Number uint64 }
	// Say puts a phrase in a language.
	Say func(Phrase, ...any) string
	// Page is one answer: rendered by Template, which sees the Model as $.Model.
	Page struct {
		Template string
		Title    string // in the reader's language; the template's own heading is the app's
		Model    any
		Topics   []Term    // a change under one of them makes the page stale
		Until    time.Time // from then on, by the hub's clock, time alone has made it stale; zero for never
		Tops     bool      // it shows by itself, and whole, what its app would have above it: see Bannerer
		Mark     Term      // the list whose newest items the page shows: with it the reader has seen them; may be empty
	}
	// Item is a record as this hub sees it.
	Item struct {
		record.Record
		Ahead  bool        // its time is implausibly ahead of this hub's clock
		Listed record.Time // where it stands in lists, and what a Cursor counts by
		// Holders is how many hubs are known to hold it or what has replaced it
		// there, this one among them. Learned is when the last of the others was
		// learned of, by this hub's clock; zero if that is not known.
		Holders int
		Learned time.Time
		Hidden  string // why a moderator has hidden it; empty if none has
		// Memo is where Made keeps what was made of the record; nil keeps nothing.
		Memo *record.Memo
	}
	// Person is what a hub knows of an author.
	Person struct {
		Author record.Author
		Name   string    // theirs if they gave one, else from the vouch or certificate; may be empty
		Home   string    // label of a hub that vouches for them; empty if none does
		Since  time.Time // when the first of those that do began; zero if none does
	}
)

// Made is what f makes of an item's record, such as its body decoded. It must depend
// on the record alone and is not to be changed: a hub may keep it for the next time.
// An app makes one thing of a record.
func Made[T any](it Item, f func(record.Record) T) T {
	return record.Once(it.Memo, func() T { return f(it.Record) })
}

// Reader is what a hub keeps for one person alone. It is never told to others.
type Reader interface {
	// Seen is how far they have seen a list of the app, before this request.
	Seen(Term) Seen
	// Hides reports whether they have hidden somebody for themselves.
	Hides(record.Author) bool
}

// Seen is how far the reader has seen a list; zero where that is not known.
func (q Request) Seen(list Term) Seen {
	if q.Reader == nil {
		return Seen{}
	}
	return q.Reader.Seen(list)
}

// Hides reports whether the reader has hidden somebody for themselves.
func (q Request) Hides(who record.Author) bool { return q.Reader != nil && q.Reader.Hides(who) }

// T is a phrase in the reader's language.
func (q Request) T(p Phrase, args ...any) string {
	if q.Say == nil {
		return p.English(args...)
	}
	return q.Say(p, args...)
}

// Apart is drafts that are somebody's own, and those that the hub signs.
func Apart(all []Draft) (own, ofHub []Draft) {
	for _, d := range all {
		if d.ByHub {
			ofHub = append(ofHub, d)
		} else {
			own = append(own, d)
		}
	}
	return own, ofHub
}

// Reached is a topic of every app: other hubs are known to hold more than before
// of what the hub holds, of whatever app.
const Reached = Term("~reached")

// Snapshot is one consistent moment of the store, seen by one app.
type Snapshot interface {
	Lists
	// Slots yields every author's slot of one key, withdrawn ones included.
	Slots(key string) iter.Seq2[Item, error]
	Roster() *roster.State
	Person(record.Author) Person
	Now() (t time.Time, plausible bool)
}

// Lists are what the app's index makes.
type Lists interface {
	// Newest yields what is indexed under the term, newest first, without what
	// is withdrawn or expired.
	Newest(Term, Cursor) iter.Seq2[Item, error]
	// Times yields where items stand under the term, newest first, without looking
	// at them: one may have expired, or not be fit to be shown.
	Times(Term, Cursor) iter.Seq[record.Time]
	// Terms yields those with a prefix under which anything is indexed, in their
	// order. What is indexed may have expired.
	Terms(prefix string) iter.Seq[Term]
	// Came yields what is indexed under a term that the manifest has marked and came to
	// this hub after a moment, whatever its time says: the latest first, without what
	// is withdrawn or expired. What was changed came when it was first here. It is
	// false where that moment is not known here: after a restore, say.
	Came(Term, Arrival) (iter.Seq2[Item, error], bool)
	// Latest is that moment by now.
	Latest() Arrival
}
