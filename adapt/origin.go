package adapt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"framepilot/adapt/bundle"
)

// Origin says what the model's embeddings of clips are, for files that outlive
// it.
func (m ModelInfo) Origin(decoder string) bundle.Origin {
	frames := m.Frames
	frames.Start, frames.End, frames.Timeout = 0, 0, 0
	space := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %#v", m.Same, m.SHA256, m.Dim/(1+m.Tokens), frames))
	return bundle.Origin{
		Space: hex.EncodeToString(space[:8]), Model: m.Name, SHA256: m.SHA256, Recipe: string(m.Frames.Recipe), Frames: m.Frames.Frames, Tokens: m.Tokens,
		KeepPatches: m.KeepPatches, Precision: m.Params["precision"], Decoder: decoder,
	}
}
