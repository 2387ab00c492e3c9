package notices

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// room is how much of an alert a record is to hold.
type room struct {
	text, points, langs, refs int
}

// rooms are tried one after the other, until it fits: the last does whatever it says.
var rooms = [...]room{
	{maxSaid, 120, maxWords, maxRefs}, {400, 80, maxWords, maxRefs}, {250, 40, maxWords, 32}, {160, 40, maxWords, 32}, {120, 0, 4, 16}, {100, 0, 2, 16}, {60, 0, 1, 16},
}

// shorten makes a record's body of an alert, and says in it if the alert says more. What
// cannot be told from the alert (how it came, until when others hold) is not set.
func shorten(a *capxml.Alert) (Relayed, error) {
	var err error
	for _, r := range rooms {
		b := r.of(a)
		var raw []byte
		// What the caller adds takes up to 600 bytes more.
		if raw, err = encoded(b); err == nil && len(raw) <= record.MaxBody-maxFeedURL-100 {
			return b, b.check()
		}
	}
	if err == nil {
		err = errors.New("alert: its names are too long to be passed on")
	}
	return Relayed{}, err
}

func (r room) of(a *capxml.Alert) Relayed {
	b := Relayed{Name: nameOf(a.ID), Way: ByHand, Kind: Kind(scaled(kinds[:], string(a.MsgType), 1))}
	for _, id := range a.References {
		if b.Cut = b.Cut || len(b.Re) >= r.refs; len(b.Re) < r.refs {
			b.Re = append(b.Re, nameOf(id).hash())
		}
	}
	b.Grade.Status = Status(scaled(statuses[:], string(a.Status), uint8(Test)))
	if len(a.Infos) == 0 {
		b.Grade = Grade{Status: b.Grade.Status, Category: Other, Severity: SeverityUnknown, Urgency: UrgencyUnknown, Certainty: CertaintyUnknown, Response: None}
		note, cut := clip(a.Note, r.text)
		b.Words, b.Cut = []Words{{Lang: "en", Text: note}}, b.Cut || cut
		return b
	}
	// What is read in another language stands after the worst there is.
	infos := slices.Clone(a.Infos)
	slices.SortStableFunc(infos, func(x, y capxml.Info) int { return compareGrades(gradeOf(x), gradeOf(y)) })
	worst := infos[0]
	status := b.Grade.Status
	b.Grade = gradeOf(worst)
	b.Grade.Status = status
	b.By, _ = clipLine(worst.SenderName, maxTitle)
	b.Contact, _ = clipLine(worst.Contact, maxLine)
	b.spans(a, infos)
	for _, i := range infos {
		lang := i.Language
		if !validLang(lang) {
			lang = "und" // ISO 639-2: not determined
		}
		if slices.ContainsFunc(b.Words, func(w Words) bool { return strings.EqualFold(w.Lang, lang) }) || len(b.Words) >= r.langs {
			b.Cut = true
			continue
		}
		b.Words = append(b.Words, r.words(i, lang, &b.Cut))
	}
	b.areas(worst, r.points)
	return b
}

// words are what an info block says.
func (r room) words(i capxml.Info, lang string, cut *bool) Words {
	w := Words{Lang: lang}
	head := i.Headline
	if hub.Blank(head) {
		head = i.Event
	}
	var short [3]bool
	w.Head, short[0] = clipLine(head, min(maxTitle, max(r.text, 60)))
	w.Text, short[1] = clip(i.Description, r.text)
	w.Advice, short[2] = clip(i.Instruction, r.text)
	*cut = *cut || short[0] || short[1] || short[2]
	return w
}

// spans puts in when it holds: as long as any part of it does.
func (b *Relayed) spans(a *capxml.Alert, infos []capxml.Info) {
	for n, i := range infos {
		begins := i.Begins(a.Sent).Unix()
		if begins <= a.Sent.Unix() {
			begins = 0
		}
		if n == 0 || begins < b.From {
			b.From = begins
		}
		switch {
		case i.Expires.IsZero():
			end, _ := i.Ends(a.Sent, assumedLife)
			if n > 0 || len(infos) > 1 {
				b.Until = max(b.Until, end.Unix())
			}
		default:
			b.Until = max(b.Until, i.Expires.Unix())
		}
	}
	b.From, b.Until = max(b.From, 0), max(b.Until, 0)
	if b.Until != 0 && b.From >= b.Until {
		b.From = 0
	}
}

