package fieldtest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Fill opens a page, fills fields of one of its forms in, leaves the others as they begin, and
// sends it. The form is the first whose address ends so and that has the fields; a button is one of
// them, and one without a value is left as well. It returns where that leads, and it is an error if the form is shown again.
func (b *Browser) Fill(ctx context.Context, path, action string, fields url.Values) (to string, _ error) {
	page, err := b.Get(ctx, path)
	if err != nil {
		return "", err
	}
	at, form, err := page.form(action, fields)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	a, err := b.do(ctx, http.MethodPost, at, form)
	if err == nil && a.Status != http.StatusSeeOther {
		err = fmt.Errorf("%s is not taken: %s", at, a.Said())
	}
	return a.To, err
}

// form is where a form of the page is sent to, and what it sends with fields filled in.
func (a Answer) form(action string, fields url.Values) (at string, _ url.Values, _ error) {
	page, err := html.Parse(strings.NewReader(a.Page))
	if err != nil {
		return "", nil, err
	}
	for n := range page.Descendants() {
		at, _, _ := strings.Cut(attribute(n, "action"), "?")
		if n.Data != "form" || !strings.HasSuffix(at, action) {
			continue
		}
		form, names := contents(n)
		lacking := false
		for field, values := range fields {
			lacking = lacking || !slices.Contains(names, field)
			if values != nil {
				form[field] = values
			}
		}
		if !lacking {
			return attribute(n, "action"), form, nil
		}
	}
	return "", nil, fmt.Errorf("no form to %s has %v: %s", action, fields, a.Said())
}

// contents is what a form sends as it stands, without its buttons, and the names of all its fields.
func contents(form *html.Node) (sent url.Values, names []string) {
	sent = url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		if name == "" {
			continue
		}
		names = append(names, name)
		switch kind := attribute(n, "type"); {
		case n.Data == "textarea":
			if n.FirstChild != nil {
				sent.Add(name, n.FirstChild.Data)
			}
		case n.Data == "select":
			sent.Set(name, chosen(n))
		case n.Data == "input" && (kind != "checkbox" && kind != "radio" || has(n, "checked")):
			sent.Add(name, attribute(n, "value"))
		}
	}
	return sent, names
}

// chosen is the value of a list of choices.
func chosen(list *html.Node) (value string) {
	first := true
	for n := range list.Descendants() {
		if n.Data == "option" && (first || has(n, "selected")) {
			value, first = attribute(n, "value"), false
		}
	}
	return value
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
