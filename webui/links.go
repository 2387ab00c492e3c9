package webui

import (
	"html/template"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURL is the longest address that becomes a link, in bytes.
const maxURL = 500

// Text is what a neighbor wrote, with the addresses of hubs in it as links. Nothing else
// becomes one: no other scheme, no other host.
func (f *Frame) Text(text string) template.HTML { return withLinks(text, f.Here.Hosts, f.Prefix) }

func withLinks(text string, own []string, prefix string) template.HTML {
	var b strings.Builder
	for p := range pieces(text, own) {
		said := template.HTMLEscapeString(p.text)
		if p.link == "" {
			b.WriteString(said)
			continue
		}
		link := p.link
		if link[0] == '/' { // of this hub: the session stays
			link = prefix + link
		}
		b.WriteString(`<a href="` + template.HTMLEscapeString(link) + `" rel="ugc nofollow"><bdi dir="ltr">` + said + `</bdi></a>`)
	}
	return template.HTML(b.String()) //nolint:gosec // escaped
}

// piece is a part of a text, and where it leads; to nowhere if link is empty.
type piece struct{ text, link string }

// pieces cuts a text into addresses of hubs and what stands between them. Together they
// are the text.
func pieces(text string, own []string) func(yield func(piece) bool) {
	return func(yield func(piece) bool) {
		from := 0 // of what is not yielded yet
		for at := 0; at < len(text); {
			i := indexScheme(text[at:])
			if i < 0 {
				break
			}
			at += i
			n := urlLen(text[at:])
			link := ""
			if before, _ := utf8.DecodeLastRuneInString(text[:at]); !unicode.In(before, unicode.L, unicode.M, unicode.N) {
				link = hubLink(text[at:at+n], own)
			}
			if link != "" {
				if from < at && !yield(piece{text: text[from:at]}) || !yield(piece{text[at : at+n], link}) {
					return
				}
				from = at + n
			}
			at += n
		}
		if from < len(text) {
			yield(piece{text: text[from:]})
		}
	}
}

// scheme is the only one that hubs have.
const scheme = "http://"

// indexScheme is where the next address may begin, or -1.
func indexScheme(s string) int {
	for i := 0; i+len(scheme) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(scheme)], scheme) {
			return i
		}
	}
	return -1
}

// urlLen is how long the address is with which a text begins: up to a blank, a quote or an
// angle bracket, without the punctuation of the sentence around it.
func urlLen(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || strings.ContainsRune("<>\"'`\\", r)
	})
	if end < 0 {
		end = len(s)
	}
	for end > len(scheme) {
		r, n := utf8.DecodeLastRuneInString(s[:end])
		switch at := strings.IndexRune(")]}", r); {
		case at >= 0:
			if opens, closes := "([{"[at:at+1], ")]}"[at:at+1]; strings.Count(s[:end], opens) >= strings.Count(s[:end], closes) {
				return end
			}
		case r == '/' || !unicode.In(r, unicode.P, unicode.S, unicode.Cf) || strings.ContainsRune("-_~=&%+#@$", r):
			return end
		}
		end -= n
	}
	return end
}

// hubLink is where an address leads, if that is to a hub: a path for this one and for the
// hub that somebody is at, else an address; empty for any other.
func hubLink(typed string, own []string) string {
	if len(typed) > maxURL {
		return ""
	}
	u, err := url.Parse(typed)
	if err != nil || u.User != nil || u.Opaque != "" || u.Host == "" || strings.ContainsFunc(u.Host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return ""
	}
	if !linkable(u) {
		return ""
	}
	path := "/" + strings.TrimPrefix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		path += "?" + u.Query().Encode()
	}
	if u.Fragment != "" {
		path += "#" + u.EscapedFragment()
	}
	host := plainHost(u.Host)
	for _, one := range own {
		if host == plainHost(one) {
			return path
		}
	}
	if label, ok := strings.CutSuffix(host, ".internal"); ok && isLabel(label) {
		return scheme + host + path
	}
	return ""
}

// linkable reports whether a link may lead to an address's path: that of no session or
// language, of no page that signs out, and one that a browser asks for as it is written.
// What browsers resolve would lead elsewhere: segments of dots, however encoded, and slashes
// that are doubled, encoded or turned around.
func linkable(u *url.URL) bool {
	path := strings.TrimPrefix(u.Path, "/")
	if strings.HasPrefix(path, "~") || strings.Trim(path, "/") == "kiosk" ||
		strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) || strings.ContainsFunc(u.Path, unicode.IsControl) ||
		strings.Count(u.Path, "/") != strings.Count(u.EscapedPath(), "/") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// plainHost is a host in one form: in lower case, without the port that is meant anyway.
func plainHost(host string) string {
	host = strings.ToLower(host)
	if name, port, err := net.SplitHostPort(host); err == nil {
		if port != "80" && port != "" {
			return net.JoinHostPort(plainHost(name), port)
		}
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	return host
}

// isLabel reports whether s is one label of a host's name (RFC 1123).
func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && !strings.ContainsAny(s, ".:")
}
