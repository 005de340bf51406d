package bundle

import (
	"strconv"

	"framepilot/internal/fault"
)

// Origin says what embeddings a classifier takes.
type Origin struct {
	Space       string  `json:"space"` // equal: embeddings can be compared; empty: not known
	Model       string  `json:"model,omitempty"`
	SHA256      string  `json:"model_sha256,omitempty"`
	Recipe      string  `json:"recipe,omitempty"`       // how frames are picked and resized
	Frames      int     `json:"frames,omitempty"`       // a clip
	Tokens      int     `json:"frame_tokens,omitempty"` // frames whose embeddings follow that of the clip in a row; 0: none
	KeepPatches float64 `json:"keep_patches,omitempty"` // share of each frame's patches looked at; 0: all
	Precision   string  `json:"precision,omitempty"`    // of the arithmetic, which may differ
	Decoder     string  `json:"decoder,omitempty"`
}

// Metadata is o for the metadata of a feature file.
func (o Origin) Metadata() map[string]string {
	m := map[string]string{
		"space": o.Space, "model": o.Model, "model_sha256": o.SHA256, "recipe": o.Recipe, "frames": strconv.Itoa(o.Frames),
		"precision": o.Precision, "decoder": o.Decoder,
	}
	if o.Tokens > 0 {
		m["frame_tokens"] = strconv.Itoa(o.Tokens)
	}
	if o.KeepPatches > 0 {
		m["keep_patches"] = strconv.FormatFloat(o.KeepPatches, 'g', -1, 64)
	}
	return m
}

// ReadOrigin reads what Metadata wrote; what is not there, or makes no sense,
// is not known.
func ReadOrigin(m map[string]string) Origin {
	o := Origin{
		Space: m["space"], Model: m["model"], SHA256: m["model_sha256"], Recipe: m["recipe"],
		Precision: m["precision"], Decoder: m["decoder"],
	}
	o.Frames, _ = strconv.Atoi(m["frames"])
	o.Tokens, _ = strconv.Atoi(m["frame_tokens"])
	o.KeepPatches, _ = strconv.ParseFloat(m["keep_patches"], 64)
	return o
}

// CheckOrigin reports embeddings of another model, or made another way, which
// the classifier must not be asked about.
func (b *Bundle) CheckOrigin(o Origin) error {
	switch {
	case b.Origin.Space == "":
		return fault.New(fault.Config, "fit it again on features that `framepilot embed` wrote, or give it features instead of videos",
			"bundle: it does not say which model's embeddings it takes")
	case b.Origin.Space != o.Space:
		return fault.New(fault.Config, "open the same model with the same frames: leave --model, --recipe, --frames and --keep-patches to the bundle",
			"bundle: made for embeddings of model %s (%s, %d frames), these are of %s (%s, %d frames)",
			b.Origin.Model, b.Origin.Recipe, b.Origin.Frames, o.Model, o.Recipe, o.Frames)
	case b.Origin.Tokens != o.Tokens:
		return fault.New(fault.Config, "give it videos, or features with as many frames (`framepilot embed --tokens`)",
			"bundle: made for the embeddings of %d frames beside that of the clip, these have %d", b.Origin.Tokens, o.Tokens)
	}
	return nil
}
