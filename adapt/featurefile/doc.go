// Package featurefile keeps embeddings in files: our own safetensors, which
// hold all that probe.Features say; .npy, the matrix alone; .parquet, a row a
// clip, for data tools. It reads the first two, strangers' too.
//
// What is written is whole or not there. What is read is checked, but not
// repaired: rows that are not of unit length are said to be so.
package featurefile
