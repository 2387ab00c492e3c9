package notices

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var _ hub.Returner = App{}

// Act writes what a form says:
//
//   - at new, a notice: t, a template, and text, one sentence; see bodyOf for the rest.
//     With updates, the id of one's own notice, it replaces that; an all clear cancels those
//     in ends, or none, see clearsOf. Where nobody can sign
//     officially from, it becomes a draft.
//   - at a notice: cancels, its id, with text; signs or alone, the hash of its body; back,
//     the same, takes back one's own that waits for a second signature.
//   - at a draft: releases, the record's id; or discards.
//   - at questions, text: a question. At a question, verdict and text: the answer.
//   - at templates: a template; or removes, its id.
func (App) Act(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	at, err := spotAt(q.Path)
	if err != nil {
		return nil, err
	}
	switch at.page {
	case newPath:
		return release(s, q)
	case noticePath:
		return about(s, q, at)
	case draftPath:
		return aboutDraft(s, q, at)
	case questionPath:
		if at.id == "" {
			return ask(s, q)
		}
		return answer(s, q, at)
	case patternPath:
		return keepPattern(s, q)
	}
	return nil, hub.Errorf(hub.NotFound, "", "There is no such page among the notices.")
}

// Return leads to what was written.
func (App) Return(q hub.Request) string {
	at, err := spotAt(q.Path)
	if err != nil {
		return ""
	}
	mine := hub.RefTo(q.Author, q.Form.Get("client_id"))
	switch {
	case at.page == newPath, at.page == noticePath && q.Form.Has("cancels"):
		return pathOf(mine)
	case at.page == draftPath && q.Form.Has("releases"):
		return pathOf(hub.RefTo(q.Author, at.id))
	case at.page == draftPath:
		return "/notices/" + draftsPath + "?done=withdrawn"
	case at.page == noticePath && q.Form.Has("back"):
		return "/notices/?done=withdrawn"
	case at.page == questionPath && at.id == "":
		return "/notices/" + questionPath + "/" + mine.Below()
	}
	return ""
}

// writing is a look by somebody who may write notices.
func writing(s hub.Snapshot, q hub.Request) (*look, error) {
	if !coordinates(s, q) {
		return nil, hub.Errorf(hub.Forbidden, "", "Only coordinators write notices. If you are one, enter your six words first. Everybody can ask whether something is true.")
	}
	return looking(s)
}

// officially is a look by somebody who may sign here.
func officially(s hub.Snapshot, q hub.Request) (*look, error) {
	l, err := writing(s, q)
	if err == nil && !q.Official {
		err = hub.Errorf(hub.Forbidden, "", "This cannot be signed from here, as others could listen in or answer in this place’s name. Do it at the box itself, or over a secure connection from a device that is set up for that.")
	}
	return l, err
}

// release makes a notice of a form, or a draft.
func release(s hub.Snapshot, q hub.Request) ([]hub.Draft, error) {
	l, err := writing(s, q)
	if err != nil {
		return nil, err
	}
	var old Notice
	updates := q.Form.Get("updates")
	if updates != "" {
		if old, err = own(s, q, updates); err != nil {
			return nil, err
		}
	}
	c, err := l.chosen(q, old)
	if err != nil {
		return nil, err
	}
	b, err := l.bodyOf(q, c)
	if err != nil {
		return nil, err
	}
	if updates != "" {
		b.Kind, b.Re = Update, refOf(old.Identity)
		b.keep(old.Words)
		b.Holds = old.until(s)
		b.Clears = old.lifted(b.Grade)
	} else if b.Clears, err = l.clearsOf(q, b.Grade); err != nil {
		return nil, err
	}
	return l.put(q, b)
}

// keep takes over what an update leaves out of the other languages, of each part that says
// the same in the author's own: what was a translation of the old one is none of a new one.
func (b *Body) keep(old []Words) {
	if len(old) == 0 || b.Words[0].Lang != old[0].Lang {
		return
	}
	for i := range parts {
		if *b.Words[0].part(i) == *old[0].part(i) {
			b.Words = filled(b.Words, old[1:], i)
		}
	}
}

// until is from when on a notice changes nothing any more, and neither does what it has
// itself replaced.
func (n Notice) until(s hub.Snapshot) int64 {
	ref := refOf(n.Identity)
	if ref == nil {
		return n.Span.Until.Unix()
	}
	it, found, err := find(s, noticeKey+ref.ID, ref.By().String())
	if err != nil || !found {
		return n.Span.Until.Unix()
	}
	return hub.Made(it, contentOf).body.ends()
}

// chosen is the template that a form names.
func (l *look) chosen(q hub.Request, old Notice) (Choice, error) {
	if old.Identity != "" {
		return Choice{start: start{template: old.Template, grade: old.Grade, hours: l.rest(old)}}, nil
	}
	all, err := l.choices(q)
	if err != nil {
		return Choice{}, err
	}
	t := or(q.Form.Get("t"), free)
	if i := slices.IndexFunc(all, func(c Choice) bool { return c.ID == t }); i >= 0 {
		return all[i], nil
	}
	return Choice{}, hub.Errorf(hub.Invalid, "t", "This template is not here any more. Please choose another one.")
}

