package checkpoint

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
)

const goldens = "../../testdata/model/"

func mustOpen(t testing.TB, path string) *Checkpoint {
	t.Helper()
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func raw(t testing.TB, c *Checkpoint, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Stream(name, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sameTensors compares two files name by name and bit by bit.
func sameTensors(t *testing.T, got, want *Checkpoint) {
	t.Helper()
	if g, w := slices.Sorted(slices.Values(got.Names())), slices.Sorted(slices.Values(want.Names())); !slices.Equal(g, w) {
		t.Fatalf("names are %q, want %q", g, w)
	}
	for _, name := range want.Names() {
		g, _ := got.Info(name)
		w, _ := want.Info(name)
		if g.DType != w.DType || !slices.Equal(g.Shape, w.Shape) {
			t.Errorf("%s is %s %v, want %s %v", name, g.DType, g.Shape, w.DType, w.Shape)
		}
		if !bytes.Equal(raw(t, got, name), raw(t, want, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

// What PyTorch saved in each way is what PyTorch says it saved.
func TestReadsAsPyTorchWrote(t *testing.T) {
	for _, c := range []struct{ file, want, format string }{
		{"dtypes.pth", "dtypes", "torch"},
		{"dtypes.legacy.pth", "dtypes", "torch legacy"},
		{"views.pth", "views", "torch"},
		{"cuda.pth", "views", "torch"},
		{"views.legacy.pth", "views", "torch legacy"},
		{"trainer.2.pth", "trainer", "torch"},
		{"trainer.3.pth", "trainer", "torch"},
		{"trainer.4.pth", "trainer", "torch"},
		{"trainer.5.pth", "trainer", "torch"},
		{"trainer.legacy.pth", "trainer", "torch legacy"},
		{"rebuilt.pth", "rebuilt", "torch"},
		{"storageview.legacy.pth", "storageview", "torch legacy"},
		{"dtypes.safetensors", "dtypes", "safetensors"},
	} {
		t.Run(c.file, func(t *testing.T) {
			got := mustOpen(t, "testdata/"+c.file)
			if got.Format != c.format {
				t.Errorf("format %q, want %q", got.Format, c.format)
			}
			sameTensors(t, got, mustOpen(t, "testdata/"+c.want+".safetensors"))
		})
	}
}

func TestPublishedFormatsHoldTheSameWeights(t *testing.T) {
	want := mustOpen(t, goldens+"tiny-b.bare.pth")
	if n := len(want.Names()); n < 60 {
		t.Fatalf("only %d tensors", n)
	}
	for _, file := range []string{"tiny-b.pth", "tiny-b.legacy.pth"} {
		t.Run(file, func(t *testing.T) { sameTensors(t, mustOpen(t, goldens+file), want) })
	}
	names := want.Names()
	if i := slices.IndexFunc(names, func(s string) bool { return strings.HasPrefix(s, "module.") }); i >= 0 {
		t.Errorf("name %q keeps its prefix", names[i])
	}
}

func TestFloats(t *testing.T) {
	c := mustOpen(t, goldens+"tiny-h.half.pth")
	f := mustOpen(t, goldens+"tiny-h.safetensors")
	for _, name := range f.Names() { // the same weights, rounded to half
		half, err := c.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		full, err := f.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range full {
			if d := half[i] - v; d > 1e-3*max(v, -v)+1e-7 || -d > 1e-3*max(v, -v)+1e-7 {
				t.Fatalf("%s[%d] is %v, want %v to half precision", name, i, half[i], v)
			}
		}
	}
	if _, err := mustOpen(t, "testdata/dtypes.pth").Floats("i64"); err == nil || !strings.Contains(err.Error(), `"i64" is I64`) {
		t.Errorf("floats of integers: %v", err)
	}
	if _, err := c.Floats("absent"); err == nil || !strings.Contains(err.Error(), `no tensor "absent"`) {
		t.Errorf("absent tensor: %v", err)
	}
}

func TestPickledCommandsNeverRun(t *testing.T) {
	evil, err := filepath.Abs(goldens + "evil.pth")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	c := mustOpen(t, evil)
	raw(t, c, "video_model.proj")
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("reading made %v", left)
	}
}

func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct{ path, want, hint string }{
		{"testdata/module.pth", "holds an object of torch.nn.modules.linear.Linear", "model.state_dict()"},
		{"testdata/module.legacy.pth", "holds an object, want tensors", "model.state_dict()"},
		{"testdata/script.pth", "TorchScript", "model.state_dict()"},
		{"testdata/plain.pkl", "not one of torch.save", "model.state_dict()"},
		{"testdata/complex.pth", `tensor "z": its storage is a ComplexFloatStorage`, "model.state_dict()"},
		{"testdata/sparse.pth", `tensor "s": is rebuilt by torch._utils._rebuild_sparse_tensor`, "model.state_dict()"},
		{write("empty", ""), "the file is empty", ""},
		{write("text", "hello, world, this is text"), `starts with "hello, w"`, "checkpoint file"},
		{write("page", "\n<!doctype html>"), "a web page", "fetch the file itself"},
		{write("lfs", "version https://git-lfs.github.com/spec/v1\n"), "Git LFS pointer", "git lfs pull"},
		{write("tar", strings.Repeat("\x00", 257)+"ustar"+strings.Repeat("\x00", 300)), "tar archive", "since 0.2"},
		{dir, "not a regular file", "name the checkpoint itself"},
	} {
		_, err := Open(c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(fault.HintOf(err), c.hint) || fault.KindOf(err) != fault.Input {
			t.Errorf("%s: error %v (kind %v, hint %q), want one with %q", c.path, err, fault.KindOf(err), fault.HintOf(err), c.want)
		}
	}
	if _, err := Open(filepath.Join(dir, "absent")); fault.KindOf(err) != fault.Missing {
		t.Errorf("absent file: %v, kind %v", err, fault.KindOf(err))
	}
}

// A cut file never opens, and says so.
func TestTruncated(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pth")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	files = append(files, goldens+"tiny-b.pth", goldens+"tiny-b.legacy.pth", goldens+"tiny-b.bare.pth", goldens+"tiny-h.half.pth", goldens+"tiny-h.safetensors", goldens+"evil.pth")
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			step := max(1, len(b)/99) // some hundred places, and every one near the ends
			for n := 0; n < len(b); n++ {
				if n > 70 && n < len(b)-70 && n%step != 0 {
					continue
				}
				if c, err := read(bytes.NewReader(b[:n]), int64(n)); err == nil {
					t.Fatalf("cut at %d of %d it opens, with %d tensors", n, len(b), len(c.Names()))
				} else if fault.KindOf(err) != fault.Input {
					t.Fatalf("cut at %d: %v is not an input error", n, err)
				}
			}
		})
	}
}

func TestTruncatedNamesTheTensor(t *testing.T) {
	for _, c := range []struct {
		file string
		keep int64
		want string
	}{
		{"tiny-b.pth", 500_000, `timeattn.qkv.weight" (record tiny-b/data/40) begins at offset 483136 with 49152 bytes, but the file ends at 500000: it is truncated`},
		{"tiny-b.pth", 9_000, "data.pkl begins at offset 64 and is cut by the end of the file at 9000"},
		{"tiny-b.legacy.pth", 500_000, "but the file ends at 500000"},
		{"tiny-b.legacy.pth", 500_000, `tensor "`},
		{"tiny-h.safetensors", 500_000, `tensor "`},
	} {
		b, err := os.ReadFile(goldens + c.file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = read(bytes.NewReader(b[:c.keep]), c.keep)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s cut at %d: error %v, want one with %q", c.file, c.keep, err, c.want)
		}
	}
}

func TestFlippedBitIsFound(t *testing.T) {
	b, err := os.ReadFile("testdata/views.pth")
	if err != nil {
		t.Fatal(err)
	}
	good, err := read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, raw(t, good, "base"))
	if at < 0 {
		t.Fatal("the storage is not in the file")
	}
	b[at+5] ^= 1
	bad, err := read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"base", "rows", "transposed", "element"} { // whole, part, gathered, one number
		if err := bad.Stream(name, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "checksum") || fault.KindOf(err) != fault.Input {
			t.Errorf("%s: error %v, want a checksum that differs", name, err)
		}
	}
	if err := bad.Stream("permuted", &bytes.Buffer{}); err != nil {
		t.Errorf("a sound storage: %v", err)
	}
}

func TestReadersAtOnce(t *testing.T) {
	c, want := mustOpen(t, "testdata/views.pth"), mustOpen(t, "testdata/views.safetensors")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, name := range c.Names() {
				if !bytes.Equal(raw(t, c, name), raw(t, want, name)) {
					t.Errorf("%s differs", name)
				}
			}
		})
	}
	wg.Wait()
}

