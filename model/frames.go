package model

import (
	"context"

	"framepilot/model/video"
)

// Framed is the embedding of a clip and one of each of its frames, (embed)
// each, not normalised.
type Framed struct {
	Clip   []float32
	Frames [][]float32 // T
}

// EmbedFrames is EmbedClips with an embedding of every frame: the mean of its
// patch tokens after the last block, through ln_post and the projection as CLS
// goes. The model has one CLS for the whole clip and nothing else to say of a
// frame; its tokens have seen the other frames too. The embeddings of the
// clips are those of EmbedClips.
//
// It computes all tokens of the last block, which EmbedClips need not.
func (m *Model) EmbedFrames(ctx context.Context, clips []*video.Clip) ([]Framed, error) {
	rows, err := m.embedClips(ctx, clips, true)
	if err != nil {
		return nil, err
	}
	patches := m.PatchesPerFrame()
	out := make([]Framed, len(clips))
	for i, c := range clips {
		out[i].Clip, rows = rows[0], rows[1:]
		for range c.Frames {
			out[i].Frames = append(out[i].Frames, mean(rows[:patches]))
			rows = rows[patches:]
		}
	}
	return out, nil
}

func mean(rows [][]float32) []float32 {
	sum := make([]float64, len(rows[0]))
	for _, row := range rows {
		for j, v := range row {
			sum[j] += float64(v)
		}
	}
	out := make([]float32, len(sum))
	for j, v := range sum {
		out[j] = float32(v / float64(len(rows)))
	}
	return out
}
