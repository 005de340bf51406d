package kernels

// Ptr is a device address; 0 stands for an argument that is absent.
type Ptr uint64

// The structs below are the kernels' arguments. A kernel takes one struct by
// value, so its bytes are the whole parameter buffer. The C twins in
// kernels.h have the same fields in the same order: addresses first, then an
// even number of 32-bit values, which leaves no padding on any machine.

// PatchifyArgs cuts frames into rows over channel, y, x.
type PatchifyArgs struct {
	Dst    Ptr // (Clips·Frames·Patches, Width), zero from column 3·Patch² on
	Frames Ptr // U8 (Clips, Count, Image, Image, 3) or F32 (Clips, Count, 3, Image, Image)
	Table  Ptr // F32 (3, 256), backend.Patches.NormTable; 0 for F32 frames
	Valid  Ptr // int32 (Clips): frames from Valid[b] on become zero; 0 for none
	Keep   Ptr // int32 (Clips, Patches): which patches of the grid; 0 for all in order
	Clips, Count, Patches, Image, Patch,
	Width int32 // of a row of Dst, at least 3·Patch²
}

// AssembleArgs makes tokens of patches and normalises them.
type AssembleArgs struct {
	Dst     Ptr // F32 (Clips·(1 + Frames·Patches), D)
	Patches Ptr // F32 (Clips·Frames·Count, D)
	CLS     Ptr // F32 (D)
	Pos     Ptr // F32 (1 + grid, D)
	Time    Ptr // F32 (≥ Frames, D)
	Weight  Ptr // F32 (D), of the layer normalisation
	Bias    Ptr // F32 (D)
	Keep    Ptr // int32 (Clips, Count), or 0
	Clips, Frames,
	Count, // patches of a frame
	D int32
	Eps    float32
	Unused int32 // keeps the count even
}

// EmbedArgs reads words: Dst[i] = Table[IDs[i]] + Pos[i mod Length].
type EmbedArgs struct {
	Dst   Ptr // F32 (Rows, D)
	IDs   Ptr // int32 (Rows), each a row of Table
	Table Ptr // F32 (vocabulary, D)
	Pos   Ptr // F32 (≥ Length, D)
	Rows, Length, D,
	Unused int32
}

// NormArgs is a layer normalisation over the last axis. Dst may be X where
// both are F32.
type NormArgs struct {
	Dst     Ptr // F32 or BF16 (Rows, D)
	X       Ptr // F32 (Rows, D)
	Weight  Ptr // F32 (D)
	Bias    Ptr // F32 (D)
	Rows, D int32
	Eps     float32
	Unused  int32
}

// LinearArgs is Dst = act(X·Wᵀ + Bias) + Residual, for any sizes.
type LinearArgs struct {
	Dst                     Ptr // F32 or BF16 (Rows, Out)
	X                       Ptr // operands (Rows, LdX), of which In are read
	W                       Ptr // operands (Out, LdW), of which In are read
	Bias                    Ptr // F32 (Out), or 0
	Residual                Ptr // F32 (Rows, Out), or 0; may be Dst where that is F32
	Rows, In, Out, LdX, LdW int32
	Act                     int32 // backend.Act
}

// EpilogueArgs is Dst = act(X + Bias) + Residual, what a linear layer does
// after its product. Dst may be X or Residual where it is F32.
type EpilogueArgs struct {
	Dst      Ptr // F32 or BF16 (Rows, D)
	X        Ptr // F32 (Rows, D)
	Bias     Ptr // F32 (D), or 0
	Residual Ptr // F32 (Rows, D), or 0
	Rows, D,
	Act, // backend.Act
	Unused int32
}

// ActivateArgs applies an activation to BF16 values in place.
type ActivateArgs struct {
	X      Ptr    // BF16 (Count), 16-byte aligned
	Count  uint64 // values
	Act    int32  // backend.Act
	Unused int32
}

// GatherArgs copies rows: Dst[i] = X[Rows[i]].
type GatherArgs struct {
	Dst      Ptr // (Count, D)
	X        Ptr // (R, D), of Dst's type
	Rows     Ptr // int32 (Count)
	Count, D int32
}

// ConvertArgs copies values from one type to the other.
type ConvertArgs struct {
	Dst   Ptr
	X     Ptr
	Count uint64 // values
}

// attendArgs is an attention over packed rows q, k, v of Heads·Dim each.
type attendArgs struct {
	Dst      Ptr // operands (Clips·N, Heads·Dim)
	QKV      Ptr // operands (Clips·N, 3·Heads·Dim)
	Partials Ptr // F32 (Clips, Heads, parts, Dim + 2): what the CLS query has read
	Clips, Frames, Patches, Heads, Dim,
	Kind int32 // of the plain kernel
}

// combineArgs merges what the CLS query has read into its row of Dst.
type combineArgs struct {
	Dst      Ptr // operands; the row of clip b is b·Stride
	Partials Ptr // as attendArgs has it
	Clips, Heads, Dim, Parts,
	Stride, // N, or 1 where Dst has only CLS rows
	Unused int32
}
