package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/live"
	"framepilot/internal/demo"
	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model"
	"framepilot/model/token"
	"framepilot/model/video"
	"framepilot/probe"
)

// encoder is an open model as adapt wants it.
type encoder struct {
	*model.Model
	name   string
	frames video.Options
	keep   float64 // share of patches
	tokens bool    // rows hold the embeddings of frames too
}

// modelChoice is what the person said about the model.
type modelChoice struct {
	name   string // imported name, path, "demo", or "" for the only imported one
	recipe string
	frames int  // 0 for the model's own
	tokens bool // embeddings of frames too
	run    model.Options
}

// modelFlags gives a command the choice of a model; precision is the default.
func modelFlags(c *cobra.Command, m *modelChoice, precision string) {
	c.Flags().StringVar(&m.name, "model", "", "an imported model's name, a path, or demo (default: the only imported one)")
	c.Flags().StringVar(&m.recipe, "recipe", string(video.Eval), "how frames are picked and resized: eval or features")
	c.Flags().IntVar(&m.frames, "frames", 0, "frames a clip (default: the model's own)")
	c.Flags().Float64Var(&m.run.KeepPatches, "keep-patches", 0, "share of each frame's patches to look at, e.g. 0.5 (default: all)")
	computeFlags(c, &m.run, precision)
}

// openModel opens the chosen model and says what will compute. The embedded
// demo model is stored beside the imported ones on first use.
func (a *app) openModel(ctx context.Context, m modelChoice) (*encoder, error) {
	path, err := modelPath(m.name)
	if err != nil {
		return nil, err
	}
	recipe, err := video.ParseRecipe(m.recipe)
	if err != nil {
		return nil, err
	}
	m.run.Note = a.note
	open, err := model.Open(ctx, path, m.run)
	if err != nil {
		return nil, err
	}
	frames := open.Config.Frames
	if m.frames < 0 || m.frames > frames {
		open.Close()
		return nil, fault.New(fault.Usage, "", "%d frames a clip, this model takes 1 to %d", m.frames, frames)
	}
	if m.frames > 0 {
		frames = m.frames
	}
	name := m.name
	if name == "" {
		name = model.NameOf(path)
	}
	info := open.Info()
	a.tell(words.Say("model %s on %s, %s: %s, %s", name, info.Device, workersText(info.Workers, info.Name), info.Kernel, info.Precision))
	return &encoder{Model: open, name: name, frames: video.Options{Recipe: recipe, Frames: frames, Size: open.Config.Image}, keep: m.run.KeepPatches, tokens: m.tokens}, nil
}

// workersText is how many threads compute, or what does where that is no
// matter of threads.
func workersText(threads int, name string) words.Sentence {
	if threads == 0 {
		return words.Plain(name)
	}
	return words.Say("%d threads", threads)
}

const demoModel = "demo"

func modelPath(name string) (string, error) {
	switch name {
	case demoModel:
		path := filepath.Join(model.Dir(), demoModel+".safetensors")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", fault.New(fault.Missing, "set XDG_DATA_HOME to a folder that can be written to", "unpack the demo model: %w", err)
		}
		return path, demo.WriteModel(path)
	case "":
		imported, err := importedModels()
		switch {
		case err != nil:
			return "", err
		case len(imported) == 0:
			return "", fault.New(fault.Missing, "import one with framepilot model import FILE, or try the small one inside the program: --model demo", "no model is imported yet")
		case len(imported) > 1:
			return "", fault.New(fault.Usage, "name one with --model NAME; framepilot model list shows them", "%d imported models to choose from", len(imported))
		}
		return imported[0].Path, nil
	}
	return model.Resolve(model.Dir(), name)
}

// importedModels are those of this machine but the demo's.
func importedModels() ([]model.Entry, error) {
	entries, err := model.List(model.Dir())
	return slices.DeleteFunc(entries, func(e model.Entry) bool { return e.Name == demoModel }), err
}

func (e *encoder) Info() adapt.ModelInfo {
	info := e.Model.Info()
	out := adapt.ModelInfo{
		Name: e.name, SHA256: e.SHA256, Key: e.Key(), Same: e.Identity(), KeepPatches: e.keep, Dim: e.Config.Embed, Scale: e.Scale, Frames: e.frames, Batch: e.Batch(),
		Params: map[string]string{
			"architecture": e.Config.Arch(), "device": info.Device, "processor": info.Name,
			"kernel": info.Kernel, "precision": info.Precision, "patches": fmt.Sprint(e.PatchesPerFrame()),
			"tokenizer": token.Digest(),
		},
	}
	if e.tokens {
		return out.Framed()
	}
	return out
}

// EmbedClips implements adapt.Embedder.
func (e *encoder) EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	if !e.tokens {
		return e.Model.EmbedClips(ctx, clips)
	}
	framed, err := e.EmbedFrames(ctx, clips)
	rows := make([][]float32, len(framed))
	for i, c := range framed {
		rows[i] = probe.Framed(c.Clip, c.Frames)
	}
	return rows, err
}

// EmbedTexts implements adapt.Embedder.
func (e *encoder) EmbedTexts(ctx context.Context, texts []string) ([][]float32, error) {
	rows, err := e.Model.EmbedTexts(ctx, texts)
	if e.tokens {
		for i, row := range rows {
			rows[i] = probe.FramedText(row, e.frames.Frames)
		}
	}
	return rows, err
}

// showEvents draws what a run or an extraction reports.
func (a *app) showEvents(p *progress) func(live.Event) {
	return func(e live.Event) {
		switch e.Kind {
		case live.EventProgress:
			text := words.Say("%d of %d clips", e.Done, e.Total)
			if e.Cached > 0 {
				text = words.Say("%s, %d known already", text, e.Cached)
			}
			if e.Failed > 0 {
				text = words.Say("%s, %d failed", text, e.Failed)
			}
			if e.Rate > 0 {
				text = words.Say("%s, %.1f a second", text, e.Rate)
			}
			p.show(int64(e.Done), int64(e.Total), a.language.Say(text))
		case live.EventCheck:
			text := words.Say("reading the files to see which clips are new or changed: %d of %d", e.Done, e.Total)
			if e.Stage == live.StageData {
				text = words.Say("decoding every clip to see whether it can be read: %d of %d", e.Done, e.Total)
			}
			p.show(int64(e.Done), int64(e.Total), a.language.Say(text))
		case live.EventForecast:
			if f := *e.Forecast; f.Clips+f.Results > 0 {
				p.line("forecast: %s to embed, %s to measure: %s", words.Counted(f.Clips, "clip"), words.Counted(f.Results, "result"), forecastText(f))
				for _, short := range shortages(f) {
					p.line("warning: %s", short)
				}
			}
		case live.EventNote:
			p.line("note: %s", e.Said.Or(e.Text))
		case live.EventWarning:
			p.line("warning: %s", e.Said.Or(e.Text))
		case live.EventFailure:
			p.line("failed: %s", e.Said.Or(e.Text))
			if e.Hint != "" {
				p.line("  try: %s", e.Fix.Or(e.Hint))
			}
		}
	}
}
