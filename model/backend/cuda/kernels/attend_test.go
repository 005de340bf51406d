//go:build linux && (amd64 || arm64) && !nogpu

package kernels_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/kernels"
)

// read is softmax(q·k/√dim)·v of one query over the given rows of qkv.
func read(qkv []float32, D, at, dim, query int, keys []int) []float64 {
	out, weights := make([]float64, dim), make([]float64, len(keys))
	var sum float64
	for i, k := range keys {
		var dot float64
		for j := range dim {
			dot += float64(qkv[query*3*D+at+j]) * float64(qkv[k*3*D+D+at+j])
		}
		weights[i] = math.Exp(dot / math.Sqrt(float64(dim)))
		sum += weights[i]
	}
	for i, k := range keys {
		for j := range dim {
			out[j] += weights[i] / sum * float64(qkv[k*3*D+2*D+at+j])
		}
	}
	return out
}

// seeCLS makes every CLS query give its own key about half of its weight: one
// that is read twice, or not at all, then shows.
func seeCLS(qkv []float32, g backend.Geometry) {
	D := g.Heads * g.HeadDim
	for b := range g.Clips {
		for h := range g.Heads {
			q := qkv[b*g.Tokens()*3*D+h*g.HeadDim:][:g.HeadDim]
			var square float64
			for _, v := range q {
				square += float64(v) * float64(v)
			}
			most := math.Log(float64(g.Tokens())) + square/float64(g.HeadDim)/2
			for j, v := range q {
				qkv[b*g.Tokens()*3*D+D+h*g.HeadDim+j] = v * float32(most*math.Sqrt(float64(g.HeadDim))/square)
			}
		}
	}
}

func keysOf(kind backend.Attention, g backend.Geometry, b, token int) (keys []int) {
	for k := range g.Tokens() {
		frame, place := (k-1)/g.Patches, (k-1)%g.Patches
		same := kind == backend.Space && frame == (token-1)/g.Patches || kind == backend.Time && place == (token-1)%g.Patches
		if token == 0 || k == 0 || same {
			keys = append(keys, b*g.Tokens()+k)
		}
	}
	return keys
}

func TestAttend(t *testing.T) {
	for _, g := range []backend.Geometry{
		{Clips: 1, Frames: 1, Patches: 1, Heads: 1, HeadDim: 8},
		{Clips: 3, Frames: 2, Patches: 20, Heads: 2, HeadDim: 5},
		{Clips: 2, Frames: 3, Patches: 4, Heads: 3, HeadDim: 40},
		{Clips: 1, Frames: 12, Patches: 49, Heads: 1, HeadDim: 64},
		{Clips: 2, Frames: 12, Patches: 7, Heads: 2, HeadDim: 80},
		{Clips: 1, Frames: 7, Patches: 63, Heads: 2, HeadDim: 72},
		{Clips: 1, Frames: 8, Patches: 16, Heads: 1, HeadDim: 64},
		{Clips: 1, Frames: 15, Patches: 15, Heads: 1, HeadDim: 16},
		{Clips: 1, Frames: 16, Patches: 5, Heads: 2, HeadDim: 64},
		{Clips: 1, Frames: 2, Patches: 65, Heads: 1, HeadDim: 96},
		{Clips: 1, Frames: 2, Patches: 196, Heads: 2, HeadDim: 64},
		{Clips: 1, Frames: 3, Patches: 256, Heads: 1, HeadDim: 80},
		{Clips: 1, Frames: 1, Patches: 400, Heads: 1, HeadDim: 80},
	} {
		t.Run(fmt.Sprintf("%+v", g), func(t *testing.T) {
			for _, d := range both {
				b := newBench(t)
				N, D := g.Tokens(), g.Heads*g.HeadDim
				qkv := b.random(g.Clips * N * 3 * D)
				seeCLS(qkv, g)
				x := b.operands(d, qkv)
				for _, kind := range []backend.Attention{backend.Time, backend.Space, backend.CLS} {
					per := N
					if kind == backend.CLS {
						per = 1
					}
					want := make([]float64, g.Clips*per*D)
					for i := range g.Clips * per {
						keys := keysOf(kind, g, i/per, i%per)
						for h := range g.Heads {
							copy(want[i*D+h*g.HeadDim:], read(qkv, D, h*g.HeadDim, g.HeadDim, i/per*N+i%per, keys))
						}
					}
					dst, scratch := b.result(d, len(want)), b.take(kernels.AttendScratch(kind, g, d))
					b.run(dst, kernels.Attend(kind, g, d, dst.ptr(), x, scratch.ptr())...)
					nearFor(d).check(t, fmt.Sprintf("type %d, kind %d", d, kind), dst.values(d), want)
				}
			}
		})
	}
}

