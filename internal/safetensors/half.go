package safetensors

import "math"

// halfToFloat32 widens an IEEE 754 binary16 (1 sign, 5 exponent, 10 mantissa
// bits) exactly. A NaN keeps its sign and payload.
func halfToFloat32(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h>>10) & 0x1f
	man := uint32(h) & 0x3ff
	switch exp {
	case 0: // zero or subnormal: man · 2⁻²⁴, which float32 holds exactly
		f := float32(man) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(f))
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | man<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | man<<13)
}

// BFloat16ToFloat32 widens a bfloat16 (the upper half of a float32) exactly.
func BFloat16ToFloat32(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// Float32ToBFloat16 rounds to the nearest bfloat16, ties to even. Values past
// the largest one become infinity; a NaN stays a (quiet) NaN.
func Float32ToBFloat16(f float32) uint16 {
	u := math.Float32bits(f)
	if f != f {
		return uint16(u>>16) | 0x40
	}
	// Half a unit in the last kept place, less one where the kept part is even.
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}
