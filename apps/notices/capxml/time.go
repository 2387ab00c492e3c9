package capxml

import (
	"fmt"
	"strings"
	"time"
)

// FormatTime writes a time as CAP has it (1.2 section 3.3.2): whole seconds, a numeric
// offset, UTC as -00:00 and never as Z.
func FormatTime(t time.Time) string {
	s := t.Format("2006-01-02T15:04:05-07:00")
	if utc, found := strings.CutSuffix(s, "+00:00"); found {
		return utc + "-00:00"
	}
	return s
}

// What there is to say about a time that is not as CAP writes it.
const (
	ruleTime     = "a time is written 2006-01-02T15:04:05-07:00"
	ruleZone     = "a time has its zone, as in -07:00"
	ruleZulu     = "a time in UTC ends in -00:00, not in Z"
	ruleFraction = "a time is of whole seconds"
)

// parseTime reads a time. Where remark is not empty, the time breaks that rule and yet
// says clearly which it is.
func parseTime(s string) (t time.Time, remark string, err error) {
	const whole = len("2006-01-02T15:04:05")
	if len(s) < whole || !shaped(s[:whole], "0000-00-00T00:00:00") {
		return t, "", fmt.Errorf("%s; this is %s", ruleTime, quote(s))
	}
	rest := s[whole:]
	if strings.HasPrefix(rest, ".") {
		digits := len(rest) - len(strings.TrimLeft(rest[1:], "0123456789")) - 1
		if digits < 1 || digits > 9 {
			return t, "", fmt.Errorf("%s; this is %s", ruleTime, quote(s))
		}
		remark, rest = ruleFraction, rest[1+digits:]
	}
	switch {
	case rest == "":
		return t, "", fmt.Errorf("%s; this is %s", ruleZone, quote(s))
	case rest == "Z":
		remark = ruleZulu
	case shaped(rest, "+00:00"), shaped(rest, "-00:00"):
		if rest[1:3] > "14" || rest[1:3] == "14" && rest[4:] != "00" || rest[4:] > "59" {
			return t, "", fmt.Errorf("no zone is further than 14 hours from UTC; this is %s", quote(s))
		}
	default:
		return t, "", fmt.Errorf("%s; this is %s", ruleTime, quote(s))
	}
	t, err = time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("there is no such time as %s", quote(s))
	}
	if t.Year() < 1 {
		return time.Time{}, "", fmt.Errorf("there is no such time as %s", quote(s))
	}
	// Parse names the zone of this machine where the offset happens to be its own.
	_, offset := t.Zone()
	if offset == 0 {
		return t.UTC(), remark, nil
	}
	return t.In(time.FixedZone("", offset)), remark, nil
}

// shaped reports whether s is like the pattern, in which 0 is any digit.
func shaped(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		digit := s[i] >= '0' && s[i] <= '9'
		if pattern[i] == '0' && !digit || pattern[i] != '0' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}

// quote shows what somebody else wrote, cut where it is long.
func quote(s string) string {
	const most = 40
	short := []rune(s[:min(len(s), 4*most+4)])
	if len(short) > most {
		return fmt.Sprintf("%q…", string(short[:most]))
	}
	return fmt.Sprintf("%q", s)
}
