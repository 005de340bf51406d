package adapt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// ExtractOptions sets up an Extractor. The zero value is the good default.
type ExtractOptions struct {
	Cache   string           // folder embeddings are kept in; "" = not kept
	Root    string           // folder the remembered paths are relative to; "" = the working directory
	Workers int              // videos decoded at a time; 0 = one a core
	Batch   int              // clips the model is given at a time; 0 = as many as it likes, at least 8
	Now     func() time.Time // nil = time.Now
	Emit    func(live.Event) // hears of progress and warnings, from one goroutine; nil = nobody
	DryRun  bool             // only look: write nothing, embed nothing

	// Hold is called between batches and may wait; it says how long it did, and
	// ends the extraction by an error. nil = never.
	Hold func(ctx context.Context) (time.Duration, error)
}

const defaultBatch = 8

// Extractor turns clips and texts into embeddings, each once: what was
// embedded before, by whichever run, comes from the cache. Rows are of unit
// length. It is not for use by several goroutines, and one process at a time
// may write to a cache.
type Extractor struct {
	model   Embedder
	reader  Reader
	o       ExtractOptions
	info    ModelInfo
	key     string
	shards  *shards
	content *contents

	told map[string]bool // clips whose failure was told of
	made int             // clips settled by decoding and embedding
	took time.Duration   // for that
}

// Failure is a clip that has no row, and why.
type Failure struct {
	ID      string `json:"id"`
	Site    string `json:"site,omitempty"`
	Label   string `json:"label,omitempty"`
	Class   string `json:"class"` // machine readable, e.g. no_video_stream
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what a person can do

	Said words.Sentence `json:"said,omitzero"` // Message and Hint, to be worded in other languages
	Fix  words.Sentence `json:"fix,omitzero"`
}

// NewExtractor opens the cache. Shards that are damaged are thrown away with a
// warning; their clips are embedded again.
func NewExtractor(model Embedder, reader Reader, o ExtractOptions) (*Extractor, error) {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	info := model.Info()
	if o.Batch == 0 {
		o.Batch = max(defaultBatch, info.Batch)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Emit == nil {
		o.Emit = func(live.Event) {}
	}
	x := &Extractor{model: model, reader: reader, o: o, info: info, told: map[string]bool{}}
	x.key = featuresKey(x.info)
	if x.info.Dim < 1 {
		return nil, fmt.Errorf("adapt: model %s has embeddings of width %d", x.info.Name, x.info.Dim)
	}
	dir, hashes := "", ""
	if o.Cache != "" {
		dir, hashes = filepath.Join(o.Cache, x.key), filepath.Join(o.Cache, "files.json")
	}
	x.content = openContents(hashes, o.Root, o.Now)
	var damaged map[string]error
	var err error
	if x.shards, damaged, err = openShards(dir, x.info.Dim, x.info.Dim/(1+x.info.Tokens)); err != nil {
		return nil, err
	}
	for _, path := range sortedKeys(damaged) {
		x.warn(words.Say("features in %s are damaged and are made again: %s", path, fault.Said(damaged[path])))
	}
	if o.DryRun {
		return x, nil
	}
	return x, x.shards.sweep(sortedKeys(damaged))
}

// featuresKey names everything that shapes a row beside the clip itself and
// its decoder: the model and its arithmetic, how frames are sampled and
// resized, and what this package does with them.
func featuresKey(m ModelInfo) string {
	frames := m.Frames
	frames.Start, frames.End, frames.Timeout = 0, 0, 0 // of one clip; and no frame depends on patience
	made := fmt.Appendf(nil, "%q %q %q %d %#v", shardFormat, m.Key, m.SHA256, m.Dim, frames)
	if m.Tokens > 0 {
		made = fmt.Appendf(made, " with %d frames", m.Tokens)
	}
	h := sha256.Sum256(made)
	return hex.EncodeToString(h[:8])
}

// Key names the way features are made; equal keys mean equal features of
// equal clips.
func (x *Extractor) Key() string { return x.key }

func (x *Extractor) warn(s words.Sentence) {
	x.o.Emit(live.Event{Kind: live.EventWarning, Stage: live.StageEmbed}.Saying(s))
}
