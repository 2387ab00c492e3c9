package madeup

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/apps/messages"
	"github.com/lamppost-hub/lamppost/apps/notices"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

// Lives, in days, as the apps have them.
const (
	official = record.MaxTTL
	talk     = 30
	week     = 7
)

// Cast is who is in the town.
type Cast struct {
	Codec *record.Codec
	Hubs  []ed25519.PrivateKey // of the fire station, the library and the school
	// Coordinators are two, who may write notices, and what is on the map. Their
	// certificates are not made here.
	Coordinators []ed25519.PrivateKey
	Now          time.Time // at least a day after the founding
}

// Records are what the people of the town have written until now, with the word of their
// hubs that they live there. What is written is a few minutes to a few hours old.
func (c Cast) Records() ([]record.Record, error) {
	if len(c.Hubs) != 3 || len(c.Coordinators) != 2 {
		return nil, fmt.Errorf("%d hubs and %d coordinators: the town has three and two", len(c.Hubs), len(c.Coordinators))
	}
	w := &writer{cast: c, people: map[string]person{}}
	w.settle()
	w.places()
	w.doors()
	w.sightings()
	w.notices()
	w.posts()
	return w.all, w.err
}

// person is somebody who writes at a hub.
type person struct {
	key ed25519.PrivateKey
	via record.Via
}

func (p person) author() record.Author { return record.AuthorOf(p.key) }

// writer signs one record after the other, until one fails.
type writer struct {
	cast   Cast
	people map[string]person
	seats  [3]int
	all    []record.Record
	err    error
}

// ago is so many minutes before now.
func (w *writer) ago(minutes int) time.Time {
	return w.cast.Now.Add(-time.Duration(minutes) * time.Minute)
}

func (w *writer) sign(r record.Record, key ed25519.PrivateKey) {
	if w.err != nil {
		return
	}
	r, err := w.cast.Codec.Sign(r, key)
	if err != nil {
		w.err = fmt.Errorf("%s %s of the made-up town: %w", r.App, r.Key, err)
		return
	}
	w.all = append(w.all, r)
}

// write writes what somebody has written so many minutes ago.
func (w *writer) write(name string, minutes int, app record.App, class record.Class, ttl record.Days, key string, body any) {
	p := w.people[name]
	b, err := encoded(body)
	if err != nil {
		w.err = err
		return
	}
	w.sign(record.Record{
		Author: p.author(), Via: p.via, App: app, Class: class, Key: key,
		Time: record.At(w.ago(minutes)), TTL: ttl, Body: b,
	}, p.key)
}

// encoded is deterministic CBOR (RFC 8949 §4.2.1).
func encoded(v any) ([]byte, error) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	return mode.Marshal(v)
}

// settle names the coordinators, and has each hub say who lives there.
func (w *writer) settle() {
	for i, name := range []string{maria, omar} {
		w.people[name] = person{w.cast.Coordinators[i], record.AuthorOf(w.cast.Hubs[2*i]).Via()}
	}
	for _, n := range neighbors() {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			w.err = err
			return
		}
		hub := w.cast.Hubs[n.hub]
		w.people[n.name] = person{key, record.AuthorOf(hub).Via()}
		w.seats[n.hub]++
		r, err := roster.Vouch{Subject: record.AuthorOf(key), Name: n.name}.Record(w.seats[n.hub], record.At(w.ago(600)), record.AuthorOf(hub).Via())
		if err != nil {
			w.err = err
			return
		}
		w.sign(r, hub)
	}
}

// form is which form wrote something: each of its own.
func form(id string) place.Prefix {
	sum := sha256.Sum256([]byte(id))
	return place.Prefix(sum[:8])
}

// ref names what somebody has written, as keys do.
func ref(by record.Author, id string) string {
	sum := sha256.Sum256(append(by[:], id...))
	return hex.EncodeToString(sum[:16])
}

