package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// socket is one client's live connection. What it wants and what has changed
// waits in places for one, where the new takes in the old: a client that does
// not read costs no more than one that does, until it is dropped.
type socket struct {
	conn  *websocket.Conn
	feed  Feed
	known func(record.App) bool
	turn  func() time.Duration // how long to wait with news
	want  chan []Topic         // the latest wish
}

// run serves the socket until the client goes or ctx ends.
func (k *socket) run(ctx context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { cancel(k.read()) })
	k.write(ctx)
	_ = k.conn.Close() // makes the reader end
	cancel(nil)
	reader.Wait()
}

// read takes wishes until something is wrong, which it returns.
func (k *socket) read() error {
	alive := func() error { return k.conn.SetReadDeadline(time.Now().Add(livePeer)) }
	k.conn.SetReadLimit(maxMessage)
	k.conn.SetPongHandler(func(string) error { return alive() })
	for {
		if err := alive(); err != nil {
			return err
		}
		kind, b, err := k.conn.ReadMessage()
		if err != nil {
			return err
		}
		if kind != websocket.TextMessage {
			return &websocket.CloseError{Code: websocket.CloseUnsupportedData, Text: "text only"}
		}
		topics, err := parseWish(b, k.known)
		if err != nil {
			return err
		}
		select {
		case <-k.want: // superseded
		default:
		}
		k.want <- topics // nobody else sends
	}
}

// write tells what is watched and what has changed until ctx ends or the client
// takes nothing more.
func (k *socket) write(ctx context.Context) {
	ping := time.NewTicker(livePing)
	defer ping.Stop()
	stop := func() {}
	defer func() { stop() }()
	var changed <-chan []Topic // gathers what changes until it is looked at
	var news []Topic           // is to be told at its turn
	var turn <-chan time.Time
	var told time.Time
	for {
		next := changed
		if news != nil {
			next = nil
		}
		var err error
		select {
		case <-ctx.Done():
			k.leave(context.Cause(ctx))
			return
		case wish := <-k.want:
			m := liveMessage{Watching: grouped(wish), Changed: grouped(gathered(news, changed))}
			news, turn = nil, nil
			stop()
			changed, stop = k.watch(ctx, wish)
			err = k.send(m)
		case news = <-next:
			turn = time.After(max(k.turn(), time.Until(told.Add(livePace))))
		case <-turn:
			err = k.send(liveMessage{Changed: grouped(gathered(news, changed))})
			news, turn, told = nil, nil, time.Now()
		case <-ping.C:
			err = k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(liveWrite))
		}
		if err != nil {
			return
		}
	}
}

// gathered is topics and what has changed since.
func gathered(topics []Topic, changed <-chan []Topic) []Topic {
	select {
	case more := <-changed:
		for _, t := range more {
			if !slices.Contains(topics, t) {
				topics = append(topics, t)
			}
		}
	default:
	}
	return topics
}

func (k *socket) watch(ctx context.Context, wish []Topic) (<-chan []Topic, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	return k.feed.Watch(ctx, wish...), stop
}

func (k *socket) send(m liveMessage) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := k.conn.SetWriteDeadline(time.Now().Add(liveWrite)); err != nil {
		return err
	}
	return k.conn.WriteMessage(websocket.TextMessage, b)
}

// leave says why the socket ends, if there is anybody to tell.
func (k *socket) leave(why error) {
	bye := &websocket.CloseError{Code: websocket.CloseGoingAway, Text: "this place is stopping"}
	if !errors.Is(why, context.Canceled) && !errors.As(why, &bye) {
		return // the connection is broken
	}
	_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(bye.Code, bye.Text), time.Now().Add(time.Second))
}

// liveMessage is what the hub sends.
type liveMessage struct {
	Watching []topicGroup `json:"watching,omitzero"` // from now on; look once more now
	Changed  []topicGroup `json:"changed,omitempty"`
}

// topicGroup is topics of one app.
type topicGroup struct {
	App   record.App `json:"app"`
	Terms []hub.Term `json:"terms"`
}

func grouped(topics []Topic) []topicGroup {
	groups := []topicGroup{}
	for _, t := range topics {
		i := slices.IndexFunc(groups, func(g topicGroup) bool { return g.App == t.App })
		if i < 0 {
			i, groups = len(groups), append(groups, topicGroup{App: t.App})
		}
		groups[i].Terms = append(groups[i].Terms, t.Term)
	}
	return groups
}

// parseWish reads what a client wants to be told of; it replaces what it wanted
// before. An error is a *websocket.CloseError that says what is wrong.
func parseWish(b []byte, known func(record.App) bool) ([]Topic, error) {
	bad := func(format string, args ...any) error {
		return &websocket.CloseError{Code: websocket.ClosePolicyViolation, Text: fmt.Sprintf(format, args...)}
	}
	if !utf8.Valid(b) {
		return nil, &websocket.CloseError{Code: websocket.CloseInvalidFramePayloadData, Text: "not UTF-8"}
	}
	var wish struct {
		Watch *[]topicGroup `json:"watch"`
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&wish); err != nil || wish.Watch == nil || !ended(dec) {
		return nil, bad(`send {"watch":[{"app":"…","terms":["…"]}]}`)
	}
	topics := []Topic{}
	for _, g := range *wish.Watch {
		if !known(g.App) {
			return nil, bad("there is no app of this name")
		}
		for _, term := range g.Terms {
			if len(term) == 0 || len(term) > maxTerm {
				return nil, bad("a term has 1 to %d bytes", maxTerm)
			}
			if t := (Topic{g.App, term}); !slices.Contains(topics, t) {
				topics = append(topics, t)
			}
			if len(topics) > maxTopics {
				return nil, bad("at most %d terms", maxTopics)
			}
		}
	}
	return topics, nil
}

// ended reports whether nothing but blanks follows.
func ended(dec *json.Decoder) bool {
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}

// maxTerm is how long a term can be, in bytes: see hub.Term.
const maxTerm = 64