// areas puts in where it holds, with shapes of up to so many points.
func (b *Relayed) areas(i capxml.Info, points int) {
	for n, from := range i.Areas {
		to := Area{}
		var short bool
		to.Words, short = clipLine(from.Desc, maxLine)
		b.Cut = b.Cut || short || len(from.Geocodes) > 0
		for _, c := range from.Circles {
			if c.Radius > maxRadius || points < 1 || len(to.Circles) == maxShapes {
				b.Cut = true
				continue
			}
			points--
			to.Circles = append(to.Circles, Circle{Center: PointAt(c.Center.Lat, c.Center.Lon), Meters: uint32(math.Round(c.Radius * meters))})
		}
		for _, p := range from.Polygons {
			if len(p) > min(points, maxPoints) || len(to.Polygons) == maxShapes {
				b.Cut = true
				continue
			}
			points -= len(p)
			corners := make([]Point, len(p))
			for at := range p {
				corners[at] = PointAt(p[at].Lat, p[at].Lon)
			}
			to.Polygons = append(to.Polygons, corners)
		}
		if n >= maxShapes || points == 0 && n >= 2 {
			b.Cut = true
			return
		}
		b.Areas = append(b.Areas, to)
	}
}

func compareGrades(a, b Grade) int {
	return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Urgency, b.Urgency), cmp.Compare(a.Certainty, b.Certainty))
}

func gradeOf(i capxml.Info) Grade {
	g := Grade{
		Status: Actual, Category: Other, Response: None,
		Severity:  Severity(scaled(severities[:], string(i.Severity), uint8(SeverityUnknown))),
		Urgency:   Urgency(scaled(urgencies[:], string(i.Urgency), uint8(UrgencyUnknown))),
		Certainty: Certainty(scaled(certainties[:], string(i.Certainty), uint8(CertaintyUnknown))),
	}
	if len(i.Categories) > 0 {
		g.Category = Category(scaled(categories[:], i.Categories[0], uint8(Other)))
	}
	if len(i.ResponseTypes) > 0 {
		g.Response = Response(scaled(responses[:], i.ResponseTypes[0], uint8(None)))
	}
	return g
}

func scaled(scale []value, name string, otherwise uint8) uint8 {
	for i, v := range scale {
		if v.Name == name {
			return uint8(i + 1) //nolint:gosec // a short list
		}
	}
	return otherwise
}

// clip makes what a stranger wrote fit to be shown, in so many characters at most.
func clip(s string, chars int) (out string, cut bool) {
	lines := strings.Split(s, "\n")
	for i, l := range lines { // which stand where its XML was indented
		lines[i] = strings.TrimSpace(l)
	}
	s = strings.Join(lines, "\n")
	return clipped(s, chars, hub.CleanText)
}

func clipLine(s string, chars int) (out string, cut bool) {
	return clipped(s, chars, hub.CleanLine)
}

func clipped(s string, chars int, clean func(field, s string, chars, size int) (string, error)) (out string, cut bool) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	whole, err := clean("", s, math.MaxInt, math.MaxInt)
	if err != nil {
		return "", true
	}
	short := whole
	if hub.Excess(whole, chars, 3*chars) > 0 {
		for short, cut = firstOfAll(whole, chars-1), true; hub.Excess(short+"…", chars, 3*chars) > 0; {
			_, size := utf8.DecodeLastRuneInString(short)
			short = short[:len(short)-size]
		}
		if at := strings.LastIndexFunc(short, unicode.IsSpace); at > len(short)*3/4 {
			short = short[:at]
		}
		short = strings.TrimRightFunc(short, unicode.IsSpace) + "…"
	}
	if short, err = clean("", short, math.MaxInt, math.MaxInt); err != nil {
		return "", true
	}
	// What is clean as a line may be not as a text, where marks tower.
	if short, err = hub.CleanText("", short, chars, 3*chars); err != nil {
		return "", true
	}
	return short, cut
}

// firstOfAll is the first so many characters.
func firstOfAll(s string, chars int) string {
	for at := range s {
		if chars == 0 {
			return s[:at]
		}
		chars--
	}
	return s
}
