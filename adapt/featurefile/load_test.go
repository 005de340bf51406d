package featurefile

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/probe"
)

func sampleFeatures() probe.Features {
	return probe.Features{
		X:   probe.Matrix{Rows: 3, Cols: 2, Data: []float32{1, 0, 0, 1, 0.6, 0.8}},
		IDs: []string{"a.mp4", "b.mp4#1-2", "持ち上げ.mp4"}, Labels: []int{1, probe.Unlabelled, 0},
		Groups: []string{"r2", "r1", "r2"}, Sites: []string{"day", "day", "night"},
		Classes: []string{"lift", "put"}, Text: probe.Matrix{Rows: 2, Cols: 2, Data: []float32{1, 0, 0, 1}}, Scale: 17.5,
	}
}

func TestFeaturesRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.safetensors")
	want := sampleFeatures()
	if err := Save(path, want, map[string]string{"model": "fake"}); err != nil {
		t.Fatal(err)
	}
	got, unit, err := Load(path)
	if err != nil || !unit || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v", got, unit, err)
	}
}

func TestMultiLabelFeaturesRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.safetensors")
	want := sampleFeatures()
	want.Labels, want.Truth = nil, [][]int{{0, 1}, {}, {1}}
	if err := Save(path, want, nil); err != nil {
		t.Fatal(err)
	}
	got, _, err := Load(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.safetensors")
	for splits, want := range map[string]string{
		`["test","train","val"]`: "",
		`["test","train"]`:       "2 of 3 clips are said to be of train, test or val",
		`["test","train","dev"]`: `clip 2 is of "dev"`,
		`{"a": 1}`:               "splits is not a list of names",
	} {
		if err := Save(path, sampleFeatures(), map[string]string{SplitsKey: splits}); err != nil {
			t.Fatal(err)
		}
		f, unit, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		train, test, val, err := Parts(path, f)
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Input {
				t.Errorf("%s: got %v", splits, err)
			}
			continue
		}
		if err != nil || !unit || train.IDs[0] != "b.mp4#1-2" || test.IDs[0] != "a.mp4" || val.Len() != 1 || val.Labels[0] != 0 {
			t.Errorf("got %v, %v, %v, %v", train.IDs, test.IDs, val, err)
		}
	}
}

func TestPartsWithoutPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.safetensors")
	if err := Save(path, sampleFeatures(), map[string]string{SplitsKey: `["test","train",""]`}); err != nil {
		t.Fatal(err)
	}
	train, test, val, err := Parts(path, sampleFeatures())
	if err != nil || train.Len() != 1 || test.Len() != 1 || val.Len() != 0 {
		t.Errorf("%d, %d and %d clips, %v", train.Len(), test.Len(), val.Len(), err)
	}
}

// Files of somebody else's: only what is needed, in whatever precision.
func TestForeignFeatures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.safetensors")
	half := safetensors.Entry{Name: "features", DType: safetensors.F16, Shape: []int{2, 2}, Write: raw("\x00\x3c\x00\x00\x00\x00\x00\xc0")}
	labels := safetensors.Entry{Name: "labels", DType: safetensors.I32, Shape: []int{2}, Write: raw("\x02\x00\x00\x00\x00\x00\x00\x00")}
	groups := safetensors.Int64Entry("groups", []int{2}, []int64{40, -3})
	if err := safetensors.Write(path, map[string]string{"classes": "3"}, []safetensors.Entry{half, labels, groups}, nil); err != nil {
		t.Fatal(err)
	}
	got, unit, err := Load(path)
	want := probe.Features{X: probe.Matrix{Rows: 2, Cols: 2, Data: []float32{1, 0, 0, -2}},
		Labels: []int{2, 0}, Groups: []string{"40", "-3"}, Classes: []string{"0", "1", "2"}}
	if err != nil || unit || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v", got, unit, err)
	}
}

