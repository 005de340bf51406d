//go:build linux && (amd64 || arm64) && !nogpu

package driver

import "framepilot/model/backend/cuda/dl"

// The functions, in the order of the table below.
const (
	cuInit = iota
	cuDriverGetVersion
	cuDeviceGetCount
	cuDeviceGet
	cuDeviceGetName
	cuDeviceGetAttribute
	cuDeviceTotalMem
	cuDevicePrimaryCtxRetain
	cuDevicePrimaryCtxRelease
	cuCtxSetCurrent
	cuMemAlloc
	cuMemFree
	cuMemGetInfo
	cuMemHostAlloc
	cuMemFreeHost
	cuMemcpyHtoDAsync
	cuMemcpyDtoHAsync
	cuModuleLoadDataEx
	cuModuleUnload
	cuModuleGetFunction
	cuFuncSetAttribute
	cuLaunchKernel
	cuStreamCreate
	cuStreamDestroy
	cuEventCreate
	cuEventDestroy
	cuEventRecord
	cuEventSynchronize
	cuEventElapsedTime
	cuGetErrorName
)

// Functions is what is called, by exported name, with the arguments it takes.
// They are the same from CUDA 12.0 on, but for the one with another name.
var Functions = []dl.Function{
	cuInit:                    {Name: "cuInit", Args: 1},
	cuDriverGetVersion:        {Name: "cuDriverGetVersion", Args: 1},
	cuDeviceGetCount:          {Name: "cuDeviceGetCount", Args: 1},
	cuDeviceGet:               {Name: "cuDeviceGet", Args: 2},
	cuDeviceGetName:           {Name: "cuDeviceGetName", Args: 3},
	cuDeviceGetAttribute:      {Name: "cuDeviceGetAttribute", Args: 3},
	cuDeviceTotalMem:          {Name: "cuDeviceTotalMem_v2", Args: 2},
	cuDevicePrimaryCtxRetain:  {Name: "cuDevicePrimaryCtxRetain", Args: 2},
	cuDevicePrimaryCtxRelease: {Name: "cuDevicePrimaryCtxRelease_v2", Args: 1},
	cuCtxSetCurrent:           {Name: "cuCtxSetCurrent", Args: 1},
	cuMemAlloc:                {Name: "cuMemAlloc_v2", Args: 2},
	cuMemFree:                 {Name: "cuMemFree_v2", Args: 1},
	cuMemGetInfo:              {Name: "cuMemGetInfo_v2", Args: 2},
	cuMemHostAlloc:            {Name: "cuMemHostAlloc", Args: 3},
	cuMemFreeHost:             {Name: "cuMemFreeHost", Args: 1},
	cuMemcpyHtoDAsync:         {Name: "cuMemcpyHtoDAsync_v2", Args: 4},
	cuMemcpyDtoHAsync:         {Name: "cuMemcpyDtoHAsync_v2", Args: 4},
	cuModuleLoadDataEx:        {Name: "cuModuleLoadDataEx", Args: 5},
	cuModuleUnload:            {Name: "cuModuleUnload", Args: 1},
	cuModuleGetFunction:       {Name: "cuModuleGetFunction", Args: 3},
	cuFuncSetAttribute:        {Name: "cuFuncSetAttribute", Args: 3},
	cuLaunchKernel:            {Name: "cuLaunchKernel", Args: 11},
	cuStreamCreate:            {Name: "cuStreamCreate", Args: 2},
	cuStreamDestroy:           {Name: "cuStreamDestroy_v2", Args: 1},
	cuEventCreate:             {Name: "cuEventCreate", Args: 2},
	cuEventDestroy:            {Name: "cuEventDestroy_v2", Args: 1},
	cuEventRecord:             {Name: "cuEventRecord", Args: 2},
	cuEventSynchronize:        {Name: "cuEventSynchronize", Args: 1},
	cuEventElapsedTime:        {Name: "cuEventElapsedTime_v2", Args: 3, Else: "cuEventElapsedTime"},
	cuGetErrorName:            {Name: "cuGetErrorName", Args: 2},
}

// Values of cuda.h.
const (
	attributeSMs         = 16 // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
	attributeMajor       = 75 // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
	attributeMinor       = 76 // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
	functionSharedMemory = 8  // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
	streamNonBlocking    = 1  // CU_STREAM_NON_BLOCKING
	eventBlockingSync    = 1  // CU_EVENT_BLOCKING_SYNC
	jitErrorLog          = 5  // CU_JIT_ERROR_LOG_BUFFER
	jitErrorLogSize      = 6  // CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
	paramEnd             = 0  // CU_LAUNCH_PARAM_END
	paramPointer         = 1  // CU_LAUNCH_PARAM_BUFFER_POINTER
	paramSize            = 2  // CU_LAUNCH_PARAM_BUFFER_SIZE
	plentySharedMemory   = 48 << 10
)

// Codes of CUresult.
const (
	OutOfMemory = 2
	NoDevice    = 100
	badPTX      = 218
	newerPTX    = 222
)

// sticky are the errors after which the context is lost: uncorrectable memory
// (214), illegal address (700), timeout (702), destroyed context (709), and
// the kinds of failed kernels (710, 714 to 719).
func sticky(code int) bool {
	switch code {
	case 214, 700, 702, 709, 710:
		return true
	}
	return code >= 714 && code <= 719
}