func TestLayoutsPastTheStorage(t *testing.T) {
	huge := int64(1) << 62
	for _, c := range []struct {
		name   string
		shape  []int
		layout layout
		ok     bool
	}{
		{"whole", []int{2, 5}, layout{0, []int64{5, 1}}, true},
		{"last element", []int{1}, layout{9, []int64{huge}}, true},
		{"nothing, anywhere", []int{0}, layout{huge, []int64{1}}, true},
		{"one past", []int{2, 5}, layout{1, []int64{5, 1}}, false},
		{"scalar past", nil, layout{10, nil}, false},
		{"negative offset", []int{1}, layout{-1, []int64{1}}, false},
		{"negative stride", []int{2}, layout{5, []int64{-1}}, false},
		{"stride overflows", []int{5, 5}, layout{0, []int64{huge, huge}}, false},
		{"sum overflows", []int{2, 2, 2, 2, 2}, layout{huge, []int64{huge, huge, huge, huge, huge}}, false},
		{"rank differs", []int{2}, layout{0, nil}, false},
		{"negative shape", []int{-1}, layout{0, []int64{1}}, false},
	} {
		tensor := &tensor{Info: Info{c.name, safetensors.U8, c.shape}, layout: c.layout, store: &storage{data: section(make([]byte, 10))}}
		if err := tensor.check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
