// Package dl opens shared libraries at run time and calls their functions
// without cgo, so that one program runs with and without an NVIDIA driver.
//
// It promises ordinary errors: a library that is nowhere says where it was
// looked for, a function it lacks is named. Functions take integers and
// pointers only, none takes a float by value. It needs glibc, and is absent
// from builds with the tag nogpu and from other systems than Linux.
package dl
