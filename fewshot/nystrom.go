package fewshot

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/cores"
	"framepilot/internal/gemm"
)

// nystrom is the kernel of N clips seen through m of them, the landmarks
// (Williams and Seeger 2001):
//
//	K ≈ ΦΦ',  Φ = K_Nm R⁻¹,  R'R = K_mm + εI,
//
// exact where all clips are landmarks. With it ProKeR takes O(Nm²), not O(N³),
// and an answer reads the landmarks alone.
type nystrom struct {
	landmarks []int
	phi       *mat.Dense // (N, m) Φ
	back      *mat.Dense // (m, m) R⁻¹
	gram      *mat.Dense // (m, m) Φ'Φ
}

// blur is ε: what keeps clips that are all but copies from making R singular.
const blur = 1e-9

func newNystrom(s *support, landmarks []int, beta float64) (*nystrom, error) {
	n, _, d := s.dims()
	m := len(landmarks)
	l := &nystrom{landmarks, mat.NewDense(n, m, nil), mat.NewDense(m, m, nil), mat.NewDense(m, m, nil)}
	chosen := mat.NewDense(m, d, nil)
	for k, i := range landmarks {
		chosen.SetRow(k, s.x.RawRowView(i))
	}
	closeness := mat.NewDense(n, m, nil)
	gemm.Mul(blas.NoTrans, blas.Trans, 1, s.x.RawMatrix(), chosen.RawMatrix(), 0, closeness.RawMatrix())
	cores.Each(n, func(i int) {
		row := closeness.RawRowView(i)
		for k, cos := range row {
			row[k] = kernel(cos, beta)
		}
	})
	for k, i := range landmarks {
		copy(l.back.RawRowView(k), closeness.RawRowView(i))
		l.back.Set(k, k, l.back.At(k, k)+blur)
	}
	if err := invertFactor(l.back); err != nil {
		return nil, fmt.Errorf("proker: β = %g: %w", beta, err)
	}
	gemm.Mul(blas.NoTrans, blas.NoTrans, 1, closeness.RawMatrix(), l.back.RawMatrix(), 0, l.phi.RawMatrix())
	gemm.Mul(blas.Trans, blas.NoTrans, 1, l.phi.RawMatrix(), l.phi.RawMatrix(), 0, l.gram.RawMatrix())
	return l, nil
}

// invertFactor replaces a positive definite A = R'R by R⁻¹, upper triangular.
func invertFactor(a *mat.Dense) error {
	n, _ := a.Dims()
	r, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: a.RawMatrix().Stride, Data: a.RawMatrix().Data, Uplo: blas.Upper})
	if !ok || !lapack64.Trtri(r) {
		return fmt.Errorf("the kernel matrix of %d clips is not positive definite", n)
	}
	for i := range n {
		clear(a.RawRowView(i)[:i])
	}
	return nil
}

// fit solves for A = ΦΦ' + λI. With S'S = Φ'Φ + λI and G = ΦS⁻¹,
//
//	A⁻¹ = (I - GG')/λ.
func (l *nystrom) fit(s *support, lambda float64) (*kernelFit, error) {
	n, m := l.phi.Dims()
	factor := mat.DenseCopyOf(l.gram)
	for k := range m {
		factor.Set(k, k, factor.At(k, k)+lambda)
	}
	if err := invertFactor(factor); err != nil {
		return nil, fmt.Errorf("proker: λ = %g: %w", lambda, err)
	}
	g := mat.NewDense(n, m, nil)
	gemm.Mul(blas.NoTrans, blas.NoTrans, 1, l.phi.RawMatrix(), factor.RawMatrix(), 0, g.RawMatrix())
	apply := func(y *mat.Dense) *mat.Dense { // A⁻¹y, in place
		_, classes := y.Dims()
		seen := mat.NewDense(m, classes, nil)
		gemm.Mul(blas.Trans, blas.NoTrans, 1, g.RawMatrix(), y.RawMatrix(), 0, seen.RawMatrix())
		gemm.Mul(blas.NoTrans, blas.NoTrans, -1/lambda, g.RawMatrix(), seen.RawMatrix(), 1/lambda, y.RawMatrix())
		return y
	}
	cosines := mat.DenseCopyOf(s.zero)
	cosines.Scale(1/s.scale, cosines)
	k := &kernelFit{labels: apply(s.oneHot()), cosines: apply(cosines), low: l}
	k.blocks = blocksOf(s, func(i, j int) float64 {
		v := -mat.Dot(g.RowView(i), g.RowView(j))
		if i == j {
			v++
		}
		return v / lambda
	})
	return k, nil
}

// onLandmarks turns weights of all clips (N, C) into those of the landmarks
// with the same answers: R⁻¹Φ'.
func (l *nystrom) onLandmarks(weights *mat.Dense) *mat.Dense {
	_, m := l.phi.Dims()
	_, classes := weights.Dims()
	seen, out := mat.NewDense(m, classes, nil), mat.NewDense(m, classes, nil)
	gemm.Mul(blas.Trans, blas.NoTrans, 1, l.phi.RawMatrix(), weights.RawMatrix(), 0, seen.RawMatrix())
	gemm.Mul(blas.NoTrans, blas.NoTrans, 1, l.back.RawMatrix(), seen.RawMatrix(), 0, out.RawMatrix())
	return out
}

// landmarks picks m clips, as many of every class as there are, spread over
// those of the class so that they are of many recordings.
func (s *support) landmarks(m int) []int {
	_, classes, _ := s.dims()
	quota := make([]int, classes)
	for left := min(m, len(s.y)); left > 0; {
		for c, k := range s.counts {
			if left > 0 && quota[c] < k {
				quota[c]++
				left--
			}
		}
	}
	seen, taken := make([]int, classes), make([]int, classes)
	var out []int
	for i, c := range s.y {
		seen[c]++
		if taken[c]*s.counts[c] < seen[c]*quota[c] && taken[c] < quota[c] {
			taken[c]++
			out = append(out, i)
		}
	}
	return out
}

// The sizes up to which ProKeR is exact, and the landmarks it takes beyond.
const (
	exactClips    = 2000
	manyLandmarks = 1000
)
