package adapt

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"strings"
	"sync/atomic"

	"framepilot/internal/words"
	"framepilot/model/video"
)

const fakeDim = 6

// fakeModel embeds a clip as the mean colours of its first and last frame,
// and a text as the colours it names: a world in which "red to blue" is a
// class that words, means and planes can all tell.
type fakeModel struct {
	key          string
	clips, texts atomic.Int64
	batches      atomic.Int64
	before       func(batch int) error // called before a batch of clips is embedded
}

func (m *fakeModel) Info() ModelInfo {
	return ModelInfo{Name: "fake", SHA256: strings.Repeat("ab", 32), Key: "fake/1" + m.key, Dim: fakeDim,
		Frames: video.Options{Recipe: video.Features, Frames: 4, Size: 8}, Params: map[string]string{"arch": "fake"}}
}

func (m *fakeModel) EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	n := m.batches.Add(1)
	if m.before != nil {
		if err := m.before(int(n)); err != nil {
			return nil, err
		}
	}
	out := rowsOf(len(clips), fakeDim)
	for i, c := range clips {
		frame := c.Size * c.Size * 3
		first, last := c.Pix[:frame], c.Pix[(c.Valid-1)*frame:]
		row := out[i]
		for j := range frame {
			row[j%3] += float32(first[j])
			row[3+j%3] += float32(last[j])
		}
		for j := range row {
			row[j] -= 128 * float32(frame) / 3
		}
	}
	m.clips.Add(int64(len(clips)))
	return out, ctx.Err()
}

var fakeColours = map[string][3]float32{"red": {1, -1, -1}, "green": {-1, 1, -1}, "blue": {-1, -1, 1}}

func (m *fakeModel) EmbedTexts(ctx context.Context, texts []string) ([][]float32, error) {
	m.texts.Add(int64(len(texts)))
	out := rowsOf(len(texts), fakeDim)
	for i, text := range texts {
		row := out[i]
		at := 0
		for _, word := range strings.Fields(text) {
			if c, ok := fakeColours[word]; ok && at < 2 {
				copy(row[3*at:], c[:])
				at++
			}
		}
		if at == 0 { // a word it does not know points anywhere
			h := fnv.New64()
			fmt.Fprint(h, text)
			for j := range row {
				row[j] = float32(math.Sin(float64(h.Sum64()%1000) * float64(j+1)))
			}
		}
	}
	return out, ctx.Err()
}

// fakeReader makes a clip of a file's bytes without decoding: for tests of
// what lies around decoding. A file that begins with "bad" fails.
type fakeReader struct {
	reads   atomic.Int64
	version string
}

func (r *fakeReader) Identity(string) string { return "fake" + r.version }

func (r *fakeReader) Read(ctx context.Context, path string, o video.Options) (*video.Clip, error) {
	r.reads.Add(1)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &video.Error{Class: video.NotFound, Path: path, Err: err}
	}
	switch {
	case strings.HasPrefix(string(text), "bad"):
		return nil, &video.Error{Class: video.NotMedia, Path: path, Detail: words.Say("holds the word bad")}
	case strings.HasPrefix(string(text), "slow"):
		return nil, &video.Error{Class: video.DecodeTimeout, Path: path, Detail: words.Say("took too long")}
	case strings.HasPrefix(string(text), "no decoder"):
		return nil, &video.Error{Class: video.NoDecoder, Path: path, Detail: words.Say("ffmpeg not found")}
	}
	c := &video.Clip{Frames: o.Frames, Valid: o.Frames, Size: o.Size, Pix: make([]uint8, o.Frames*o.Size*o.Size*3)}
	for i := range c.Pix {
		c.Pix[i] = text[i%len(text)] + uint8(o.Start)
	}
	return c, ctx.Err()
}

// noModel and noReader cost nothing: what is left is the work around them.
type noModel struct{}

func (noModel) Info() ModelInfo { return ModelInfo{Name: "none", Key: "none", Dim: 512} }

func (noModel) EmbedClips(_ context.Context, clips []*video.Clip) ([][]float32, error) {
	out := rowsOf(len(clips), 512)
	for i := range clips {
		out[i][0] = 1
	}
	return out, nil
}

func (m noModel) EmbedTexts(ctx context.Context, texts []string) ([][]float32, error) {
	return m.EmbedClips(ctx, make([]*video.Clip, len(texts)))
}

type noReader struct{}

func (noReader) Identity(string) string { return "none" }

func (noReader) Read(context.Context, string, video.Options) (*video.Clip, error) {
	return &video.Clip{}, nil
}

func rowsOf(n, dim int) [][]float32 {
	out := make([][]float32, n)
	for i := range out {
		out[i] = make([]float32, dim)
	}
	return out
}
