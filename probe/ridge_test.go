package probe

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"
)

func ridgePath(t testing.TB, f Features) *RidgePath {
	t.Helper()
	p, err := NewRidgePath(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRidgeGolden(t *testing.T) {
	g := openGolden(t)
	train := g.features("train")
	p := ridgePath(t, train)
	wantClose(t, p.Weights(1).Logits(g.features("test").X), g.matrix("expect.ridge.logits", 7), 1e-5)

	grouped, err := p.LOO(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, grouped, g.matrix("expect.ridge.group_loo", 7), 1e-5)

	train.Groups = nil
	alone, err := ridgePath(t, train).LOO(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, alone, g.matrix("expect.ridge.loo", 7), 1e-5)
}

// What the closed form says of a group left out is what fitting again without
// it says, for more clips than dimensions and for fewer.
func TestRidgeLOOIsFittingAgain(t *testing.T) {
	for name, f := range map[string]Features{
		"more clips than dimensions": synthetic(3, 16, 10, seeded(70)),
		"fewer":                      synthetic(5, 8, 64, seeded(71)),
	} {
		p := ridgePath(t, f)
		refits := leaveGroupsOut(f, func(part Features) (Fitter, error) {
			path, err := NewRidgePath(part)
			return func(_ context.Context, c []float64) (Classifier, error) { return path.Weights(c[0]), nil }, err
		})
		for _, lambda := range []float64{1e-3, 0.1, 1, 100} {
			got, err := p.LOO(context.Background(), lambda)
			if err != nil {
				t.Fatal(err)
			}
			want, err := refits(context.Background(), []float64{lambda})
			if err != nil {
				t.Fatal(err)
			}
			var worst float64
			for i := range want.Data {
				worst = max(worst, math.Abs(float64(got.Data[i]-want.Data[i])))
			}
			if worst > 2e-6 { // float32 outputs near 1
				t.Errorf("%s, λ = %g: differs from fitting again by %g", name, lambda, worst)
			}
		}
	}
}

// A clip copied many times within its group predicts itself perfectly unless
// the whole group is left out.
func TestRidgeLOOOfCopies(t *testing.T) {
	f := synthetic(3, 8, 12, seeded(72))
	want, err := ridgePath(t, f).LOO(context.Background(), 0.1)
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsFrom(0, f.Len())
	for range 5 {
		rows = append(rows, 3)
	}
	copied := f.Take(rows)
	got, err := ridgePath(t, copied).LOO(context.Background(), 0.1)
	if err != nil {
		t.Fatal(err)
	}
	// Row 3's own group did not see it, however often it is there.
	wantClose(t, got.Take([]int{3}), want.Take([]int{3}), 1e-5)
	for i := f.Len(); i < copied.Len(); i++ {
		wantClose(t, got.Take([]int{i}), got.Take([]int{3}), 0)
	}
}

func TestRidgeMethodChoosesByLeavingOut(t *testing.T) {
	f := synthetic(6, 8, 24, seeded(73))
	m, err := FindMethod([]Method{ridgeMethod()}, "ridge")
	if err != nil {
		t.Fatal(err)
	}
	fitted, err := m.Run(context.Background(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(fitted.Choices) != 2 {
		t.Fatalf("choices %+v, want λ and the scale", fitted.Choices)
	}
	for _, c := range fitted.Choices {
		if c.Rung != L1 || c.Rule != RuleLOO || !strings.Contains(c.Reason, "48 training clips") {
			t.Errorf("choice %+v", c)
		}
	}
	if n := len(fitted.Choices[0].Candidates); n != len(candidatesLambda) {
		t.Errorf("%d candidates on record, want all %d", n, len(candidatesLambda))
	}
	if got, want := fitted.HeldOut.NLL(f.Labels), fitted.Choices[0].Candidates; len(want) > 0 {
		var on float64
		for _, c := range want {
			if c.Value == fitted.Choices[0].Value {
				on = c.NLL
			}
		}
		if math.Abs(got-on) > 1e-5 {
			t.Errorf("held-out logits have likelihood %g, the account says %g", got, on)
		}
	}
	again, err := m.Run(context.Background(), f, map[string]string{"lambda": "2", "scale": "7"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{2, 7} {
		if c := again.Choices[i]; c.Value != want || c.Rung != Given {
			t.Errorf("choice %+v, want %g as given", c, want)
		}
	}
	wantClose(t, again.Classifier.Logits(f.X), Scaled{Classifier: ridgePath(t, f).Weights(2), By: 7}.Logits(f.X), 0)
}

// The whole path, with leave-one-group-out of every λ.
func BenchmarkRidge(b *testing.B) {
	f := synthetic(101, 16, 512, seeded(17))
	b.Run("decomposition", func(b *testing.B) {
		for b.Loop() {
			ridgePath(b, f)
		}
	})
	p := ridgePath(b, f)
	b.Run("leave one group out", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.LOO(context.Background(), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("method", func(b *testing.B) {
		for b.Loop() {
			start := time.Now()
			if _, err := ridgeMethod().Run(context.Background(), f, nil); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(candidatesLambda))/time.Since(start).Seconds(), "lambdas/s")
		}
	})
}
