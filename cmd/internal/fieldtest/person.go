package fieldtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Person writes at a hub through its JSON API, from the hub's own machine.
type Person struct {
	name   string
	client *http.Client
	token  string
	sent   int
}

// Person is somebody new; the first post makes them known to the hub.
func (h *Hub) Person(name string) *Person {
	return &Person{name: name, client: &http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return h.Host.Dial(ctx, network, pages)
		}},
	}}
}

// Done closes the person's connections.
func (p *Person) Done() { p.client.CloseIdleConnections() }

// Post writes to the town and returns the key of the post's slot. Without an
// error it is on the hub's disk.
func (p *Person) Post(ctx context.Context, text string) (key string, _ error) {
	id := fmt.Sprintf("%s-%d", strings.ReplaceAll(p.name, " ", "-"), p.sent)
	p.sent++
	body, err := json.Marshal(map[string]string{"text": text, "name": p.name, "client_id": id})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+pages+"/api/v1/messages/town", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("%s posts: %s: %s", p.name, res.Status, answer)
	}
	var made struct {
		Session struct {
			Token string `json:"token"`
		} `json:"session"`
	}
	if err := json.Unmarshal(answer, &made); err != nil {
		return "", err
	}
	if p.token == "" {
		p.token = made.Session.Token
	}
	return townKey(id), nil
}

// townKey is the slot of a post to the town.
func townKey(clientID string) string {
	sum := sha256.Sum256([]byte("town"))
	return hex.EncodeToString(sum[:8]) + "/" + clientID
}

// Holds reports whether a hub has all posts of these keys.
func (h *Hub) Holds(ctx context.Context, keys ...string) (bool, error) {
	missing, err := h.Console().Missing(ctx, "messages", keys)
	return len(missing) == 0, err
}
