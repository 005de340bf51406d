package fewshot

import (
	"context"
	"testing"
)

// BenchmarkFit times every method at 101 classes of 16 clips of width 512, its
// settings given ("fit") and chosen ("select").
func BenchmarkFit(b *testing.B) {
	train := newWorld(101, 512, 1).train(16, scenario{})
	b.Run("auto", func(b *testing.B) {
		for b.Loop() {
			run(b, "auto", train, nil)
		}
	})
	for _, m := range single() {
		train := seenBy(m, train)
		settings, err := m.Settings(nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(m.Name+"/fit", func(b *testing.B) {
			for b.Loop() {
				tuning, err := m.Tune(context.Background(), train, settings)
				if err != nil {
					b.Fatal(err)
				}
				fitter, err := tuning.Fit(train)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := fitter(context.Background(), tuning.Grid[tuning.Default]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(m.Name+"/select", func(b *testing.B) {
			for b.Loop() {
				run(b, m.Name, train, nil)
			}
		})
	}
}

// BenchmarkAttentive times the method that reads frames at 20 classes of 16
// clips of twelve frames of width 512.
func BenchmarkAttentive(b *testing.B) {
	train := newWorld(20, 512, 1).film(16, 12)
	for b.Loop() {
		run(b, "attentive", train, nil)
	}
}
