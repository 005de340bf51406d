package model

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/adrg/xdg"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/model/checkpoint"
)

// Dir is where imported models live: framepilot/models in the user's data
// directory (XDG).
func Dir() string { return filepath.Join(xdg.DataHome, "framepilot", "models") }

const modelExt = ".safetensors"

// Entry describes an imported model.
type Entry struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	Arch   string `json:"arch"`          // "b16", …, or "custom"
	SHA256 string `json:"source_sha256"` // of the published file
	Source string `json:"source"`        // its name
	Config Config `json:"config"`
}

// List describes the models in dir by name. A file that is no model is an
// entry without a configuration.
func List(dir string) ([]Entry, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+modelExt))
	if err != nil {
		return nil, fmt.Errorf("model: list: %w", err)
	}
	entries := []Entry{}
	for _, p := range paths {
		e, err := describe(p)
		if err != nil {
			e = Entry{Name: NameOf(p), Path: p, Arch: "unreadable"}
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	return entries, nil
}

// NameOf is what the store calls the model at path.
func NameOf(path string) string { return strings.TrimSuffix(filepath.Base(path), modelExt) }

func describe(path string) (Entry, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	e := Entry{Name: NameOf(path), Path: path, SHA256: f.Metadata[metaSource], Source: f.Metadata["source"]}
	if e.Config, err = ParseConfig(Config{}, []byte(f.Metadata[metaConfig])); err != nil {
		return Entry{}, err
	}
	e.Arch = e.Config.Arch()
	if st, err := os.Stat(path); err == nil {
		e.Bytes = st.Size()
	}
	return e, nil
}

// Resolve turns what a person calls a model, an imported one's name or a path,
// into a path.
func Resolve(dir, model string) (string, error) {
	if model == "" {
		return "", fault.New(fault.Usage, "name one with --model; framepilot model list shows them", "model: no model given")
	}
	stored := filepath.Join(dir, model+modelExt)
	if validName.MatchString(model) {
		if _, err := os.Stat(stored); err == nil {
			return stored, nil
		}
	}
	if st, err := os.Stat(model); err == nil && !st.IsDir() {
		return model, nil
	}
	return "", fault.New(fault.Missing, "framepilot model list shows the imported ones, framepilot model import FILE adds one",
		"model: %q is neither an imported model nor a file", model)
}

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// ImportOptions says what to import and how. The zero value of everything but
// Path is good.
type ImportOptions struct {
	Path   string // a published checkpoint, .pth or .safetensors
	Name   string // what to call it; "" means tvtsv2-ARCH, or the file's name for other sizes
	Arch   string // "", "auto", "b32", "b16" or "h14": what the file must be
	Config string // a JSON file laid over the inferred configuration
	DType  string // "", "keep" or "bf16"
	Dir    string // "" means Dir()

	// Note is told what had to be assumed; nil for nobody.
	Note func(text string)
	// Progress is told the bytes done of each pass over the file; nil for nobody.
	Progress func(pass string, done, total int64)
}

// Import reads a checkpoint, checks it tensor by tensor and stores its towers
// as safetensors. Memory does not grow with the file; on any error nothing is
// left behind.
func Import(ctx context.Context, o ImportOptions) (Entry, error) {
	if err := checkpoint.CheckDType(o.DType); err != nil {
		return Entry{}, err
	}
	ckpt, err := checkpoint.Open(o.Path)
	if err != nil {
		return Entry{}, fmt.Errorf("model: import %s: %w", o.Path, err)
	}
	defer ckpt.Close()
	var over Config
	if o.Arch != "" && o.Arch != "auto" {
		if over, err = Preset(o.Arch); err != nil {
			return Entry{}, err
		}
	}
	cfg, known, err := configure(ckpt, over, o.Config)
	if err != nil {
		return Entry{}, fmt.Errorf("model: import %s: %w", o.Path, err)
	}
	if !known && o.Note != nil {
		o.Note(fmt.Sprintf("its shapes do not tell heads and activation: assuming %d heads, %d text heads, %s gelu (--config states them)", cfg.Heads, cfg.TextHeads, cfg.Gelu))
	}
	dst, err := o.destination(cfg)
	if err != nil {
		return Entry{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return Entry{}, fault.New(fault.Missing, "set XDG_DATA_HOME to a folder that can be written to", "model: import: %w", err)
	}
	sum, err := checkpoint.SHA256(ctx, o.Path, o.pass("checksum"))
	if err != nil {
		return Entry{}, fmt.Errorf("model: import %s: %w", o.Path, err)
	}
	if e, err := describe(dst); err == nil || !errors.Is(err, fs.ErrNotExist) {
		if err == nil && e.SHA256 == sum && e.Config == cfg {
			if o.Note != nil {
				o.Note("imported before, left as it is")
			}
			return e, nil
		}
		return Entry{}, fault.New(fault.Usage, "choose another with --name, or remove "+dst, "model: import %s: a different model is already called %q", o.Path, NameOf(dst))
	}
	names := make([]string, 0)
	for _, p := range cfg.params() {
		names = append(names, p.name)
	}
	meta := map[string]string{metaConfig: cfg.json(), metaSource: sum, "source": filepath.Base(o.Path), "format": "tvtsv2"}
	if s := ckpt.Metadata[metaScale]; s != "" {
		meta[metaScale] = s
	}
	err = checkpoint.Convert(ctx, ckpt, dst, checkpoint.ConvertOptions{DType: o.DType, Metadata: meta, Tensors: names, Progress: o.pass("convert")})
	if err != nil {
		return Entry{}, fmt.Errorf("model: import %s: %w", o.Path, err)
	}
	return describe(dst)
}

func (o ImportOptions) pass(name string) func(done, total int64) {
	if o.Progress == nil {
		return nil
	}
	return func(done, total int64) { o.Progress(name, done, total) }
}

func (o ImportOptions) destination(cfg Config) (string, error) {
	name, dir := o.Name, o.Dir
	if name == "" {
		if name = "tvtsv2-" + cfg.Arch(); cfg.Arch() == "custom" {
			name = strings.TrimSuffix(filepath.Base(o.Path), filepath.Ext(o.Path))
		}
	}
	if !validName.MatchString(name) {
		return "", fault.New(fault.Usage, "use letters, digits, dots, dashes and underscores", "model: %q cannot be a model's name", name)
	}
	if dir == "" {
		dir = Dir()
	}
	return filepath.Join(dir, name+modelExt), nil
}
