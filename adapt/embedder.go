package adapt

import (
	"context"

	"framepilot/model/video"
	"framepilot/probe"
)

// Embedder is a frozen model as a run needs it.
//
// Both methods that embed return one row of Dim values, of any length, for
// each clip or text. Row i depends on clip or text i alone, to the last bit:
// not on the others in the batch, nor on their order. Cached and resumed runs
// rest on that.
type Embedder interface {
	Info() ModelInfo
	EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error)
	EmbedTexts(ctx context.Context, texts []string) ([][]float32, error)
}

// ModelInfo describes an opened model.
type ModelInfo struct {
	Name   string            // as a person calls it
	SHA256 string            // of the published checkpoint the weights came from
	Key    string            // everything on the model's side that shapes an embedding: weights, configuration, precision, arithmetic
	Same   string            // Key, but for what differs by rounding only
	Dim    int               // width of an embedding, e.g. 512
	Scale  float64           // logit per unit of cosine; 0 = probe.DefaultScale
	Frames video.Options     // how clips are sampled and resized for it
	Tokens int               // frames whose embeddings follow that of the clip in a row (probe.Framed); 0 = none
	Params map[string]string // for the ledger: architecture, precision, …

	Batch       int     // clips it likes to be given at a time; 0 = no matter
	KeepPatches float64 // share of each frame's patches looked at; 0 = all
}

// Framed is m with rows that hold the embedding of every frame too.
func (m ModelInfo) Framed() ModelInfo {
	m.Tokens = m.Frames.Frames
	m.Dim *= 1 + m.Tokens
	m.Scale = probe.FramedScale(probe.Features{Scale: m.Scale}.LogitScale())
	return m
}

// Reader turns a file, or a time range in one, into a clip. Its *video.Error
// is about that file; any other error ends the run.
type Reader interface {
	Read(ctx context.Context, path string, o video.Options) (*video.Clip, error)
	// Identity names everything on the decoder's side that shapes the frames
	// of that file, e.g. "ffmpeg 5.1.9".
	Identity(path string) string
}

var _ Reader = (*video.Decoder)(nil)
