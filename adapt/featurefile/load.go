package featurefile

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Metadata is what a feature file says beside its features; nothing, where its
// format has no place for it.
func Metadata(path string) (map[string]string, error) {
	if isNPY(path) {
		return nil, nil
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load features %s: %w", path, err)
	}
	defer f.Close()
	return f.Metadata, nil
}

// Load reads what Save wrote, or a file of somebody else's
// with the same tensors: any floating-point and integer types will do, and
// labels, groups, text and all metadata may be missing. Classes without names
// are named by their numbers.
//
// Methods need rows of unit length. Others are not quietly repaired: unit says
// whether they have it, and the caller may normalise the matrices.
func Load(path string) (f probe.Features, unit bool, err error) {
	if isNPY(path) {
		f.X, err = readNPY(path)
		return checked(path, f, err)
	}
	file, err := safetensors.Open(path)
	if err != nil {
		return probe.Features{}, false, fmt.Errorf("load features %s: %w", path, err)
	}
	defer file.Close()
	f, err = readFeatures(file, func(file *safetensors.File, _ int) (probe.Matrix, error) { return matrix(file, "features") })
	return checked(path, f, err)
}

// checked is what was read of a file, if it is sound, and whether its rows are
// of unit length.
func checked(path string, f probe.Features, err error) (probe.Features, bool, error) {
	unit := false
	if err == nil {
		unit = unitRows(f.X) && unitRows(f.Text)
		switch {
		case f.X.Data != nil:
			err = scaled(f).Check() // everything but the lengths
		case unit:
			err = f.Check()
		default:
			err = f.X.Err()
		}
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

// readFeatures reads a file, the features by read, which is told how many
// frames a row holds.
func readFeatures(file *safetensors.File, read func(file *safetensors.File, frames int) (probe.Matrix, error)) (f probe.Features, err error) {
	if text := file.Metadata["frame_tokens"]; text != "" {
		if f.Frames, err = strconv.Atoi(text); err != nil {
			return f, fmt.Errorf("metadata: frame_tokens %q is not a number", text)
		}
	}
	if f.X, err = read(file, f.Frames); err != nil {
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
	info, err := shapeOf(file, name)
	if err != nil {
		return probe.Matrix{}, err
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

// shapeOf describes a tensor that has to be a matrix.
func shapeOf(file *safetensors.File, name string) (safetensors.Info, error) {
	info, ok := file.Info(name)
	if !ok {
		return info, fmt.Errorf("no tensor %q; there is %s", name, words.Quoted(file.Names()))
	}
	if len(info.Shape) != 2 || info.Shape[1] == 0 {
		return info, fmt.Errorf("tensor %q has shape %v, want two dimensions: rows, width", name, info.Shape)
	}
	return info, nil
}
