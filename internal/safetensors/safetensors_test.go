package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"framepilot/internal/fault"
)

// raw joins a header and data into a file.
func raw(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "0 bytes, want 8"},
		{"short prefix", []byte("\x02\x00\x00\x00\x00\x00\x00"), "7 bytes, want 8"},
		{"header past the end", raw(`{}`, "")[:9], "header length is 2, want at most the 1 bytes"},
		{"huge header", append(bytes.Repeat([]byte{0xff}, 8), '{'), "want at most 100000000"},
		{"CSV", []byte("path,label\r\na.mp4,\x93\x5d\n"), "looks like text, such as CSV, and is no safetensors file"},
		{"short text", []byte("x"), "looks like text"},
		{"zip", []byte("PK\x03\x04\x14\x00\x08\x08\x08"), "looks like a zip archive"},
		{"npy", []byte("\x93NUMPY\x01\x00v\x00"), "looks like an .npy file"},
		{"Parquet", []byte("PAR1\x15\x04\x15\x10"), "looks like a Parquet file"},
		{"no header", raw("", ""), "does not start with '{'"},
		{"leading space", raw(" {}", ""), "does not start with '{'"},
		{"not UTF-8", raw("{\"\xff\":1}", ""), "not UTF-8"},
		{"not JSON", raw("{x}", ""), "invalid character"},
		{"cut JSON", raw(`{"a":`, ""), "EOF"},
		{"trailing value", raw(`{}{}`, ""), "after its end"},
		{"duplicate name", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "x"), `"a" appears twice`},
		{"duplicate field", raw(`{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, "x"), `"dtype" appears twice`},
		{"unknown field", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}`, "x"), `unknown field "x"`},
		{"no shape", raw(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, "x"), `tensor "a": want dtype, shape and data_offsets`},
		{"unknown dtype", raw(`{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}`, "x"), `dtype "F8_E4M3" is not known`},
		{"null dtype", raw(`{"a":{"dtype":null,"shape":[1],"data_offsets":[0,1]}}`, "x"), "want a string"},
		{"tensor is a list", raw(`{"a":[]}`, ""), `tensor "a": found [, want '{'`},
		{"negative dimension", raw(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, "x"), "want whole numbers from 0 on"},
		{"fraction", raw(`{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}`, "x"), "want whole numbers from 0 on"},
		{"string dimension", raw(`{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}`, "x"), "want whole numbers from 0 on"},
		{"element overflow", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296,1],"data_offsets":[0,1]}}`, "x"), "more elements than a file can hold"},
		{"byte overflow", raw(`{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,1]}}`, "x"), "more bytes than a file can hold"},
		{"three offsets", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}`, "x"), "want a begin and an end"},
		{"offsets backwards", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, "x"), "want a begin and an end"},
		{"bytes differ from shape", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, "xxxx"), "has 4 bytes, want 8"},
		{"hole", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, "xx"), "starts at offset 1 of the data, want 0"},
		{"overlap", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, "xxx"), `tensor "b" starts at offset 1 of the data, want 2`},
		{"truncated data", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, "x"), `tensor "a" ends at offset 2 of the data, want at most 1`},
		{"trailing data", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, "xxx"), "data ends at offset 2, want the end of the file at 3"},
		{"metadata not strings", raw(`{"__metadata__":{"a":1}}`, ""), `__metadata__ "a" is 1, want a string`},
		{"metadata a list", raw(`{"__metadata__":[]}`, ""), "want '{'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(bytes.NewReader(c.file), int64(len(c.file)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if fault.KindOf(err) != fault.Input {
				t.Errorf("kind %v, want Input", fault.KindOf(err))
			}
		})
	}
}

func TestNewAccepts(t *testing.T) {
	b := raw(`{"late":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"none":{"data_offsets":[4,4],"shape":[0,9],"dtype":"F32"},`+
		`"__metadata__":{"k":"\u00fc"},"scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   `, "\x00\x00\x80\x3f\x07\xff")
	f, err := New(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Names(); !slices.Equal(got, []string{"scalar", "none", "late"}) {
		t.Errorf("names %q", got)
	}
	if v, err := f.Floats("scalar"); err != nil || !slices.Equal(v, []float32{1}) {
		t.Errorf("scalar = %v, %v", v, err)
	}
	if v, err := f.Floats("none"); err != nil || len(v) != 0 {
		t.Errorf("none = %v, %v", v, err)
	}
	if v, err := f.Ints("late"); err != nil || !slices.Equal(v, []int64{7, 255}) {
		t.Errorf("late = %v, %v", v, err)
	}
	if f.Metadata["k"] != "ü" {
		t.Errorf("metadata %v", f.Metadata)
	}
	if _, err := f.Floats("late"); err == nil || !strings.Contains(err.Error(), `"late" is U8, want floating-point`) {
		t.Errorf("floats of U8: %v", err)
	}
	if _, err := f.Ints("scalar"); err == nil {
		t.Error("integers of F32 are no error")
	}
	if _, err := f.Bytes("absent"); err == nil || !strings.Contains(err.Error(), `no tensor "absent"`) {
		t.Errorf("absent tensor: %v", err)
	}
}

// bytesEntry is a tensor of raw bytes.
func bytesEntry(name string, d DType, shape []int, data []byte) Entry {
	return Entry{Name: name, DType: d, Shape: shape, Write: func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}}
}

func TestWriteThenRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	big := make([]float32, 300_000) // past every buffer
	for i := range big {
		big[i] = float32(i) / 7
	}
	entries := []Entry{
		bytesEntry("flags", Bool, []int{3}, []byte{1, 0, 1}),
		Float32Entry("b<ig>", []int{3, 100_000}, big),
		bytesEntry("half", F16, []int{2}, []byte{0x00, 0x3c, 0x00, 0xc0}),
		bytesEntry("brain", BF16, nil, []byte{0x80, 0x3f}),
		bytesEntry("double", F64, []int{1}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(-0.1))),
		Int64Entry("ids", []int{2, 1}, []int64{-1, math.MaxInt64}),
		bytesEntry("i32", I32, []int{1}, []byte{0xfe, 0xff, 0xff, 0xff}),
		bytesEntry("i16", I16, []int{1}, []byte{0x00, 0x80}),
		bytesEntry("i8", I8, []int{1}, []byte{0x80}),
		Float64Entry("fine", []int{2}, []float64{1 + 0x1p-52, -math.MaxFloat64}),
	}
	var done, total int64
	if err := Write(path, map[string]string{"b": "2", "a": "<1>"}, entries, func(d, n int64) {
		if d < done {
			t.Errorf("progress went back from %d to %d", done, d)
		}
		done, total = d, n
	}); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if done != int64(len(file)) || total != done {
		t.Errorf("progress ended at %d of %d, file has %d bytes", done, total, len(file))
	}
	if !bytes.HasPrefix(file[8:], []byte(`{"__metadata__":{"a":"<1>","b":"2"},"double":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"ids"`)) {
		t.Errorf("header starts %q", file[8:120])
	}
	if n := binary.LittleEndian.Uint64(file); n%8 != 0 {
		t.Errorf("header length %d is not aligned", n)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.Names() {
		if info, _ := f.Info(name); info.Offset%int64(info.DType.Size()) != 0 {
			t.Errorf("tensor %q is not aligned: offset %d", name, info.Offset)
		}
	}
	if v, err := f.Floats("b<ig>"); err != nil || !slices.Equal(v, big) {
		t.Errorf("big differs (%v)", err)
	}
	for name, want := range map[string][]float32{"half": {1, -2}, "brain": {1}, "double": {-0.1}} {
		if v, err := f.Floats(name); err != nil || !slices.Equal(v, want) {
			t.Errorf("%s = %v, %v, want %v", name, v, err, want)
		}
	}
	for name, want := range map[string][]float64{"fine": {1 + 0x1p-52, -math.MaxFloat64}, "double": {-0.1}} {
		if v, err := f.Doubles(name); err != nil || !slices.Equal(v, want) {
			t.Errorf("%s = %v, %v, want %v", name, v, err, want)
		}
	}
	if _, err := f.Doubles("ids"); err == nil {
		t.Error("integers read as doubles")
	}
	for name, want := range map[string][]int64{"flags": {1, 0, 1}, "ids": {-1, math.MaxInt64}, "i32": {-2}, "i16": {-32768}, "i8": {-128}} {
		if v, err := f.Ints(name); err != nil || !slices.Equal(v, want) {
			t.Errorf("%s = %v, %v, want %v", name, v, err, want)
		}
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	dir := t.TempDir()
	metadata := map[string]string{}
	for _, k := range strings.Split("the quick brown fox jumps over a lazy dog", " ") {
		metadata[k] = k
	}
	var files [2][]byte
	for i := range files {
		path := filepath.Join(dir, "x")
		if err := Write(path, metadata, []Entry{Float32Entry("a", []int{1}, []float32{1})}, nil); err != nil {
			t.Fatal(err)
		}
		files[i], _ = os.ReadFile(path)
	}
	if len(files[0]) == 0 || !bytes.Equal(files[0], files[1]) {
		t.Error("two writes differ")
	}
}

func TestWriteRefusesAndLeavesNothing(t *testing.T) {
	source := errors.New("source is cut")
	one := func(e Entry) []Entry { return []Entry{e} }
	for _, c := range []struct {
		name     string
		metadata map[string]string
		entries  []Entry
		want     string
	}{
		{"too few bytes", nil, one(bytesEntry("a", F32, []int{2}, make([]byte, 7))), `tensor "a": 7 bytes given, want 8`},
		{"too many bytes", nil, one(bytesEntry("a", F32, []int{2}, make([]byte, 9))), `tensor "a": 1 bytes too many`},
		{"source error", nil, one(Entry{Name: "a", DType: F32, Write: func(io.Writer) error { return source }}), `tensor "a": source is cut`},
		{"duplicate", nil, []Entry{bytesEntry("a", U8, nil, []byte{1}), bytesEntry("a", U8, nil, []byte{1})}, "taken twice"},
		{"reserved name", nil, one(bytesEntry("__metadata__", U8, nil, []byte{1})), "taken twice"},
		{"unknown dtype", nil, one(bytesEntry("a", "F8", nil, []byte{1})), `dtype "F8" is not known`},
		{"negative dimension", nil, one(bytesEntry("a", U8, []int{-1}, nil)), "negative dimension"},
		{"name not UTF-8", nil, one(bytesEntry("\xff", U8, nil, []byte{1})), "not UTF-8"},
		{"metadata not UTF-8", map[string]string{"a": "\xff"}, nil, "not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			err := Write(filepath.Join(dir, "x"), c.metadata, c.entries, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("left %v behind", left)
			}
		})
	}
}

func TestWriteKeepsTheOldFileOnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, nil, []Entry{bytesEntry("a", U8, []int{2}, []byte{1})}, nil); err == nil {
		t.Fatal("no error")
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("file is now %q", b)
	}
}

func TestWriteWithoutFolder(t *testing.T) {
	err := Write(filepath.Join(t.TempDir(), "absent", "x"), nil, nil, nil)
	if fault.KindOf(err) != fault.Missing || !strings.Contains(fault.HintOf(err), "make the folder") {
		t.Errorf("error %v, hint %q", err, fault.HintOf(err))
	}
}

// fullDisk takes a few bytes, then no more.
type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		return d.room, syscall.ENOSPC
	}
	d.room -= len(p)
	return len(p), nil
}

func TestSinkTellsDiskFromSource(t *testing.T) {
	s := &sink{w: &fullDisk{room: 100}}
	err := writeAll(s, make([]byte, 64), []Entry{Float32Entry("a", []int{1 << 20}, make([]float32, 1<<20))})
	if !errors.Is(err, syscall.ENOSPC) || !errors.Is(s.err, syscall.ENOSPC) {
		t.Fatalf("error %v, disk's own %v", err, s.err)
	}
	if hint := fault.HintOf(writeError("models/x", err)); hint != "free space in models or choose another folder" {
		t.Errorf("hint %q", hint)
	}
	s = &sink{w: &fullDisk{room: 1 << 30}}
	if err := writeAll(s, nil, []Entry{{Name: "a", DType: U8, Write: func(io.Writer) error { return io.ErrUnexpectedEOF }}}); err == nil || s.err != nil {
		t.Errorf("source error %v, disk's own %v, want none", err, s.err)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(raw(`{}`, ""))
	f.Add(raw(`{"a":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}`, "abcd"))
	f.Add(raw(`{"a":{"dtype":"I64","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}}  `, "\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := New(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var sum int64
		for _, name := range file.Names() {
			info, _ := file.Info(name)
			sum += info.Bytes
			if data, err := file.Bytes(name); err != nil || int64(len(data)) != info.Bytes {
				t.Fatalf("tensor %q: %d bytes, %v, want %d", name, len(data), err, info.Bytes)
			}
			if info.DType.Float() {
				_, err = file.Floats(name)
			} else {
				_, err = file.Ints(name)
			}
			if err != nil {
				t.Fatalf("tensor %q: %v", name, err)
			}
		}
		if want := int64(len(b)) - file.data; sum != want {
			t.Fatalf("tensors cover %d bytes of %d", sum, want)
		}
	})
}

func BenchmarkFloatsF16(b *testing.B) {
	const n = 1 << 22
	file := raw(`{"a":{"dtype":"F16","shape":[4194304],"data_offsets":[0,8388608]}}`, strings.Repeat("\x00\x3c", n))
	f, err := New(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(2 * n)
	for b.Loop() {
		if _, err := f.Floats("a"); err != nil {
			b.Fatal(err)
		}
	}
}
