package featurefile

import (
	"fmt"
	"io"
	"sync"

	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// Stream is Load for files of any size: where rows hold the embeddings of
// frames, of each row the clip's own are read and the frames stay on the disk
// until they are asked for (probe.Streamed). The caller closes the file when it
// is done with the features. Rows that are not of unit length are not checked
// any further.
func Stream(path string) (f probe.Features, unit bool, file io.Closer, err error) {
	if isNPY(path) {
		f, unit, err = Load(path)
		return f, unit, io.NopCloser(nil), err
	}
	open, err := safetensors.Open(path)
	if err != nil {
		return f, false, nil, fmt.Errorf("load features %s: %w", path, err)
	}
	f, err = readFeatures(open, streamed)
	f, unit, err = checked(path, f, err)
	if err != nil {
		open.Close()
		return f, false, nil, err
	}
	return f, unit, open, nil
}

// streamed is the tensor of features, the frames left in the file.
func streamed(file *safetensors.File, frames int) (probe.Matrix, error) {
	info, err := shapeOf(file, "features")
	rows, cols := 0, 0
	if err == nil {
		rows, cols = info.Shape[0], info.Shape[1]
	}
	if err != nil || frames <= 0 || cols%(1+frames) != 0 || !info.DType.Float() {
		return matrix(file, "features") // or why not
	}
	section, err := file.Section("features")
	if err != nil {
		return probe.Matrix{}, err
	}
	size := cols * info.DType.Size()
	raw := sync.Pool{New: func() any { b := make([]byte, size); return &b }}
	read := func(row int, into []float32) error {
		b := raw.Get().(*[]byte)
		defer raw.Put(b)
		if _, err := section.ReadAt(*b, int64(row)*int64(size)); err != nil {
			return fmt.Errorf("read row %d of %q: %w", row, "features", err)
		}
		safetensors.DecodeFloats(into, info.DType, *b)
		return nil
	}
	head, whole := probe.NewMatrix(rows, cols/(1+frames)), make([]float32, cols)
	for i := range rows {
		if err := read(i, whole); err != nil {
			return probe.Matrix{}, err
		}
		copy(head.Row(i), whole)
	}
	return probe.Streamed(head, cols, read), nil
}
