package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// readFields reads what a program sends: one JSON object whose members are all
// text, each known and at most once.
func readFields(w http.ResponseWriter, r *http.Request, known []string) (url.Values, error) {
	b, err := readJSON(w, r)
	if err != nil {
		return nil, err
	}
	return parseFields(b, known)
}

// readJSON reads a body that says it is JSON in UTF-8.
func readJSON(w http.ResponseWriter, r *http.Request) (string, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return "", forPrograms(http.StatusUnsupportedMediaType, "", "Send JSON in UTF-8 (Content-Type: application/json).")
	}
	if packed(r) {
		return "", forPrograms(http.StatusUnsupportedMediaType, "", "Send JSON as it is, not compressed.")
	}
	return readBody(w, r)
}

// packed reports whether a body is compressed.
func packed(r *http.Request) bool {
	coding := r.Header.Get("Content-Encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}

// noField is said of a field that is none of those known.
func noField(name string, known []string) error {
	return forPrograms(http.StatusUnprocessableEntity, brief(name), "There is no field %q here. There are: %s.", brief(name), strings.Join(known, ", "))
}

// twice is said of a field that is given more than once.
func twice(name string) error {
	return forPrograms(http.StatusUnprocessableEntity, name, "The field %q is given twice.", name)
}

// parseFields reads a JSON object (RFC 8259). A lone surrogate in an escape
// becomes U+FFFD, as it is no character. Nothing nested is looked into.
func parseFields(b string, known []string) (url.Values, error) {
	if !utf8.ValidString(b) {
		return nil, forPrograms(http.StatusBadRequest, "", "What was sent is not UTF-8.")
	}
	if !json.Valid([]byte(b)) {
		return nil, forPrograms(http.StatusBadRequest, "", "What was sent is not JSON.")
	}
	dec := json.NewDecoder(strings.NewReader(b))
	dec.UseNumber() // of any size: it is refused below
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, forPrograms(http.StatusUnprocessableEntity, "", "Send one JSON object.")
	}
	fields := url.Values{}
	for dec.More() {
		name, err := text(dec)
		switch {
		case err != nil:
			return nil, err
		case !slices.Contains(known, name):
			return nil, noField(name, known)
		case fields.Has(name):
			return nil, twice(name)
		}
		value, err := text(dec)
		if errors.Is(err, errNoText) {
			return nil, forPrograms(http.StatusUnprocessableEntity, name, "The field %q takes text, in quotes.", name)
		}
		if err != nil {
			return nil, err
		}
		fields.Set(name, value)
	}
	return fields, nil
}

var errNoText = errors.New("not a string")

// text reads the next token, which has to be a string.
func text(dec *json.Decoder) (string, error) {
	t, err := dec.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read valid JSON: %w", err)
	}
	s, ok := t.(string)
	if !ok {
		return "", errNoText
	}
	return s, nil
}

// brief is a name that somebody else chose, short enough to be told back.
func brief(name string) string {
	const most = 40
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
