package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"sort"
	"syscall"
	"unicode/utf8"

	"framepilot/internal/fault"

	"github.com/google/renameio/v2"
)

// Entry is a tensor to be written.
type Entry struct {
	Name  string
	DType DType
	Shape []int

	// Write gives exactly the tensor's raw little-endian bytes to w. An error
	// it returns ends the file; w's own errors are remembered, so Write may
	// pass them on wrapped.
	Write func(w io.Writer) error
}

// Float32Entry is an F32 tensor held in memory.
func Float32Entry(name string, shape []int, data []float32) Entry {
	return numberEntry(name, F32, shape, data, func(b []byte, v float32) []byte {
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	})
}

// RowsEntry is an F32 tensor (rows, cols) given row by row, so that it need not
// be in memory.
func RowsEntry(name string, rows, cols int, row func(i int) ([]float32, error)) Entry {
	return Entry{Name: name, DType: F32, Shape: []int{rows, cols}, Write: func(w io.Writer) error {
		buf := make([]byte, 0, 4*cols)
		for i := range rows {
			values, err := row(i)
			if err != nil {
				return err
			}
			buf = buf[:0]
			for _, v := range values {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Float64Entry is an F64 tensor held in memory.
func Float64Entry(name string, shape []int, data []float64) Entry {
	return numberEntry(name, F64, shape, data, func(b []byte, v float64) []byte {
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	})
}

// Int64Entry is an I64 tensor held in memory.
func Int64Entry(name string, shape []int, data []int64) Entry {
	return numberEntry(name, I64, shape, data, func(b []byte, v int64) []byte {
		return binary.LittleEndian.AppendUint64(b, uint64(v))
	})
}

func numberEntry[T any](name string, d DType, shape []int, data []T, put func([]byte, T) []byte) Entry {
	return Entry{Name: name, DType: d, Shape: shape, Write: func(w io.Writer) error {
		buf := make([]byte, 0, 1<<16)
		for rest := data; len(rest) > 0; {
			n := min(len(rest), cap(buf)/d.Size())
			for _, v := range rest[:n] {
				buf = put(buf, v)
			}
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf, rest = buf[:0], rest[n:]
		}
		return nil
	}}
}

// Write writes a file atomically: the bytes go to a temporary file beside path,
// which is synced and renamed when whole and removed when not. Entries are
// asked for their bytes one after the other, wide element types first so that
// every tensor is aligned to its element size, otherwise in the order given.
// progress, if not nil, hears of the bytes written out of the file's size.
func Write(path string, metadata map[string]string, entries []Entry, progress func(doneBytes, totalBytes int64)) error {
	entries = append([]Entry(nil), entries...)
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].DType.Size() > entries[j].DType.Size() })
	header, total, err := encodeHeader(metadata, entries)
	if err != nil {
		return fmt.Errorf("safetensors: write %s: %w", path, err)
	}
	file, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644))
	if err != nil {
		return writeError(path, err)
	}
	defer file.Cleanup()
	sink := &sink{w: file, total: total, progress: progress}
	if err := writeAll(sink, header, entries); err != nil {
		if sink.err != nil {
			return writeError(path, sink.err)
		}
		return fmt.Errorf("safetensors: write %s: %w", path, err)
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return writeError(path, err)
	}
	return nil
}

// encodeHeader returns the length prefix and the header, padded with spaces so
// that the data is aligned to 8 bytes, and the size of the whole file.
func encodeHeader(metadata map[string]string, entries []Entry) (header []byte, total int64, err error) {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	b.WriteByte('{')
	if len(metadata) > 0 {
		for k, v := range metadata {
			if !utf8.ValidString(k) || !utf8.ValidString(v) {
				return nil, 0, fmt.Errorf("metadata %q is not UTF-8", k)
			}
		}
		putJSON(&b, metadataKey)
		b.WriteByte(':')
		putJSON(&b, metadata) // sorted by key
	}
	seen := map[string]bool{metadataKey: true}
	var end int64
	for _, e := range entries {
		if seen[e.Name] {
			return nil, 0, fmt.Errorf("tensor name %q is taken twice", e.Name)
		}
		seen[e.Name] = true
		if !utf8.ValidString(e.Name) {
			return nil, 0, fmt.Errorf("tensor name %q is not UTF-8", e.Name)
		}
		n, err := ByteSize(e.DType, e.Shape)
		if err != nil {
			return nil, 0, fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		if n > math.MaxInt64-2*maxHeader-end {
			return nil, 0, fmt.Errorf("tensor %q: more bytes than a file can hold", e.Name)
		}
		if b.Len() > len("12345678{") {
			b.WriteByte(',')
		}
		putJSON(&b, e.Name)
		b.WriteByte(':')
		putJSON(&b, struct {
			DType   DType    `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{e.DType, append([]int{}, e.Shape...), [2]int64{end, end + n}})
		end += n
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len()-8 > maxHeader {
		return nil, 0, fmt.Errorf("header has %d bytes, want at most %d", b.Len()-8, maxHeader)
	}
	header = b.Bytes()
	binary.LittleEndian.PutUint64(header, uint64(len(header)-8))
	return header, int64(len(header)) + end, nil
}

// putJSON appends v without the escapes encoding/json adds for web pages. The
// values above always encode.
func putJSON(b *bytes.Buffer, v any) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("safetensors: encode header: " + err.Error())
	}
	b.Truncate(b.Len() - 1) // the newline Encode ends with
}

func writeAll(s *sink, header []byte, entries []Entry) error {
	w := bufio.NewWriterSize(s, 1<<20)
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, e := range entries {
		want, err := ByteSize(e.DType, e.Shape)
		if err != nil {
			return err
		}
		exact := &exactWriter{w: w, left: want}
		if err := e.Write(exact); err != nil {
			return fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		if exact.left != 0 {
			return fmt.Errorf("tensor %q: %d bytes given, want %d", e.Name, want-exact.left, want)
		}
	}
	return w.Flush()
}

// exactWriter refuses more bytes than a tensor has.
type exactWriter struct {
	w    io.Writer
	left int64
}

func (e *exactWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > e.left {
		return 0, fmt.Errorf("%d bytes too many given", int64(len(p))-e.left)
	}
	n, err := e.w.Write(p)
	e.left -= int64(n)
	return n, err
}

// sink is the file: it counts what has arrived and keeps the file's own error
// apart from those of the tensors' sources.
type sink struct {
	w           io.Writer
	done, total int64
	progress    func(done, total int64)
	err         error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.done += int64(n)
	if err != nil {
		s.err = err
	} else if s.progress != nil {
		s.progress(s.done, s.total)
	}
	return n, err
}

// writeError says what a person can do about a file that can't be written.
func writeError(path string, err error) error {
	hint := ""
	switch dir := filepath.Dir(path); {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = fmt.Sprintf("free space in %s or choose another folder", dir)
	case errors.Is(err, syscall.EFBIG):
		hint = fmt.Sprintf("the file is larger than %s or a limit (ulimit -f) allows; choose another folder", dir)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = fmt.Sprintf("make %s writable or choose another folder", dir)
	case errors.Is(err, fs.ErrNotExist):
		hint = fmt.Sprintf("make the folder %s or choose another one", dir)
	}
	return fault.New(fault.Missing, hint, "safetensors: write %s: %w", path, err)
}
