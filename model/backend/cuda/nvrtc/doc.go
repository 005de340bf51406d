// Package nvrtc makes the kernels into what a device loads: compiled for it by
// NVIDIA's run-time compiler where that is installed, else the PTX embedded at
// release time, which the driver translates. It needs nothing else of CUDA.
//
// What it has compiled it keeps in the user's cache; a cache that is damaged
// or cannot be written costs a compilation, never an error.
package nvrtc
