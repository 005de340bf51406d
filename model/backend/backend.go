package backend

import "errors"

// ErrOutOfMemory is in the chain of a Queue's error where fewer rows at a time
// may do. The activations of the queue are gone then.
var ErrOutOfMemory = errors.New("out of device memory")

// DType is how a tensor's elements are stored.
type DType uint8

// The element types. Sums and what is carried from block to block are F32
// everywhere.
const (
	F32 DType = iota
	U8
	BF16 // the upper half of an F32
	// Operand is asked of New for what Linear and Attend read, and makes
	// whatever the backend multiplies in: BF16 at that precision, else F32.
	Operand
)

// Bytes is the size of an element of what is not Operand.
func (d DType) Bytes() int { return [...]int{F32: 4, U8: 1, BF16: 2}[d] }

// Elements is how many a tensor of that shape has.
func Elements(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// Tensor is a dense row-major array owned by a backend. Only the backend
// that made it can read it.
type Tensor interface {
	Shape() []int
	DType() DType
}

// Linear is y = x·Wᵀ + b, packed the way the device likes it.
type Linear interface {
	In() int
	Out() int
}

// Info says what runs, for the record of a run.
type Info struct {
	Device    string `json:"device"`    // "cpu", "cuda:0"
	Name      string `json:"name"`      // the processor, as it calls itself
	Kernel    string `json:"kernel"`    // which implementation was chosen
	Precision string `json:"precision"` // of what is multiplied: "fp32" or "bf16"; sums are fp32
	Workers   int    `json:"workers"`   // threads that compute; 0 where it means nothing
	Why       string `json:"why"`       // the reason for this kernel, and what keeps better ones away
}

// Backend makes parameters and queues. Its methods may be called from any
// goroutine.
type Backend interface {
	Info() Info
	// Weight copies a parameter to the device. It lives until Close.
	Weight(shape []int, src []float32) (Tensor, error)
	// Linear packs w (out, in) and b (out, or nil for none).
	Linear(in, out int, w, b []float32) (Linear, error)
	NewQueue() (Queue, error)
	Close() error
}

// Act is what a Linear applies after its bias.
type Act uint8

// The activations of the published models.
const (
	NoAct     Act = iota
	QuickGELU     // x·σ(1.702x): B/32 and B/16, from OpenAI's CLIP
	GELU          // x·Φ(x) by erf: H/14, from OpenCLIP
)

// Norm is a layer normalisation over the last axis.
type Norm struct {
	Weight, Bias Tensor // (D), (D)
	Eps          float32
}

// Geometry is how the rows of a video activation are laid out.
type Geometry struct {
	Clips, Frames, Patches int // B, T, n
	Heads, HeadDim         int // D = Heads·HeadDim
}

// Tokens is N, the rows of one clip.
func (g Geometry) Tokens() int { return 1 + g.Frames*g.Patches }

// Patches says how frames become patch rows.
type Patches struct {
	Image, Patch int        // pixels a side
	Valid        []int      // B frames present in each clip, nil for all; the rest count as zero after normalisation
	Keep         [][]int    // B lists of n patch indices kept in every frame (a tube mask), nil for all
	Mean, Std    [3]float32 // of U8 frames: value = (v/255 - mean)/std
}

// NormTable holds the normalised value of every byte of every channel, with
// the three float32 roundings (divide, subtract, divide) of torchvision's
// ToTensor and Normalize, by which the published models were trained.
func (p Patches) NormTable() *[3][256]float32 {
	var t [3][256]float32
	for c := range 3 {
		for v := range 256 {
			x := float32(v) / 255
			x -= p.Mean[c]
			t[c][v] = x / p.Std[c]
		}
	}
	return &t
}

// Attention is which keys a query of a divided attention reads.
type Attention uint8

// In all of them the CLS query reads every token of its clip.
const (
	Time  Attention = iota // a patch reads CLS and its own position in all frames
	Space                  // a patch reads CLS and its own frame
	CLS                    // only the CLS query is computed; dst is (B, D)
)

// LinearOpt is what a linear layer does besides the product.
type LinearOpt struct {
	Act      Act
	Residual Tensor // F32, added last, shape of dst; may be dst itself; nil for none
}

// Queue issues operations in order. Shapes that do not fit are programming
// mistakes and panic; what only the device can tell (out of memory, a lost
// device) is the sticky error that Sync returns. After an error the remaining
// operations do nothing. A Queue is used by one goroutine at a time.
//
// Tensors are F32 unless a method says "operands": those are made by
// New(Operand, …). Where it says "F32 or operands" either will do.
type Queue interface {
	// New returns an uninitialised activation that lives until Reset.
	New(d DType, shape ...int) Tensor
	// Reset frees every activation of this queue.
	Reset()

	UploadF32(dst Tensor, src []float32)
	// UploadU8 fills dst from element at on.
	UploadU8(dst Tensor, at int, src []uint8)
	// Download fills dst once Sync has returned.
	Download(dst []float32, src Tensor)

	// PatchEmbed is the convolution with stride = patch. frames is U8
	// (B, T, image, image, 3), raw, or F32 (B, T, 3, image, image), already
	// normalised; conv is (D, 3·patch²) over channel, y, x; dst is (B·T·n, D).
	PatchEmbed(dst, frames Tensor, conv Linear, p Patches)
	// AssembleTokens writes dst (B·N, D): CLS = cls + pos[0]; a patch p of
	// frame t = patches + pos[1+p] + time[t]; each row then normalised by ln.
	AssembleTokens(dst, patches, cls, pos, time Tensor, ln Norm, g Geometry, p Patches)
	// EmbedTokens writes dst (S·L, D) = table[ids] + pos, for S texts of L ids.
	EmbedTokens(dst Tensor, ids []int32, table, pos Tensor, length int)
	// LayerNorm writes dst, F32 or operands.
	LayerNorm(dst, x Tensor, ln Norm)
	// Linear reads operands x (R, in) and writes dst (R, out), F32 or operands.
	Linear(dst, x Tensor, l Linear, o LinearOpt)
	// Attend reads qkv (B·N, 3D) and writes dst (B·N, D), or (B, D) for CLS;
	// both are operands.
	Attend(dst, qkv Tensor, a Attention, g Geometry)
	// AttendCausal is a text's attention: position i reads positions 0..i of
	// its own text. qkv is (S·length, 3D), dst (S·length, D); both are operands.
	AttendCausal(dst, qkv Tensor, length, heads int)
	// Gather copies rows of x (R, D) to dst (len(rows), D).
	Gather(dst, x Tensor, rows []int)

	// Sync waits for everything issued and returns the first error since
	// the last Sync.
	Sync() error
	Close() error
}

// Pacer is a Backend with wishes about how much it is given at a time.
type Pacer interface{ Pace() Pace }

// Pace is how much to ask of a backend.
type Pace struct {
	Rows   int // of the activations of one pass
	Queues int // that take passes in turn, so that one uploads while another computes
}

// Meter is a Backend that keeps count of its device's memory.
type Meter interface {
	PeakMemory() int64 // the most it has held at once, in bytes
}

// Ceiler is a Backend that can measure the most its device does.
type Ceiler interface {
	// Ceiling takes a few tenths of a second. Take it next to what it is
	// compared with: other programs and the clock move it.
	Ceiling() (Ceiling, error)
}

// Ceiling is the most that a device does, whatever the program.
type Ceiling struct {
	GFLOPS float64 // multiply-adds in the backend's precision; 0 where it cannot be measured
	GBs    float64 // memory that no cache holds
}

// Profiler is a Queue that can say where the time went.
type Profiler interface {
	// Measure starts measuring anew. A GPU's queue is slower from then on.
	Measure()
	// Profile returns what has run and been measured since the last call, in
	// order of first use.
	Profile() []OpTime
}

// OpTime is what one kind of operation took.
type OpTime struct {
	Name    string  `json:"name"` // "linear 768×2304"
	Calls   int     `json:"calls"`
	Seconds float64 `json:"seconds"`
	Flops   float64 `json:"flops"` // multiply-adds count twice
	Bytes   float64 `json:"bytes"` // read and written at least: every operand once
}
