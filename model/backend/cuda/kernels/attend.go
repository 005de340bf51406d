package kernels

import (
	"unsafe"

	"framepilot/model/backend"
)

// What a query of the plain kernel reads; as in attend.cu.
const (
	plainTime   = iota // a patch: CLS and its position in all frames
	plainSpace         // a patch: CLS and its frame
	plainCLS           // CLS: a frame a partial
	plainCausal        // a word: itself and those before
)

const (
	chunk    = 256 // keys the plain kernel scores at a time
	timeRun  = 4   // positions a warp of attend_time_* takes
	timeRows = 16  // of its tile: the frames and CLS
)

// Attend returns the launches of a divided attention of operands of type d:
// qkv (B·N, 3D), dst (B·N, D), or (B, D) for backend.CLS. scratch holds
// AttendScratch bytes. The tensor cores take BF16 heads of up to 80 dimensions
// that are a multiple of 8; the plain kernel takes everything else.
func Attend(kind backend.Attention, g backend.Geometry, d backend.DType, dst, qkv, scratch Ptr) []Launch {
	a := attendArgs{Dst: dst, QKV: qkv, Partials: scratch, Clips: int32(g.Clips), Frames: int32(g.Frames),
		Patches: int32(g.Patches), Heads: int32(g.Heads), Dim: int32(g.HeadDim)}
	c := combineArgs{Dst: dst, Partials: scratch, Clips: a.Clips, Heads: a.Heads, Dim: a.Dim,
		Parts: int32(parts(kind, g, d)), Stride: int32(g.Tokens())}
	if kind == backend.CLS {
		c.Stride = 1
	}
	combine := launch("combine_"+suffix(d), ceil(g.Clips*g.Heads, rowWarps), rowWarps*warp, 0, c)
	switch {
	case kind == backend.Time && fitsTime(g, d):
		return []Launch{launch("attend_time_"+headTile(g), ceil(g.Clips*g.Heads*int(c.Parts), rowWarps), rowWarps*warp, 0, a), combine}
	case kind == backend.Space && fitsSpace(g, d):
		return []Launch{launch("attend_space_"+headTile(g), g.Clips*g.Frames*g.Heads, rowWarps*warp, spaceShared(g), a), combine}
	}
	cls := plain(plainCLS, d, g.Clips*g.Frames*g.Heads, a)
	switch kind {
	case backend.Time:
		return []Launch{plain(plainTime, d, g.Clips*(g.Tokens()-1)*g.Heads, a), cls, combine}
	case backend.Space:
		return []Launch{plain(plainSpace, d, g.Clips*(g.Tokens()-1)*g.Heads, a), cls, combine}
	}
	return []Launch{cls, combine}
}

// AttendScratch is the bytes of scratch that Attend needs.
func AttendScratch(kind backend.Attention, g backend.Geometry, d backend.DType) int {
	return 4 * g.Clips * g.Heads * parts(kind, g, d) * (g.HeadDim + 2)
}

// AttendCausal is the attention of texts: qkv (texts·length, 3·heads·dim), dst
// (texts·length, heads·dim), operands of type d.
func AttendCausal(texts, length, heads, dim int, d backend.DType, dst, qkv Ptr) Launch {
	return plain(plainCausal, d, texts*length*heads, attendArgs{Dst: dst, QKV: qkv,
		Clips: int32(texts), Frames: 1, Patches: int32(length), Heads: int32(heads), Dim: int32(dim)})
}

// plain takes one warp for each of that many queries of a head.
func plain(kind int32, d backend.DType, queries int, a attendArgs) Launch {
	a.Kind = kind
	warps := rowWarps
	bytes := 4 * (chunk + 2*int(a.Dim)) // of a warp: scores, the query, what it has read
	for warps > 1 && warps*bytes > MaxStaticShared {
		warps /= 2
	}
	return launch("attend_"+suffix(d), ceil(queries, warps), warps*warp, warps*bytes, a)
}

// parts is in how many pieces the CLS query of a clip is computed.
func parts(kind backend.Attention, g backend.Geometry, d backend.DType) int {
	if kind == backend.Time && fitsTime(g, d) {
		return ceil(g.Patches, timeRun)
	}
	return g.Frames
}

func fitsTile(g backend.Geometry, d backend.DType) bool {
	return d == backend.BF16 && g.HeadDim%8 == 0 && g.HeadDim <= 80
}

func fitsTime(g backend.Geometry, d backend.DType) bool {
	return fitsTile(g, d) && g.Frames < timeRows
}

func fitsSpace(g backend.Geometry, d backend.DType) bool {
	return fitsTile(g, d) && spaceShared(g) <= MaxShared
}

// headTile is the head size of the kernel that computes g's heads.
func headTile(g backend.Geometry) string {
	if g.HeadDim <= 64 {
		return "64"
	}
	return "80"
}

// spaceShared holds K and V of a frame and CLS, up to whole tiles of 16 keys;
// 8 more columns keep the rows on different banks.
func spaceShared(g backend.Geometry) int {
	width := 64 + 8
	if g.HeadDim > 64 {
		width = 80 + 8
	}
	return 2 * int(unsafe.Sizeof(uint16(0))) * ceil(g.Patches+1, 16) * 16 * width
}
