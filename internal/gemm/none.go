//go:build !cgo || windows || !(amd64 || arm64)

package gemm

// kernels lists none: this build has no C.
func kernels() (names []string, products []product) { return nil, nil }
