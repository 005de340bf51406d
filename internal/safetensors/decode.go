package safetensors

import (
	"encoding/binary"
	"math"
)

// DecodeFloats widens the raw bytes of src, elements of type d, to float32 in
// dst, which must have room for them. F64 is rounded. False, and dst
// untouched, where d is not a floating-point type.
func DecodeFloats(dst []float32, d DType, src []byte) bool {
	le := binary.LittleEndian
	switch d {
	case F32:
		for i := range len(src) / 4 {
			dst[i] = math.Float32frombits(le.Uint32(src[4*i:]))
		}
	case F16:
		for i := range len(src) / 2 {
			dst[i] = halfToFloat32(le.Uint16(src[2*i:]))
		}
	case BF16:
		for i := range len(src) / 2 {
			dst[i] = BFloat16ToFloat32(le.Uint16(src[2*i:]))
		}
	case F64:
		for i := range len(src) / 8 {
			dst[i] = float32(math.Float64frombits(le.Uint64(src[8*i:])))
		}
	default:
		return false
	}
	return true
}

// decodeDoubles is DecodeFloats to float64, for F32 and F64.
func decodeDoubles(dst []float64, d DType, src []byte) bool {
	le := binary.LittleEndian
	switch d {
	case F32:
		for i := range len(src) / 4 {
			dst[i] = float64(math.Float32frombits(le.Uint32(src[4*i:])))
		}
	case F64:
		for i := range len(src) / 8 {
			dst[i] = math.Float64frombits(le.Uint64(src[8*i:]))
		}
	default:
		return false
	}
	return true
}

// decodeInts widens the raw bytes of src, elements of type d, to int64 in dst,
// which must have room for them. False, and dst untouched, where d is not an
// integer or boolean type.
func decodeInts(dst []int64, d DType, src []byte) bool {
	le := binary.LittleEndian
	switch d {
	case I64:
		for i := range len(src) / 8 {
			dst[i] = int64(le.Uint64(src[8*i:]))
		}
	case I32:
		for i := range len(src) / 4 {
			dst[i] = int64(int32(le.Uint32(src[4*i:])))
		}
	case I16:
		for i := range len(src) / 2 {
			dst[i] = int64(int16(le.Uint16(src[2*i:])))
		}
	case I8:
		for i := range src {
			dst[i] = int64(int8(src[i]))
		}
	case U8, Bool:
		for i := range src {
			dst[i] = int64(src[i])
		}
	default:
		return false
	}
	return true
}
