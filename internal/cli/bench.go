package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model"
	"framepilot/model/video"
	"framepilot/probe"
)

func (a *app) modelBenchCmd() *cobra.Command {
	var o model.BenchOptions
	var name, recipe string
	var curve []string
	c := &cobra.Command{
		Use:   "bench",
		Short: "How fast the video tower is here, beside what this machine could do",
		Long: `Times the video tower, on random weights where no model is named, and measures in
the same run what the device and its memory can do at most. On a GPU it also says
what a clip takes whose frames are there already.

With --curve PATH it prints the price of cheaper settings on clips of yours:
clips a second, and how nearly an embedding still points the way it would with
all frames and patches.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if name != "" {
				if o.Path, err = modelPath(name); err != nil {
					return err
				}
			}
			if len(curve) > 0 {
				if name == "" {
					return fault.New(fault.Usage, "name a model with --model", "random weights agree on nothing")
				}
				return a.benchCurve(cmd.Context(), modelChoice{name: name, recipe: recipe, run: o.Options}, curve)
			}
			o.Note = a.note
			r, err := model.Bench(cmd.Context(), o)
			if err != nil {
				return err
			}
			return a.print(r, func(w io.Writer) { benchText(w, r) })
		},
	}
	f := c.Flags()
	f.StringVar(&name, "model", "", "an imported model's name, a path, or demo (default: random weights)")
	f.StringVar(&o.Arch, "arch", "b16", "size of the random weights: b32, b16 or h14")
	f.IntVar(&o.Clips, "clips", 0, "clips embedded at a time (default: 1, or four times --batch)")
	f.IntVar(&o.Passes, "passes", 5, "passes to take the median of")
	f.IntVar(&o.Frames, "frames", 0, "frames a clip (default: the model's own)")
	f.Float64Var(&o.KeepPatches, "keep-patches", 0, "share of each frame's patches to look at (default: all)")
	f.StringArrayVar(&curve, "curve", nil, "clips to price cheaper settings on; may be repeated")
	f.StringVar(&recipe, "recipe", string(video.Eval), "with --curve: how frames are picked and resized")
	computeFlags(c, &o.Options, "auto")
	return a.jsonFlag(c)
}

func benchText(w io.Writer, r model.BenchResult) {
	fmt.Fprintf(w, "%s on %s, %s\nkernel %s, %s: %s\n", r.Arch, r.Processor, workersText(r.Threads, r.Device), r.Kernel, r.Precision, r.Why)
	fmt.Fprintf(w, "%d frames of %d patches: %.4g s a clip (median; fastest %.4g), %.4g clips a second, weights loaded in %.2g s\n",
		r.Frames, r.Patches, r.SecondsPerClip, r.FastestPerClip, r.ClipsPerSecond, r.LoadSeconds)
	if r.Resident > 0 {
		fmt.Fprintf(w, "%d clips a pass; without uploading frames %.4g clips a second, %.0f GFLOP/s; %s of device memory at most\n",
			r.Batch, r.Resident, r.ResidentGFLOPS, words.Bytes(r.PeakMemoryBytes))
	}
	fmt.Fprintf(w, "%.0f GFLOP/s", r.GFLOPS)
	if r.CeilingGFLOPS > 0 {
		fmt.Fprintf(w, ", %.0f %% of the %.0f this device does at most now", 100*r.Fraction, r.CeilingGFLOPS)
	}
	fmt.Fprintf(w, "; memory %.0f GB/s\n\n", r.MemoryGBs)
	t := figures(w)
	fmt.Fprintln(t, "operation\tms a clip\tGFLOP/s\tGB/s\t")
	for _, op := range r.Ops {
		fmt.Fprintf(t, "%s\t%.2f\t%.0f\t%.1f\t\n", op.Name, 1e3*op.Seconds, op.GFLOPS, op.GBs)
	}
	t.Flush()
}

// curvePoint is what a cheaper setting costs and gives.
type curvePoint struct {
	Frames         int     `json:"frames"`
	KeepPatches    float64 `json:"keep_patches"`
	ClipsPerSecond float64 `json:"clips_per_second"` // of the model alone
	MeanCosine     float64 `json:"mean_cosine"`      // to the embedding by all frames and patches
	LowestCosine   float64 `json:"lowest_cosine"`
}

// benchCurve embeds the clips at every setting. The first, all frames and all
// patches, is what the others are compared with.
func (a *app) benchCurve(ctx context.Context, m modelChoice, paths []string) error {
	items, _, err := adapt.ClipsIn(paths)
	if err != nil {
		return err
	}
	var full probe.Matrix
	points := []curvePoint{}
	for _, keep := range []float64{1, 0.5} {
		for _, frames := range []int{0, 8, 6, 4} {
			if len(points) > 0 && frames >= points[0].Frames {
				continue // the model takes no more than that
			}
			m.frames, m.run.KeepPatches = frames, keep
			point, x, err := a.benchPoint(ctx, m, items)
			if err != nil {
				return err
			}
			if full.Rows == 0 {
				full = x
			}
			point.compare(x, full)
			points = append(points, point)
		}
	}
	return a.print(points, func(w io.Writer) {
		t := figures(w)
		fmt.Fprintln(t, "frames\tpatches\tclips/s\tmean cosine\tlowest\t")
		for _, p := range points {
			fmt.Fprintf(t, "%d\t%.0f %%\t%.2f\t%.4f\t%.4f\t\n", p.Frames, 100*p.KeepPatches, p.ClipsPerSecond, p.MeanCosine, p.LowestCosine)
		}
		t.Flush()
	})
}

// benchPoint embeds the clips at one setting, cache apart.
func (a *app) benchPoint(ctx context.Context, m modelChoice, items []adapt.Item) (point curvePoint, x probe.Matrix, err error) {
	enc, err := a.openModel(ctx, m)
	if err != nil {
		return point, x, err
	}
	defer enc.Close()
	timed := &stopwatch{encoder: enc}
	ex, err := adapt.NewExtractor(timed, a.decoder, adapt.ExtractOptions{})
	if err != nil {
		return point, x, err
	}
	e, err := ex.Clips(ctx, items)
	if err != nil {
		return point, x, err
	}
	if len(e.Failures) > 0 {
		return point, x, fault.New(fault.Input, e.Failures[0].Hint, "clip %s: %s", e.Failures[0].ID, e.Failures[0].Message)
	}
	return curvePoint{Frames: enc.frames.Frames, KeepPatches: m.run.KeepPatches, ClipsPerSecond: float64(e.X.Rows) / timed.took.Seconds()}, e.X, nil
}

func (p *curvePoint) compare(x, full probe.Matrix) {
	p.LowestCosine = 1
	for i := range x.Rows {
		cosine := float64(probe.Similarity(x.Take([]int{i}), full.Take([]int{i})).Data[0])
		p.MeanCosine += cosine / float64(x.Rows)
		p.LowestCosine = min(p.LowestCosine, cosine)
	}
}

// stopwatch times what the model alone takes.
type stopwatch struct {
	*encoder
	took time.Duration
}

func (s *stopwatch) EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	start := time.Now()
	defer func() { s.took += time.Since(start) }()
	return s.encoder.EmbedClips(ctx, clips)
}
