package notices

import "github.com/lamppost-hub/lamppost/hub"

// Office is where coordinators write, and sign what waits for them: both are wanted at once.
func (App) Office(s hub.Snapshot, q hub.Request) ([]hub.Way, error) {
	if !coordinates(s, q) {
		return nil, nil
	}
	b, err := board(s)
	if err != nil {
		return nil, err
	}
	ways := []hub.Way{{Title: "Write a notice", Path: newPath, Icon: "write"}}
	if awaited(q, b) > 0 {
		ways = append([]hub.Way{{Title: "These wait for a second signature", Icon: "notices"}}, ways...)
	}
	return ways, nil
}
