package notices

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
)

var _ hub.Router = App{}

// capSuffix is how the names of alerts' files end.
const capSuffix = ".cap"

// Routes are what is no page: a notice as a file of the Common Alerting Protocol, all that
// hold as a feed, and the upload.
//
//   - GET /cap/{by}/{id}.cap is one of ours; GET /cap/{id}.cap one that is passed on, byte
//     for byte as it came.
//   - GET /feed.atom lists both.
//   - POST /import takes a file.
func (a App) Routes(h hub.Host) map[string]hub.Handler {
	a.desk.behind(h)
	says := sync.OnceValue(sayings) // most places are never asked
	return map[string]hub.Handler{
		"POST /import":         a.upload(h),
		"GET /cap/{by}/{file}": a.ownFile(h, says),
		"GET /cap/{file}":      a.original(h),
		"GET /feed.atom":       a.feed(h),
	}
}

// ownFile is one of our notices.
func (a App) ownFile(h hub.Host, says func() map[string]hub.Say) hub.Handler {
	return func(w http.ResponseWriter, r *http.Request, _ hub.Request) (string, error) {
		id, ok := strings.CutSuffix(r.PathValue("file"), capSuffix)
		at, err := spotAt(noticePath + "/" + r.PathValue("by") + "/" + id)
		if !ok || err != nil {
			return "", gone()
		}
		var out []byte
		err = h.Read(r.Context(), func(s hub.Snapshot) error {
			s = a.sees(s)
			n, b, _, err := noticeAt(s, at)
			if err == nil && (n.Identity == "" || n.Signed.Waiting || n.Span.Ahead) {
				err = gone()
			}
			if err != nil {
				return err
			}
			alert, err := capOf(s, n, b, says())
			if err != nil {
				return err
			}
			out, err = capxml.Encode(alert)
			return err
		})
		if err != nil {
			return "", err
		}
		return "", serve(w, r, capxml.MediaType, id+capSuffix, bytes.NewReader(out))
	}
}

// original is an alert that is passed on, as it came.
func (a App) original(h hub.Host) hub.Handler {
	return func(w http.ResponseWriter, r *http.Request, _ hub.Request) (string, error) {
		id, ok := strings.CutSuffix(r.PathValue("file"), capSuffix)
		at, err := spotAt(relayedPath + "/" + id)
		if !ok || err != nil {
			return "", gone()
		}
		var n Notice
		err = h.Read(r.Context(), func(s hub.Snapshot) (err error) {
			n, _, err = relayedAt(a.sees(s), at.id)
			return err
		})
		if err != nil {
			return "", err
		}
		if n.Identity == "" {
			return "", gone()
		}
		file, err := h.Blobs().Open(r.Context(), n.Relay.blob.Sum)
		if missing(err) {
			return "", hub.Errorf(hub.NotFound, "", "The original of this warning has not come here yet.")
		}
		if err != nil {
			return "", err
		}
		return "", errors.Join(serve(w, r, capxml.MediaType, id+capSuffix, file), file.Close())
	}
}

// serve answers with a file, or that it is as it was.
func serve(w http.ResponseWriter, r *http.Request, media, name string, file io.ReadSeeker) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("ETag", `"`+hex.EncodeToString(sum.Sum(nil)[:16])+`"`)
	h.Set("Cache-Control", "no-cache")
	if name != "" {
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	http.ServeContent(w, r, "", time.Time{}, file)
	return nil
}

// feedMost is how many notices are in the feed that are passed on, beside all of our own.
const feedMost = 100

// feed lists what holds, ours and what is passed on.
func (a App) feed(h hub.Host) hub.Handler {
	return func(w http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		var out []byte
		err := h.Read(r.Context(), func(s hub.Snapshot) (err error) {
			s = a.sees(s)
			b, err := board(s)
			if err != nil {
				return err
			}
			out, err = capxml.EncodeFeed(feedOf(s, q, b, base(r)))
			return err
		})
		if err != nil {
			return "", err
		}
		return "", serve(w, r, "application/atom+xml", "", bytes.NewReader(out))
	}
}

