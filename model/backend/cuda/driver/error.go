//go:build linux && (amd64 || arm64) && !nogpu

package driver

import (
	"errors"
	"fmt"
)

// Error is what a function of the driver returned.
type Error struct {
	Op   string // e.g. "cuMemAlloc_v2"
	Code int
	Name string // e.g. "CUDA_ERROR_OUT_OF_MEMORY"
	Log  string // the compiler's, of a module that does not load
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s (%d)", e.Op, e.Name, e.Code)
	if e.Log != "" {
		text += ": " + e.Log
	}
	return text
}

// Code returns the driver's code in err's chain, or 0 where there is none.
func Code(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}
