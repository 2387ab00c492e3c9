package fieldtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

type (
	// Place is a place as a hub tells programs of it.
	Place struct {
		ID         string `json:"id"`
		Properties struct {
			Name     string `json:"name"`
			About    string `json:"description"`
			Told     Told   `json:"told"`
			Also     []Also `json:"also"`
			Standing struct {
				Status string `json:"status"`
				Told   Told   `json:"told"`
				Also   []Also `json:"also"`
			} `json:"standing"`
			Count int `json:"count"` // of the places that this one stands for
		} `json:"properties"`
	}
	// Told is who says a thing.
	Told struct {
		Name string `json:"name"`
	}
	// Also is what somebody else said of it without knowing of that.
	Also struct {
		Told        Told `json:"told"`
		Differences []struct {
			Field string   `json:"field"`
			Text  string   `json:"text"`
			Words []string `json:"words"`
		} `json:"differences"`
	}
	// List is many places that came as one file.
	List struct {
		ID      string `json:"id"`
		Count   int    `json:"count"`
		Here    bool   `json:"here"`    // its places are found on this hub
		Problem string `json:"problem"` // why they are not
	}
)

// Says are the differences in one line.
func (a Also) Says() string {
	var out strings.Builder
	for _, d := range a.Differences {
		fmt.Fprintf(&out, "%s: %s: %s%s", a.Told.Name, d.Field, strings.Join(d.Words, ", "), d.Text)
	}
	return out.String()
}

// Tells is what the hub answers a program that asks for a path below /api/v1/maps/, which is
// then in out.
func (b *Browser) Tells(ctx context.Context, path string, out any) error {
	a, err := b.Get(ctx, "/api/v1/maps/"+path)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, a.Said())
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(a.Page), out)
}

// Place is what the hub tells programs of a place.
func (b *Browser) Place(ctx context.Context, id string) (p Place, err error) {
	err = b.Tells(ctx, "places/"+id, &p)
	return p, err
}

// Places are those that a hub tells of, such as the nearest; see the API of the maps.
func (b *Browser) Places(ctx context.Context, query url.Values) ([]Place, error) {
	var all struct {
		Features []Place `json:"features"`
	}
	err := b.Tells(ctx, "places?"+query.Encode(), &all)
	return all.Features, err
}

// Lists are the lists of many places that a hub knows of.
func (b *Browser) Lists(ctx context.Context) ([]List, error) {
	var all struct {
		Lists []List `json:"lists"`
	}
	err := b.Tells(ctx, "lists", &all)
	return all.Lists, err
}
