package notices

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// maxDrafts is how many drafts are shown.
const maxDrafts = 50

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

func sortWords(all []Words) {
	slices.SortFunc(all, func(a, b Words) int { return strings.Compare(a.Lang, b.Lang) })
}

// open is a draft that nobody has released or discarded.
type open struct {
	ref  Ref
	item hub.Item
	body Body
}

type (
	// DraftView is one draft, as it would be released.
	DraftView struct {
		Shown
		By       string // whose draft it is
		Record   string // what is released
		Below    string // of its path
		Official bool
		Updates  bool // it updates what only its author may

		About []Shown // what it updates, cancels or ends, as far as that is here
		Stale bool    // that does not stand any more as it did, so it cannot be released
	}
	// DraftsView is all that wait.
	DraftsView struct {
		Drafts   []DraftView
		Official bool
	}
)

// openDrafts is what waits to be released, the newest first.
func openDrafts(s hub.Snapshot) (all []open, _ error) {
	l, err := looking(s)
	if err != nil {
		return nil, err
	}
	for it, err := range s.Newest(drafted, 0) {
		if err != nil {
			return nil, fmt.Errorf("drafts: %w", err)
		}
		d, ok, err := l.draft(it)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, d)
		}
		if len(all) == maxDrafts {
			break
		}
	}
	return all, nil
}

// draft is a record as a draft; false if it is none any more, or its author may not
// write notices.
func (l *look) draft(it hub.Item) (open, bool, error) {
	prefix, id := split(it.Key)
	v, err := drafts{}.Decode(it.Record)
	if err != nil || prefix != draftKey || v.Body == nil || !l.speaks(it.Author) {
		return open{}, false, nil
	}
	if top, found, err := find(l.s, it.Key, it.Author.String()); err != nil || !found || top.ID() != it.ID() {
		return open{}, false, err
	}
	for _, key := range []string{noticeKey + id, draftKey + id} {
		for other, err := range l.s.Slots(key) {
			if err != nil {
				return open{}, false, fmt.Errorf("what became of a draft: %w", err)
			}
			if !l.speaks(other.Author) || other.Withdrawn() {
				continue
			}
			if key == noticeKey+id {
				return open{}, false, nil
			}
			if d, err := (drafts{}).Decode(other.Record); err == nil && d.Discard {
				return open{}, false, nil
			}
		}
	}
	return open{ref: hub.RefTo(it.Author, id), item: it, body: *v.Body}, true, nil
}

// draftAt is the draft that a path leads to.
func draftAt(s hub.Snapshot, at spot) (open, bool, error) {
	it, found, err := find(s, draftKey+at.id, at.by)
	if err != nil || !found {
		return open{}, false, err
	}
	l, err := looking(s)
	if err != nil {
		return open{}, false, err
	}
	return l.draft(it)
}

// shown is a draft as its notice will be.
func (l *look) shown(q hub.Request, d open, b Board) DraftView {
	n := Notice{
		Identity: d.ref.String(), Path: "/notices/" + draftPath + "/" + d.ref.Below(), Kind: d.body.Kind, Grade: d.body.Grade, Template: d.body.Template,
		Words: d.body.Words, Contact: d.body.Contact,
		Span: Span{Sent: d.item.Time, At: d.item.Time.Wall(), Until: time.Unix(d.body.Until, 0).UTC(), Ahead: d.item.Ahead},
	}
	if d.body.From != 0 {
		n.Span.From = time.Unix(d.body.From, 0).UTC()
	}
	if d.body.Area != nil {
		n.Areas = []Area{*d.body.Area}
	}
	name, _ := l.called(d.item.Author)
	v := DraftView{
		Shown: show(q, n), By: name, Record: d.item.ID().String(), Below: d.ref.Below(), Official: q.Official,
		Updates: d.body.Kind == Update && d.item.Author != q.Author,
	}
	v.draft = true
	if d.body.Re != nil {
		o, here := b.Find(d.body.Re.String())
		if v.Stale = !here || o.End != nil || o.Signed.Waiting; here {
			v.About = append(v.About, show(q, o))
		}
	}
	for _, re := range d.body.Clears {
		if o, here := b.Find(re.String()); here {
			v.Stale = v.Stale || o.End != nil && o.End.How == Replaced || o.Signed.Waiting
			v.About = append(v.About, show(q, o))
		}
	}
	return v
}