func raw(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestFeatureErrors(t *testing.T) {
	dir := t.TempDir()
	x := safetensors.Float32Entry("features", []int{2, 2}, []float32{1, 0, 0, 1})
	entry := func(name string, v ...int64) safetensors.Entry { return safetensors.Int64Entry(name, []int{len(v)}, v) }
	for name, c := range map[string]struct {
		meta    map[string]string
		entries []safetensors.Entry
		want    string
	}{
		"no features":     {nil, []safetensors.Entry{entry("labels", 1)}, `no tensor "features"; there is "labels"`},
		"one dimension":   {nil, []safetensors.Entry{safetensors.Float32Entry("features", []int{2}, []float32{1, 2})}, `tensor "features" has shape [2], want two dimensions`},
		"integers":        {nil, []safetensors.Entry{safetensors.Int64Entry("features", []int{1, 2}, []int64{1, 2})}, `tensor "features" is I64, want floating-point numbers`},
		"label count":     {nil, []safetensors.Entry{x, entry("labels", 1)}, `tensor "labels" has shape [1], want [2], one a clip`},
		"label too large": {nil, []safetensors.Entry{x, entry("labels", 1, 1<<40)}, "value 1099511627776 of clip 1 is too large"},
		"membership":      {nil, []safetensors.Entry{x, safetensors.Int64Entry("labels", []int{2, 2}, []int64{0, 1, 2, 0})}, `tensor "labels": 2 for clip 1 and class 0, want 0 or 1`},
		"member clips":    {nil, []safetensors.Entry{x, safetensors.Int64Entry("labels", []int{1, 2}, []int64{0, 1})}, `tensor "labels" has shape [1 2], want [2, classes]`},
		"many classes":    {nil, []safetensors.Entry{x, entry("labels", 1, 1<<30)}, "clip 1 has label 1073741824, more than 1048576 classes"},
		"negative label":  {nil, []safetensors.Entry{x, entry("labels", 0, -2)}, "has label -2, want 0 to 0"},
		"scale":           {map[string]string{"scale": "-20"}, []safetensors.Entry{x}, `scale "-20" is not a positive number`},
		"classes":         {map[string]string{"classes": "[1]"}, []safetensors.Entry{x}, "classes is not a list of names"},
		"ids":             {map[string]string{"ids": `["a"]`}, []safetensors.Entry{x}, "1 ids for 2 clips"},
		"no direction":    {nil, []safetensors.Entry{safetensors.Float32Entry("features", []int{1, 2}, []float32{0, 0})}, "has length 0"},
		"text width":      {nil, []safetensors.Entry{x, entry("labels", 0, 1), safetensors.Float32Entry("text", []int{2, 1}, []float32{1, 2})}, "text matrix is 2 × 1, want 2 classes × 2"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".safetensors")
			entries := slices.Clone(c.entries)
			if entries[0].Name == "features" && len(entries[0].Shape) == 2 && entries[0].DType == safetensors.F32 && entries[0].Shape[0] == 2 {
				entries[0] = safetensors.Float32Entry("features", []int{2, 2}, []float32{1, 0, 0, 1})
			}
			if err := safetensors.Write(path, c.meta, entries, nil); err != nil {
				t.Fatal(err)
			}
			_, _, err := Load(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Input {
				t.Errorf("got %v of kind %v", err, fault.KindOf(err))
			}
		})
	}
	if _, _, err := Load(filepath.Join(dir, "none.safetensors")); fault.KindOf(err) != fault.Input {
		t.Errorf("missing file: %v", err)
	}
	if err := Save(filepath.Join(dir, "f.pickle"), sampleFeatures(), nil); fault.KindOf(err) != fault.Usage {
		t.Errorf("unknown format: %v", err)
	}
}

// npy files as numpy 1.24 writes them.
func TestNPY(t *testing.T) {
	header := func(version, dict string) string {
		dict += strings.Repeat(" ", 117-len(dict)) + "\n"
		if version == "\x01\x00" {
			return npyMagic + version + "\x76\x00" + dict
		}
		return npyMagic + version + "\x76\x00\x00\x00" + dict
	}
	want := probe.Matrix{Rows: 2, Cols: 3, Data: []float32{1, 2, 3, 4, 5, 6}}
	f2 := "\x00\x3c\x00\x40\x00\x42\x00\x44\x00\x45\x00\x46"
	f8 := "\x00\x00\x00\x00\x00\x00\xf0\x3f" + "\x00\x00\x00\x00\x00\x00\x10\x40" + "\x00\x00\x00\x00\x00\x00\x00\x40" +
		"\x00\x00\x00\x00\x00\x00\x14\x40" + "\x00\x00\x00\x00\x00\x00\x08\x40" + "\x00\x00\x00\x00\x00\x00\x18\x40" // by columns
	for name, text := range map[string]string{
		"half":               header("\x01\x00", "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }") + f2,
		"version 3":          header("\x03\x00", "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }") + f2,
		"double, by columns": header("\x02\x00", "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }") + f8,
	} {
		got, err := parseNPY(strings.NewReader(text), int64(len(text)))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	path := filepath.Join(t.TempDir(), "f.npy")
	if err := Save(path, sampleFeatures(), nil); err != nil {
		t.Fatal(err)
	}
	got, unit, err := Load(path)
	if err != nil || !unit || !reflect.DeepEqual(got.X, sampleFeatures().X) {
		t.Errorf("round trip: %+v, %v", got, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || (len(text)-3*2*4)%64 != 0 || !bytes.Contains(text, []byte("'shape': (3, 2), }")) {
		t.Errorf("written: %q, %v", text, err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "not a .npy file"},
		"another file":  {"PK\x03\x04aaaaaaaa", "not a .npy file"},
		"version":       {npyMagic + "\x09\x00\x00\x00", "format version 9 is unknown"},
		"huge header":   {npyMagic + "\x02\x00\xff\xff\xff\xff{}", "cut short in the header"},
		"no dictionary": {header("\x01\x00", "{}"), "does not name descr"},
		"integers":      {header("\x01\x00", "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }"), `its values are "<i8"`},
		"big-endian":    {header("\x01\x00", "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }"), `its values are ">f4"`},
		"vector":        {header("\x01\x00", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"), "its shape is (2,), want (clips, width)"},
		"scalar":        {header("\x01\x00", "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"), "its shape is (), want (clips, width)"},
		"overflow":      {header("\x01\x00", "{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647), }"), "0 bytes of values"},
		"cut short":     {header("\x01\x00", "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }") + f2[:8], "8 bytes of values, want 2 × 3 × 2"},
	} {
		if _, err := parseNPY(strings.NewReader(c.text), int64(len(c.text))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzNPY(f *testing.F) {
	f.Add([]byte(npyMagic + "\x01\x00\x3d\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }  \n\x00\x00\x80\x3f"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseNPY(bytes.NewReader(text), int64(len(text)))
		if err == nil && (len(m.Data) != m.Rows*m.Cols || 2*len(m.Data) > len(text)) {
			t.Errorf("%d × %d with %d values from %d bytes", m.Rows, m.Cols, len(m.Data), len(text))
		}
	})
}
