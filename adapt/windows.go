package adapt

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"

	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/pilot"
)

// WindowOptions says how long videos are cut.
type WindowOptions struct {
	Window float64 // seconds of each
	Stride float64 // seconds from one start to the next; 0 = Window, no overlap
	Drop   bool    // leave out what is left at the end, shorter than a window; else it is a window too
}

const maxWindows = 1_000_000

// Check reports options that cut nothing.
func (o WindowOptions) Check() error {
	if !(o.Window > 0 && o.Window < 1e6) || !(o.Stride >= 0 && o.Stride < 1e6) {
		return fault.New(fault.Usage, "e.g. --window 4s --stride 2s", "windows of %g s every %g s", o.Window, o.Stride)
	}
	return nil
}

// Windows cuts a clip that lasts to the given second of its file. They keep
// everything that is known of the clip, and are of one recording: that of the
// clip, else its file.
func Windows(item Item, length float64, o WindowOptions) (windows []Item, err error) {
	stride := o.Stride
	if stride == 0 {
		stride = o.Window
	}
	end := length
	if item.End > 0 {
		end = min(end, item.End)
	}
	if (end-item.Start)/stride > maxWindows {
		return nil, fault.New(fault.Usage, "cut longer windows, or fewer", "%s: more than %d windows", item.ID, maxWindows)
	}
	const slack = 1e-6 // what decimals lose against a stream's clock
	whole := strings.TrimSuffix(item.ID, lists.RangeSuffix(item.Start, item.End))
	if item.Group == "" {
		item.Group = whole
	}
	for k := 0; ; k++ {
		from := milliseconds(item.Start + float64(k)*stride)
		to := milliseconds(from + o.Window)
		last := to >= end-slack
		if last && to > end+slack {
			if o.Drop || end-from < 1e-3 {
				break
			}
			to = milliseconds(end)
		}
		w := item
		w.Start, w.End = from, to
		w.ID = whole + lists.RangeSuffix(from, to)
		windows = append(windows, w)
		if last {
			break
		}
	}
	return windows, nil
}

// milliseconds rounds to what a table can say briefly.
func milliseconds(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }

// Segment cuts every clip of a plan's data. length says how long a file lasts,
// in seconds; a file it fails on is a Failure.
func Segment(ctx context.Context, items []Item, length func(ctx context.Context, path string) (float64, error), o WindowOptions) (windows []Item, failures []Failure, err error) {
	if err := o.Check(); err != nil {
		return nil, nil, err
	}
	lasts := map[string]float64{}
	for _, item := range items {
		last, known := lasts[item.Path]
		if !known {
			if last, err = length(ctx, item.Path); ctx.Err() != nil {
				return nil, nil, ctx.Err()
			} else if err != nil {
				failures = append(failures, Failure{ID: item.ID, Site: item.Site, Label: item.Label, Message: err.Error(), Hint: fault.HintOf(err)})
				continue
			}
			lasts[item.Path] = last
		}
		cut, err := Windows(item, last, o)
		if err != nil {
			return nil, nil, err
		}
		windows = append(windows, cut...)
	}
	return windows, failures, nil
}

// Listed returns the clips of a plan's data as their lists name them: with no
// split but those they declare.
func Listed(p Plan) ([]Item, error) {
	var d Data
	var all []Item
	for _, s := range p.Data {
		items, _, err := d.readSource(p, s)
		if err != nil {
			return nil, err
		}
		for i := range items {
			if items[i].Site == s.Name {
				items[i].Site = "" // its own table's name is no place
			}
		}
		all = append(all, items...)
	}
	return all, nil
}

// SaveManifest writes clips as a table that a plan reads, paths relative to
// its folder: .csv, or .tsv.
func SaveManifest(file string, items []Item) error {
	comma := lists.Separator(file)
	if comma == 0 {
		return fault.New(fault.Usage, "end the name in .csv or .tsv", "save manifest: %q does not say its format", file)
	}
	label := "label"
	extra := map[string]bool{}
	for _, item := range items {
		if len(item.Labels) > 1 || item.Label == pilot.NoClass {
			label = "labels"
		}
		for name := range item.Extra {
			extra[name] = true
		}
	}
	columns := append([]string{"path", label, "split", "group", "site", "start", "end", "caption"}, sortedKeys(extra)...)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = comma
	w.Write(columns)
	for _, item := range items {
		path, err := relative(filepath.Dir(file), item.Path)
		if err != nil {
			path = item.Path // on another volume
		}
		row := []string{filepath.ToSlash(path), strings.ReplaceAll(item.Label, pilot.NoClass, ""), item.Split, item.Group, item.Site, lists.Seconds(item.Start), "", item.Caption}
		if item.End > 0 {
			row[6] = lists.Seconds(item.End)
		}
		for _, name := range columns[8:] {
			row = append(row, item.Extra[name])
		}
		w.Write(row)
	}
	w.Flush()
	if err := errors.Join(w.Error(), renameio.WriteFile(file, lang.ForSpreadsheets(b.Bytes()), 0o644)); err != nil {
		return fault.Disk("save manifest", err)
	}
	return nil
}