// ours is how our own notices stand, whatever became of them.
func (l *look) ours() (Board, error) {
	all, err := l.under(every, maxAll)
	return l.fold(all, nil), err
}

// draftList is what waits to be released. Only coordinators see it.
func draftList(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	l, err := writing(s, q)
	if err != nil {
		return hub.Page{}, err
	}
	b, err := l.ours()
	if err != nil {
		return hub.Page{}, err
	}
	all, err := openDrafts(s)
	m := DraftsView{Official: q.Official}
	for _, d := range all {
		m.Drafts = append(m.Drafts, l.shown(q, d, b))
	}
	return hub.Page{Template: "drafts.html", Title: q.T("Drafts of notices"), Model: m, Topics: []hub.Term{drafted, every}}, err
}

func oneDraft(s hub.Snapshot, q hub.Request, at spot) (hub.Page, error) {
	if _, err := writing(s, q); err != nil {
		return hub.Page{}, err
	}
	d, found, err := draftAt(s, at)
	if err != nil || !found {
		if err == nil {
			err = noDraft()
		}
		return hub.Page{}, err
	}
	return draftPage(s, q, d)
}

func noDraft() error {
	return hub.Errorf(hub.NotFound, "", "This draft does not wait any more: somebody has released or discarded it.")
}

// draftPage is the page of one draft.
func draftPage(s hub.Snapshot, q hub.Request, d open) (hub.Page, error) {
	l, err := looking(s)
	if err != nil {
		return hub.Page{}, err
	}
	b, err := l.ours()
	if err != nil {
		return hub.Page{}, err
	}
	m := l.shown(q, d, b)
	return hub.Page{Template: "draft.html", Title: m.Head, Model: m, Topics: []hub.Term{drafted, every}}, nil
}

// aboutDraft releases or discards a draft. Whoever releases it is its author from then on.
func aboutDraft(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	l, err := writing(s, q)
	if err != nil {
		return nil, err
	}
	d, found, err := draftAt(s, at)
	if err != nil {
		return nil, err
	}
	if q.Form.Has("discards") {
		return discard(q, d, found)
	}
	if _, err := officially(s, q); err != nil {
		return nil, err
	}
	if !found {
		if _, released, err := find(s, noticeKey+at.id, q.Author.String()); err != nil || released {
			return nil, err // the same form again
		}
		return nil, noDraft()
	}
	if q.Form.Get("releases") != d.item.ID().String() {
		return nil, hub.Errorf(hub.Conflict, "", "This draft has been changed since you looked at it. Read it again before you release it.")
	}
	b := d.body
	if b.Kind == Update && d.item.Author != q.Author {
		return nil, hub.Errorf(hub.Forbidden, "", "Only whoever wrote a notice can update it. You can cancel it and write your own.")
	}
	if b.Re != nil {
		n, err := standing(s, *b.Re)
		if err != nil {
			return nil, err
		}
		b.Holds = n.until(s)
	}
	later := int64(l.writtenAt().Sub(d.item.Time.Wall()) / time.Second)
	if b.From != 0 {
		b.From += later
	}
	b.Until += later
	return l.signedBy(q, d.ref.ID, b)
}

func discard(q hub.Request, d open, found bool) ([]hub.Draft, error) {
	if !found {
		return nil, nil
	}
	if d.item.Author == q.Author {
		return []hub.Draft{{Key: d.item.Key, Class: record.Talk, TTL: talkLife}}, nil
	}
	away, err := draftOf(d.item.Key, record.Talk, talkLife, Draft{Discard: true})
	return []hub.Draft{away}, err
}
