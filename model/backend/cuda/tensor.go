//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/kernels"
)

// tensor is an array on the device. Its block is there by the time the
// operations on it are issued.
type tensor struct {
	shape []int
	dtype backend.DType
	block *block
}

func (t *tensor) Shape() []int         { return t.shape }
func (t *tensor) DType() backend.DType { return t.dtype }
func (t *tensor) ptr() kernels.Ptr     { return t.block.ptr() }

// width is the length of the last axis.
func (t *tensor) width() int { return t.shape[len(t.shape)-1] }

// rows is the product of the other axes.
func (t *tensor) rows() int { return backend.Elements(t.shape) / t.width() }

func (t *tensor) bytes() int { return backend.Elements(t.shape) * t.dtype.Bytes() }

func (t *tensor) mustHold(from, n int) {
	if from < 0 || from+n > backend.Elements(t.shape) {
		panic(fmt.Sprintf("cuda: copy of %d elements at %d to or from %v", n, from, t.shape))
	}
}
