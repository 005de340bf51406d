package model

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/checkpoint"
	"framepilot/model/token"
)

// Options chooses how a model runs. The zero value is good.
type Options struct {
	Device    string // "cpu", "cuda" or "cuda:N"; "" or "auto" for a GPU where one is usable, else the processor
	Libraries string // folders, like $PATH, where those of the GPU are looked for first
	Precision string // "fp32" or "bf16"; "" or "auto" for bf16 where the device multiplies it, else fp32
	Kernel    string // one of cpu.Kernels, which also means the processor; "" or "auto" for the best
	Batch     int    // clips a forward pass; zero for what suits the device
	Config    string // a JSON file laid over the inferred configuration; "" for none
	Workers   int    // goroutines that compute; zero means every usable processor

	KeepPatches float64 // share of the patches of a frame that are looked at; zero means all

	// Note is told what was decided for the person: why a GPU that is there
	// is not used, that memory was short; nil for nobody.
	Note func(text string)
}

// Model is an open dual encoder. Its methods may be called from several
// goroutines; forward passes run one after the other.
type Model struct {
	Path   string
	SHA256 string  // of the published file the weights came from, or of Path itself
	Scale  float64 // logit per unit of cosine, where the file states one; zero where not
	Config Config

	mu     sync.Mutex
	on     backend.Backend
	queues []backend.Queue
	rows   int // of a forward pass
	batch  int // clips of a forward pass, zero for as many as rows allow
	halved bool
	note   func(string)

	resident bool  // frames stay as the last pass left them: for timing what follows
	keep     []int // patches looked at, nil for all
	video    *videoTower
	text     *textTower
	tokens   *token.Tokenizer
	tokenMu  sync.Once
	tokErr   error
}

// Metadata keys of imported models.
const (
	metaConfig = "config"
	metaScale  = "scale"
	metaSource = "source_sha256"
)

// Open loads an imported model, or any checkpoint of TVTSv2, into memory.
func Open(ctx context.Context, path string, o Options) (*Model, error) {
	return open(ctx, path, o, Config{})
}

// open is Open with a configuration that stands in for what the checkpoint's
// shapes tell, where it is not zero.
func open(ctx context.Context, path string, o Options, over Config) (*Model, error) {
	ckpt, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("model: open %s: %w", path, err)
	}
	defer ckpt.Close()
	cfg, _, err := configure(ckpt, over, o.Config)
	if err != nil {
		return nil, fmt.Errorf("model: open %s: %w", path, err)
	}
	m := &Model{Path: path, Config: cfg, SHA256: ckpt.Metadata[metaSource]}
	if s := ckpt.Metadata[metaScale]; s != "" {
		if m.Scale, err = strconv.ParseFloat(s, 64); err != nil || !(m.Scale > 0) {
			return nil, fault.New(fault.Input, "import the model again", "model: open %s: scale %q in the metadata is not a positive number", path, s)
		}
	}
	if m.SHA256 == "" {
		if m.SHA256, err = checkpoint.SHA256(ctx, path, nil); err != nil {
			return nil, fmt.Errorf("model: open %s: %w", path, err)
		}
	}
	if err := m.build(cancellable{ctx, ckpt}, o); err != nil {
		return nil, fmt.Errorf("model: open %s: %w", path, err)
	}
	return m, nil
}

// build puts the weights of src on the backend that o asks for.
func (m *Model) build(src floats, o Options) (err error) {
	if m.keep, err = tubeMask(m.Config.Grid()*m.Config.Grid(), o.KeepPatches); err != nil {
		return err
	}
	if m.batch, m.note = o.Batch, o.Note; m.batch < 0 {
		return fault.New(fault.Usage, "", "model: %d clips a pass, want 1 or more", m.batch)
	}
	if m.note == nil {
		m.note = func(string) {}
	}
	if m.on, err = newBackend(o, m.note); err != nil {
		return err
	}
	pace := backend.Pace{Rows: rowsPerPass, Queues: 1}
	if p, ok := m.on.(backend.Pacer); ok {
		pace = p.Pace()
	}
	m.rows = pace.Rows
	b := &builder{src: src, on: m.on}
	m.video, m.text = b.video(m.Config), b.text(m.Config)
	err = b.err
	for i := 0; i < pace.Queues && err == nil; i++ {
		var q backend.Queue
		if q, err = m.on.NewQueue(); err == nil {
			m.queues = append(m.queues, q)
		}
	}
	if err != nil {
		m.Close()
	}
	return err
}

// cancellable stops reading weights once its context is done.
type cancellable struct {
	ctx context.Context
	floats
}

func (c cancellable) Floats(name string) ([]float32, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	return c.floats.Floats(name)
}

// configure decides the configuration of a checkpoint: what its shapes tell,
// then what its own metadata says, then over (where not zero), then the file.
// known is false where heads or activation are only assumed.
func configure(ckpt *checkpoint.Checkpoint, over Config, file string) (cfg Config, known bool, err error) {
	s := shapes{ckpt}
	if cfg, known, err = Infer(s); err != nil {
		return cfg, known, err
	}
	if js := ckpt.Metadata[metaConfig]; js != "" {
		known = true
		if cfg, err = ParseConfig(cfg, []byte(js)); err != nil {
			return cfg, known, fmt.Errorf("metadata: %w", err)
		}
	}
	if over != (Config{}) {
		cfg, known = over, true
	}
	if cfg, err = ReadConfig(cfg, file); err != nil {
		return cfg, known, err
	}
	if err = cfg.Check(); err != nil {
		return cfg, known, err
	}
	return cfg, known || file != "", cfg.Match(s)
}

type shapes struct{ *checkpoint.Checkpoint }

func (s shapes) Shape(name string) ([]int, bool) {
	i, ok := s.Info(name)
	return i.Shape, ok
}

// Info says what computes.
func (m *Model) Info() backend.Info { return m.on.Info() }

// Key names everything about the model that shapes an embedding: weights,
// configuration, and the arithmetic, which differs by rounding between kernels.
func (m *Model) Key() string {
	info := m.Info()
	device := info.Device
	if device != "cpu" {
		device = info.Name // two of a kind compute the same, whatever their numbers
	}
	return fmt.Sprintf("%s %s %s %s %s %d", m.SHA256, m.Config.json(), device, info.Kernel, info.Precision, m.keep)
}

// Identity is Key but for the arithmetic: models of one identity give
// embeddings that differ by rounding only.
func (m *Model) Identity() string { return fmt.Sprintf("%s %s %d", m.SHA256, m.Config.json(), m.keep) }

// Close frees the weights.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	for _, q := range m.queues {
		errs = append(errs, q.Close())
	}
	return errors.Join(append(errs, m.on.Close())...)
}
