package backendtest

import (
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
