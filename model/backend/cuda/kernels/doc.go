// Package kernels is the CUDA source of the GPU engine and the table of its
// kernels: for each a constructor that gives name, geometry and arguments.
//
// The source includes nothing and is one text for three readers: NVRTC on the
// user's machine, NVRTC at release time (PTX, embedded here) and a C++ compiler
// in package emulator, which runs the same text on the processor for tests.
// No sum depends on what else is in a batch and nothing is added atomically,
// so results are the same bits alone, together, and again.
// Operands are BF16, or F32 where exactness is asked for.
package kernels
