//go:build !linux || !(amd64 || arm64) || nogpu

package cuda

import (
	"framepilot/internal/fault"
	"framepilot/model/backend"
)

var errNone = fault.New(fault.Missing, "use --device cpu, or a build for Linux without the tag nogpu", "cuda: this build of the program has no GPU support")

// New says that this build has no GPU support.
func New(Options) (backend.Backend, error) { return nil, errNone }

// IsAbsent says whether err is the lack of all GPU support.
func IsAbsent(err error) bool { return err != nil }

// Probe says so too.
func Probe(Options) Machine { return Machine{Err: errNone} }
