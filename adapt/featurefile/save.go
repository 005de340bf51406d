package featurefile

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/probe"
)

const featuresFormat = "framepilot.features/1"

// Save writes features to path, by its ending: .safetensors holds all
// of them, .npy the matrix alone, .parquet a row a clip. The tensors of the
// first are
//
//	features F32 [N, d]   labels I64 [N], -1 unknown   groups I64 [N]   text F32 [C, d]
//
// or, where a clip may be of several classes, labels I64 [N, C], 1 where it is
// of the class, else 0 (each but features only where there is something to say), its metadata
// scale, frame_tokens where rows hold the embeddings of so many frames too
// (probe.Framed), and as JSON lists classes, ids, sites and group_names, which
// the numbers in groups count. more, such as what the file says of its making,
// is added to the metadata.
func Save(path string, f probe.Features, more map[string]string) error {
	if err := f.Check(); err != nil {
		return fmt.Errorf("save features: %w", err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".npy":
		return writeNPY(path, f.X)
	case ".parquet":
		return writeParquet(path, f)
	case ".safetensors":
	default:
		return fault.New(fault.Usage, "end the name in .safetensors, .npy or .parquet", "save features: %q does not say its format", path)
	}
	meta := maps.Clone(more)
	if meta == nil {
		meta = map[string]string{}
	}
	maps.Copy(meta, map[string]string{"format": featuresFormat, "scale": strconv.FormatFloat(f.LogitScale(), 'g', -1, 64)})
	if f.Frames > 0 {
		meta["frame_tokens"] = strconv.Itoa(f.Frames)
	}
	entries := []safetensors.Entry{safetensors.RowsEntry("features", f.X.Rows, f.X.Cols, func(i int) ([]float32, error) { return f.X.Row(i), f.X.Err() })}
	if f.Labels != nil && f.Truth == nil {
		entries = append(entries, intEntry("labels", f.Labels))
	}
	if f.Truth != nil {
		member := make([]int64, f.X.Rows*len(f.Classes))
		for i, list := range f.Truth {
			for _, c := range list {
				member[i*len(f.Classes)+c] = 1
			}
		}
		entries = append(entries, safetensors.Int64Entry("labels", []int{f.X.Rows, len(f.Classes)}, member))
	}
	if f.Text.Rows > 0 {
		entries = append(entries, safetensors.Float32Entry("text", []int{f.Text.Rows, f.Text.Cols}, f.Text.Data))
	}
	var names []string
	if f.Groups != nil {
		numbers := make([]int, len(f.Groups))
		seen := map[string]int{}
		for i, g := range f.Groups {
			n, ok := seen[g]
			if !ok {
				n = len(names)
				seen[g] = n
				names = append(names, g)
			}
			numbers[i] = n
		}
		entries = append(entries, intEntry("groups", numbers))
	}
	for key, list := range map[string][]string{"classes": f.Classes, "ids": f.IDs, "sites": f.Sites, "group_names": names} {
		if len(list) == 0 {
			continue
		}
		text, err := json.Marshal(list)
		if err != nil {
			return fmt.Errorf("save features: %w", err)
		}
		meta[key] = string(text)
	}
	if err := safetensors.Write(path, meta, entries, nil); err != nil {
		return fmt.Errorf("save features: %w", err)
	}
	return nil
}

func intEntry(name string, values []int) safetensors.Entry {
	wide := make([]int64, len(values))
	for i, v := range values {
		wide[i] = int64(v)
	}
	return safetensors.Int64Entry(name, []int{len(wide)}, wide)
}

// diskFault says what a person can do about a file that can't be written.
func diskFault(err error) error {
	return fault.New(fault.Missing, "choose a folder you may write to, with space left", "save features: %w", err)
}
