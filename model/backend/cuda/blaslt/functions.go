//go:build linux && (amd64 || arm64) && !nogpu

package blaslt

import "framepilot/model/backend/cuda/dl"

// The functions, in the order of the table below.
const (
	ltCreate = iota
	ltDestroy
	ltGetVersion
	ltGetStatusName
	ltDescCreate
	ltDescSet
	ltDescDestroy
	ltLayoutCreate
	ltLayoutDestroy
	ltPreferenceCreate
	ltPreferenceSet
	ltPreferenceDestroy
	ltHeuristic
	ltMatmul
)

// Functions is what is called, by exported name, with the arguments it takes:
// the same in cuBLASLt 12 and 13.
var Functions = []dl.Function{
	ltCreate:            {Name: "cublasLtCreate", Args: 1},
	ltDestroy:           {Name: "cublasLtDestroy", Args: 1},
	ltGetVersion:        {Name: "cublasLtGetVersion", Args: 0},
	ltGetStatusName:     {Name: "cublasLtGetStatusName", Args: 1},
	ltDescCreate:        {Name: "cublasLtMatmulDescCreate", Args: 3},
	ltDescSet:           {Name: "cublasLtMatmulDescSetAttribute", Args: 4},
	ltDescDestroy:       {Name: "cublasLtMatmulDescDestroy", Args: 1},
	ltLayoutCreate:      {Name: "cublasLtMatrixLayoutCreate", Args: 5},
	ltLayoutDestroy:     {Name: "cublasLtMatrixLayoutDestroy", Args: 1},
	ltPreferenceCreate:  {Name: "cublasLtMatmulPreferenceCreate", Args: 1},
	ltPreferenceSet:     {Name: "cublasLtMatmulPreferenceSetAttribute", Args: 4},
	ltPreferenceDestroy: {Name: "cublasLtMatmulPreferenceDestroy", Args: 1},
	ltHeuristic:         {Name: "cublasLtMatmulAlgoGetHeuristic", Args: 10},
	ltMatmul:            {Name: "cublasLtMatmul", Args: 16},
}

// Values of library_types.h, cublas_api.h and cublasLt.h.
const (
	typeF32             = 0  // CUDA_R_32F
	typeBF16            = 14 // CUDA_R_16BF
	computeF32          = 68 // CUBLAS_COMPUTE_32F: sums in fp32, no TF32
	transpose           = 1  // CUBLAS_OP_T
	descTransA          = 3  // CUBLASLT_MATMUL_DESC_TRANSA
	descEpilogue        = 7  // CUBLASLT_MATMUL_DESC_EPILOGUE
	descBias            = 8  // CUBLASLT_MATMUL_DESC_BIAS_POINTER
	epilogueNone        = 1  // CUBLASLT_EPILOGUE_DEFAULT
	epilogueBias        = 4  // CUBLASLT_EPILOGUE_BIAS
	epilogueGeluBias    = 36 // CUBLASLT_EPILOGUE_GELU_BIAS
	preferenceWorkspace = 1  // CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES
	preferenceReduction = 3  // CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK
	reductionNone       = 0  // CUBLASLT_REDUCTION_SCHEME_NONE
	statusNotSupported  = 15 // CUBLAS_STATUS_NOT_SUPPORTED
)
