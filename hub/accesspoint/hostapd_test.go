package accesspoint

import (
	"os"
	"strings"
	"testing"
)

func radio() Radio {
	return Radio{Interface: "wlan0", Isolate: true, Wifi: Wifi{SSID: "Lamppost", Passphrase: "come as you are", Country: "DE", Channel: 6}}
}

func TestAnAccessPointsConfiguration(t *testing.T) {
	open, old, far := radio(), radio(), radio()
	open.Passphrase = ""
	old.WPA2 = true
	far.Channel, far.Isolate, far.SSID = 36, false, "Straße\" #1"
	for name, c := range map[string]struct {
		radio     Radio
		has, lack []string
	}{
		"WPA2 or WPA3": {radio(), []string{"ssid2=4c616d70706f7374", "wpa=2", "wpa_key_mgmt=WPA-PSK SAE", "ieee80211w=1", "sae_require_mfp=1", "wpa_passphrase=come as you are", "ap_isolate=1", "country_code=DE", "hw_mode=g", "channel=6"}, nil},
		"WPA2":         {old, []string{"wpa_key_mgmt=WPA-PSK", "wpa=2"}, []string{"SAE", "sae"}},
		"open":         {open, []string{"ap_isolate=1"}, []string{"wpa", "sae"}},
		"5 GHz":        {far, []string{"hw_mode=a", "channel=36", "ap_isolate=0", "ssid2=53747261c39f65222023" + "31"}, []string{"Stra"}},
	} {
		b, err := c.radio.Hostapd()
		ok(t, err)
		lines := "\n" + string(b)
		for _, l := range c.has {
			if !strings.Contains(lines, "\n"+l+"\n") {
				t.Errorf("%s: no line %q in %s", name, l, lines)
			}
		}
		for _, l := range c.lack {
			if strings.Contains(lines, l) {
				t.Errorf("%s: %q in %s", name, l, lines)
			}
		}
	}
}

func TestAnAccessPointThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Radio)
		says   string // "" if it can be
	}{
		"32 octets":                {func(r *Radio) { r.SSID = strings.Repeat("ß", 16) }, ""},
		"17 letters of 2 octets":   {func(r *Radio) { r.SSID = strings.Repeat("ß", 17) }, "takes 34 octets"},
		"no name":                  {func(r *Radio) { r.SSID = "" }, "needs a name"},
		"a line break in the name": {func(r *Radio) { r.SSID = "a\nwpa=0" }, "cannot be shown"},
		"7 characters":             {func(r *Radio) { r.Passphrase = "1234567" }, "has 7 characters"},
		"63 characters":            {func(r *Radio) { r.Passphrase = strings.Repeat("x", 63) }, ""},
		"64 characters":            {func(r *Radio) { r.Passphrase = strings.Repeat("x", 64) }, "has 64 characters"},
		"a line break":             {func(r *Radio) { r.Passphrase = "12345678\nwpa=0" }, "English keyboard"},
		"an umlaut":                {func(r *Radio) { r.Passphrase = "Straße 12" }, "English keyboard"},
		"no country":               {func(r *Radio) { r.Country = "" }, "is no country"},
		"small letters":            {func(r *Radio) { r.Country = "de" }, "is no country"},
		"channel 14":               {func(r *Radio) { r.Channel = 14 }, "take 1, 6 or 11"},
		"a channel of radar":       {func(r *Radio) { r.Channel = 52 }, "radar"},
		"a foreign line":           {func(r *Radio) { r.Interface = "wlan0\nwpa=0" }, "no name of an interface"},
	} {
		r := radio()
		c.change(&r)
		_, err := r.Hostapd()
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheConfigurationIsItsOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		path, err := radio().WriteHostapd(folder)
		ok(t, err)
		info, err := os.Stat(path)
		ok(t, err)
		if info.Mode() != 0o600 {
			t.Errorf("%v", info.Mode())
		}
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) != 1 {
		t.Errorf("%v %v", all, err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
