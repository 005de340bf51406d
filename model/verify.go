package model

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/model/backend"
)

// Check is how one computed tensor compares with its golden value.
type Check struct {
	Name   string  `json:"name"`
	MaxAbs float64 `json:"max_abs"` // largest |out - ref|
	Rel    float64 `json:"rel"`     // ‖out - ref‖ / ‖ref‖
	Cosine float64 `json:"cosine"`
	OK     bool    `json:"ok"`
}

// Verification is the outcome of Verify.
type Verification struct {
	Tensors []Check  `json:"tensors"`
	Device  string   `json:"device"`            // what computed
	Kernel  string   `json:"kernel"`            // and how
	Unknown []string `json:"unknown,omitempty"` // expected tensors this program has no way to compute
	OK      bool     `json:"ok"`
}

// What may differ from a golden value. In fp32, element by element, |out-ref|
// ≤ tol + tol·|ref|: two orders of float32 summation through a dozen layers.
// In bf16, ‖out-ref‖/‖ref‖ and the cosine, since operands keep 8 bits.
const (
	fp32Tolerance = 1e-4
	bf16Relative  = 2e-2
	bf16Cosine    = 0.999
)

// Verify computes every expect.* tensor of a golden file that it knows from
// the file's input.* tensors. A configuration in the golden's metadata stands
// in for what shapes cannot tell; o.Config goes over both.
func Verify(ctx context.Context, path, golden string, o Options) (Verification, error) {
	g, err := safetensors.Open(golden)
	if err != nil {
		return Verification{}, fmt.Errorf("model: verify: %w", err)
	}
	defer g.Close()
	var over Config
	if js := g.Metadata[metaConfig]; js != "" {
		if over, err = ParseConfig(Config{}, []byte(js)); err != nil {
			return Verification{}, fmt.Errorf("model: verify %s: %w", golden, err)
		}
	}
	m, err := open(ctx, path, o, over)
	if err != nil {
		return Verification{}, err
	}
	defer m.Close()
	v, err := m.verify(ctx, g)
	if err != nil {
		return v, fmt.Errorf("model: verify %s: %w", golden, err)
	}
	return v, nil
}

func (m *Model) verify(ctx context.Context, g *safetensors.File) (Verification, error) {
	got := map[string][]float32{}
	if _, ok := g.Info("input.video"); ok {
		if err := m.videoOutputs(ctx, g, got); err != nil {
			return Verification{}, err
		}
	}
	if _, ok := g.Info("input.tokens"); ok {
		if err := m.textOutputs(ctx, g, got); err != nil {
			return Verification{}, err
		}
	}
	v := Verification{Device: m.Info().Device, Kernel: m.Info().Kernel, OK: true}
	for _, name := range g.Names() {
		key, ok := strings.CutPrefix(name, "expect.")
		if !ok {
			continue
		}
		out, known := got[key]
		if !known {
			v.Unknown = append(v.Unknown, name)
			continue
		}
		want, err := g.Floats(name)
		if err != nil {
			return v, err
		}
		if len(out) != len(want) {
			return v, fault.New(fault.Input, "", "%s holds %d values, this model computes %d", name, len(want), len(out))
		}
		c := compare(name, out, want, m.Info().Precision)
		v.Tensors, v.OK = append(v.Tensors, c), v.OK && c.OK
	}
	if len(v.Tensors) == 0 {
		return v, fault.New(fault.Input, "a golden file holds input.video or input.tokens, and expect.video or expect.text", "it expects nothing this program can compute")
	}
	return v, nil
}

// compare holds a tensor against its golden value, by the precision it was
// computed in.
func compare(name string, out, ref []float32, precision string) Check {
	var diff2, ref2, out2, dot float64
	c, within := Check{Name: name}, true
	for i := range ref {
		o, r := float64(out[i]), float64(ref[i])
		d := math.Abs(o - r)
		c.MaxAbs = max(c.MaxAbs, d)
		if !(d <= fp32Tolerance+fp32Tolerance*math.Abs(r)) {
			within = false
		}
		diff2, ref2, out2, dot = diff2+d*d, ref2+r*r, out2+o*o, dot+o*r
	}
	if diff2 == 0 {
		c.Cosine, c.OK = 1, true
		return c
	}
	c.Rel, c.Cosine = finite(math.Sqrt(diff2/ref2)), dot/math.Sqrt(out2*ref2)
	if c.MaxAbs = finite(c.MaxAbs); c.Cosine-c.Cosine != 0 {
		c.Cosine = 0
	}
	if c.OK = within; precision == "bf16" {
		c.OK = c.Rel <= bf16Relative && c.Cosine >= bf16Cosine
	}
	return c
}

// finite replaces what JSON cannot carry by the largest number.
func finite(v float64) float64 {
	if v-v != 0 {
		return math.MaxFloat64
	}
	return v
}

