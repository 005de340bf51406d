package model

import (
	"context"
	"math"
	"slices"
	"testing"

	"framepilot/model/backend"
)

// TestEmbedFrames: the clip's embedding is the same bits as without frames, and
// a frame's is the projected mean of its tokens after the last block, as the
// trace that the goldens are compared with shows them.
func TestEmbedFrames(t *testing.T) {
	for _, keep := range []float64{0, 0.5} {
		m, err := Open(context.Background(), goldens+"tiny-b.pth", Options{Precision: "fp32", KeepPatches: keep})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		clips := tinyClips(m.Config, 3)
		want, err := m.EmbedClips(context.Background(), clips)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.EmbedFrames(context.Background(), clips)
		if err != nil {
			t.Fatal(err)
		}
		for i, clip := range clips {
			if !slices.Equal(got[i].Clip, want[i]) {
				t.Errorf("clip %d has another embedding with frames than without", i)
			}
			in := videoInput{patches: m.patches()}
			if m.keep != nil {
				in.patches.Keep = [][]int{m.keep}
			}
			if clip.Valid < clip.Frames {
				in.patches.Valid = []int{clip.Valid}
			}
			P := m.PatchesPerFrame()
			rows, err := m.run(context.Background(), 1+clip.Frames*P, func(q backend.Queue) backend.Tensor {
				in.frames = q.New(backend.U8, 1, clip.Frames, clip.Size, clip.Size, 3)
				q.UploadU8(in.frames, 0, clip.Pix)
				var after backend.Tensor
				m.video.forward(q, m.Config, in, func(name string, x backend.Tensor) {
					if name == "after_blocks" {
						after = m.video.embed(q, x, m.Config)
					}
				})
				return after
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(got[i].Frames) != clip.Frames {
				t.Fatalf("%d frames, want %d", len(got[i].Frames), clip.Frames)
			}
			for f, frame := range got[i].Frames {
				for j, v := range frame {
					var sum float64
					for _, row := range rows[1+f*P : 1+(f+1)*P] {
						sum += float64(row[j])
					}
					if sum /= float64(P); math.Abs(sum-float64(v)) > 1e-6 {
						t.Fatalf("frame %d of clip %d: %g, want %g", f, i, v, sum)
					}
				}
			}
		}
	}
}
