package notices

import "github.com/lamppost-hub/lamppost/hub"

// Office is where coordinators write: a notice is wanted at once.
func (App) Office(s hub.Snapshot, q hub.Request) ([]hub.Way, error) {
	if !coordinates(s, q) {
		return nil, nil
	}
	return []hub.Way{{Title: "Write a notice", Path: newPath, Icon: "write"}}, nil
}
