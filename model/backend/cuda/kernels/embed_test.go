//go:build linux && (amd64 || arm64) && !nogpu

package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"framepilot/model/backend"
	"framepilot/model/backend/cuda/kernels"
)

// clips is one shape of a batch of frames.
type clips struct {
	B, T, image, patch, D int
	valid                 []int32
	keep                  [][]int32
}

var someClips = []clips{
	{B: 1, T: 1, image: 4, patch: 4, D: 5},
	{B: 2, T: 3, image: 8, patch: 4, D: 64, valid: []int32{3, 1}},
	{B: 2, T: 4, image: 21, patch: 7, D: 130, keep: [][]int32{{0, 8, 3}, {7, 1, 2}}},
	{B: 1, T: 12, image: 56, patch: 14, D: 1280, valid: []int32{7}, keep: [][]int32{{15, 4, 4, 0, 9}}},
	{B: 1, T: 2, image: 64, patch: 32, D: 1284},
}

func (c clips) patches() int {
	if c.keep != nil {
		return len(c.keep[0])
	}
	return c.image / c.patch * (c.image / c.patch)
}

func (c clips) at(b, i int) int {
	if c.keep != nil {
		return int(c.keep[b][i])
	}
	return i
}

// lists puts what is optional.
func (c clips) lists(b *bench) (valid, keep kernels.Ptr) {
	if c.valid != nil {
		valid = put(b, c.valid)
	}
	if c.keep != nil {
		var all []int32
		for _, k := range c.keep {
			all = append(all, k...)
		}
		keep = put(b, all)
	}
	return valid, keep
}

func TestPatchify(t *testing.T) {
	norm := backend.Patches{Mean: [3]float32{.485, .456, .406}, Std: [3]float32{.229, .224, .225}}
	table := norm.NormTable()
	for _, c := range someClips {
		b := newBench(t)
		S, n, in, grid := c.image, c.patches(), 3*c.patch*c.patch, c.image/c.patch
		width := (in + 7) / 8 * 8
		bytes, floats := make([]uint8, c.B*c.T*S*S*3), make([]float32, c.B*c.T*S*S*3)
		for bt := range c.B * c.T {
			for ch := range 3 {
				for at := range S * S {
					v := uint8(b.rng.UintN(256))
					bytes[(bt*S*S+at)*3+ch] = v
					floats[(bt*3+ch)*S*S+at] = table[ch][v]
				}
			}
		}
		want := make([]float32, c.B*c.T*n*width)
		for row := range c.B * c.T * n {
			bt, clip, frame, at := row/n, row/n/c.T, row/n%c.T, c.at(row/n/c.T, row%n)
			if c.valid != nil && frame >= int(c.valid[clip]) {
				continue
			}
			for k := range in {
				ch, y, x := k/(c.patch*c.patch), at/grid*c.patch+k/c.patch%c.patch, at%grid*c.patch+k%c.patch
				want[row*width+k] = floats[((bt*3+ch)*S+y)*S+x]
			}
		}
		valid, keep := c.lists(b)
		a := kernels.PatchifyArgs{Valid: valid, Keep: keep, Clips: int32(c.B), Count: int32(c.T), Patches: int32(n),
			Image: int32(S), Patch: int32(c.patch), Width: int32(width)}
		for _, from := range []backend.DType{backend.U8, backend.F32} {
			a.Frames, a.Table = put(b, floats), 0
			if from == backend.U8 {
				a.Frames, a.Table = put(b, bytes), put(b, table[:])
			}
			for _, to := range both {
				dst := b.result(to, len(want))
				a.Dst = dst.ptr()
				b.run(dst, kernels.Patchify(from, to, a))
				for i, got := range dst.values(to) {
					w := want[i]
					if to == backend.BF16 {
						w = fromBF16(toBF16(w))
					}
					if got != w {
						t.Fatalf("%+v from %d to %d: element %d is %v, want %v", c, from, to, i, got, w)
					}
				}
			}
		}
	}
}

