package capxml

import (
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
)

const namespaceAtom = "http://www.w3.org/2005/Atom"

// What is taken of a feed.
const (
	MaxLinks = 1000
	maxURL   = 2000 // bytes
	maxTitle = 500
)

// Link is where an entry of a feed has its alert. Nothing in it is to be trusted: whoever
// follows one looks first at where it leads.
type Link struct {
	URL     string // http, https, or relative to where the feed came from
	Type    string // media type, where the feed says one
	ID      string // of the entry, where it has one
	Title   string
	Updated time.Time // zero where the feed does not say it clearly
}

// atomLinks lists the links of entries that have no alert in them (RFC 4287 section 4.2.7).
func atomLinks(tree *etree.Document) []Link {
	root := tree.Root()
	entries := []*etree.Element{root}
	if root.Tag == "feed" {
		entries = root.SelectElements("entry")
	}
	var out []Link
	for _, entry := range entries {
		if hasAlert(entry) || len(out) >= MaxLinks {
			continue
		}
		l := Link{ID: childText(entry, "id", maxURL), Title: childText(entry, "title", maxTitle)}
		l.Updated, _ = time.Parse(time.RFC3339, childText(entry, "updated", 40))
		best := 0
		for _, el := range entry.ChildElements() {
			href, rel := "", el.SelectAttrValue("rel", "alternate")
			switch {
			case el.Tag == "link" && (rel == "alternate" || rel == "enclosure" || rel == "related"):
				href = el.SelectAttrValue("href", "")
			case el.Tag == "content":
				href = el.SelectAttrValue("src", "")
			}
			media := el.SelectAttrValue("type", "")
			if good := promise(media); good > best && followable(href) {
				best, l.URL, l.Type = good, trim(href), media
			}
		}
		if best > 0 {
			out = append(out, l)
		}
	}
	return out
}

// rssLinks lists the links of items that have no alert in them. Versions differ in where
// the items are.
func rssLinks(tree *etree.Document) []Link {
	items := tree.Root().SelectElements("item")
	if channel := tree.Root().SelectElement("channel"); channel != nil {
		items = append(items, channel.SelectElements("item")...)
	}
	var out []Link
	for _, item := range items {
		if hasAlert(item) || len(out) >= MaxLinks {
			continue
		}
		l := Link{ID: childText(item, "guid", maxURL), Title: childText(item, "title", maxTitle)}
		date := childText(item, "pubDate", 60)
		for _, layout := range []string{time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700"} {
			if t, err := time.Parse(layout, date); err == nil {
				l.Updated = t
				break
			}
		}
		if href := childText(item, "link", maxURL+1); followable(href) {
			l.URL = href
		}
		for _, el := range item.SelectElements("enclosure") {
			media := el.SelectAttrValue("type", "")
			if href := el.SelectAttrValue("url", ""); promise(media) == 3 && followable(href) {
				l.URL, l.Type = trim(href), media
			}
		}
		if l.URL != "" {
			out = append(out, l)
		}
	}
	return out
}

// promise tells how likely there is an alert behind a link of a media type; 0 is not at all.
func promise(media string) int {
	media, _, _ = strings.Cut(strings.ToLower(trim(media)), ";")
	switch {
	case trim(media) == MediaType:
		return 3
	case media == "":
		return 2
	case strings.HasSuffix(trim(media), "xml") && !strings.Contains(media, "html"):
		return 1
	}
	return 0
}

func followable(href string) bool {
	href = trim(href)
	u, err := url.Parse(href)
	return err == nil && href != "" && len(href) <= maxURL && (u.Scheme == "" || u.Scheme == "http" || u.Scheme == "https")
}

func hasAlert(el *etree.Element) bool {
	for _, child := range el.ChildElements() {
		if child.Tag == "alert" || hasAlert(child) {
			return true
		}
	}
	return false
}

// childText is the text of a child that has no prefix, cut to at most so many bytes.
func childText(el *etree.Element, tag string, most int) string {
	for _, child := range el.ChildElements() {
		if child.Tag == tag && child.Space == el.Space {
			return strings.ToValidUTF8(cutBytes(trim(allText(child)), most), "")
		}
	}
	return ""
}

func cutBytes(s string, most int) string { return s[:min(len(s), most)] }
