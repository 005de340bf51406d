package featurefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// A .npy file is "\x93NUMPY", a version, the length of a header, a Python
// dictionary and the values; see numpy.lib.format. Read here: matrices of
// floating-point numbers, little-endian, rows or columns first. Whatever the
// header claims, no more is allocated than the file holds.

const npyMagic = "\x93NUMPY"

var (
	npyType  = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyOrder = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape'\s*:\s*\(\s*([0-9, ]*)\)`)

	npyFloats = map[string]safetensors.DType{"<f2": safetensors.F16, "<f4": safetensors.F32, "<f8": safetensors.F64}
)

// readNPY reads a matrix (N, d).
func readNPY(path string) (probe.Matrix, error) {
	f, err := os.Open(path)
	if err != nil {
		return probe.Matrix{}, fault.New(fault.Input, "", "npy: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return probe.Matrix{}, fault.New(fault.Input, "", "npy: %w", err)
	}
	m, err := parseNPY(bufio.NewReader(f), st.Size())
	if err != nil {
		return probe.Matrix{}, fault.New(fault.Input, "save it with numpy.save as a float32 matrix, one row a clip", "npy: %s: %w", path, err)
	}
	return m, nil
}

// parseNPY reads a file of size bytes.
func parseNPY(r io.Reader, size int64) (probe.Matrix, error) {
	var none probe.Matrix
	head := make([]byte, 8)
	if _, err := io.ReadFull(r, head); err != nil || string(head[:6]) != npyMagic {
		return none, errors.New("not a .npy file")
	}
	width := map[byte]int64{1: 2, 2: 4, 3: 4}[head[6]] // bytes of the header's length
	if width == 0 {
		return none, fmt.Errorf("format version %d is unknown", head[6])
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(r, length[:width]); err != nil {
		return none, errors.New("cut short in the header")
	}
	n := int64(binary.LittleEndian.Uint32(length))
	left := size - 8 - width - n
	if left < 0 {
		return none, errors.New("cut short in the header")
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return none, errors.New("cut short in the header")
	}
	kind, order, shape := npyType.FindSubmatch(header), npyOrder.FindSubmatch(header), npyShape.FindSubmatch(header)
	if kind == nil || order == nil || shape == nil {
		return none, errors.New("its header does not name descr, fortran_order and shape")
	}
	dtype, ok := npyFloats[string(kind[1])]
	if !ok {
		return none, fmt.Errorf("its values are %q, want <f2, <f4 or <f8", kind[1])
	}
	var dims []int64
	for _, text := range strings.Split(strings.Trim(string(shape[1]), ", "), ",") {
		d, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
		if err != nil {
			return none, fmt.Errorf("its shape is (%s), want (clips, width)", shape[1])
		}
		dims = append(dims, d)
	}
	if len(dims) != 2 || dims[1] == 0 {
		return none, fmt.Errorf("its shape is (%s), want (clips, width)", shape[1])
	}
	if want := dims[0] * dims[1]; want > left/int64(dtype.Size()) || want*int64(dtype.Size()) != left {
		return none, fmt.Errorf("%d bytes of values, want %d × %d × %d", left, dims[0], dims[1], dtype.Size())
	}
	raw := make([]byte, left)
	if _, err := io.ReadFull(r, raw); err != nil {
		return none, errors.New("cut short in the values")
	}
	m := probe.NewMatrix(int(dims[0]), int(dims[1]))
	safetensors.DecodeFloats(m.Data, dtype, raw)
	if string(order[1]) == "True" {
		columns := probe.Matrix{Rows: m.Cols, Cols: m.Rows, Data: m.Data}
		m = probe.NewMatrix(m.Rows, m.Cols)
		for i := range m.Rows {
			for j := range m.Cols {
				m.Row(i)[j] = columns.Row(j)[i]
			}
		}
	}
	return m, nil
}

func isNPY(path string) bool { return strings.EqualFold(filepath.Ext(path), ".npy") }

// writeNPY writes a matrix as float32, atomically.
func writeNPY(path string, m probe.Matrix) error {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", m.Rows, m.Cols)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n" // values start at a multiple of 64 bytes
	b := append([]byte(npyMagic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	b = append(b, header...)
	for _, v := range m.Data {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	if err := renameio.WriteFile(path, b, 0o644); err != nil {
		return diskFault(err)
	}
	return nil
}
