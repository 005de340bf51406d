package backendtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"framepilot/model/backend"
)

// Tolerance is how far a result may be from float64. Each element must have
// |got-want| ≤ Abs + Rel·|want| + RMS·rms(want), each tensor ‖got-want‖ ≤
// Norm·‖want‖ where Norm is not zero. Float32 sums over a few hundred products
// need an Abs and Rel of about 1e-5; with bf16 operands, errors follow the size
// of the terms, not of the sum.
type Tolerance struct{ Abs, Rel, RMS, Norm float64 }

// Run tests every operation of b, each on a queue of its own: memory checkers
// see no further than what a queue has taken.
func Run(t *testing.T, b backend.Backend, tol Tolerance) {
	s := &suite{b: b, tol: tol, rng: rand.New(rand.NewPCG(1, 2))}
	for _, op := range []struct {
		name string
		test func(*testing.T)
	}{
		{"linear", s.linear}, {"layer norm", s.layerNorm}, {"patch embedding", s.patchEmbed},
		{"token assembly", s.assemble}, {"divided attention", s.attend}, {"causal attention", s.causal},
		{"text embedding and gather", s.textEmbed}, {"not a number", s.nonFinite}, {"batches", s.batches},
	} {
		t.Run(op.name, func(t *testing.T) {
			q, err := b.NewQueue()
			if err != nil {
				t.Fatal(err)
			}
			defer q.Close()
			s.q = q
			op.test(t)
		})
	}
}

type suite struct {
	b   backend.Backend
	q   backend.Queue
	tol Tolerance
	rng *rand.Rand
}

func (s *suite) random(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.rng.NormFloat64())
	}
	return x
}

// up uploads x as an activation.
func (s *suite) up(x []float32, shape ...int) backend.Tensor {
	t := s.q.New(backend.F32, shape...)
	s.q.UploadF32(t, x)
	return t
}

// operand uploads x as what products read, and leaves in x what became of it.
func (s *suite) operand(t *testing.T, x []float32, shape ...int) backend.Tensor {
	t.Helper()
	o := s.q.New(backend.Operand, shape...)
	s.q.UploadF32(o, x)
	s.q.Download(x, o)
	if err := s.q.Sync(); err != nil {
		t.Fatal(err)
	}
	return o
}

// poisoned returns an activation full of NaN: an operation must write all of it.
func (s *suite) poisoned(d backend.DType, shape ...int) backend.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	t := s.q.New(d, shape...)
	s.q.UploadF32(t, x)
	return t
}

