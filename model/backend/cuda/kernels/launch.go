package kernels

import (
	"fmt"
	"math"
	"unsafe"

	"framepilot/model/backend"
)

// Launch is one kernel with its geometry and arguments.
type Launch struct {
	Kernel      string // the function's name in the module
	Grid, Block [3]uint32
	Shared      uint32 // dynamic shared memory, bytes; over MaxStaticShared it must be allowed by attribute
	Args        []byte // the argument struct: cuLaunchKernel's extra buffer
}

const (
	// MaxStaticShared is the dynamic shared memory a block gets unasked.
	MaxStaticShared = 48 << 10
	// MaxShared is the most a launch asks for, which every device from sm_80 on
	// allows.
	MaxShared = 99 << 10
)

const (
	warp     = 32
	threads  = 256           // of a block that goes over elements
	rowWarps = 4             // of a block that takes a row a warp
	mostGrid = math.MaxInt32 // blocks of the x axis
)

// The tiles of a block of the products, as in linear.cu.
const (
	tile       = 128
	tileShared = 2 * 2 * tile * (32 + 8) * 2 // two stages of X and W, 32 deep and padded, BF16

	exactTile   = 64
	exactShared = 2 * 16 * (exactTile + 4) * 4 // X and W, 16 deep and padded, F32
)

// Patchify writes operands of type to from frames of type from (U8 or F32).
func Patchify(from, to backend.DType, a PatchifyArgs) Launch {
	source := "f32"
	if from == backend.U8 {
		source = "u8"
	}
	return launch("patchify_"+source+"_"+suffix(to), int(a.Clips)*int(a.Count)*int(a.Patches), threads, 0, a)
}

// AssembleTokens is backend.Queue's, one warp a token.
func AssembleTokens(a AssembleArgs) Launch {
	return launch("assemble", ceil(int(a.Clips)*(1+int(a.Frames)*int(a.Count)), rowWarps), rowWarps*warp, 0, a)
}

// EmbedTokens is backend.Queue's, one block a word.
func EmbedTokens(a EmbedArgs) Launch {
	return launch("embed_tokens", int(a.Rows), threads, 0, a)
}

// LayerNorm writes to, F32 or BF16, one warp a row.
func LayerNorm(to backend.DType, a NormArgs) Launch {
	return launch("layer_norm_"+suffix(to), ceil(int(a.Rows), rowWarps), rowWarps*warp, 0, a)
}

// Linear is the product of operands of type from, BF16 or F32, into Dst of
// type to, for where there is no better one. F32 operands give F32.
func Linear(from, to backend.DType, a LinearArgs) Launch {
	size, shared := tile, tileShared
	if from == backend.F32 {
		size, shared = exactTile, exactShared
	}
	l := launch("linear_"+suffix(from)+"_"+suffix(to), ceil(int(a.Rows), size), threads, shared, a)
	l.Grid[1] = uint32(ceil(int(a.Out), size))
	return l
}

// Epilogue writes to, F32 or BF16.
func Epilogue(to backend.DType, a EpilogueArgs) Launch {
	return launch("epilogue_"+suffix(to), ceil(int(a.Rows)*int(a.D), threads), threads, 0, a)
}

// Activate works on BF16 in place, eight values a thread. F32 is Epilogue's.
func Activate(a ActivateArgs) Launch {
	return launch("activate_bf16", ceil(int(a.Count), 8*threads), threads, 0, a)
}

// Gather copies rows of type d, F32 or BF16, one block a row.
func Gather(d backend.DType, a GatherArgs) Launch {
	return launch("gather_"+suffix(d), int(a.Count), threads, 0, a)
}

// Convert makes values of type to, F32 or BF16, of the other type's.
func Convert(to backend.DType, a ConvertArgs) Launch {
	name := "bf16_to_f32"
	if to == backend.BF16 {
		name = "f32_to_bf16"
	}
	return launch(name, ceil(int(a.Count), threads), threads, 0, a)
}

func suffix(d backend.DType) string {
	switch d {
	case backend.F32:
		return "f32"
	case backend.BF16:
		return "bf16"
	}
	panic(fmt.Sprintf("kernels: no kernel for elements of type %d", d))
}

func launch[T any](kernel string, blocks, threads, shared int, args T) Launch {
	if blocks < 1 || blocks > mostGrid {
		panic(fmt.Sprintf("kernels: %s of %d blocks: %+v", kernel, blocks, args))
	}
	return Launch{Kernel: kernel, Grid: [3]uint32{uint32(blocks), 1, 1}, Block: [3]uint32{uint32(threads), 1, 1},
		Shared: uint32(shared), Args: append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(&args)), unsafe.Sizeof(args))...)}
}

func ceil(n, size int) int { return (n + size - 1) / size }
