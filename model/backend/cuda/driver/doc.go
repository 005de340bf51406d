// Package driver is the part of NVIDIA's driver interface that the towers
// need, typed: devices, memory, streams, events, modules and launches.
//
// A Device owns one goroutine tied to one thread, on which the device's
// primary context is current; a Context, which makes every call, exists only
// there. Errors name the function and the driver's code. After an error the
// hardware does not recover from, the device is dead: every later call
// returns that error, except that freeing is still tried.
package driver