// videoOutputs computes the video tower's golden tensors from input.video
// (B, T, 3, S, S), normalised, and input.keep (B, n) where there is one.
func (m *Model) videoOutputs(ctx context.Context, g *safetensors.File, got map[string][]float32) error {
	frames, err := g.Floats("input.video")
	if err != nil {
		return err
	}
	info, _ := g.Info("input.video")
	S := m.Config.Image
	if len(info.Shape) != 5 || info.Shape[2] != 3 || info.Shape[3] != S || info.Shape[4] != S || info.Shape[1] > m.Config.Frames {
		return fault.New(fault.Input, "", "input.video has shape %v, want [clips, at most %d, 3, %d, %d]", info.Shape, m.Config.Frames, S, S)
	}
	B, T := info.Shape[0], info.Shape[1]
	expects := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { _, ok := g.Info("expect." + name); return ok })
	}
	embed := func(name string, T int, keep [][]int, see func(backend.Queue) trace) error {
		if see == nil && !expects(name) {
			return nil
		}
		rows, err := m.run(ctx, B, func(q backend.Queue) backend.Tensor {
			in := videoInput{frames: q.New(backend.F32, B, T, 3, S, S), patches: m.patches()}
			in.patches.Keep = keep
			q.UploadF32(in.frames, firstFrames(frames, B, info.Shape[1], T))
			var t trace
			if see != nil {
				t = see(q)
			}
			return m.video.embed(q, m.video.forward(q, m.Config, in, t), m.Config)
		})
		got[name] = flat(rows)
		return err
	}
	if err := embed("video", T, nil, nil); err != nil {
		return err
	}
	if err := embed("video_one_frame", 1, nil, nil); err != nil {
		return err
	}
	if T > 1 {
		if err := embed("video_fewer_frames", T-1, nil, nil); err != nil {
			return err
		}
	}
	keep, err := keepOf(g, B, m.Config.Grid()*m.Config.Grid())
	if err != nil {
		return err
	}
	if keep != nil {
		if err := embed("video_masked", T, keep, nil); err != nil {
			return err
		}
	}
	if !expects("tokens", "after_ln_pre", "after_block0", "block0_timeattn", "block0_attn") {
		return nil
	}
	seen := map[string][]float32{}
	err = embed("video_by_all_tokens", T, nil, func(q backend.Queue) trace {
		return func(name string, x backend.Tensor) {
			if name == "after_blocks" {
				name, x = "tokens", m.video.embed(q, x, m.Config)
			}
			out := make([]float32, x.Shape()[0]*x.Shape()[1])
			q.Download(out, x)
			seen[name] = out
		}
	})
	if err != nil {
		return err
	}
	got["after_ln_pre"], got["after_block0"], got["tokens"] = seen["after_ln_pre"], seen["after_block0"], seen["tokens"]
	got["block0_timeattn"] = minus(seen["block0_timeattn+x"], seen["after_ln_pre"])
	got["block0_attn"] = minus(seen["block0_attn+x"], seen["after_ln_pre"])
	return nil
}

func (m *Model) textOutputs(ctx context.Context, g *safetensors.File, got map[string][]float32) error {
	ids, err := g.Ints("input.tokens")
	if err != nil {
		return err
	}
	info, _ := g.Info("input.tokens")
	if len(info.Shape) != 2 {
		return fault.New(fault.Input, "", "input.tokens has shape %v, want [texts, context]", info.Shape)
	}
	rows := make([][]int32, info.Shape[0])
	for i, id := range ids {
		rows[i/info.Shape[1]] = append(rows[i/info.Shape[1]], int32(id))
	}
	out, err := m.EmbedIDs(ctx, rows)
	got["text"] = flat(out)
	return err
}

// keepOf reads input.keep, or nil where the golden has none.
func keepOf(g *safetensors.File, clips, patches int) ([][]int, error) {
	info, ok := g.Info("input.keep")
	if !ok {
		return nil, nil
	}
	ids, err := g.Ints("input.keep")
	if err != nil {
		return nil, err
	}
	if len(info.Shape) != 2 || info.Shape[0] != clips || info.Shape[1] < 1 {
		return nil, fault.New(fault.Input, "", "input.keep has shape %v, want [%d, kept patches]", info.Shape, clips)
	}
	keep := make([][]int, clips)
	for i, id := range ids {
		if id < 0 || int(id) >= patches {
			return nil, fault.New(fault.Input, "", "input.keep holds patch %d, want 0 to %d", id, patches-1)
		}
		keep[i/info.Shape[1]] = append(keep[i/info.Shape[1]], int(id))
	}
	return keep, nil
}

// firstFrames takes the first want of every clip's T frames.
func firstFrames(x []float32, B, T, want int) []float32 {
	if want == T {
		return x
	}
	frame := len(x) / (B * T)
	var out []float32
	for b := range B {
		out = append(out, x[b*T*frame:(b*T+want)*frame]...)
	}
	return out
}

func minus(a, b []float32) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

func flat(rows [][]float32) []float32 {
	var out []float32
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}
