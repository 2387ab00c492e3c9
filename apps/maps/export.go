package maps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lamppost-hub/lamppost/apps/maps/exchange"
	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/apps/maps/place"
	"github.com/lamppost-hub/lamppost/hub"
)

type (
	// ExportView is the page of files that places can be had as.
	ExportView struct {
		Files  []ExportFile
		Kinds  []place.Choice
		Kind   string // only these; empty: all
		Places int
	}
	// ExportFile is one of them.
	ExportFile struct {
		Path  string
		Words hub.Phrase
	}
)

// exporting is the page of files that places can be had as. Everybody may have them.
func exporting(s hub.Snapshot, q hub.Request) (hub.Page, error) {
	kind := q.Query.Get("kind")
	if place.Named[place.Kind](place.Kinds(), kind) == 0 {
		kind = ""
	}
	l, err := lookingAt(s)
	if err != nil {
		return hub.Page{}, err
	}
	all, err := l.exported(kind)
	m := ExportView{Kinds: place.Kinds(), Kind: kind, Places: len(all) + l.stockedOf(kind)}
	for _, f := range exchange.Formats() {
		path := "/maps/" + exportPath + "/places." + string(f)
		if kind != "" {
			path += "?" + url.Values{"kind": {kind}}.Encode()
		}
		m.Files = append(m.Files, ExportFile{Path: path, Words: f.Words()})
	}
	return hub.Page{Template: "export.html", Title: q.T("Places as a file"), Model: m, Topics: []hub.Term{places}}, err
}

// exported are the places of a kind as files have them, by their ids: those that stand on the
// map and are not in lists of many alone. Of all kinds if it is empty.
func (l *look) exported(kind string) (out []feature.Feature, _ error) {
	for _, id := range slices.Sorted(maps.Keys(l.besides())) {
		p, ok, err := l.place(id)
		if err != nil {
			return nil, err
		}
		if !ok || p.Gone || kind != "" && p.Kind.String() != kind {
			continue
		}
		top, _, _ := Merge(l.detailsOf(id))
		last := p.Latest()
		out = append(out, exchange.FeatureOf(id, sheetOf(p), exchange.Told{Version: place.PrefixOf(top.ID).String(), By: last.Name, At: last.At}))
	}
	return out, nil
}

// written writes places into a file. What a format cannot have is left out.
func written(w io.Writer, f exchange.Format, title string, all iter.Seq2[feature.Feature, error]) error {
	sink := exchange.NewSink(w, f, title)
	for one, err := range all {
		if err != nil {
			return err
		}
		if err := sink.Put(one); err != nil {
			if _, is := err.(*feature.Refused); is { //nolint:errorlint // a sink gives it as it is
				continue
			}
			return err
		}
	}
	return sink.Close()
}

// gather is the places of a moment, for a file that is written after it. What is in lists of
// many alone is read as it is written, one after the other.
func (a App) gather(ctx context.Context, h hub.Host, kind string) (iter.Seq2[feature.Feature, error], error) {
	var all []feature.Feature
	var rest iter.Seq2[feature.Feature, error]
	err := h.Read(ctx, func(s hub.Snapshot) error {
		l, err := lookingAt(a.sees(s))
		if err == nil {
			rest = l.exportedStock(kind)
			all, err = l.exported(kind)
		}
		return err
	})
	return func(yield func(feature.Feature, error) bool) {
		for _, one := range all {
			if !yield(one, ctx.Err()) {
				return
			}
		}
		for one, err := range rest {
			if !yield(one, errors.Join(err, ctx.Err())) {
				return
			}
		}
	}, err
}

// export answers with a file of places.
func (a App) export(h hub.Host) hub.Handler {
	return func(w http.ResponseWriter, r *http.Request, q hub.Request) (string, error) {
		f, ok := exchange.Known(r.PathValue("file"))
		if name, _, _ := strings.Cut(r.PathValue("file"), "."); !ok || name != "places" {
			return "", noSuchPage()
		}
		all, err := a.gather(r.Context(), h, q.Query.Get("kind"))
		if err != nil {
			return "", err
		}
		w.Header().Set("Content-Type", f.MediaType())
		w.Header().Set("Content-Disposition", `attachment; filename="places.`+string(f)+`"`)
		return "", written(w, f, q.T("Places")+cmp.Or(" · "+q.Place, ""), all)
	}
}

// exchangeRoutes are what forms with files and links to files lead to.
func (a App) exchangeRoutes(h hub.Host) map[string]hub.Handler {
	return map[string]hub.Handler{
		"POST /" + importPath:                       a.receive(h),
		"POST /" + importPath + "/{id}/" + readPage: a.resettle(h),
		"POST /" + importPath + "/{id}/" + dropPage: a.discard(h),
		"GET /" + exportPath + "/{file}":            a.export(h),
	}
}

// exportCommand writes a file on the hub's machine.
func (a App) exportCommand() hub.Command {
	return hub.Command{
		Usage: "[FILE or FORMAT]", Into: true, Run: a.commandExport,
		Help: "Write all places into a new file, of the format that its name ends in: .geojson, .kml, .kmz, .gpx or .csv; with the name of a format alone to where the output goes.",
	}
}

func (a App) commandExport(ctx context.Context, h hub.Host, args []string, _ io.Reader, out io.Writer) error {
	f := exchange.GeoJSON
	if len(args) > 0 {
		var ok bool
		if f, ok = exchange.Known(args[0]); !ok {
			return fmt.Errorf("%q is no format: one of geojson, kml, kmz, gpx, csv", args[0])
		}
	}
	all, err := a.gather(ctx, h, "")
	if err != nil {
		return err
	}
	return written(out, f, "Places", all)
}
