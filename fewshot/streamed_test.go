package fewshot

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"framepilot/adapt/featurefile"
	"framepilot/probe"
)

// TestAttentiveStreamed: frames that stay in their file give the same
// classifier, to the bit, as frames in memory, chosen on folds and with more
// clips than a step sees.
func TestAttentiveStreamed(t *testing.T) {
	held := newWorld(4, 12, 7).film(attentiveBatch/4+6, 5)
	path := filepath.Join(t.TempDir(), "film.safetensors")
	if err := featurefile.Save(path, held, nil); err != nil {
		t.Fatal(err)
	}
	streamed, unit, file, err := featurefile.Stream(path)
	if err != nil || !unit {
		t.Fatal(err, unit)
	}
	defer file.Close()
	if streamed.X.Data != nil || !bytes.Equal(streamed.Digest(), held.Digest()) {
		t.Fatal("the file's rows are in memory, or others")
	}
	given := map[string]string{"folds": "2", "steps": "4"}
	want, got := run(t, "attentive", held, given), run(t, "attentive", streamed, given)
	test := newWorld(4, 12, 8).film(4, 5)
	if a, b := want.Classifier.Logits(test.X), got.Classifier.Logits(test.X); !slices.Equal(a.Data, b.Data) {
		t.Errorf("logits are up to %g apart", difference(a, b))
	}
	if a, b := want.Classifier.Logits(held.X), want.Classifier.Logits(streamed.X); !slices.Equal(a.Data, b.Data) {
		t.Errorf("logits of streamed clips are up to %g apart", difference(a, b))
	}
	if !slices.Equal(want.HeldOut.Logits.Data, got.HeldOut.Logits.Data) || want.Choices[0].Value != got.Choices[0].Value {
		t.Error("folds of streamed clips say something else")
	}
}

// TestStreamedErrors: a disk that fails makes a fit and a score an error, not a
// number.
func TestStreamedErrors(t *testing.T) {
	held := newWorld(4, 12, 7).film(4, 5)
	broken := errors.New("the disk is gone")
	var reads atomic.Int64
	failing := held
	failing.X = probe.Streamed(held.Pooled().X, held.X.Cols, func(row int, into []float32) error {
		if reads.Add(1) > int64(2*held.Len()) {
			return broken
		}
		copy(into, held.X.Row(row))
		return nil
	})
	m := attentiveMethod()
	if _, err := m.Run(t.Context(), failing, map[string]string{"folds": "2", "steps": "2"}); !errors.Is(err, broken) {
		t.Errorf("fit on a disk that fails: %v", err)
	}
	fitted := run(t, "attentive", held, map[string]string{"folds": "2", "steps": "2"})
	sealed, err := probe.Seal(failing, 1, &probe.CountedLooks{})
	if err != nil {
		if !errors.Is(err, broken) {
			t.Error(err)
		}
		return
	}
	if _, err := sealed.Evaluate(t.Context(), "test", fitted.Classifier); !errors.Is(err, broken) {
		t.Errorf("score on a disk that fails: %v", err)
	}
}
