package accesspoint

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// hostapdFile is hostapd's configuration, in the data folder.
const hostapdFile = "hostapd.conf"

// Limits of IEEE 802.11.
const (
	maxSSID       = 32 // octets, not letters
	minPassphrase = 8
	maxPassphrase = 63
)

// Wifi is what phones see of a Wi-Fi.
type Wifi struct {
	SSID string `json:"ssid"` // its name, UTF-8, at most 32 octets
	// Passphrase is of 8 to 63 printable ASCII characters; "" leaves the Wi-Fi open to
	// everybody, unencrypted.
	Passphrase string `json:"passphrase,omitempty"`
	WPA2       bool   `json:"wpa2,omitempty"` // WPA2 alone, for adapters that cannot do WPA3; else phones choose
	Country    string `json:"country"`        // ISO 3166-1, such as "DE": which channels and how loud
	Channel    int    `json:"channel"`        // 1 to 13 at 2.4 GHz, or one at 5 GHz that need not be shared with radar
}

// Radio is how a Wi-Fi adapter serves as an access point.
type Radio struct {
	Interface string
	Isolate   bool // the access point passes nothing from phone to phone
	Wifi
}

// Hostapd is hostapd's configuration for a radio, in the words of hostapd.conf(5).
func (r Radio) Hostapd() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	var b strings.Builder
	set := func(key string, value any) { fmt.Fprintf(&b, "%s=%v\n", key, value) }
	set("interface", r.Interface)
	set("driver", "nl80211")
	set("ssid2", hex.EncodeToString([]byte(r.SSID))) // whatever characters it has
	set("utf8_ssid", 1)
	set("country_code", r.Country)
	set("ieee80211d", 1)
	set("hw_mode", r.mode())
	set("channel", r.Channel)
	set("ieee80211n", 1)
	set("wmm_enabled", 1)
	set("ap_isolate", bit(r.Isolate))
	set("auth_algs", 1)
	if r.Passphrase == "" {
		return []byte(b.String()), nil
	}
	set("wpa", 2)
	set("rsn_pairwise", "CCMP")
	set("wpa_passphrase", r.Passphrase)
	if r.WPA2 {
		set("wpa_key_mgmt", "WPA-PSK")
		return []byte(b.String()), nil
	}
	set("wpa_key_mgmt", "WPA-PSK SAE")
	set("ieee80211w", 1) // protected management frames where the phone can,
	set("sae_require_mfp", 1)
	return []byte(b.String()), nil
}

// WriteHostapd writes the configuration into the data folder, for its owner alone: it
// has the passphrase. It returns the file's path.
func (r Radio) WriteHostapd(folder string) (string, error) {
	b, err := r.Hostapd()
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, hostapdFile)
	if err := replace(path, b); err != nil {
		return "", fmt.Errorf("write the access point's configuration: %w", err)
	}
	return path, nil
}

func (r Radio) check() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if r.Interface == "" || strings.ContainsFunc(r.Interface, func(c rune) bool { return c <= ' ' || c == '/' || c > '~' }) {
		add("%q is no name of an interface, such as wlan0", r.Interface)
	}
	switch n := len(r.SSID); {
	case n == 0:
		add("the Wi-Fi needs a name that people recognize, such as “Lamppost”")
	case n > maxSSID:
		add("the Wi-Fi's name “%s” takes %d octets; at most %d are possible, and letters other than a to z take 2 to 4", r.SSID, n, maxSSID)
	case !utf8.ValidString(r.SSID) || strings.ContainsFunc(r.SSID, func(c rune) bool { return c < ' ' || c == 0x7f }):
		add("the Wi-Fi's name %q has characters that cannot be shown", r.SSID)
	}
	if n := len(r.Passphrase); n > 0 && (n < minPassphrase || n > maxPassphrase) {
		add("the passphrase has %d characters; it takes %d to %d, or none for an open Wi-Fi", n, minPassphrase, maxPassphrase)
	}
	if strings.ContainsFunc(r.Passphrase, func(c rune) bool { return c < ' ' || c > '~' }) {
		add("the passphrase has characters that not every phone can type; use letters a to z, digits and signs of the English keyboard")
	}
	if len(r.Country) != 2 || strings.ContainsFunc(r.Country, func(c rune) bool { return c < 'A' || c > 'Z' }) {
		add("%q is no country, such as DE or US: without it a Wi-Fi may use channels that are forbidden", r.Country)
	}
	if r.mode() == "" {
		add("channel %d is none: take 1, 6 or 11, or at 5 GHz 36, 40, 44, 48, 149, 153, 157, 161 or 165 (others have to make way for radar)", r.Channel)
	}
	return errors.Join(wrong...)
}

// mode is hostapd's letter for the channel's band; "" if it is of none.
func (r Radio) mode() string {
	switch {
	case r.Channel >= 1 && r.Channel <= 13:
		return "g"
	case slices.Contains([]int{36, 40, 44, 48, 149, 153, 157, 161, 165}, r.Channel):
		return "a"
	}
	return ""
}

func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
