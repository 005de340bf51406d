package fewshot

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"framepilot/probe"
)

// TestNystromIsExactWithAllClips: with every clip a landmark both forms say the
// same, of new clips and of clips held out.
func TestNystromIsExactWithAllClips(t *testing.T) {
	w := newWorld(5, 12, 21)
	train, test := w.train(6, scenario{imbalance: true, missing: 0.2}), w.test(5)
	s, err := newSupport(train)
	if err != nil {
		t.Fatal(err)
	}
	all := s.landmarks(train.Len())
	if !slices.IsSorted(all) || len(all) != train.Len() {
		t.Fatalf("%d of %d clips are landmarks", len(all), train.Len())
	}
	for _, beta := range prokerGrid.beta {
		low, err := newNystrom(s, all, beta)
		if err != nil {
			t.Fatal(err)
		}
		for _, lambda := range prokerGrid.lambda {
			exact, err := newKernelFit(s, s.closeness(), beta, lambda)
			if err != nil {
				t.Fatal(err)
			}
			approximate, err := low.fit(s, lambda)
			if err != nil {
				t.Fatal(err)
			}
			for _, rho := range prokerGrid.rho {
				want, err := exact.leaveOut(s, rho)
				if err != nil {
					t.Fatal(err)
				}
				got, err := approximate.leaveOut(s, rho)
				if err != nil {
					t.Fatal(err)
				}
				if off := difference(got, want); !(off < 1e-5) {
					t.Errorf("λ = %g, β = %g, ρ = %g: held-out logits differ by up to %g of the largest", lambda, beta, rho, off)
				}
				a := &ProKeR{train.Text, s.scale, train.X, beta, rho, exact.weights(rho), s.counts}
				b := &ProKeR{train.Text, s.scale, train.X, beta, rho, low.onLandmarks(approximate.weights(rho)), s.counts}
				if off := difference(b.Logits(test.X), a.Logits(test.X)); !(off < 1e-4) {
					t.Errorf("λ = %g, β = %g, ρ = %g: logits differ by up to %g of the largest", lambda, beta, rho, off)
				}
			}
		}
	}
}

// TestNystromLeavesGroupsOut compares held-out logits with ridge regressions on
// Φ, each without a group.
func TestNystromLeavesGroupsOut(t *testing.T) {
	train := newWorld(4, 12, 22).train(6, scenario{noise: 0.1})
	s, err := newSupport(train)
	if err != nil {
		t.Fatal(err)
	}
	const lambda, rho = 0.3, 2.0
	low, err := newNystrom(s, s.landmarks(9), 3)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := low.fit(s, lambda)
	if err != nil {
		t.Fatal(err)
	}
	got, err := fit.leaveOut(s, rho)
	if err != nil {
		t.Fatal(err)
	}
	_, m := low.phi.Dims()
	for _, held := range s.groups {
		var normal, moments, w mat.Dense
		normal.ReuseAs(m, m)
		moments.ReuseAs(m, 4)
		for k := range m {
			normal.Set(k, k, lambda)
		}
		for i, c := range s.y {
			if slices.Contains(held, i) {
				continue
			}
			row := low.phi.RawRowView(i)
			for a, v := range row {
				for b, u := range row {
					normal.Set(a, b, normal.At(a, b)+v*u)
				}
				for class := range 4 {
					target := -rho * s.zero.At(i, class) / s.scale
					if class == c {
						target++
					}
					moments.Set(a, class, moments.At(a, class)+v*target)
				}
			}
		}
		if err := w.Solve(&normal, &moments); err != nil {
			t.Fatal(err)
		}
		for _, i := range held {
			correction := make([]float64, 4)
			for class := range 4 {
				correction[class] = s.scale * mat.Dot(low.phi.RowView(i), w.ColView(class))
			}
			fillAbsent(correction, s.without(held))
			for class, v := range correction {
				if want := rho*s.zero.At(i, class) + v; math.Abs(float64(got.Row(i)[class])-want) > 1e-4 {
					t.Fatalf("clip %d, class %d: %g, want %g", i, class, got.Row(i)[class], want)
				}
			}
		}
	}
}

// TestManyClips: beyond exactClips landmarks stand for the others by themselves.
func TestManyClips(t *testing.T) {
	w := newWorld(2, 3, 24)
	for shots, want := range map[int]int{10: 20, exactClips/2 + 1: manyLandmarks} {
		train := w.train(shots, scenario{})
		tuning, err := prokerTuning(t.Context(), train, nil)
		if err != nil {
			t.Fatal(err)
		}
		fitter, err := tuning.Fit(train)
		if err != nil {
			t.Fatal(err)
		}
		c, err := fitter(t.Context(), tuning.Grid[tuning.Default])
		if err != nil {
			t.Fatal(err)
		}
		if got := c.(*ProKeR).Keys.Rows; got != want {
			t.Errorf("%d clips: answers read %d, want %d", train.Len(), got, want)
		}
	}
}

// TestLandmarks: rare classes have all their clips among them, others as many
// as each other, spread over their recordings; and few of them serve nearly as
// well as all.
func TestLandmarks(t *testing.T) {
	w := newWorld(6, 24, 23)
	train, test := w.clips([]int{30, 2, 30, 0, 30, 30}, false), w.test(20)
	s, err := newSupport(train)
	if err != nil {
		t.Fatal(err)
	}
	landmarks := s.landmarks(42)
	count := make([]int, 6)
	recordings := make(map[string]bool)
	for _, i := range landmarks {
		count[train.Labels[i]]++
		recordings[train.Groups[i]] = true
	}
	if want := []int{10, 2, 10, 0, 10, 10}; !slices.Equal(count, want) || len(recordings) < 40 {
		t.Errorf("%d landmarks by class, of %d recordings; want %d of 41 or so", count, len(recordings), want)
	}
	score := func(landmarks string) probe.Score {
		score, err := evaluate(run(t, "proker", train, map[string]string{"landmarks": landmarks}).Classifier, test)
		if err != nil {
			t.Fatal(err)
		}
		return score
	}
	if few, all := score("42"), score("0"); few.Top1.Value < all.Top1.Value-0.05 || few.NLL > all.NLL+0.1 {
		t.Errorf("accuracy %.3f and NLL %.3f, with all clips %.3f and %.3f", few.Top1.Value, few.NLL, all.Top1.Value, all.NLL)
	}
}
