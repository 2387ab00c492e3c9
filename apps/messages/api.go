package messages

import (
	"bytes"
	"encoding/hex"
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
	Ahead   []Post     `json:"ahead,omitempty"`   // written by a clock that was wrong; with the newest only
	Further string     `json:"further,omitempty"` // ?before= of more of those, and then of all else
	Next    string     `json:"next,omitempty"`    // ?before= of what is older
	Terms   []hub.Term `json:"terms"`             // a change under one of them makes this stale
}

// Answer is a part of the channel that the path names, from ?before= on and with
// at most ?limit= posts; of the answers to one post, with its Ref in ?re=. Or it
// is what a search finds.
func (App) Answer(s hub.Snapshot, q hub.Request) (any, error) {
	if q.Path == searchPath {
		return find(s, q)
	}
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
	re, err := parseRef(q.Query.Get("re"))
	if err != nil {
		return nil, err
	}
	under := term(ch)
	if re != nil {
		under = re.term(hash(ch))
	}
	v := Posts{Channel: ch, Terms: []hub.Term{term(ch), hub.Reached}}
	l, err := part(s, q, under, ch, before, limit)
	v.Items, v.Ahead, v.Next, v.Further = l.posts, l.ahead, l.older, l.further
	if v.Items == nil {
		v.Items = []Post{}
	}
	return v, err
}

// Fields are those of a post and of what is done about one.
func (App) Fields() []string {
	return []string{"text", "client_id", "re", "edits", "withdraws", "reason", sure}
}

// Written is the post that a request wrote, changed or reported, now or before. One
// that was taken back has no text.
func (App) Written(s hub.Snapshot, q hub.Request) (any, error) {
	at, err := spotAt(q.Path)
	if err != nil {
		return nil, err
	}
	if at.page == reportPage {
		m, err := reporting(s, q, at)
		return m.Post, err
	}
	client := q.Form.Get("client_id")
	if at.page != "" {
		client = at.client
	}
	key, err := keyOf(at.channel, client)
	if err != nil {
		return nil, err
	}
	it, found, err := latest(s, key, q.Author)
	if err != nil {
		return nil, err
	}
	if found && it.Withdrawn() && q.Form.Has("withdraws") {
		return Post{ID: it.ID().String(), ClientID: client, By: whoIs(s, q.Author), At: it.Time.Wall(), Reached: max(0, it.Holders-1), ForReader: ForReader{Mine: true}}, nil
	}
	if found {
		if p, ok := whole(s, q, it); ok {
			return p, nil
		}
	}
	return nil, hub.Errorf(hub.NotFound, "", "This post has just been taken away.")
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
	return place{it.Listed, [8]byte(id[:8])}
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
		return p, &hub.Error{
			Code: hub.Invalid, Field: "before",
			Phrase:  "This link to older posts is damaged. Go back to the newest ones.",
			Program: "This is no place in a list. Use what came as next, or leave it out.",
		}
	}
	return place{record.Time(n), [8]byte(b)}, nil
}
