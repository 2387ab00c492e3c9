package rootsheet

import (
	"regexp"
	"strconv"
	"strings"
)

// Find is the words of each sheet in a text: the page that HTML makes, sheets as Text
// prints them, or a line of words a sheet. Empty lines and those that begin with # are
// nothing. Whether they are sheets, Take says.
func Find(text string) (sheets []string) {
	if lists := regexp.MustCompile(`(?is)<ol\b[^>]*>(.*?)</ol>`).FindAllStringSubmatch(text, -1); len(lists) > 0 {
		for _, list := range lists {
			sheets = append(sheets, listed(list[1]))
		}
		return sheets
	}
	if printed := strings.Split(text, "Root sheet "); len(printed) > 1 {
		for _, sheet := range printed[1:] {
			sheets = append(sheets, inOrder(sheet))
		}
		return sheets
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			sheets = append(sheets, line)
		}
	}
	return sheets
}

// listed is the words of a list in a page, which a browser that saved it may have
// written in another way.
func listed(list string) string {
	var found []string
	for _, m := range regexp.MustCompile(`(?i)<li\b[^>]*>\s*([a-z-]+)`).FindAllStringSubmatch(list, -1) {
		found = append(found, m[1])
	}
	return strings.Join(found, " ")
}

// inOrder is the words of a printed sheet, which has them in two columns.
func inOrder(sheet string) string {
	var found [Words]string
	numbered := regexp.MustCompile(`\b(\d{1,2})\. ([a-z-]+)`)
	for _, m := range numbered.FindAllStringSubmatch(sheet, -1) {
		for n := range found {
			if m[1] == strconv.Itoa(n+1) && found[n] == "" {
				found[n] = m[2]
			}
		}
	}
	return strings.TrimSpace(strings.Join(found[:], " "))
}
