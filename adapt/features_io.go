package adapt

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/internal/words"
	"framepilot/probe"
)

const featuresFormat = "framepilot.features/1"

// SaveFeatures writes features to path, by its ending: .safetensors holds all
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
func SaveFeatures(path string, f probe.Features, more map[string]string) error {
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
	entries := []safetensors.Entry{safetensors.Float32Entry("features", []int{f.X.Rows, f.X.Cols}, f.X.Data)}
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

// SplitsKey is the metadata of a feature file that says of every clip in which
// part it is, as a JSON list of train, test and val.
const SplitsKey = "splits"

// LoadParts reads a feature file that says in which part each clip is. A part
// without clips has no rows. unit is as for LoadFeatures.
func LoadParts(path string) (train, test, val probe.Features, unit bool, err error) {
	f, unit, err := LoadFeatures(path)
	if err != nil {
		return train, test, val, unit, err
	}
	var splits []string
	if !strings.EqualFold(filepath.Ext(path), ".npy") {
		file, err := safetensors.Open(path)
		if err != nil {
			return train, test, val, unit, err
		}
		defer file.Close()
		if list, ok := file.Metadata[SplitsKey]; ok {
			if err := json.Unmarshal([]byte(list), &splits); err != nil {
				return train, test, val, unit, fault.New(fault.Input, "", "load features %s: metadata: %s is not a list of names: %w", path, SplitsKey, err)
			}
		}
	}
	if len(splits) != f.Len() {
		return train, test, val, unit, fault.New(fault.Input, "framepilot embed MANIFEST writes it; or name two files, --train and --test",
			"load features %s: %d of %d clips are said to be of train, test or val", path, len(splits), f.Len())
	}
	rows := map[string][]int{}
	for i, s := range splits {
		if s != Train && s != Test && s != Val {
			return train, test, val, unit, fault.New(fault.Input, "", "load features %s: clip %d is of %q, want train, test or val", path, i, s)
		}
		rows[s] = append(rows[s], i)
	}
	return f.Take(rows[Train]), f.Take(rows[Test]), f.Take(rows[Val]), unit, nil
}

func intEntry(name string, values []int) safetensors.Entry {
	wide := make([]int64, len(values))
	for i, v := range values {
		wide[i] = int64(v)
	}
	return safetensors.Int64Entry(name, []int{len(wide)}, wide)
}

// LoadFeatures reads what SaveFeatures wrote, or a file of somebody else's
// with the same tensors: any floating-point and integer types will do, and
// labels, groups, text and all metadata may be missing. Classes without names
// are named by their numbers.
//
// Methods need rows of unit length. Others are not quietly repaired: unit says
// whether they have it, and the caller may normalise the matrices.
func LoadFeatures(path string) (f probe.Features, unit bool, err error) {
	if strings.EqualFold(filepath.Ext(path), ".npy") {
		f.X, err = readNPY(path)
	} else {
		f, err = readFeatures(path)
	}
	if err == nil {
		unit = unitRows(f.X) && unitRows(f.Text)
		err = scaled(f).Check() // everything but the lengths
	}
	if err != nil {
		if fault.KindOf(err) == fault.Unexpected {
			err = fault.New(fault.Input, "", "%w", err)
		}
		return probe.Features{}, false, fmt.Errorf("load features %s: %w", path, err)
	}
	return f, unit, nil
}

// scaled is f with rows of unit length.
func scaled(f probe.Features) probe.Features {
	f.X.Data, f.Text.Data = slices.Clone(f.X.Data), slices.Clone(f.Text.Data)
	f.X.Normalize()
	f.Text.Normalize()
	return f
}

// unitRows says whether all rows are of unit length, to the precision that
// half-precision files leave.
func unitRows(m probe.Matrix) bool {
	for i := range m.Rows {
		sum := 0.0
		for _, v := range m.Row(i) {
			sum += float64(v) * float64(v)
		}
		if math.Abs(math.Sqrt(sum)-1) > 1e-2 {
			return false
		}
	}
	return true
}

func readFeatures(path string) (f probe.Features, err error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return f, err
	}
	defer file.Close()
	if f.X, err = matrix(file, "features"); err != nil {
		return f, err
	}
	if _, ok := file.Info("text"); ok {
		if f.Text, err = matrix(file, "text"); err != nil {
			return f, err
		}
	}
	if info, _ := file.Info("labels"); len(info.Shape) == 2 {
		if f.Truth, err = memberships(file, f.X.Rows); err != nil {
			return f, err
		}
		for c := range info.Shape[1] { // unless the metadata names them
			f.Classes = append(f.Classes, strconv.Itoa(c))
		}
	} else if f.Labels, err = integers(file, "labels", f.X.Rows); err != nil {
		return f, err
	}
	groups, err := integers(file, "groups", f.X.Rows)
	if err != nil {
		return f, err
	}
	if text := file.Metadata["scale"]; text != "" {
		if f.Scale, err = strconv.ParseFloat(text, 64); err != nil || !(f.Scale > 0) || math.IsInf(f.Scale, 0) {
			return f, fmt.Errorf("metadata: scale %q is not a positive number", text)
		}
	}
	if text := file.Metadata["frame_tokens"]; text != "" {
		if f.Frames, err = strconv.Atoi(text); err != nil {
			return f, fmt.Errorf("metadata: frame_tokens %q is not a number", text)
		}
	}
	var names []string
	for key, into := range map[string]*[]string{"classes": &f.Classes, "ids": &f.IDs, "sites": &f.Sites, "group_names": &names} {
		if list := file.Metadata[key]; strings.HasPrefix(list, "[") {
			*into = nil
			if err := json.Unmarshal([]byte(list), into); err != nil {
				return f, fmt.Errorf("metadata: %s is not a list of names: %w", key, err)
			}
		}
	}
	for _, g := range groups {
		name := strconv.Itoa(g)
		if g >= 0 && g < len(names) {
			name = names[g]
		}
		f.Groups = append(f.Groups, name)
	}
	if f.Text.Rows > 0 && f.Frames > 0 && f.Text.Cols*(1+f.Frames) == f.X.Cols { // texts beside clips with frames, as a person adds them
		wide := probe.NewMatrix(f.Text.Rows, f.X.Cols)
		for c := range f.Text.Rows {
			copy(wide.Row(c), probe.FramedText(f.Text.Row(c), f.Frames))
		}
		f.Text = wide
	}
	return f, nameClasses(&f)
}

