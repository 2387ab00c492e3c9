package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"github.com/lamppost-hub/lamppost/hub/server"
)

func FuzzFields(f *testing.F) {
	for _, s := range []string{`{"text":"a","client_id":"c"}`, `{"text":"\ud800"}`, `{"text":{"text":[]}}`, `{"text":"a","text":"b"}`, `[1e999]`, "null", "{\"\xff\":1}", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		fields, err := server.ParseFields(body, "text", "client_id", "name")
		if err != nil {
			return
		}
		var want map[string]string
		if err := json.Unmarshal([]byte(body), &want); err != nil || len(want) != len(fields) {
			t.Fatalf("%q reads as %v, not %v (%v)", body, fields, want, err)
		}
		for name, values := range fields {
			if len(values) != 1 || values[0] != want[name] || !utf8.ValidString(values[0]) {
				t.Fatalf("%q reads as %v, not %v", body, fields, want)
			}
		}
	})
}

func FuzzWish(f *testing.F) {
	for _, s := range []string{wish, `{"watch":[]}`, `{"watch":null}`, `{"watch":[{"app":"messages","terms":["a","a",""]}]}`, `{"watch":[{}]}`, "[[[["} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		topics, err := server.ParseWish(b)
		var bye *websocket.CloseError
		if err != nil && (!errors.As(err, &bye) || len(bye.Text) > 123 || !utf8.ValidString(bye.Text)) {
			t.Fatalf("%q: %v", b, err)
		}
		if len(topics) > 32 {
			t.Fatalf("%d topics", len(topics))
		}
		for _, topic := range topics {
			if topic.App != "messages" || len(topic.Term) == 0 || len(topic.Term) > 64 {
				t.Fatalf("%+v", topic)
			}
		}
	})
}

// A phone's word is one object with one whole number, or is refused in words.
func FuzzParseTold(f *testing.F) {
	for _, seed := range []string{`{"now":1795632120000}`, `{"now":-1}`, `{"now":1e3}`, `{"now":1,"now":2}`, `{}`, `null`, `{"now":null}`, `{"NOW":1}`, `[1]`, `{"now":9223372036854775807}`, `{"now":1} {}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		at, err := server.ParseTold(body)
		if err != nil {
			if status, text := server.Explained(err); status != http.StatusUnprocessableEntity || text == "" {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		again, err := server.ParseTold(fmt.Sprintf(`{"now":%d}`, at.UnixMilli()))
		if err != nil || !again.Equal(at) {
			t.Errorf("%q: %v, then %v, %v", body, at, again, err)
		}
	})
}

// Whatever is sent as a form with files: its fields are read or it is refused in words, and
// the app finds all of it.
func FuzzFormWithFiles(f *testing.F) {
	const kind = "multipart/form-data; boundary=x"
	for _, body := range []string{
		"", "--x--", "--x\r\nContent-Disposition: form-data; name=csrf\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n<a/>\r\n--x--\r\n",
		"--x\nContent-Disposition: form-data; name=\"\"\n\n\n--x", "--x\r\n\r\n" + strings.Repeat("y", 70<<10),
	} {
		f.Add(kind, body)
		f.Add("application/x-www-form-urlencoded", body)
	}
	f.Add("text/plain", "csrf=abc")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		form, err := server.ReadHead(r)
		if err != nil {
			if code, text := server.Explained(err); code/100 != 4 || text == "" {
				t.Fatalf("%d %q: %v", code, text, err)
			}
		}
		if size := len(form.Encode()); size > 10*len(body) {
			t.Fatalf("%d bytes of fields from %d", size, len(body))
		}
		rest, err := io.ReadAll(r.Body)
		if err != nil || string(rest) != body {
			t.Fatalf("%d of %d bytes are left: %v", len(rest), len(body), err)
		}
	})
}