// base is how addresses of this hub begin, as whoever asks knows it.
func base(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func feedOf(s hub.Snapshot, q hub.Request, b Board, base string) capxml.Feed {
	name := s.Roster().Founding().Name
	f := capxml.Feed{
		ID: "urn:lamppost:" + communityOf(s) + ":notices", Title: q.T("Notices") + " · " + name, Author: name, Self: base + "/notices/feed.atom",
		Updated: s.Roster().Founding().Time.Wall().UTC(),
	}
	few := berth{each: feedMost, most: feedMost}
	all := few.take(slices.Concat(b.Active, b.Upcoming))
	if n := few.out(); n > 0 {
		f.Subtitle = q.T("Not in this list: %d more that are passed on. The page of the notices leads to them.", n)
	}
	for _, n := range all {
		shown := show(q, n)
		e := capxml.Entry{
			ID: f.ID + ":" + strings.ReplaceAll(n.Identity, "/", ":"), Title: shown.Title().Told(), Summary: shown.Brief().Told(), Lang: shown.wholly(),
			Updated: n.Span.At, Expires: n.Span.Until, URL: base + filePath(n),
		}
		if n.Grade.Practice() {
			e.Title = q.T("PRACTICE, not real") + ": " + e.Title
		}
		if n.Span.At.After(f.Updated) {
			f.Updated = n.Span.At
		}
		f.Entries = append(f.Entries, e)
	}
	return f
}

// filePath is of the notice's file.
func filePath(n Notice) string {
	if n.Relay != nil {
		return "/notices/cap/" + strings.TrimPrefix(n.Identity, relayKey) + capSuffix
	}
	return "/notices/cap/" + strings.TrimPrefix(n.Path, "/notices/n/") + capSuffix
}

// communityOf names the community in ids.
func communityOf(s hub.Snapshot) string {
	id := s.Roster().Founding().Community()
	return hex.EncodeToString(id[:8])
}

// ownSender is what this community's own alerts are sent by.
func ownSender(s hub.Snapshot) string { return "lamppost-" + communityOf(s) + "@lamppost.internal" }

// capOf is one of our notices as an alert. Whoever of the community cancels it, its sender
// is the community.
func capOf(s hub.Snapshot, n Notice, b Board, says map[string]hub.Say) (*capxml.Alert, error) {
	community := s.Roster().Founding().Name
	a := &capxml.Alert{
		ID: capID(s, n), Status: capxml.Status(n.Grade.Status.String()), MsgType: capxml.MsgType(n.Kind.String()), Scope: capxml.Public,
		Source: community, Note: n.Number,
	}
	for _, re := range n.Re {
		if o, ok := b.Find(re); ok {
			a.References = append(a.References, capID(s, o))
		}
	}
	if n.Kind != Alert && len(a.References) == 0 {
		return nil, hub.Errorf(hub.NotFound, "", "What this notice is about has not come here yet.")
	}
	for _, lang := range langsOf(n, says) {
		a.Infos = append(a.Infos, infoOf(n, lang, says[lang], community))
	}
	return a, nil
}

func capID(s hub.Snapshot, n Notice) capxml.ID {
	return capxml.ID{
		Sender:     ownSender(s),
		Identifier: strings.ReplaceAll(strings.TrimPrefix(n.Path, "/notices/n/"), "/", "."),
		Sent:       n.Span.At.UTC().Truncate(time.Second),
	}
}

// langsOf are the languages in which a notice says something, the author's first: of the
// others those in which the template does, with what the author has left to it.
func langsOf(n Notice, says map[string]hub.Say) (all []string) {
	for _, w := range n.Words {
		all = append(all, w.Lang)
	}
	for _, lang := range sorted(tongues) {
		if slices.ContainsFunc(all, func(l string) bool { return strings.EqualFold(l, lang) }) {
			continue
		}
		s := show(hub.Request{Lang: lang, Say: says[lang]}, n)
		if _, known := template(n.Template); known && (s.HeadLang == "" || s.Advice != "" && s.AdviceLang == "") {
			all = append(all, lang)
		}
	}
	return all
}

func sorted(m map[string]string) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// infoOf is what a notice says in one language. What nobody wrote in this one is in the
// author's, as it is on pages, and says so.
func infoOf(n Notice, lang string, say hub.Say, community string) capxml.Info {
	shown := show(hub.Request{Lang: lang, Say: say}, n)
	head := shown.Title().Told()
	i := capxml.Info{
		Language: lang, Categories: []string{n.Grade.Category.String()}, Event: head, ResponseTypes: []string{n.Grade.Response.String()},
		Level: capxml.Level{Urgency: capxml.Urgency(n.Grade.Urgency.String()), Severity: capxml.Severity(n.Grade.Severity.String()), Certainty: capxml.Certainty(n.Grade.Certainty.String())},
		Times: capxml.Times{Effective: n.Span.From, Expires: n.Span.Until.UTC().Truncate(time.Second)},

		Headline: head, Description: Part{Text: shown.Text, Lang: shown.Lang}.Told(), Instruction: Part{Text: shown.Advice, Lang: shown.AdviceLang}.Told(),
		Contact: n.Contact, SenderName: n.By.Name,
	}
	if n.By.Area != "" {
		i.SenderName += ", " + n.By.Area
	}
	for _, from := range n.Areas {
		to := capxml.Area{Desc: from.Words}
		if to.Desc == "" {
			to.Desc = community
		}
		for _, c := range from.Circles {
			to.Circles = append(to.Circles, capxml.Circle{Center: capxml.Point{Lat: c.Center.Lat(), Lon: c.Center.Lon()}, Radius: c.Km()})
		}
		for _, p := range from.Polygons {
			poly := make(capxml.Polygon, len(p))
			for at := range p {
				poly[at] = capxml.Point{Lat: p[at].Lat(), Lon: p[at].Lon()}
			}
			to.Polygons = append(to.Polygons, poly)
		}
		i.Areas = append(i.Areas, to)
	}
	if len(i.Areas) == 0 {
		i.Areas = []capxml.Area{{Desc: community}}
	}
	return i
}

// sayings are the app's own phrases in each language: what goes out as a file is in all of
// them at once.
func sayings() map[string]hub.Say {
	all := map[string]hub.Say{}
	for lang := range tongues {
		var c struct{ Phrases map[string]any }
		raw, err := files.ReadFile("catalog." + lang + ".toml")
		if err == nil {
			err = toml.Unmarshal(raw, &c)
		}
		if err != nil {
			continue // a test holds that all are there
		}
		all[lang] = func(p hub.Phrase, args ...any) string {
			if to, _ := c.Phrases[string(p)].(string); to != "" {
				p = hub.Phrase(to)
			}
			return p.English(args...)
		}
	}
	return all
}
