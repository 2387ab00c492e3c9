package messages

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

var _ hub.Answerer = App{}

// maxLimit is how many posts a program gets at most at once.
const maxLimit = 100

// Posts is a part of a channel as programs get it, newest first.
type Posts struct {
	Channel string     `json:"channel"`
	Items   []Post     `json:"items"`
	Ahead   []Post     `json:"ahead,omitempty"` // written by a clock that was wrong; with the newest only
	Next    string     `json:"next,omitempty"`  // ?before= of what is older
	Terms   []hub.Term `json:"terms"`           // a change under one of them makes this stale
}

// Answer is a part of the channel that the path names, from ?before= on and with
// at most ?limit= posts.
func (App) Answer(s hub.Snapshot, q hub.Request) (any, error) {
	ch, err := channelAt(q.Path)
	if err != nil {
		return nil, err
	}
	before, err := parsePlace(q.Query.Get("before"))
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(q.Query)
	if err != nil {
		return nil, err
	}
	return part(s, q, ch, before, limit)
}

// Fields are those of a post.
func (App) Fields() []string { return []string{"text", "client_id"} }

// Written is the post that a request wrote, now or before.
func (App) Written(s hub.Snapshot, q hub.Request) (any, error) {
	ch, err := channelAt(q.Path)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(ch, q.Form.Get("client_id"))
	if err != nil {
		return nil, err
	}
	it, found, err := latest(s, key, q.Author)
	if err != nil {
		return nil, err
	}
	if found {
		if p, ok := whole(s, q, it); ok {
			return p, nil
		}
	}
	return nil, hub.Errorf(hub.NotFound, "", "This post has just been taken away.")
}

func part(s hub.Snapshot, q hub.Request, ch string, before place, limit int) (Posts, error) {
	v := Posts{Channel: ch, Items: []Post{}, Terms: []hub.Term{term(ch), hub.Reached}}
	var last place
	for it, err := range s.Newest(term(ch), before.cursor()) {
		if err != nil {
			return v, fmt.Errorf("posts of a channel: %w", err)
		}
		here := placeOf(it)
		if before.set() && !here.olderThan(before) {
			continue
		}
		p, ok := whole(s, q, it)
		switch {
		case !ok || p.Channel.Name != ch:
		case it.Ahead && !before.set():
			if len(v.Ahead) < maxAhead {
				v.Ahead = append(v.Ahead, p)
			}
		case len(v.Items) == limit:
			v.Next = last.String()
			return v, nil
		default:
			v.Items, last = append(v.Items, p), here
		}
	}
	return v, nil
}

func limitOf(q url.Values) (int, error) {
	v := q.Get("limit")
	if v == "" {
		return pageLen, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxLimit {
		return 0, hub.Errorf(hub.Invalid, "limit", "A limit is a number from 1 to %d.", maxLimit)
	}
	return n, nil
}

// place is where a post stands in a list: several may have one time, and then
// their ids put them in order.
type place struct {
	time record.Time
	id   [8]byte // the first of the record's
}

func placeOf(it hub.Item) place {
	id := it.ID()
	return place{it.Time, [8]byte(id[:8])}
}

func (p place) set() bool { return p.time != 0 }

// cursor begins a list with the posts of the place's own time.
func (p place) cursor() hub.Cursor {
	if !p.set() {
		return 0
	}
	return hub.Cursor(p.time + 1)
}

func (p place) olderThan(o place) bool {
	return p.time < o.time || p.time == o.time && bytes.Compare(p.id[:], o.id[:]) < 0
}

func (p place) String() string {
	return strconv.FormatUint(uint64(p.time), 36) + "." + hex.EncodeToString(p.id[:])
}

// parsePlace reads what String wrote; an empty one is the newest.
func parsePlace(s string) (p place, _ error) {
	if s == "" {
		return p, nil
	}
	at, id, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(at, 36, 64)
	b, idErr := hex.DecodeString(id)
	if err != nil || idErr != nil || len(b) != len(p.id) || n == 0 || n > uint64(record.MaxTime) {
		return p, hub.Errorf(hub.Invalid, "before", "This is no place in a list. Use what came as next, or leave it out.")
	}
	return place{record.Time(n), [8]byte(b)}, nil
}
