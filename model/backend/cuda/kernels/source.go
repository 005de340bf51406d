package kernels

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
)

var (
	//go:embed device.cu
	device string
	//go:embed common.cu
	common string
	//go:embed embed.cu
	embedding string
	//go:embed norm.cu
	norm string
	//go:embed linear.cu
	linear string
	//go:embed attend.cu
	attend string
	//go:embed attend_time.cu
	attendTime string
	//go:embed attend_space.cu
	attendSpace string

	//go:embed kernels.ptx.gz
	ptx []byte
)

// Source is the whole CUDA text.
func Source() string { return device + Portable() }

// Portable is the text without what it asks of the device, for a compiler that
// brings its own.
func Portable() string {
	return strings.Join([]string{common, embedding, norm, linear, attend, attendTime, attendSpace}, "\n")
}

// PTX is Source compiled at release time for every device from sm_80 on, as a
// C string: with a zero byte at its end. `make ptx` renews it.
func PTX() []byte {
	r, err := gzip.NewReader(bytes.NewReader(ptx))
	if err != nil {
		panic(err) // embedded, and read by a test
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return append(text, 0)
}
