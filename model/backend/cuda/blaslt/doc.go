// Package blaslt is the part of NVIDIA's cuBLASLt that linear layers need:
// y = x·Wᵀ, with a bias, tanh GELU or a residual in the same pass.
//
// An algorithm is chosen once for a kind of product, at a fixed number of
// rows, and without sums split between blocks: how a row's result is rounded
// then depends on nothing that shares its batch. What the library has no
// algorithm for is said before anything runs, so that the caller can do it.
package blaslt
