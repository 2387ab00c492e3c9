package accesspoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// recordFile is where it is kept what was changed, in the data folder.
const recordFile = "accesspoint.json"

// maxRecord bounds what is read of it, in bytes.
const maxRecord = 1 << 20

// record is what Up has changed, or was about to. It is on disk before the change is
// made, so that Down finds it whatever happens in between.
type record struct {
	Boot  string `json:"boot"` // of the machine: a new one begins without the changes
	Plan  Plan   `json:"plan"`
	Whole bool   `json:"whole"` // Up came to its end
	Steps []step `json:"steps"`
}

// step is one change, or none where all was as it should be.
type step struct {
	knob
	Before string `json:"before"`
	After  string `json:"after"`
}

// knob is something on the machine that can be looked at and set.
type knob struct {
	Kind  string `json:"kind"`
	On    string `json:"on,omitempty"`    // the interface's name
	Index int    `json:"index,omitempty"` // and number: an adapter that was plugged in again is another
	Value string `json:"value,omitempty"` // of an address: which; of a Wi-Fi: hostapd's file
}

// The kinds of knobs, and how they can stand.
const (
	rules      = "rules"      // the table of nftables: absent or present
	address    = "address"    // absent or present
	forwarding = "forwarding" // of what comes in there: "0" or "1"
	link       = "link"       // down or up
	wifi       = "wifi"       // hostapd with a file, which is the value: absent or present

	advertisements = "router advertisements" // whether a phone can tell the hub ways over IPv6: "0" to "2"
	redirects      = "redirects"             // the same by ICMP: "0" or "1"
	redirects6     = "redirects over IPv6"   // and ICMPv6

	absent, present = "absent", "present"
	foreign         = "foreign" // rules of our name, but not as they are made now
	down, up        = "down", "up"
)

// read reads the record of a folder; nil if nothing was changed.
func read(folder string) (*record, error) {
	path := filepath.Join(folder, recordFile)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxRecord {
		return nil, damaged(path, errors.New("too large"))
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("this user may not read %s, which says what “lamppost portal up” has made of this machine: start the hub as the owner of that file, or give the file to the hub's user: %w", path, err)
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, damaged(path, err)
	}
	return &r, nil
}

func damaged(path string, err error) error {
	return fmt.Errorf("%s is damaged (%w): it says what of this machine's network was changed for the phones. Restart the machine, which undoes it all, and remove the file", path, err)
}

// write keeps the record: it is on disk, whole, on return.
func (r *record) write(folder string) error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(folder, recordFile), b); err != nil {
		return fmt.Errorf("note what is about to be changed: %w", err)
	}
	return nil
}

// forget removes files of the folder, one after the other: the record comes after what it
// says how to find.
func forget(folder string, files ...string) error {
	for _, name := range files {
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncFolder(folder)
}

func syncFolder(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// replace writes a file for the owner of its folder alone; it is on disk, whole, on return.
func replace(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err := errors.Join(err, own(f, filepath.Dir(path)), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
