package backendtest

import (
	"fmt"
	"math"
	"testing"

	"framepilot/model/backend"
)

// softmaxRead returns softmax(q·k/√dim)·v of one head of one query row.
func softmaxRead(qkv []float32, D, at, dim, query int, keys []int) []float64 {
	out, weights, sum := make([]float64, dim), make([]float64, len(keys)), 0.0
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

func (s *suite) attend(t *testing.T) {
	for _, g := range []backend.Geometry{
		{Clips: 1, Frames: 1, Patches: 1, Heads: 1, HeadDim: 8},
		{Clips: 3, Frames: 2, Patches: 20, Heads: 2, HeadDim: 5},
		{Clips: 2, Frames: 3, Patches: 4, Heads: 2, HeadDim: 40},
		{Clips: 1, Frames: 12, Patches: 9, Heads: 3, HeadDim: 64},
		{Clips: 2, Frames: 5, Patches: 17, Heads: 2, HeadDim: 80},
	} {
		N, D := g.Tokens(), g.Heads*g.HeadDim
		qkv := s.random(g.Clips * N * 3 * D)
		s.operand(t, qkv, g.Clips*N, 3*D)
		for _, kind := range []backend.Attention{backend.Time, backend.Space, backend.CLS} {
			per := N
			if kind == backend.CLS {
				per = 1
			}
			want := make([]float64, g.Clips*per*D)
			for b := range g.Clips {
				for token := range per {
					var keys []int
					for k := range N {
						frame, place := (k-1)/g.Patches, (k-1)%g.Patches
						same := kind == backend.Space && frame == (token-1)/g.Patches || kind == backend.Time && place == (token-1)%g.Patches
						if token == 0 || k == 0 || same {
							keys = append(keys, b*N+k)
						}
					}
					for h := range g.Heads {
						copy(want[(b*per+token)*D+h*g.HeadDim:], softmaxRead(qkv, D, h*g.HeadDim, g.HeadDim, b*N+token, keys))
					}
				}
			}
			dst := s.poisoned(backend.Operand, g.Clips*per, D)
			s.q.Attend(dst, s.operand(t, qkv, g.Clips*N, 3*D), kind, g)
			s.check(t, fmt.Sprintf("kind %d %+v", kind, g), dst, want)
		}
	}
}

func (s *suite) causal(t *testing.T) {
	for _, d := range [][4]int{{1, 1, 1, 4}, {3, 5, 2, 24}, {2, 77, 2, 64}, {1, 33, 1, 7}} {
		texts, length, heads, dim := d[0], d[1], d[2], d[3]
		D := heads * dim
		qkv, want := s.random(texts*length*3*D), make([]float64, texts*length*D)
		s.operand(t, qkv, texts*length, 3*D)
		for row := range texts * length {
			var keys []int
			for k := row / length * length; k <= row; k++ {
				keys = append(keys, k)
			}
			for h := range heads {
				copy(want[row*D+h*dim:], softmaxRead(qkv, D, h*dim, dim, row, keys))
			}
		}
		dst := s.poisoned(backend.Operand, texts*length, D)
		s.q.AttendCausal(dst, s.operand(t, qkv, texts*length, 3*D), length, heads)
		s.check(t, fmt.Sprint(d), dst, want)
	}
}
