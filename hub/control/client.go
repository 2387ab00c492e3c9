package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// Why a hub cannot be asked. Match with errors.Is.
var (
	ErrNotRunning = errors.New("no hub runs on this data folder")
	ErrNotOwner   = errors.New("only the user to whom the hub's data folder belongs may ask it; log in as that user, or as root")
)

// Client asks the hub that runs on a data folder.
type Client struct{ http http.Client }

// NewClient makes a client; it connects with each request anew.
func NewClient(folder string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		addr, done, err := reachable(folder)
		if err != nil {
			return nil, err
		}
		defer done()
		return new(net.Dialer).DialContext(ctx, "unix", addr)
	}
	return &Client{http.Client{
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
		Timeout:   maxTime,
	}}
}

// Status is how the hub stands.
func (c *Client) Status(ctx context.Context) (s Status, err error) {
	err = c.Call(ctx, "status", Nothing{}, &s)
	return s, err
}

// Block cuts the hub's link with a peer until Unblock or the hub's end.
func (c *Client) Block(ctx context.Context, peer record.Author) error {
	return c.Call(ctx, "block", Peer{peer.String()}, nil)
}

// Unblock ends what Block began.
func (c *Client) Unblock(ctx context.Context, peer record.Author) error {
	return c.Call(ctx, "unblock", Peer{peer.String()}, nil)
}

// Missing are those of an app's keys that are in no slot of the hub's set.
func (c *Client) Missing(ctx context.Context, app record.App, keys []string) ([]string, error) {
	var out Keys
	err := c.Call(ctx, "missing", Keys{string(app), keys}, &out)
	return out.Keys, err
}

// Call has the hub do what a verb says, with in, and reads what it gives into
// out, unless that is nil.
func (c *Client) Call(ctx context.Context, verb string, in, out any) error {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(in); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/"+verb, &body)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return unasked(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return refusal(res)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(out); err != nil {
		return fmt.Errorf("the hub's answer does not read: %w", err)
	}
	return nil
}

// unasked is why the hub could not be asked.
func unasked(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return ErrNotRunning
	case errors.Is(err, fs.ErrPermission):
		return ErrNotOwner
	}
	return fmt.Errorf("the hub does not answer: %w", err)
}

// refusal is why it does not do what it was asked.
func refusal(res *http.Response) error {
	var e errorBody
	if err := json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&e); err != nil || e.Error == "" {
		return fmt.Errorf("the hub answers %s", res.Status)
	}
	return fmt.Errorf("the hub refuses: %s", e.Error)
}
