package fewshot

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/probe"
)

// sized is where speed is measured: 101 classes of 16 clips of width 512, and
// 20 classes of 16 clips of twelve frames for what reads frames.
func sized(m probe.Method) probe.Features {
	if m.Frames {
		return newWorld(20, 512, 1).film(16, 12)
	}
	return newWorld(101, 512, 1).train(16, scenario{})
}

// fitOnce fits with the settings of rung L0.
func fitOnce(t testing.TB, m probe.Method, train probe.Features) {
	t.Helper()
	settings, err := m.Settings(nil)
	if err != nil {
		t.Fatal(err)
	}
	tuning, err := m.Tune(context.Background(), train, settings)
	if err != nil {
		t.Fatal(err)
	}
	fitter, err := tuning.Fit(train)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fitter(context.Background(), tuning.Grid[tuning.Default]); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkFit times every method at its size, its settings given ("fit") and
// chosen ("select").
func BenchmarkFit(b *testing.B) {
	for _, m := range Methods() {
		train := sized(m)
		if m.Tune != nil {
			b.Run(m.Name+"/fit", func(b *testing.B) {
				for b.Loop() {
					fitOnce(b, m, train)
				}
			})
		}
		b.Run(m.Name+"/select", func(b *testing.B) {
			for b.Loop() {
				run(b, m.Name, train, nil)
			}
		})
	}
}

var speedPath = flag.String("speed", "", "write the page of times to this file (minutes)")

const speedHead = `# Few-shot methods, timed

Written by %s. Medians of %d runs with %d cores (%s): time of the processor and, in brackets, by the clock. Other work
on the machine stretches the clock; alone, two cores take between half of the processor's time and all of it. A fit has its
settings given; a selection chooses them by leave-one-group-out or on folds of recordings, fits with them and says what it says
of every training clip held out.
Clips are 101 classes of 16, of width 512; for attentive, 20 classes of 16 of twelve frames.

| method | fit | selection |
|---|---|---|
`

const (
	speedRuns  = 3
	speedCores = 2
)

// TestSpeed measures what BenchmarkFit does and writes the page about it:
//
//	go test ./fewshot -run Speed -timeout 1h -speed ../docs/methods-speed.md
func TestSpeed(t *testing.T) {
	if *speedPath == "" {
		t.Skip("no -speed")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(speedCores))
	var b strings.Builder
	fmt.Fprintf(&b, speedHead, "`make tables`", speedRuns, speedCores, runtime.GOARCH)
	for _, m := range append(probe.Methods(), Methods()...) {
		train := sized(m)
		fit := "-"
		if m.Tune != nil {
			fit = timed(t, func() { fitOnce(t, m, train) })
		}
		selection := timed(t, func() {
			if _, err := m.Run(context.Background(), train, nil); err != nil {
				t.Fatal(err)
			}
		})
		fmt.Fprintf(&b, "| %s | %s | %s |\n", m.Name, fit, selection)
		t.Log(m.Name, fit, selection)
	}
	if err := os.WriteFile(*speedPath, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// timed is the median of runs of f by processor and, in brackets, by clock.
func timed(t *testing.T, f func()) string {
	type times struct{ clock, processor time.Duration }
	var all []times
	for range speedRuns {
		begin, used := time.Now(), processor(t)
		f()
		all = append(all, times{time.Since(begin), processor(t) - used})
	}
	median := func(of func(times) time.Duration) float64 {
		slices.SortFunc(all, func(a, b times) int { return cmp.Compare(of(a), of(b)) })
		return of(all[speedRuns/2]).Seconds()
	}
	return fmt.Sprintf("%.2f s (%.2f s)", median(func(t times) time.Duration { return t.processor }), median(func(t times) time.Duration { return t.clock }))
}
