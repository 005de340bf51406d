package model

import (
	"context"
	"crypto/sha256"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/backend/cpu"
	"framepilot/model/video"
)

// BenchOptions says what to time. The zero value times one clip on random
// weights of B/16.
type BenchOptions struct {
	Path   string // a model; "" for random weights of Arch
	Arch   string // "", "b32", "b16" or "h14"
	Clips  int    // a pass; zero means 1
	Passes int    // counted, after one that is not; zero means 5
	Frames int    // a clip; zero means the model's own
	Options
}

// BenchResult is how fast the video tower is, beside what this machine could
// do at most, measured in the same run.
type BenchResult struct {
	Arch           string    `json:"arch"`
	Device         string    `json:"device"`
	Processor      string    `json:"processor"`
	Kernel         string    `json:"kernel"`
	Why            string    `json:"why"` // this kernel
	Precision      string    `json:"precision"`
	Threads        int       `json:"threads"`
	Clips          int       `json:"clips"`  // a pass
	Frames         int       `json:"frames"` // a clip
	Patches        int       `json:"patches"`
	LoadSeconds    float64   `json:"load_seconds"`
	SecondsPerClip float64   `json:"seconds_per_clip"` // median over passes
	FastestPerClip float64   `json:"fastest_seconds_per_clip"`
	GFLOPS         float64   `json:"gflops"`         // at the median
	CeilingGFLOPS  float64   `json:"ceiling_gflops"` // multiply-adds on registers alone; zero where it cannot be measured
	Fraction       float64   `json:"fraction"`       // of the ceiling
	MemoryGBs      float64   `json:"memory_gbs"`     // reading what no cache holds
	Ops            []BenchOp `json:"ops"`
}

// BenchOp is one kind of operation, a clip.
type BenchOp struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	GFLOPS  float64 `json:"gflops"`
	GBs     float64 `json:"gbs"` // bytes it must move at least, over its time
}

// Bench times the video tower.
func Bench(ctx context.Context, o BenchOptions) (BenchResult, error) {
	o.Clips, o.Passes = orDefault(o.Clips, 1), orDefault(o.Passes, 5)
	if o.Clips < 1 || o.Passes < 1 {
		return BenchResult{}, fault.New(fault.Usage, "", "model: bench: %d clips, %d passes, want 1 or more", o.Clips, o.Passes)
	}
	began := time.Now()
	m, err := benchModel(ctx, o)
	if err != nil {
		return BenchResult{}, err
	}
	defer m.Close()
	if o.Frames < 0 || o.Frames > m.Config.Frames {
		return BenchResult{}, fault.New(fault.Usage, "", "model: bench: %d frames, this model takes 1 to %d", o.Frames, m.Config.Frames)
	}
	info, frames := m.Info(), orDefault(o.Frames, m.Config.Frames)
	r := BenchResult{
		Arch: m.Config.Arch(), Device: info.Device, Processor: info.Name, Kernel: info.Kernel, Why: info.Why, Precision: info.Precision,
		Threads: info.Workers, Clips: o.Clips, Frames: frames, Patches: m.PatchesPerFrame(), LoadSeconds: time.Since(began).Seconds(),
	}
	before := ceiling(m)
	clips := noisyClips(m.Config, o.Clips, frames)
	profiler, _ := m.queue.(backend.Profiler)
	var took []float64
	for pass := range o.Passes + 1 {
		if pass == 1 && profiler != nil {
			profiler.Profile() // what the first pass took does not count
		}
		start := time.Now()
		if _, err := m.EmbedClips(ctx, clips); err != nil {
			return r, err
		}
		if pass > 0 {
			took = append(took, time.Since(start).Seconds()/float64(o.Clips))
		}
	}
	slices.Sort(took)
	r.SecondsPerClip, r.FastestPerClip = took[len(took)/2], took[0]
	if profiler != nil {
		r.operations(profiler.Profile(), float64(o.Passes*o.Clips))
	}
	after := ceiling(m)
	r.CeilingGFLOPS, r.MemoryGBs = max(before.GFLOPS, after.GFLOPS), max(before.GBs, after.GBs)
	if r.CeilingGFLOPS > 0 {
		r.Fraction = r.GFLOPS / r.CeilingGFLOPS
	}
	return r, nil
}

// ceiling is measured before and after the passes, and the higher counts: its
// windows are short, and another program may fill one.
func ceiling(m *Model) cpu.Ceiling {
	if m.Info().Device != "cpu" {
		return cpu.Ceiling{}
	}
	return cpu.MeasureCeiling(m.on)
}

// operations breaks the time down, the longest first.
func (r *BenchResult) operations(ops []backend.OpTime, clips float64) {
	var flops float64
	for _, op := range ops {
		flops += op.Flops / clips
		r.Ops = append(r.Ops, BenchOp{op.Name, op.Seconds / clips, op.Flops / op.Seconds / 1e9, op.Bytes / op.Seconds / 1e9})
	}
	slices.SortStableFunc(r.Ops, func(a, b BenchOp) int {
		switch {
		case a.Seconds > b.Seconds:
			return -1
		case a.Seconds < b.Seconds:
			return 1
		}
		return 0
	})
	r.GFLOPS = flops / r.SecondsPerClip / 1e9
}

func orDefault(v, fallback int) int {
	if v == 0 {
		return fallback
	}
	return v
}

func benchModel(ctx context.Context, o BenchOptions) (*Model, error) {
	if o.Path != "" {
		return Open(ctx, o.Path, o.Options)
	}
	arch := o.Arch
	if arch == "" {
		arch = "b16"
	}
	cfg, err := Preset(arch)
	if err != nil {
		return nil, err
	}
	if cfg, err = ReadConfig(cfg, o.Config); err != nil {
		return nil, err
	}
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	m := &Model{Config: cfg, SHA256: "random"}
	return m, m.build(newNoise(cfg), o.Options)
}

// noisyClips are clips of random bytes.
func noisyClips(c Config, n, frames int) []*video.Clip {
	rng := rand.New(rand.NewPCG(3, 4))
	clips := make([]*video.Clip, n)
	for i := range clips {
		pix := make([]uint8, frames*c.Image*c.Image*3)
		for j := range pix {
			pix[j] = uint8(rng.Uint32())
		}
		clips[i] = &video.Clip{Pix: pix, Frames: frames, Valid: frames, Size: c.Image}
	}
	return clips
}

// noise is a checkpoint of random weights: products keep the size of what they
// read, so that activations look like a trained model's.
type noise struct{ shapes map[string][]int }

func newNoise(c Config) noise {
	n := noise{map[string][]int{}}
	for _, p := range c.params() {
		n.shapes[p.name] = p.shape
	}
	return n
}

func (n noise) Floats(name string) ([]float32, error) {
	shape, rng := n.shapes[name], rand.New(rand.NewChaCha8(sha256.Sum256([]byte(name))))
	size, fan := 1, 1
	for i, d := range shape {
		size *= d
		if i > 0 {
			fan *= d
		}
	}
	scale, shift := float32(math.Sqrt(3/float64(fan))), float32(0)
	switch {
	case len(shape) == 1 && strings.HasSuffix(name, ".weight"): // of a layer norm
		scale, shift = 0.1, 1
	case len(shape) == 1:
		scale = 0.1
	case strings.HasSuffix(name, "proj"): // stored as (in, out)
		scale = float32(math.Sqrt(3 / float64(shape[0])))
	case strings.Contains(name, "embedding"):
		scale = 0.5
	}
	x := make([]float32, size)
	for i := range x {
		x[i] = shift + scale*(2*rng.Float32()-1)
	}
	return x, nil
}