// own is a notice of the writer's that holds, by its id.
func own(s hub.Snapshot, q hub.Request, identity string) (Notice, error) {
	ref := refOf(identity)
	if ref == nil {
		return Notice{}, gone()
	}
	if ref.By() != q.Author {
		return Notice{}, hub.Errorf(hub.Forbidden, "", "Only whoever wrote a notice can update it. You can cancel it and write your own.")
	}
	return standing(s, *ref)
}

// standing is a notice that holds, now or later.
func standing(s hub.Snapshot, ref Ref) (Notice, error) {
	n, _, _, err := noticeAt(s, spot{page: noticePath, by: ref.By().String(), id: ref.ID})
	switch {
	case err != nil:
		return n, err
	case n.Identity == "":
		return n, gone()
	case n.End != nil:
		return n, hub.Errorf(hub.Conflict, "", "%s does not hold any more. Look at it again.", n.Number)
	case n.Signed.Waiting:
		return n, hub.Errorf(hub.Conflict, "", "%s still waits for a second signature. Look at it again.", n.Number)
	}
	return n, nil
}

// refOf reads a Ref; nil for what is none.
func refOf(identity string) *Ref {
	author, id, _ := strings.Cut(identity, "/")
	key, err := hex.DecodeString(author)
	if r := (Ref{Author: key, ID: id}); err == nil && r.Valid() {
		return &r
	}
	return nil
}

// put releases a notice under the form's client_id, or keeps it as a draft where nobody
// can sign officially from. The same again is the same notice.
func (l *look) put(q hub.Request, b Body) ([]hub.Draft, error) {
	id := q.Form.Get("client_id")
	if !hub.ValidID(id) {
		return nil, &hub.Error{
			Code: hub.Invalid, Field: "client_id",
			Phrase:  "The form did not arrive whole. What you wrote is still here. Please send it again.",
			Program: "A client_id names one notice of yours, and is 1 to 64 of a-z A-Z 0-9 . _ -; make a new one for each, and repeat it only to send the same again.",
		}
	}
	key := draftKey
	if q.Official {
		key = noticeKey
	}
	it, found, err := find(l.s, key+id, q.Author.String())
	if err != nil {
		return nil, err
	}
	if found {
		was := Body{}
		if q.Official {
			was = hub.Made(it, contentOf).body
		} else if d, err := (drafts{}).Decode(it.Record); err == nil && d.Body != nil {
			was = *d.Body
		}
		if was.says(b) {
			return nil, nil
		}
		return nil, hub.Errorf(hub.Conflict, "text", "From this form you have already sent another notice, which stays. To send this one as well, press the button again.")
	}
	if !q.Official {
		d, err := draftOf(draftKey+id, record.Talk, talkLife, Draft{Body: &b})
		return []hub.Draft{d}, err
	}
	return l.signedBy(q, id, b)
}

// signedBy is a numbered notice. Where there is nobody else to sign what takes two, its
// author's word that it holds alone goes with it, so that it stays when somebody comes.
func (l *look) signedBy(q hub.Request, id string, b Body) ([]hub.Draft, error) {
	place := q.Place
	if place == "" {
		place = l.s.Person(q.Author).Home
	}
	var err error
	if b.Letters, b.Count, err = numberAt(l.s, place); err != nil {
		return nil, err
	}
	d, err := draftOf(noticeKey+id, record.Notice, life, b)
	if err != nil {
		return nil, err
	}
	cancels, last, err := l.lifts(b)
	if err != nil {
		return nil, err
	}
	gave, err := draftOf(givenKey(b.Letters), record.Talk, life, Given{Count: last})
	if err != nil {
		return nil, err
	}
	gave.ByHub = true
	all := append([]hub.Draft{d, gave}, cancels...)
	if b.Grade.Grave() && b.Kind != Cancel && !l.two {
		sign, err := signature(hub.RefTo(q.Author, id), sum(d.Body))
		if err != nil {
			return nil, err
		}
		all = append(all, sign)
	}
	return all, nil
}

// says reports whether two bodies tell people the same, whenever they were written.
func (b Body) says(o Body) bool {
	for _, x := range []*Body{&b, &o} {
		x.Letters, x.Count, x.From, x.Until, x.Holds = "", 0, 0, 1, 0
	}
	one, err := encoded(b)
	two, err2 := encoded(o)
	return err == nil && err2 == nil && bytes.Equal(one, two)
}

// about does what a form at a notice asks for.
func about(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	switch {
	case q.Form.Has("cancels"):
		return cancel(s, q, at)
	case q.Form.Has("signs"):
		return sign(s, q, at, q.Form.Get("signs"), false)
	case q.Form.Has("alone"):
		return sign(s, q, at, q.Form.Get("alone"), true)
	case q.Form.Has("back"):
		return takeBack(s, q, at)
	}
	return nil, hub.Errorf(hub.Invalid, "", "The form did not arrive whole. Please send it again.")
}

