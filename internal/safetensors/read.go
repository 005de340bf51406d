package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"

	"framepilot/internal/fault"
)

// Info describes one tensor of a file.
type Info struct {
	Name   string
	DType  DType
	Shape  []int // empty for a scalar
	Offset int64 // of the first byte, in the data section
	Bytes  int64 // always the product of Shape times DType.Size()
}

// File is an open file whose header has been checked. Its methods may be used
// by several goroutines at once.
type File struct {
	Metadata map[string]string // nil where the file has none

	r      io.ReaderAt
	data   int64  // where the data section starts
	infos  []Info // in the order of their offsets
	index  map[string]int
	closer io.Closer
}

const damagedHint = "the file is damaged or not a safetensors file; copy or download it again"

// Open opens a file and checks its header; no tensor is read.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Input, "", "safetensors: %w", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fault.New(fault.Input, "", "safetensors: %w", err)
	}
	file, err := New(f, st.Size())
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	file.closer = f
	return file, nil
}

// New reads the header of size bytes of r. The caller keeps r open for as long
// as the File is used, and closes it.
func New(r io.ReaderAt, size int64) (*File, error) {
	f, err := read(r, size)
	if err != nil {
		if kind := foreign(r, size); kind != "" {
			return nil, fault.New(fault.Input, "give the .safetensors file that `framepilot embed`, `fit` or `model import` wrote", "safetensors: it looks like %s, and is no safetensors file", kind)
		}
		return nil, fault.New(fault.Input, damagedHint, "safetensors: %w", err)
	}
	return f, nil
}

func read(r io.ReaderAt, size int64) (*File, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, fmt.Errorf("file has %d bytes, want 8 for the header length", size)
	}
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), prefix[:]); err != nil {
		return nil, fmt.Errorf("read header length: %w", err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > maxHeader {
		return nil, fmt.Errorf("header length is %d, want at most %d", n, maxHeader)
	}
	if int64(n) > size-8 {
		return nil, fmt.Errorf("header length is %d, want at most the %d bytes that follow it", n, size-8)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(r, 8, int64(n)), header); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	infos, metadata, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	f := &File{Metadata: metadata, r: r, data: 8 + int64(n), infos: infos, index: make(map[string]int, len(infos))}
	var end int64
	for i, info := range infos {
		f.index[info.Name] = i
		end = info.Offset + info.Bytes
		if end > size-f.data {
			return nil, fmt.Errorf("tensor %q ends at offset %d of the data, want at most %d: the file is truncated", info.Name, end, size-f.data)
		}
	}
	if end != size-f.data {
		return nil, fmt.Errorf("data ends at offset %d, want the end of the file at %d", end, size-f.data)
	}
	return f, nil
}

// foreign is what another file seems to be; "" where nothing tells. None of
// these begins as a safetensors file does, with a length of which most bytes are
// zero.
func foreign(r io.ReaderAt, size int64) string {
	begin := make([]byte, min(max(size, 0), 512))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), begin); err != nil || len(begin) == 0 {
		return ""
	}
	for kind, magic := range map[string]string{"a zip archive, as .pth and .npz files are": "PK\x03\x04", "an .npy file": "\x93NUMPY", "a Parquet file": "PAR1"} {
		if bytes.HasPrefix(begin, []byte(magic)) {
			return kind
		}
	}
	if !slices.ContainsFunc(begin, func(c byte) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0xff }) {
		return "text, such as CSV"
	}
	return ""
}

// Close closes the file Open opened.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Names lists the tensors in the order of their bytes in the file.
func (f *File) Names() []string {
	names := make([]string, len(f.infos))
	for i, info := range f.infos {
		names[i] = info.Name
	}
	return names
}

// Info describes a tensor; false where the file has none of that name.
func (f *File) Info(name string) (Info, bool) {
	i, ok := f.index[name]
	if !ok {
		return Info{}, false
	}
	return f.infos[i], true
}

// Section is a tensor's raw little-endian bytes.
func (f *File) Section(name string) (*io.SectionReader, error) {
	info, ok := f.Info(name)
	if !ok {
		return nil, fault.New(fault.Input, "", "safetensors: no tensor %q among %d", name, len(f.infos))
	}
	return io.NewSectionReader(f.r, f.data+info.Offset, info.Bytes), nil
}

// Bytes reads a tensor's raw little-endian bytes.
func (f *File) Bytes(name string) ([]byte, error) {
	s, err := f.Section(name)
	if err != nil {
		return nil, err
	}
	b := make([]byte, s.Size())
	if _, err := io.ReadFull(s, b); err != nil {
		return nil, fault.New(fault.Input, damagedHint, "safetensors: read tensor %q: %w", name, err)
	}
	return b, nil
}

// Floats reads a tensor of F32, F16, BF16 or F64, row-major, as float32; F64
// is rounded.
func (f *File) Floats(name string) ([]float32, error) {
	return numbers(f, name, "floating-point numbers", DecodeFloats)
}

// Doubles reads a tensor of F32 or F64, row-major, as float64, which holds
// either exactly.
func (f *File) Doubles(name string) ([]float64, error) {
	return numbers(f, name, "F32 or F64", decodeDoubles)
}

// Ints reads a tensor of integers or booleans, row-major, as int64.
func (f *File) Ints(name string) ([]int64, error) {
	return numbers(f, name, "integers", decodeInts)
}

// numbers reads a tensor in pieces, so that little but the result is held.
func numbers[T any](f *File, name, want string, decode func([]T, DType, []byte) bool) ([]T, error) {
	s, err := f.Section(name)
	if err != nil {
		return nil, err
	}
	info, _ := f.Info(name)
	if !decode(nil, info.DType, nil) {
		return nil, fault.New(fault.Input, "", "safetensors: tensor %q is %s, want %s", name, info.DType, want)
	}
	size := int64(info.DType.Size())
	out := make([]T, info.Bytes/size)
	buf := make([]byte, min(info.Bytes, 1<<18))
	for at := int64(0); at < info.Bytes; at += int64(len(buf)) {
		buf = buf[:min(int64(len(buf)), info.Bytes-at)]
		if _, err := io.ReadFull(s, buf); err != nil {
			return nil, fault.New(fault.Input, damagedHint, "safetensors: read tensor %q at byte %d of %d: %w", name, at, info.Bytes, err)
		}
		decode(out[at/size:], info.DType, buf)
	}
	return out, nil
}
