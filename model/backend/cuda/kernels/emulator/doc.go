// Package emulator runs the CUDA kernels on the processor, for tests: a C++
// compiler builds the same text around device.h, which plays the device. What
// it promises to catch, and what it cannot, stands there. Addresses are this
// process's.
package emulator