// shape is a geometry as places have it.
func shape(g orb.Geometry) place.Shape {
	steps := func(l orb.LineString) (all place.Steps) {
		for _, p := range l {
			all = append(all, place.FromOrb(p))
		}
		return all
	}
	switch g := g.(type) {
	case orb.Point:
		return place.Shape{Kind: place.Spot, Parts: []place.Part{{steps(orb.LineString{g})}}}
	case orb.LineString:
		return place.Shape{Kind: place.Line, Parts: []place.Part{{steps(g)}}}
	case orb.Polygon:
		ring := orb.LineString(g[0])
		return place.Shape{Kind: place.Area, Parts: []place.Part{{steps(ring[:len(ring)-1])}}}
	}
	return place.Shape{}
}

func (w *writer) hub(i int) string {
	via := record.AuthorOf(w.cast.Hubs[i]).Via()
	return hex.EncodeToString(via[:])
}

// places puts the places on the map, with how they stand.
func (w *writer) places() {
	for i, at := range hubsAt() {
		name := []string{maria, maria, omar}[i]
		w.write(name, 550, "maps", record.Place, official, "b/"+w.hub(i), maps.Site{At: place.FromOrb(at), Form: form(w.hub(i))})
	}
	for _, s := range sites() {
		d := s.Details
		d.Form = form(s.id)
		w.write(s.by, s.since, "maps", record.Place, official, "p/"+s.id, d)
		if s.state.Status != 0 {
			s.state.Form = form(s.id)
			w.write(s.by, s.said, "maps", record.Place, official, "s/"+s.id, s.state)
		}
	}
}

// doors are the counts of people at the doors of shelters.
func (w *writer) doors() {
	for _, d := range doors() {
		var who [][]byte
		for _, t := range d.tallies {
			a := w.people[t.by].author()
			who = append(who, a[:])
		}
		w.write(d.allows, 400, "maps", record.Place, official, "d/"+d.id, maps.Allowance{Who: who, Form: form("d" + d.id)})
		for _, t := range d.tallies {
			w.write(t.by, t.minutes, "maps", record.People, official, "h/"+d.id+"/"+w.hub(t.hub), maps.Count{
				Total: t.people, Recent: []maps.Press{{ID: form(d.id + t.by), Add: t.people}},
			})
		}
	}
}

// sightings are what neighbors have seen, and who saw it too.
func (w *writer) sightings() {
	for i, s := range seen() {
		id := fmt.Sprintf("seen-%d", i+1)
		body := s.Sighting
		if s.at != (orb.Point{}) {
			p := place.FromOrb(s.at)
			body.At = &p
		}
		w.write(s.by, s.minutes, "maps", record.Talk, week, "o/"+id, body)
		by := w.people[s.by].author()
		for k, too := range s.too {
			w.write(too, s.minutes-5*(k+1), "maps", record.Talk, week, "w/"+ref(by, id), maps.Witness{Re: maps.Ref{Author: by[:], ID: id}})
		}
	}
}

// notices are what the coordinators have released, the questions and their answers.
func (w *writer) notices() {
	for i, n := range released() {
		b := n.Body
		b.Until = w.ago(n.minutes).Add(n.holds).Unix()
		w.write(n.by, n.minutes, "notices", record.Notice, official, "n/"+fmt.Sprintf("notice-%d", i+1), b)
	}
	for i, q := range asked() {
		id := fmt.Sprintf("question-%d", i+1)
		w.write(q.by, q.minutes, "notices", record.Talk, talk, "q/"+id, notices.Question{Text: q.text})
		if q.answer == "" {
			continue
		}
		by := w.people[q.by].author()
		w.write(q.answers, q.answered, "notices", record.Notice, official, "a/"+ref(by, id), notices.Answer{
			Re: notices.Ref{Author: by[:], ID: id}, Claim: q.text, Verdict: q.verdict, Lang: "en", Text: q.answer,
		})
	}
}

// posts are what neighbors say, each of which may answer an earlier one.
func (w *writer) posts() {
	all := said()
	for i, p := range all {
		b := messages.Body{Channel: p.channel, Text: p.text}
		if p.re > 0 {
			of := w.people[all[p.re-1].by].author()
			b.Re = &messages.Ref{Author: of[:], Client: fmt.Sprintf("post-%d", p.re)}
		}
		sum := sha256.Sum256([]byte(p.channel))
		w.write(p.by, p.minutes, "messages", record.Talk, talk, fmt.Sprintf("%s/post-%d", hex.EncodeToString(sum[:8]), i+1), b)
	}
}
