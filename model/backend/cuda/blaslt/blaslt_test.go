//go:build linux && (amd64 || arm64) && !nogpu

package blaslt

import (
	"strings"
	"testing"
	"unsafe"

	"framepilot/model/backend/cuda/driver"
	"framepilot/model/backend/cuda/fake"
)

func TestABI(t *testing.T) {
	fake.CheckABI(t, "testdata/cublaslt-*.txt", Functions, map[string]int{
		"CUDA_R_32F":                                 typeF32,
		"CUDA_R_16BF":                                typeBF16,
		"CUBLAS_COMPUTE_32F":                         computeF32,
		"CUBLAS_OP_T":                                transpose,
		"CUBLASLT_MATMUL_DESC_TRANSA":                descTransA,
		"CUBLASLT_MATMUL_DESC_EPILOGUE":              descEpilogue,
		"CUBLASLT_MATMUL_DESC_BIAS_POINTER":          descBias,
		"CUBLASLT_EPILOGUE_DEFAULT":                  epilogueNone,
		"CUBLASLT_EPILOGUE_BIAS":                     epilogueBias,
		"CUBLASLT_EPILOGUE_GELU_BIAS":                epilogueGeluBias,
		"CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES":   preferenceWorkspace,
		"CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK": preferenceReduction,
		"CUBLASLT_REDUCTION_SCHEME_NONE":             reductionNone,
		"CUBLAS_STATUS_NOT_SUPPORTED":                statusNotSupported,
	}, map[string]int{
		"cublasLtMatmulAlgo_t":            int(unsafe.Sizeof(plan{}.algorithm)),
		"cublasLtMatmulHeuristicResult_t": int(unsafe.Sizeof(result{})),
		"cudaDataType_t":                  4,
		"cublasLtEpilogue_t":              4,
	})
}

// Algorithms are chosen once a kind, and none is asked for where rows do not
// start at whole 16 bytes.
func TestKinds(t *testing.T) {
	f := fake.New(t, "ltversion=130102")
	d, err := driver.Open([]string{f.Dir})
	if err != nil {
		t.Fatal(err)
	}
	u, err := d.Use(0)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	lib, err := Open([]string{f.Dir}, 13000)
	if err != nil || lib.Version != "13.1.2" || !strings.HasSuffix(lib.Path, ".13") {
		t.Fatalf("%+v, %v", lib, err)
	}
	err = u.Do(func(c *driver.Context) error {
		h, err := lib.New(c)
		if err != nil {
			return err
		}
		defer h.Close(c)
		for _, k := range []struct {
			kind  Kind
			knows bool
		}{
			{Kind{In: 64, Out: 32, LdX: 64, LdW: 64, BF16: true, Bias: true}, true},
			{Kind{In: 61, Out: 32, LdX: 64, LdW: 64, BF16: true}, true},
			{Kind{In: 61, Out: 32, LdX: 61, LdW: 64, BF16: true}, false},
			{Kind{In: 64, Out: 30, LdX: 64, LdW: 64}, false},
			{Kind{In: 60, Out: 28, LdX: 60, LdW: 60}, true},
		} {
			for range 2 {
				knows, err := h.Knows(c, k.kind)
				if err != nil || knows != k.knows {
					t.Errorf("%+v: known %v, %v", k.kind, knows, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	asked := 0
	for _, call := range f.Log() {
		if call == "cublasLtMatmulAlgoGetHeuristic" {
			asked++
		}
	}
	if asked != 3 {
		t.Errorf("the heuristic was asked %d times, want 3", asked)
	}
	f.Script("cublasLtCreate:1=1")
	err = u.Do(func(c *driver.Context) error { _, err := lib.New(c); return err })
	if err == nil || err.Error() != "cublasLtCreate: CUBLAS_STATUS_OF_THE_SCRIPT (1)" {
		t.Errorf("a library that does not start: %v", err)
	}
}
