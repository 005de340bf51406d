package model

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/video"
)

// BenchOptions says what to time. The zero value times one clip on random
// weights of B/16.
type BenchOptions struct {
	Path   string // a model; "" for random weights of Arch
	Arch   string // "", "b32", "b16" or "h14"
	Clips  int    // embedded at a time; zero means 1, or four times Options.Batch
	Passes int    // times that is done and counted, after one that is not; zero means 5
	Frames int    // a clip; zero means the model's own
	Options
}

// BenchResult is how fast the video tower is, beside what this machine could
// do at most, measured in the same run.
type BenchResult struct {
	Arch            string    `json:"arch"`
	Device          string    `json:"device"`
	Processor       string    `json:"processor"`
	Kernel          string    `json:"kernel"`
	Why             string    `json:"why"` // this kernel
	Precision       string    `json:"precision"`
	Threads         int       `json:"threads"` // of the processor; 0 on a GPU
	Clips           int       `json:"clips"`   // embedded at a time
	Batch           int       `json:"batch"`   // clips of a forward pass
	Frames          int       `json:"frames"`  // a clip
	Patches         int       `json:"patches"`
	LoadSeconds     float64   `json:"load_seconds"`
	SecondsPerClip  float64   `json:"seconds_per_clip"` // median over passes
	FastestPerClip  float64   `json:"fastest_seconds_per_clip"`
	ClipsPerSecond  float64   `json:"clips_per_second"`          // at the median
	Resident        float64   `json:"resident_clips_per_second"` // at the median, of frames that are on the device already
	GFLOPS          float64   `json:"gflops"`                    // at the median
	ResidentGFLOPS  float64   `json:"resident_gflops"`           // without the upload
	CeilingGFLOPS   float64   `json:"ceiling_gflops"`            // the most this device does now; zero where it cannot be measured
	Fraction        float64   `json:"fraction"`                  // of the ceiling
	MemoryGBs       float64   `json:"memory_gbs"`                // of memory that no cache holds
	PeakMemoryBytes int64     `json:"peak_memory_bytes"`         // of the device, before the ceiling was measured; zero on the processor
	Ops             []BenchOp `json:"ops"`
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
	o.Clips, o.Passes = cmp.Or(o.Clips, max(1, 4*o.Batch)), cmp.Or(o.Passes, 5)
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
	info, frames := m.Info(), cmp.Or(o.Frames, m.Config.Frames)
	r := BenchResult{
		Arch: m.Config.Arch(), Device: info.Device, Processor: info.Name, Kernel: info.Kernel, Why: info.Why, Precision: info.Precision,
		Threads: info.Workers, Clips: o.Clips, Frames: frames, Patches: m.PatchesPerFrame(), LoadSeconds: time.Since(began).Seconds(),
	}
	clips := noisyClips(m.Config, o.Clips, frames)
	if info.Device == deviceCPU {
		err = r.onProcessor(ctx, m, o, clips)
	} else {
		err = r.onGPU(ctx, m, o, clips)
		if err == nil {
			var top backend.Ceiling
			top, err = m.on.(backend.Ceiler).Ceiling()
			if errors.Is(err, backend.ErrOutOfMemory) {
				m.note("the device has no memory left to measure its ceiling with")
				err = nil
			}
			r.against(top)
		}
	}
	r.Batch = min(o.Clips, m.clipsPerPass(frames)) // which memory may have halved
	return r, err
}

// onProcessor measures the ceiling before and after the passes, and the higher
// counts: its windows are short, and another program may fill one.
func (r *BenchResult) onProcessor(ctx context.Context, m *Model, o BenchOptions, clips []*video.Clip) error {
	before, err := m.on.(backend.Ceiler).Ceiling()
	if err != nil {
		return err
	}
	embed := func() error { _, err := m.EmbedClips(ctx, clips); return err }
	profiler := m.queues[0].(backend.Profiler)
	if err := embed(); err != nil {
		return err
	}
	profiler.Measure()
	took, err := timeEach(o.Passes, embed)
	if err != nil {
		return err
	}
	ops := profiler.Profile()
	after, err := m.on.(backend.Ceiler).Ceiling()
	if err != nil {
		return err
	}
	r.times(took, ops, o.Passes)
	r.against(backend.Ceiling{GFLOPS: max(before.GFLOPS, after.GFLOPS), GBs: max(before.GBs, after.GBs)})
	return nil
}

// onGPU gives the passes with and without upload, then the operations in a
// pass of their own, on one queue, since measuring them slows a GPU.
func (r *BenchResult) onGPU(ctx context.Context, m *Model, o BenchOptions, clips []*video.Clip) error {
	embed := func() error { _, err := m.EmbedClips(ctx, clips); return err }
	if err := embed(); err != nil {
		return err
	}
	took, err := timeEach(o.Passes, embed)
	if err != nil {
		return err
	}
	resident := func() error { m.resident = true; defer func() { m.resident = false }(); return embed() }
	without, err := timeEach(o.Passes, resident)
	if err != nil {
		return err
	}
	all := m.queues
	m.queues = all[:1]
	profiler := all[0].(backend.Profiler)
	profiler.Measure()
	err = embed()
	m.queues = all
	if err != nil {
		return err
	}
	r.times(took, profiler.Profile(), 1)
	r.Resident = float64(r.Clips) / middle(without)
	r.ResidentGFLOPS = r.GFLOPS * r.Resident / r.ClipsPerSecond
	r.PeakMemoryBytes = m.on.(backend.Meter).PeakMemory()
	return nil
}

// timeEach returns how long each of n calls took, in seconds.
func timeEach(n int, call func() error) ([]float64, error) {
	var took []float64
	for range n {
		start := time.Now()
		if err := call(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start).Seconds())
	}
	return took, nil
}

func middle(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// times fills in what passes took, and of so many passes their operations.
func (r *BenchResult) times(took []float64, ops []backend.OpTime, passes int) {
	r.SecondsPerClip, r.FastestPerClip = middle(took)/float64(r.Clips), slices.Min(took)/float64(r.Clips)
	r.ClipsPerSecond = 1 / r.SecondsPerClip
	r.operations(ops, float64(passes*r.Clips))
}

// against sets the speed beside the ceiling.
func (r *BenchResult) against(c backend.Ceiling) {
	if r.CeilingGFLOPS, r.MemoryGBs = c.GFLOPS, c.GBs; c.GFLOPS > 0 {
		r.Fraction = r.GFLOPS / c.GFLOPS
	}
}

// operations breaks the time down, the longest first.
func (r *BenchResult) operations(ops []backend.OpTime, clips float64) {
	var flops float64
	for _, op := range ops {
		flops += op.Flops / clips
		o := BenchOp{Name: op.Name, Seconds: op.Seconds / clips}
		if op.Seconds > 0 { // less than a GPU's clock shows is 0
			o.GFLOPS, o.GBs = op.Flops/op.Seconds/1e9, op.Bytes/op.Seconds/1e9
		}
		r.Ops = append(r.Ops, o)
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
