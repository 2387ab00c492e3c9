package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lamppost-hub/lamppost/hub/accesspoint"
)

// wifiFlags are the Wi-Fi that hostapd makes of the phones' interface.
type wifiFlags struct {
	WifiName           string `placeholder:"NAME" help:"Make a Wi-Fi of this name, by hostapd. Without it somebody else makes it, such as an access point."`
	WifiPassphraseFile string `type:"path" placeholder:"FILE" help:"With --wifi-name: a file whose first line people have to type to join, 8 to 63 characters. Without it everybody can join, unencrypted."`
	WifiWPA2           bool   `name:"wifi-wpa2" help:"With a passphrase: WPA2 alone, for adapters that do not know WPA3, such as a Raspberry Pi's."`
	Country            string `placeholder:"XX" help:"With --wifi-name: the country that this is in, such as DE or US, which has its own channels."`
	Channel            *int   `placeholder:"N" help:"With --wifi-name: the channel, 1 to 13, or at 5 GHz 36, 40, 44, 48 or 149 to 165. Normally 6."`
}

// usualChannel is at 2.4 GHz, which every phone has.
const usualChannel = 6

// wifi reads what was typed; nil if no Wi-Fi is to be made.
func (c wifiFlags) wifi() (*accesspoint.Wifi, error) {
	if c.WifiName == "" {
		if c.WifiPassphraseFile != "" || c.WifiWPA2 || c.Country != "" || c.Channel != nil {
			return nil, errors.New("--wifi-passphrase-file, --wifi-wpa2, --country and --channel are for --wifi-name: give that as well")
		}
		return nil, nil
	}
	if c.Country == "" {
		return nil, errors.New("--wifi-name takes --country as well, such as --country DE: each country allows other channels")
	}
	w := &accesspoint.Wifi{SSID: c.WifiName, WPA2: c.WifiWPA2, Country: strings.ToUpper(c.Country), Channel: usualChannel}
	if c.Channel != nil {
		w.Channel = *c.Channel
	}
	if c.WifiPassphraseFile == "" {
		if c.WifiWPA2 {
			return nil, errors.New("--wifi-wpa2 is for a Wi-Fi with a passphrase: give --wifi-passphrase-file as well")
		}
		return w, nil
	}
	var err error
	w.Passphrase, err = readPassphrase(c.WifiPassphraseFile)
	return w, err
}

// maxPassphraseFile bounds what is read of a passphrase's file, in bytes.
const maxPassphraseFile = 4096

// readPassphrase reads the first line of a file. What it may be is checked later, with
// all else.
func readPassphrase(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("--wifi-passphrase-file: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPassphraseFile))
	if err != nil {
		return "", fmt.Errorf("--wifi-passphrase-file: %w", err)
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return "", fmt.Errorf("--wifi-passphrase-file: the first line of %s is empty; write the passphrase there, or leave the flag out for a Wi-Fi that everybody can join", path)
	}
	return string(line), nil
}

// tell says what was made.
func (c wifiFlags) tell(out io.Writer) {
	switch {
	case c.WifiName == "":
	case c.WifiPassphraseFile == "":
		fmt.Fprintf(out, "hostapd makes the Wi-Fi “%s”. Everybody can join it, and it is not encrypted.\n", c.WifiName)
	default:
		fmt.Fprintf(out, "hostapd makes the Wi-Fi “%s”, with the passphrase from %s.\n", c.WifiName, c.WifiPassphraseFile)
	}
}
