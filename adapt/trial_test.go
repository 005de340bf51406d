package adapt

import (
	"context"
	"math"
	"path/filepath"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/probe"
)

// Before anything ran, a dry run fits a classifier of every row to embeddings
// made up, as far as its time goes; a run that is at work tries nothing.
func TestFitsAreTried(t *testing.T) {
	dir, s := newPilot(t), newSession()
	plan, err := ReadPlan(filepath.Join(dir, "plan.toml"))
	if err != nil {
		t.Fatal(err)
	}
	s.opt.Now, s.opt.DryRun = time.Now, true
	r := &run{plan: plan, o: s.opt, dir: filepath.Join(dir, live.StateDir), log: &live.Log{Now: time.Now}, rates: openRates(""), told: map[string]bool{}}
	if err := r.prepare(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := r.openCache(); err != nil {
		t.Fatal(err)
	}
	r.trial = r.newTrial()
	r.trial.left = time.Hour // however busy the machine is
	rows := 0
	for row := range r.trial.rows {
		each, ok := r.tryRow(t.Context(), live.StageFit, row)
		if !ok || each.middle <= 0 || each.low >= each.middle || each.high <= each.middle {
			t.Errorf("%s: %+v, %v", row, each, ok)
		}
		rows++
	}
	for _, s := range r.lookAhead(t.Context()) {
		if s.Name == live.StageFit {
			rows--
			if s.Cost.Basis != live.BasisTry {
				t.Errorf("%s: %+v", s.Detail, s.Cost)
			}
		}
	}
	if rows != 0 {
		t.Errorf("%d more rows were tried than are to come", rows)
	}
	if _, ok := r.tryRow(t.Context(), live.StageRetrieval, "all"); ok {
		t.Error("retrieval was tried")
	}
	r.trial.left = 0
	if _, ok := r.tryRow(t.Context(), live.StageFit, "zero-shot (names)"); ok {
		t.Error("its time was over")
	}
	r.o.DryRun, r.trial.left = false, time.Hour
	if _, ok := r.tryRow(t.Context(), live.StageFit, "zero-shot (names)"); ok {
		t.Error("a run tried what it was about to do")
	}
}

// Embeddings that are made up are of unit length and near those of their class.
func TestMadeUpEmbeddings(t *testing.T) {
	rng := Plan{}.rng("test")
	middle, row := make([]float32, 512), make([]float32, 512)
	around(rng, middle, nil)
	sum := 0.0
	const n = 200
	for range n {
		around(rng, row, middle)
		sum += float64(probe.Similarity(probe.Matrix{Rows: 1, Cols: 512, Data: row}, probe.Matrix{Rows: 1, Cols: 512, Data: middle}).Row(0)[0]) / n
	}
	if math.Abs(sum-math.Sqrt(0.5)) > 0.02 {
		t.Errorf("cosine to the middle %.3f, want %.3f", sum, math.Sqrt(0.5))
	}
}
