package safetensors

import (
	"math"
	"testing"
)

// The value of every binary16 from the definition in IEEE 754, in float64.
func TestHalfToFloat32All(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		got := halfToFloat32(h)
		sign, exp, man := 1.0, int(h>>10&31), float64(h&1023)
		if h>>15 == 1 {
			sign = -1
		}
		var want float64
		switch {
		case exp == 31 && man != 0:
			if got == got || math.Signbit(float64(got)) != (sign < 0) {
				t.Fatalf("%#04x = %v, want a NaN of sign %v", h, got, sign)
			}
			continue
		case exp == 31:
			want = math.Inf(int(sign))
		case exp == 0:
			want = sign * math.Ldexp(man, -24)
		default:
			want = sign * math.Ldexp(1+man/1024, exp-15)
		}
		if math.Float64bits(float64(got)) != math.Float64bits(want) {
			t.Fatalf("%#04x = %v, want %v", h, got, want)
		}
	}
}

func TestBFloat16RoundTripsAll(t *testing.T) {
	for i := range 1 << 16 {
		b := uint16(i)
		f := BFloat16ToFloat32(b)
		want := b
		if f != f {
			want |= 0x40 // NaNs become quiet
		}
		if math.Float32bits(f) != uint32(b)<<16 || Float32ToBFloat16(f) != want {
			t.Fatalf("%#04x widens to %#x and comes back as %#04x", b, math.Float32bits(f), Float32ToBFloat16(f))
		}
	}
}

func TestFloat32ToBFloat16RoundsToNearestEven(t *testing.T) {
	for i := range 1 << 15 { // every step between two finite neighbours, at its ends and middle
		lo := uint32(i) << 16
		if i >= 0x7f80 {
			break
		}
		even := uint16(i)
		if i&1 == 1 {
			even++
		}
		for _, c := range []struct {
			bits uint32
			want uint16
		}{{lo | 0x7fff, uint16(i)}, {lo | 0x8000, even}, {lo | 0x8001, uint16(i) + 1}, {lo | 0xffff, uint16(i) + 1}} {
			f := math.Float32frombits(c.bits)
			if got := Float32ToBFloat16(f); got != c.want {
				t.Fatalf("%#08x rounds to %#04x, want %#04x", c.bits, got, c.want)
			}
			if got := Float32ToBFloat16(-f); got != c.want|0x8000 {
				t.Fatalf("-%#08x rounds to %#04x, want %#04x", c.bits, got, c.want|0x8000)
			}
		}
	}
	for _, bits := range []uint32{0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff} { // a NaN must not round to infinity
		got := BFloat16ToFloat32(Float32ToBFloat16(math.Float32frombits(bits)))
		if got == got || math.Float32bits(got)>>31 != bits>>31 {
			t.Errorf("NaN %#08x became %v", bits, got)
		}
	}
}
