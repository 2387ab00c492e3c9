package notices

import (
	"iter"
	"net/url"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

var _ hub.Judged = App{}

// Reports yields none: it is posts that are reported.
func (App) Reports(hub.Snapshot, hub.Request) iter.Seq2[hub.Report, error] {
	return func(func(hub.Report, error) bool) {}
}

// Case is a question that somebody asked; nothing else here is a neighbor's.
func (App) Case(s hub.Snapshot, q hub.Request, key string, author record.Author) (c hub.Case, _ error) {
	id, ok := strings.CutPrefix(key, questionKey)
	if !ok || !hub.ValidID(id) {
		return c, noQuestion()
	}
	it, found, err := find(s, key, author.String())
	if err != nil {
		return c, err
	}
	v, err := questionBodies{}.Decode(it.Record)
	if !found || it.Withdrawn() || err != nil {
		return c, noQuestion()
	}
	return hub.Case{
		Item: it, Where: q.T("Is it true?"), Path: "/notices/" + questionPath + "/" + hub.RefTo(author, id).Below(), Text: v.Text,
	}, nil
}

// judge is the path of the hub's page where a moderator judges a question that is here;
// empty for everybody else.
func judge(s hub.Snapshot, q hub.Request, ref Ref) string {
	if q.Author == (record.Author{}) || !s.Roster().Has(q.Author, roster.Moderate) {
		return ""
	}
	if it, found, err := find(s, questionKey+ref.ID, ref.By().String()); err != nil || !found || it.Withdrawn() {
		return ""
	}
	return "/judge?" + url.Values{"app": {"notices"}, "key": {questionKey + ref.ID}, "author": {ref.By().String()}}.Encode()
}
