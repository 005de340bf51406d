package model

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"framepilot/model/video"
)

// onDevice skips where there is no GPU. These tests are for `make gpu-check`.
func onDevice(t *testing.T) {
	if os.Getenv("FRAMEPILOT_GPU") == "" {
		t.Skip("needs a GPU: set FRAMEPILOT_GPU=1 where there is one")
	}
}

// embedRandom embeds clips with random weights, once for each size of batch.
func embedRandom(t *testing.T, arch string, o Options, clips []*video.Clip, batches ...int) (all [][][]float32) {
	t.Helper()
	m, err := benchModel(context.Background(), BenchOptions{Arch: arch, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, m.batch = range batches {
		rows, err := m.EmbedClips(context.Background(), clips)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows)
	}
	return all
}

// At full size, on random weights: the same bits in two runs and in every
// batch, and bf16 points where fp32 does.
func TestFullSizeOnDevice(t *testing.T) {
	onDevice(t)
	for _, arch := range []string{"b32", "b16", "h14"} {
		t.Run(arch, func(t *testing.T) {
			clips, o := noisyClips(presets[arch], 9, presets[arch].Frames), Options{Device: "cuda", Precision: "bf16"}
			runs := append(embedRandom(t, arch, o, clips, 4, 1, 3, 8, 9, 4), embedRandom(t, arch, o, clips, 4)...)
			for n, rows := range runs {
				for i, row := range rows {
					if !slices.Equal(row, runs[0][i]) {
						t.Errorf("run %d: clip %d has other bits than in the first", n, i)
					}
				}
			}
			lowest := lowestCosine(runs[0], embedRandom(t, arch, Options{Device: "cuda", Precision: "fp32"}, clips, 4)[0])
			t.Logf("%s: cosine of bf16 to fp32 at least %.6f", arch, lowest)
			if !(lowest >= 0.9995) {
				t.Errorf("cosine of bf16 to fp32 %.6f, want 0.9995", lowest)
			}
		})
	}
}

// The device's exact mode and the processor's agree at full size.
func TestProcessorOnDevice(t *testing.T) {
	onDevice(t)
	clips := noisyClips(presets["b32"], 2, presets["b32"].Frames)
	want := embedRandom(t, "b32", Options{Device: "cpu", Precision: "fp32"}, clips, 2)[0]
	for _, c := range []struct {
		precision string
		cosine    float64
	}{{"fp32", 0.999999}, {"bf16", 0.9995}} {
		lowest := lowestCosine(want, embedRandom(t, "b32", Options{Device: "cuda", Precision: c.precision}, clips, 2)[0])
		t.Logf("%s: cosine to the processor's fp32 at least %.7f", c.precision, lowest)
		if !(lowest >= c.cosine) {
			t.Errorf("%s: cosine to the processor's fp32 %.7f, want %v", c.precision, lowest, c.cosine)
		}
	}
}

// Texts too: any batch, the same bits, near the processor's.
func TestTextsOnDevice(t *testing.T) {
	onDevice(t)
	var texts []string
	for i := range 20 {
		texts = append(texts, fmt.Sprintf("a person doing thing number %d with both hands", i*i))
	}
	embed := func(o Options, n int) (rows [][]float32) {
		m, err := benchModel(context.Background(), BenchOptions{Arch: "b32", Options: o})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		for part := range slices.Chunk(texts, n) {
			out, err := m.EmbedTexts(context.Background(), part)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, out...)
		}
		return rows
	}
	all, each := embed(Options{Device: "cuda"}, len(texts)), embed(Options{Device: "cuda"}, 1)
	for i := range all {
		if !slices.Equal(all[i], each[i]) {
			t.Errorf("text %d: other bits alone than among others", i)
		}
	}
	if lowest := lowestCosine(all, embed(Options{Device: "cpu", Precision: "fp32"}, len(texts))); !(lowest >= 0.9995) {
		t.Errorf("cosine to the processor's fp32 %.6f, want 0.9995", lowest)
	}
}

// lowestCosine is the least cosine between rows of the same number.
func lowestCosine(a, b [][]float32) float64 {
	lowest := 1.0
	for i := range a {
		var aa, bb, ab float64
		for j := range a[i] {
			x, y := float64(a[i][j]), float64(b[i][j])
			aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
		}
		lowest = min(lowest, ab/math.Sqrt(aa*bb))
	}
	return lowest
}
