package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/lamppost-hub/lamppost/hub"
)

// The kinds of forms: without files, and with.
const (
	plainForm = "application/x-www-form-urlencoded"
	filesForm = "multipart/form-data"
)

// readForm reads a plain form's body within the bounds of size and number.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != plainForm {
		return nil, status(http.StatusUnsupportedMediaType, "This page takes plain forms only (application/x-www-form-urlencoded).")
	}
	b, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return parseForm(b)
}

// readBody reads a request's body of at most maxForm bytes.
func readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var b strings.Builder
	if _, err := io.Copy(&b, r.Body); err != nil {
		if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
			return "", largeForm()
		}
		return "", brokeOff()
	}
	return b.String(), nil
}

// parseForm reads what a plain form's body says.
func parseForm(b string) (url.Values, error) {
	if strings.Count(b, "&") >= maxFields {
		return nil, manyFields()
	}
	form, err := url.ParseQuery(b)
	if err != nil {
		return nil, unreadable()
	}
	return form, nil
}

// readHead reads the fields of a form that come before its first file, of at most maxForm
// bytes, and leaves the body as it was, to be read from its beginning.
func readHead(r *http.Request) (form url.Values, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != plainForm && kind != filesForm {
		return nil, status(http.StatusUnsupportedMediaType, "This page takes forms only (%[1]s or %[2]s).", plainForm, filesForm)
	}
	var read bytes.Buffer
	head := io.TeeReader(io.LimitReader(r.Body, maxForm+1), &read)
	if kind == filesForm {
		form, err = readFieldsBefore(multipart.NewReader(head, params["boundary"]))
	} else if _, err = io.Copy(io.Discard, head); err != nil {
		err = errors.Join(brokeOff(), err)
	} else if read.Len() > maxForm {
		err = largeForm()
	} else {
		form, err = parseForm(read.String())
	}
	r.Body = restored{io.MultiReader(&read, r.Body), r.Body}
	return form, err
}

// readFieldsBefore reads the fields before the first file.
func readFieldsBefore(parts *multipart.Reader) (url.Values, error) {
	form := url.Values{}
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) || err == nil && p.FileName() != "" {
			return form, nil
		}
		if n == maxFields {
			return nil, manyFields()
		}
		var b []byte
		if err == nil {
			b, err = io.ReadAll(p)
		}
		if err != nil {
			return nil, errors.Join(unreadable(), err)
		}
		form.Add(p.FormName(), string(b))
	}
}

// restored is a body that is read from its beginning again.
type restored struct {
	io.Reader
	io.Closer
}

func manyFields() error {
	return status(http.StatusBadRequest, "The form has more than %d fields.", maxFields)
}

func unreadable() error {
	return status(http.StatusBadRequest, "What was sent is not a readable form. Please reload the page and try again.")
}

func brokeOff() error {
	return status(http.StatusBadRequest, "What was sent broke off on the way. Please send it again.")
}

func largeForm() error {
	return &statusError{
		status:  http.StatusRequestEntityTooLarge,
		said:    hub.Said{Phrase: "What was sent is far too large, so it was not read. Go back in your browser: what you wrote is still there, perhaps folded under “Write a post”. A post has at most 2,000 characters."},
		program: fmt.Sprintf("What was sent is far too large. At most %d bytes fit.", maxForm),
	}
}
