// Package gemm multiplies and inverts float64 matrices as fast as the vector units of the
// processor allow: in C, one text for AVX-512, AVX2 and NEON, picked at run
// time, ten times as fast as gonum's products, which it falls back on where
// there is no C. A sum has the same bits for any number of cores, and the same
// on every processor with fused multiply-add.
package gemm