// nameClasses gives classes without names their numbers for names.
func nameClasses(f *probe.Features) error {
	if len(f.Classes) > 0 {
		return nil
	}
	n := f.Text.Rows
	for i, y := range f.Labels {
		if y > maxClasses {
			return fmt.Errorf("clip %d has label %d, more than %d classes", i, y, maxClasses)
		}
		n = max(n, y+1)
	}
	for c := range n {
		f.Classes = append(f.Classes, strconv.Itoa(c))
	}
	return nil
}

const maxClasses = 1 << 20

func matrix(file *safetensors.File, name string) (probe.Matrix, error) {
	info, ok := file.Info(name)
	if !ok {
		return probe.Matrix{}, fmt.Errorf("no tensor %q; there is %s", name, words.Quoted(file.Names()))
	}
	if len(info.Shape) != 2 || info.Shape[1] == 0 {
		return probe.Matrix{}, fmt.Errorf("tensor %q has shape %v, want two dimensions: rows, width", name, info.Shape)
	}
	values, err := file.Floats(name)
	return probe.Matrix{Rows: info.Shape[0], Cols: info.Shape[1], Data: values}, err
}

// memberships reads labels of n clips, 0 or 1 for each class.
func memberships(file *safetensors.File, n int) ([][]int, error) {
	info, _ := file.Info("labels")
	classes := info.Shape[1]
	if info.Shape[0] != n || classes == 0 || classes > maxClasses {
		return nil, fmt.Errorf("tensor %q has shape %v, want [%d, classes]", "labels", info.Shape, n)
	}
	member, err := file.Ints("labels")
	if err != nil {
		return nil, err
	}
	truth := make([][]int, n)
	for i := range truth {
		truth[i] = []int{}
		for c, v := range member[i*classes : (i+1)*classes] {
			switch v {
			case 0:
			case 1:
				truth[i] = append(truth[i], c)
			default:
				return nil, fmt.Errorf("tensor %q: %d for clip %d and class %d, want 0 or 1", "labels", v, i, c)
			}
		}
	}
	return truth, nil
}

// integers reads a tensor of n numbers, nil where there is none.
func integers(file *safetensors.File, name string, n int) ([]int, error) {
	info, ok := file.Info(name)
	if !ok {
		return nil, nil
	}
	if !slices.Equal(info.Shape, []int{n}) {
		return nil, fmt.Errorf("tensor %q has shape %v, want [%d], one a clip", name, info.Shape, n)
	}
	wide, err := file.Ints(name)
	if err != nil {
		return nil, err
	}
	out := make([]int, n)
	for i, v := range wide {
		if int64(int32(v)) != v {
			return nil, fmt.Errorf("tensor %q: value %d of clip %d is too large", name, v, i)
		}
		out[i] = int(v)
	}
	return out, nil
}