func (s *suite) weight(t *testing.T, x []float32, shape ...int) backend.Tensor {
	t.Helper()
	w, err := s.b.Weight(shape, x)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (s *suite) pack(t *testing.T, in, out int, w, b []float32) backend.Linear {
	t.Helper()
	l, err := s.b.Linear(in, out, w, b)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// check downloads got and compares it with want, then frees activations.
func (s *suite) check(t *testing.T, what string, got backend.Tensor, want []float64) {
	t.Helper()
	x := make([]float32, len(want))
	s.q.Download(x, got)
	if err := s.q.Sync(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	s.q.Reset()
	var off, norm float64
	for i, w := range want {
		off += (float64(x[i]) - w) * (float64(x[i]) - w)
		norm += w * w
	}
	abs := s.tol.Abs + s.tol.RMS*math.Sqrt(norm/float64(len(want)))
	worst, at := 0.0, -1
	for i, w := range want {
		d := math.Abs(float64(x[i])-w) - abs - s.tol.Rel*math.Abs(w)
		if math.IsNaN(d) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, x[i], w)
		}
		if d > worst {
			worst, at = d, i
		}
	}
	if at >= 0 {
		t.Errorf("%s: element %d is %v, want %v", what, at, x[at], want[at])
	}
	if s.tol.Norm > 0 && off > s.tol.Norm*s.tol.Norm*norm {
		t.Errorf("%s: relative error %.1e, want at most %.1e", what, math.Sqrt(off/norm), s.tol.Norm)
	}
}

func (s *suite) linear(t *testing.T) {
	for _, d := range [][3]int{{1, 1, 1}, {3, 5, 7}, {65, 64, 192}, {17, 130, 33}, {129, 40, 120}, {200, 96, 300}} {
		rows, in, out := d[0], d[1], d[2]
		x, w, b, r := s.random(rows*in), s.random(out*in), s.random(out), s.random(rows*out)
		s.operand(t, x, rows, in)
		for _, act := range []backend.Act{backend.NoAct, backend.QuickGELU, backend.GELU} {
			for mode := range 5 { // no bias; bias; bias and residual; residual in place; no bias, to operands
				bias := b
				if mode == 0 || mode == 4 {
					bias = nil
				}
				want := make([]float64, rows*out)
				for i := range rows {
					for j := range out {
						var sum float64
						for k := range in {
							sum += float64(x[i*in+k]) * float64(w[j*in+k])
						}
						if bias != nil {
							sum += float64(b[j])
						}
						want[i*out+j] = act64(act, sum)
						if mode == 2 || mode == 3 {
							want[i*out+j] += float64(r[i*out+j])
						}
					}
				}
				opt, dst := backend.LinearOpt{Act: act}, s.poisoned(backend.F32, rows, out)
				switch mode {
				case 2:
					opt.Residual = s.up(r, rows, out)
				case 3:
					opt.Residual = s.up(r, rows, out)
					dst = opt.Residual
				case 4:
					dst = s.poisoned(backend.Operand, rows, out)
				}
				s.q.Linear(dst, s.operand(t, x, rows, in), s.pack(t, in, out, w, bias), opt)
				s.check(t, fmt.Sprintf("linear %v act %d mode %d", d, act, mode), dst, want)
			}
		}
	}
}

func act64(a backend.Act, v float64) float64 {
	switch a {
	case backend.QuickGELU:
		return v / (1 + math.Exp(-1.702*v))
	case backend.GELU:
		return v * 0.5 * math.Erfc(-v/math.Sqrt2)
	}
	return v
}

func (s *suite) norm(t *testing.T, D int) (backend.Norm, func(dst []float64)) {
	w, b := s.random(D), s.random(D)
	ln := backend.Norm{Weight: s.weight(t, w, D), Bias: s.weight(t, b, D), Eps: 1e-5}
	return ln, func(x []float64) {
		var mean, sq float64
		for _, v := range x {
			mean += v / float64(D)
		}
		for _, v := range x {
			sq += (v - mean) * (v - mean) / float64(D)
		}
		for j, v := range x {
			x[j] = (v-mean)/math.Sqrt(sq+1e-5)*float64(w[j]) + float64(b[j])
		}
	}
}

func (s *suite) layerNorm(t *testing.T) {
	for _, d := range [][2]int{{1, 8}, {7, 40}, {33, 768}} {
		ln, norm := s.norm(t, d[1])
		x := s.random(d[0] * d[1])
		for i := range x {
			x[i] = x[i]*3 + 50 // a large mean must not cost the variance its digits
		}
		want := wide(x)
		for i := range d[0] {
			norm(want[i*d[1] : (i+1)*d[1]])
		}
		for _, dtype := range []backend.DType{backend.F32, backend.Operand} {
			dst := s.poisoned(dtype, d[0], d[1])
			s.q.LayerNorm(dst, s.up(x, d[0], d[1]), ln)
			s.check(t, fmt.Sprintf("layer norm %v to %d", d, dtype), dst, want)
		}
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// frameCase is one shape of a clip batch.
type frameCase struct {
	B, T, image, patch, D int
	valid                 []int
	keep                  [][]int
}

func (s *suite) frameCases() []frameCase {
	return []frameCase{
		{B: 1, T: 1, image: 4, patch: 4, D: 5},
		{B: 2, T: 3, image: 8, patch: 4, D: 6, valid: []int{3, 1}},
		{B: 2, T: 4, image: 21, patch: 7, D: 10, keep: [][]int{{0, 8, 3}, {7, 1, 2}}},
	}
}

func (c frameCase) patches() int {
	if c.keep != nil {
		return len(c.keep[0])
	}
	return (c.image / c.patch) * (c.image / c.patch)
}

func (s *suite) patchEmbed(t *testing.T) {
	for _, c := range s.frameCases() {
		p := backend.Patches{Image: c.image, Patch: c.patch, Valid: c.valid, Keep: c.keep,
			Mean: [3]float32{.485, .456, .406}, Std: [3]float32{.229, .224, .225}}
		n, in, S, grid := c.patches(), 3*c.patch*c.patch, c.image, c.image/c.patch
		pix := make([]uint8, c.B*c.T*S*S*3)
		for i := range pix {
			pix[i] = uint8(s.rng.UintN(256))
		}
		vals := make([]float32, len(pix)) // the same frames, normalised, channels first
		for bt := range c.B * c.T {
			for ch := range 3 {
				for at := range S * S {
					v := (float64(pix[(bt*S*S+at)*3+ch])/255 - float64(p.Mean[ch])) / float64(p.Std[ch])
					vals[(bt*3+ch)*S*S+at] = float32(v)
				}
			}
		}
		w := s.random(c.D * in)
		want := make([]float64, c.B*c.T*n*c.D)
		for row := range c.B * c.T * n {
			bt, at := row/n, row%n
			b, frame := bt/c.T, bt%c.T
			if c.valid != nil && frame >= c.valid[b] {
				continue
			}
			if c.keep != nil {
				at = c.keep[b][at]
			}
			for d := range c.D {
				for k := range in {
					ch, y, x := k/(c.patch*c.patch), at/grid*c.patch+k/c.patch%c.patch, at%grid*c.patch+k%c.patch
					want[row*c.D+d] += float64(w[d*in+k]) * float64(vals[((bt*3+ch)*S+y)*S+x])
				}
			}
		}
		conv := s.pack(t, in, c.D, w, nil)
		frames := s.q.New(backend.U8, c.B, c.T, S, S, 3)
		s.q.UploadU8(frames, 0, pix[:len(pix)/2])
		s.q.UploadU8(frames, len(pix)/2, pix[len(pix)/2:])
		dst := s.poisoned(backend.F32, c.B*c.T*n, c.D)
		s.q.PatchEmbed(dst, frames, conv, p)
		s.check(t, fmt.Sprintf("bytes %+v", c), dst, want)
		dst = s.poisoned(backend.F32, c.B*c.T*n, c.D)
		s.q.PatchEmbed(dst, s.up(vals, c.B, c.T, 3, S, S), conv, p)
		s.check(t, fmt.Sprintf("floats %+v", c), dst, want)
	}
}

func (s *suite) assemble(t *testing.T) {
	for _, c := range s.frameCases() {
		n, P := c.patches(), (c.image/c.patch)*(c.image/c.patch)
		g := backend.Geometry{Clips: c.B, Frames: c.T, Patches: n}
		N := g.Tokens()
		x, cls, pos, when := s.random(c.B*c.T*n*c.D), s.random(c.D), s.random((P+1)*c.D), s.random((c.T+1)*c.D)
		ln, norm := s.norm(t, c.D)
		want := make([]float64, c.B*N*c.D)
		for row := range c.B * N {
			b, token := row/N, row%N
			out := want[row*c.D : (row+1)*c.D]
			for d := range out {
				if token == 0 {
					out[d] = float64(cls[d]) + float64(pos[d])
					continue
				}
				frame, at := (token-1)/n, (token-1)%n
				if c.keep != nil {
					at = c.keep[b][at]
				}
				out[d] = float64(x[(b*(N-1)+token-1)*c.D+d]) + float64(pos[(1+at)*c.D+d]) + float64(when[frame*c.D+d])
			}
			norm(out)
		}
		dst := s.poisoned(backend.F32, c.B*N, c.D)
		s.q.AssembleTokens(dst, s.up(x, c.B*c.T*n, c.D), s.weight(t, cls, c.D), s.weight(t, pos, P+1, c.D),
			s.weight(t, when, c.T+1, c.D), ln, g, backend.Patches{Image: c.image, Patch: c.patch, Keep: c.keep})
		s.check(t, fmt.Sprintf("%+v", c), dst, want)
	}
}

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

func (s *suite) textEmbed(t *testing.T) {
	const D, vocab, length = 6, 11, 5
	table, pos := s.random(vocab*D), s.random((length+2)*D)
	ids := []int32{0, 10, 3, 3, 1, 7, 2, 9, 10, 0}
	want := make([]float64, len(ids)*D)
	for i, id := range ids {
		for d := range D {
			want[i*D+d] = float64(table[int(id)*D+d]) + float64(pos[i%length*D+d])
		}
	}
	all := s.poisoned(backend.F32, len(ids), D)
	s.q.EmbedTokens(all, ids, s.weight(t, table, vocab, D), s.weight(t, pos, length+2, D), length)
	rows := []int{9, 0, 4, 4}
	picked := s.poisoned(backend.F32, len(rows), D)
	s.q.Gather(picked, all, rows)
	var wantRows []float64
	for _, r := range rows {
		wantRows = append(wantRows, want[r*D:(r+1)*D]...)
	}
	s.check(t, "gather", picked, wantRows)
	all = s.poisoned(backend.F32, len(ids), D)
	s.q.EmbedTokens(all, ids, s.weight(t, table, vocab, D), s.weight(t, pos, length+2, D), length)
	s.check(t, "embed tokens", all, want)
}