func TestAssembleTokens(t *testing.T) {
	for _, c := range someClips {
		b := newBench(t)
		n, P := c.patches(), c.image/c.patch*(c.image/c.patch)
		N := 1 + c.T*n
		x, cls, pos, when := b.random(c.B*c.T*n*c.D), b.random(c.D), b.random((P+1)*c.D), b.random((c.T+1)*c.D)
		weight, bias := b.random(c.D), b.random(c.D)
		want := make([]float64, c.B*N*c.D)
		for row := range c.B * N {
			clip, token, out := row/N, row%N, want[row*c.D:(row+1)*c.D]
			for d := range out {
				out[d] = float64(cls[d]) + float64(pos[d])
				if token > 0 {
					frame, at := (token-1)/n, c.at(clip, (token-1)%n)
					out[d] = float64(x[(clip*(N-1)+token-1)*c.D+d]) + float64(pos[(1+at)*c.D+d]) + float64(when[frame*c.D+d])
				}
			}
			normalise(out, weight, bias)
		}
		_, keep := c.lists(b)
		dst := b.result(backend.F32, len(want))
		b.run(dst, kernels.AssembleTokens(kernels.AssembleArgs{Dst: dst.ptr(), Patches: put(b, x), CLS: put(b, cls), Pos: put(b, pos), Time: put(b, when),
			Weight: put(b, weight), Bias: put(b, bias), Keep: keep, Clips: int32(c.B), Frames: int32(c.T), Count: int32(n), D: int32(c.D), Eps: 1e-5}))
		float32Sums.check(t, fmt.Sprintf("%+v", c), dst.values(backend.F32), want)
	}
}

// normalise is the definition of layer normalisation.
func normalise(x []float64, weight, bias []float32) {
	var mean, squares float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean) / float64(len(x))
	}
	for j, v := range x {
		x[j] = (v-mean)/math.Sqrt(squares+1e-5)*float64(weight[j]) + float64(bias[j])
	}
}

func TestLayerNorm(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {1, 8}, {7, 42}, {3, 768}, {5, 1280}, {2, 1284}, {9, 512}} {
		b := newBench(t)
		rows, D := shape[0], shape[1]
		x, weight, bias := b.random(rows*D), b.random(D), b.random(D)
		want := make([]float64, len(x))
		for i := range x {
			x[i] = x[i]*3 + 50 // a large mean must not cost the variance its digits
			want[i] = float64(x[i])
		}
		for i := range rows {
			normalise(want[i*D:(i+1)*D], weight, bias)
		}
		for _, d := range both {
			dst := b.result(d, len(x))
			b.run(dst, kernels.LayerNorm(d, kernels.NormArgs{Dst: dst.ptr(), X: put(b, x), Weight: put(b, weight), Bias: put(b, bias),
				Rows: int32(rows), D: int32(D), Eps: 1e-5}))
			nearFor(d).check(t, fmt.Sprint("layer norm ", shape), dst.values(d), want)
		}
	}
}

func TestRowsAreCopied(t *testing.T) {
	const D, rows, length = 300, 9, 4
	b := newBench(t)
	table, pos, ids := b.random(20*D), b.random(6*D), []int32{0, 19, 3, 3, 1, 7, 2, 9, 0}
	dst := b.result(backend.F32, rows*D)
	b.run(dst, kernels.EmbedTokens(kernels.EmbedArgs{Dst: dst.ptr(), IDs: put(b, ids), Table: put(b, table), Pos: put(b, pos), Rows: rows, Length: length, D: D}))
	for i, got := range dst.values(backend.F32) {
		if want := table[int(ids[i/D])*D+i%D] + pos[i/D%length*D+i%D]; got != want {
			t.Fatalf("word %d is %v, want %v", i/D, got, want)
		}
	}
	for _, d := range both {
		source := b.operands(d, table)
		dst := b.result(d, rows*D)
		b.run(dst, kernels.Gather(d, kernels.GatherArgs{Dst: dst.ptr(), X: source, Rows: put(b, ids), Count: rows, D: D}))
		for i, got := range dst.values(d) {
			if want := table[int(ids[i/D])*D+i%D]; got != want {
				t.Fatalf("row %d is %v, want %v", i/D, got, want)
			}
		}
	}
}

func TestConvert(t *testing.T) {
	b := newBench(t)
	x := append(b.random(1000), 0, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32, 1+1.0/256, 1+3.0/256, -1e-40)
	wide, narrow := put(b, x), b.result(backend.BF16, len(x))
	b.run(narrow, kernels.Convert(backend.BF16, kernels.ConvertArgs{Dst: narrow.ptr(), X: wide, Count: uint64(len(x))}))
	back := b.result(backend.F32, len(x))
	b.run(back, kernels.Convert(backend.F32, kernels.ConvertArgs{Dst: back.ptr(), X: narrow.ptr(), Count: uint64(len(x))}))
	for i, got := range back.values(backend.F32) {
		if want := fromBF16(toBF16(x[i])); got != want && !(got != got && want != want) {
			t.Errorf("%v becomes %v, want %v", x[i], got, want)
		}
	}
}
