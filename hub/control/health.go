package control

import (
	"time"

	"github.com/lamppost-hub/lamppost/hub/doctor"
)

type (
	// Program is what runs.
	Program struct {
		Version string    `json:"version"`
		Started time.Time `json:"started"` // by the hub's clock as it is now
		Uptime  int64     `json:"uptime"`  // whole seconds, by a clock that nobody sets

		Traffic []Traffic `json:"traffic"` // with other hubs since it started, by protocol
	}
	// Traffic is the bytes of one protocol, without what encryption and TCP add.
	Traffic struct {
		Protocol string `json:"protocol"` // such as "/lamppost/sync/2"; empty = before one was agreed on
		Sent     uint64 `json:"sent"`
		Received uint64 `json:"received"`
	}
	// App is how many records of an app the set has.
	App struct {
		Name    string `json:"name"`
		Records uint64 `json:"records"`
	}
	// Disk is what the hub's data takes, and the room that is left. Sizes are bytes.
	Disk struct {
		Folder  string `json:"folder"`
		Records int64  `json:"records"` // the size of records.db
		Free    uint64 `json:"free"`    // for the hub's user
		Total   uint64 `json:"total"`   // of the file system; 0 where it cannot be found out
	}
	// Blobs is what exceeds records, such as originals of warnings: what is here, and
	// what is not and should be.
	Blobs struct {
		Kept         int    `json:"kept"`
		Bytes        int64  `json:"bytes"` // of these, and set aside for what is on its way
		Most         int64  `json:"most"`  // bytes they may take; 0 where none can be kept
		Waiting      int    `json:"waiting"`
		WaitingBytes uint64 `json:"waitingBytes"`
		NoRoom       int    `json:"noRoom"` // of those that wait, without room
	}
	// Hub is another hub that the community has certified.
	Hub struct {
		ID      string    `json:"id"` // its key in hex
		Label   string    `json:"label"`
		Retired bool      `json:"retired,omitempty"` // no longer in use: nobody misses it
		Linked  bool      `json:"linked"`
		Up      bool      `json:"up"`             // it is heard on a network, or others say so
		Heard   time.Time `json:"heard,omitzero"` // when it was linked last, or the time of the newest that came from it by any way
	}
	// Findings are what the doctor finds of a hub that runs.
	Findings struct {
		Findings []doctor.Finding `json:"findings"`
	}
	// Behind is how far two linked hubs are apart, as far as that can be told: after a
	// short gap by their logs, at most so many; after a long one by their counts, at
	// least so many. Both are missing where the other has said nothing yet.
	Behind struct {
		They *uint64 `json:"they,omitempty"` // of ours that the other has not shown to hold
		We   *uint64 `json:"we,omitempty"`   // of the other's that are not here yet
	}
)
