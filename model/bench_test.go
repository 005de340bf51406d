package model

import (
	"context"
	"math"
	"os"
	"strconv"
	"testing"
)

// BenchmarkVideo times the video tower on random weights: FRAMEPILOT_ARCH (b32,
// b16 or h14; b32 otherwise), FRAMEPILOT_KERNEL and FRAMEPILOT_CLIPS choose what.
func BenchmarkVideo(b *testing.B) {
	o := BenchOptions{Arch: os.Getenv("FRAMEPILOT_ARCH"), Passes: max(b.N, 1), Options: Options{Kernel: os.Getenv("FRAMEPILOT_KERNEL")}}
	if o.Arch == "" {
		o.Arch = "b32"
	}
	o.Clips, _ = strconv.Atoi(os.Getenv("FRAMEPILOT_CLIPS"))
	r, err := Bench(context.Background(), o)
	if err != nil {
		b.Fatal(err)
	}
	for _, op := range r.Ops {
		b.Logf("%-18s %7.2f ms %6.0f GFLOP/s %6.1f GB/s", op.Name, op.Seconds*1e3, op.GFLOPS, op.GBs)
	}
	b.ReportMetric(r.SecondsPerClip, "s/clip")
	b.ReportMetric(r.GFLOPS, "GFLOP/s")
	b.ReportMetric(r.CeilingGFLOPS, "ceiling-GFLOP/s")
	b.ReportMetric(r.Fraction, "fraction")
}

// The operations of one pass take no longer than it, and a clip is as much work
// in one pass as in three.
func TestBenchAddsUp(t *testing.T) {
	config := halfConfig(t)
	var flops []float64 // of a clip
	for _, passes := range []int{1, 3} {
		r, err := Bench(context.Background(), BenchOptions{Path: goldens + "tiny-h.safetensors", Clips: 2, Passes: passes, Options: Options{Config: config}})
		if err != nil {
			t.Fatal(err)
		}
		var ops float64
		for _, op := range r.Ops {
			ops += op.Seconds
		}
		if r.Clips != 2 || r.Frames != 3 || r.Patches != 16 || !(r.GFLOPS > 0) || !(ops > 0) {
			t.Errorf("bench: %+v", r)
		}
		if passes == 1 && ops > r.SecondsPerClip {
			t.Errorf("operations take %v s a clip in all, a clip %v s", ops, r.SecondsPerClip)
		}
		flops = append(flops, r.GFLOPS*r.SecondsPerClip)
	}
	if math.Abs(flops[0]-flops[1]) > 1e-9*flops[0] {
		t.Errorf("a clip is %v GFLOP in one pass, %v in three", flops[0], flops[1])
	}
}

func TestTubeMask(t *testing.T) {
	a, err := tubeMask(196, 0.5)
	if err != nil || len(a) != 98 || a[0] < 0 || a[97] > 195 {
		t.Errorf("mask %v, %v", a, err)
	}
	for i := 1; i < len(a); i++ {
		if a[i] <= a[i-1] {
			t.Fatalf("patch %d after %d", a[i], a[i-1])
		}
	}
	for _, keep := range []float64{0, 1} {
		if m, err := tubeMask(4, keep); m != nil || err != nil {
			t.Errorf("keep %v: %v, %v", keep, m, err)
		}
	}
	if m, err := tubeMask(4, 0.01); len(m) != 1 || err != nil {
		t.Errorf("a small share keeps %v, %v", m, err)
	}
	for _, keep := range []float64{-0.5, 1.5} {
		if _, err := tubeMask(4, keep); err == nil {
			t.Errorf("a share of %v is accepted", keep)
		}
	}
}

// Fewer patches give another embedding, and its key says so. That a masked
// embedding is right is the golden's to say (expect.video_masked).
func TestKeepPatches(t *testing.T) {
	full := open1(t, "tiny-h.safetensors", halfConfig(t))
	clips := tinyClips(full.Config, 3)
	want, err := full.EmbedClips(context.Background(), clips)
	if err != nil {
		t.Fatal(err)
	}
	half, err := Open(context.Background(), goldens+"tiny-h.safetensors", Options{Config: halfConfig(t), KeepPatches: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	got, err := half.EmbedClips(context.Background(), clips)
	if err != nil {
		t.Fatal(err)
	}
	if half.Key() == full.Key() {
		t.Error("a mask does not show in the key")
	}
	for i := range got {
		same := true
		for j := range got[i] {
			same = same && got[i][j] == want[i][j]
		}
		if same {
			t.Errorf("clip %d: half the patches give the same embedding", i)
		}
	}
}
