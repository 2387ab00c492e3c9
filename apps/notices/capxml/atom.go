package capxml

import (
	"errors"
	"fmt"
	"time"

	"github.com/beevik/etree"
)

// Feed is an Atom feed of alerts (RFC 4287).
type Feed struct {
	ID       string // an IRI that stays the same
	Title    string
	Author   string
	Subtitle string // what is to be said of the whole; may be empty
	Self     string // the address of the feed itself; may be empty
	Updated  time.Time
	Entries  []Entry
}

// Entry is one alert in a feed: where it is, and enough to list it.
type Entry struct {
	ID      string // an IRI that stays the same
	Title   string
	Summary string
	Updated time.Time
	URL     string // of the alert's own file
	Lang    string // of title and summary; may be empty
	Expires time.Time
}

// EncodeFeed writes a feed. Every entry points to its alert, and none contains it: the
// alert is handed on as it came, byte for byte.
func EncodeFeed(f Feed) ([]byte, error) {
	if f.ID == "" || f.Title == "" || f.Author == "" || f.Updated.IsZero() {
		return nil, errors.New("a feed has an id, a title, an author and a time (RFC 4287 section 4.1.1)")
	}
	w := &writer{}
	doc, root := newDocument("feed")
	root.CreateAttr("xmlns", namespaceAtom)
	w.must(root, "id", f.ID)
	w.must(root, "title", f.Title)
	w.may(root, "subtitle", f.Subtitle)
	w.time(root, "updated", f.Updated)
	w.must(root.CreateElement("author"), "name", f.Author)
	if f.Self != "" {
		w.link(root, "self", "application/atom+xml", f.Self)
	}
	for _, e := range f.Entries {
		if e.ID == "" || e.Title == "" || e.URL == "" || e.Updated.IsZero() {
			return nil, fmt.Errorf("entry %q: an entry has an id, a title, a time and an address (RFC 4287 section 4.1.2)", e.ID)
		}
		el := root.CreateElement("entry")
		if e.Lang != "" {
			w.attr(el, "xml:lang", e.Lang)
		}
		w.must(el, "id", e.ID)
		w.must(el, "title", e.Title)
		w.time(el, "updated", e.Updated)
		w.link(el, "alternate", MediaType, e.URL)
		w.may(el, "summary", e.Summary)
		if !e.Expires.IsZero() {
			at := el.CreateElement("cap:expires")
			at.CreateAttr("xmlns:cap", Namespace12)
			at.CreateText(FormatTime(e.Expires))
		}
	}
	if err := w.refusal(); err != nil {
		return nil, err
	}
	out, err := written(doc)
	if err != nil {
		return nil, fmt.Errorf("writing a feed: %w", err)
	}
	return out, nil
}

func (w *writer) link(parent *etree.Element, rel, media, href string) {
	el := parent.CreateElement("link")
	el.CreateAttr("rel", rel)
	el.CreateAttr("type", media)
	w.attr(el, "href", href)
}

func (w *writer) attr(el *etree.Element, key, value string) {
	if !isText(value) {
		w.refuse(el.Tag+"/@"+key, "it has a character that XML does not know")
		return
	}
	el.CreateAttr(key, value)
}