// The tensor cores must get what they can take.
func TestAttendUsesTensorCores(t *testing.T) {
	for _, c := range []struct {
		patches, dim int
		d            backend.DType
		fast         bool
	}{{49, 64, backend.BF16, true}, {196, 64, backend.BF16, true}, {256, 80, backend.BF16, true}, {49, 64, backend.F32, false}, {49, 65, backend.BF16, false}} {
		g := backend.Geometry{Clips: 1, Frames: 12, Patches: c.patches, Heads: 12, HeadDim: c.dim}
		for kind, name := range map[backend.Attention]string{backend.Time: "attend_time_", backend.Space: "attend_space_"} {
			if l := kernels.Attend(kind, g, c.d, 0, 0, 0); strings.HasPrefix(l[0].Kernel, name) != c.fast {
				t.Errorf("%+v: %s", c, l[0].Kernel)
			}
		}
	}
}

func TestAttendCausal(t *testing.T) {
	for _, s := range []struct{ texts, length, heads, dim int }{{1, 1, 1, 4}, {3, 5, 2, 24}, {2, 77, 2, 64}, {1, 33, 1, 7}, {1, 300, 1, 8}} {
		for _, d := range both {
			b := newBench(t)
			D, rows := s.heads*s.dim, s.texts*s.length
			qkv := b.random(rows * 3 * D)
			x, want := b.operands(d, qkv), make([]float64, rows*D)
			for row := range rows {
				var keys []int
				for k := row / s.length * s.length; k <= row; k++ {
					keys = append(keys, k)
				}
				for h := range s.heads {
					copy(want[row*D+h*s.dim:], read(qkv, D, h*s.dim, s.dim, row, keys))
				}
			}
			dst := b.result(d, len(want))
			b.run(dst, kernels.AttendCausal(s.texts, s.length, s.heads, s.dim, d, dst.ptr(), x))
			nearFor(d).check(t, fmt.Sprintf("%+v type %d", s, d), dst.values(d), want)
		}
	}
}

// What is not a number reaches everyone who reads it, and nobody else.
func TestAttendNotANumber(t *testing.T) {
	g := backend.Geometry{Clips: 2, Frames: 3, Patches: 21, Heads: 2, HeadDim: 64}
	N, D := g.Tokens(), g.Heads*g.HeadDim
	const frame, place = 1, 3
	for part, bad := range []float32{float32(math.NaN()), float32(math.NaN()), float32(math.Inf(1))} { // in q, k, v
		for _, d := range both {
			b := newBench(t)
			qkv := b.random(g.Clips * N * 3 * D)
			token := N + 1 + frame*g.Patches + place // of the second clip, in the second head
			qkv[token*3*D+part*D+g.HeadDim] = bad
			x := b.operands(d, qkv)
			for _, kind := range []backend.Attention{backend.Time, backend.Space} {
				dst, scratch := b.result(d, g.Clips*N*D), b.take(kernels.AttendScratch(kind, g, d))
				b.run(dst, kernels.Attend(kind, g, d, dst.ptr(), x, scratch.ptr())...)
				for i, v := range dst.values(d) {
					row, head := i/D, i%D/g.HeadDim
					reads := false
					for _, k := range keysOf(kind, g, row/N, row%N) {
						reads = reads || k == token
					}
					if part == 0 {
						reads = row == token
					}
					lost := reads && head == 1 && (part < 2 || i%g.HeadDim == 0)
					if finite := !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0); finite == lost {
						t.Fatalf("type %d, kind %d, part %d: row %d, column %d is %v, want finite %v", d, kind, part, row, i%D, v, !lost)
					}
				}
			}
		}
	}
}
