package kernels

import (
	_ "embed"
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
)

// Source is the whole CUDA text.
func Source() string { return device + Portable() }

// Portable is the text without what it asks of the device, for a compiler that
// brings its own.
func Portable() string {
	return strings.Join([]string{common, embedding, norm, linear, attend, attendTime, attendSpace}, "\n")
}