// cancel says that a notice does not hold any more.
func cancel(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	l, err := writing(s, q)
	if err != nil {
		return nil, err
	}
	ref := refOf(q.Form.Get("cancels"))
	if ref == nil || ref.ID != at.id || !strings.HasPrefix(ref.By().String(), at.by) {
		return nil, gone()
	}
	if old, found, err := find(s, noticeKey+q.Form.Get("client_id"), q.Author.String()); err != nil || found {
		if b := hub.Made(old, contentOf).body; err != nil || b.Kind == Cancel && b.Re != nil && b.Re.String() == ref.String() {
			return nil, err
		}
	}
	n, err := standing(s, *ref)
	if err != nil {
		return nil, err
	}
	w := Words{Lang: or(q.Lang, "en")}
	if w.Text, err = hub.CleanText("text", q.Form.Get("text"), maxText, maxTextB); err != nil {
		return nil, err
	}
	return l.put(q, l.ended(n, *ref, []Words{w}))
}

// ended is the cancellation of a notice, with what is said of that.
func (l *look) ended(n Notice, ref Ref, said []Words) Body {
	b := Body{Kind: Cancel, Re: &ref, Grade: n.Grade, Template: n.Template, Words: filled(slices.Clone(said), n.titles(), headline), Holds: n.until(l.s)}
	b.Grade.Urgency = Past
	b.Until = max(b.Holds, l.writtenAt().Add(time.Hour).Unix())
	for _, a := range n.Areas {
		b.Area = &a
	}
	return b
}

// titles are the headlines of a notice in all its languages, or else how its sentence
// begins; none if they are the template's.
func (n Notice) titles() (all []Words) {
	bare := n.Template == "" && partFor(n.Words, headline, "").Text == ""
	for _, w := range n.Words {
		head := w.Head
		if bare {
			head = firstOf(w.Text, maxHead)
		}
		all = append(all, Words{Lang: w.Lang, Head: head})
	}
	return all
}

// firstOf is the beginning of a text.
func firstOf(s string, chars int) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > chars {
		s = strings.TrimSpace(string(r[:chars-1])) + "…"
	}
	return s
}

// sign puts a second signature under what was seen of a notice, or says that its author
// releases it alone.
func sign(s hub.Snapshot, q hub.Request, at spot, hash string, alone bool) ([]hub.Draft, error) {
	l, err := officially(s, q)
	if err != nil {
		return nil, err
	}
	n, _, ref, err := noticeAt(s, at)
	switch {
	case err != nil:
		return nil, err
	case n.Identity == "":
		return nil, gone()
	case hash != n.Signed.Hash:
		return nil, hub.Errorf(hub.Conflict, "", "This notice has been changed since you looked at it. Read it again before you sign.")
	case !alone && ref.By() == q.Author:
		return nil, hub.Errorf(hub.Forbidden, "", "A second signature is another coordinator’s, not your own.")
	case alone && ref.By() != q.Author:
		return nil, hub.Errorf(hub.Forbidden, "", "Only whoever wrote a notice can release it alone. You can sign it.")
	case !n.Signed.Waiting:
		return nil, nil // somebody else was faster, or this is the same form again
	case alone && l.writtenAt().Before(n.Signed.Lone):
		return nil, hub.Errorf(hub.Conflict, "", "This can be released by one alone only %d minutes after it was written. Until then another coordinator has to sign it.", int(secondWait.Minutes()))
	}
	b, err := hex.DecodeString(hash)
	if err != nil {
		return nil, gone()
	}
	d, err := signature(ref, b)
	return []hub.Draft{d}, err
}

// takeBack withdraws one's own notice that waits for a second signature: nobody has acted
// on it yet, and one that is wrong is not to be signed.
func takeBack(s hub.Snapshot, q hub.Request, at spot) ([]hub.Draft, error) {
	if _, err := officially(s, q); err != nil {
		return nil, err
	}
	n, _, ref, err := noticeAt(s, at)
	switch {
	case err != nil:
		return nil, err
	case n.Identity == "":
		return nil, gone()
	case ref.By() != q.Author:
		return nil, hub.Errorf(hub.Forbidden, "", "Only whoever wrote a notice can take it back. If it is wrong, do not sign it.")
	case !n.Signed.Waiting || q.Form.Get("back") != n.Signed.Hash:
		return nil, hub.Errorf(hub.Conflict, "", "%s has been signed meanwhile. Look at it again.", n.Number)
	}
	return []hub.Draft{{Key: noticeKey + ref.ID}}, nil
}

func signature(ref Ref, sum []byte) (hub.Draft, error) {
	return draftOf(signKey+ref.Short(), record.Notice, life, Signature{Re: ref, Hash: sum})
}
