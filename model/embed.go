package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"framepilot/internal/fault"
	"framepilot/model/backend"
	"framepilot/model/token"
	"framepilot/model/video"
)

// EmbedClips returns one embedding a clip, (embed) each, not normalised.
func (m *Model) EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	return m.embedClips(ctx, clips, false)
}

// embedClips returns a row a clip, its embedding; or, of every token, one row
// a token, CLS first and then the patches of frame 0, frame 1, …
func (m *Model) embedClips(ctx context.Context, clips []*video.Clip, every bool) ([][]float32, error) {
	for _, c := range clips {
		if c.Frames < 1 || c.Frames > m.Config.Frames {
			return nil, fault.New(fault.Usage, "", "model: a clip of %d frames, this model takes 1 to %d", c.Frames, m.Config.Frames)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		var passes []pass
		for rest := clips; len(rest) > 0; {
			T := rest[0].Frames
			n, same := m.clipsPerPass(T), 0
			for same < len(rest) && same < n && rest[same].Frames == T {
				same++
			}
			passes = append(passes, m.clipPass(rest[:same], every))
			rest = rest[same:]
		}
		out, err := m.fly(ctx, passes)
		if errors.Is(err, backend.ErrOutOfMemory) && m.halve(passes) {
			continue
		}
		return out, err
	}
}

// clipPass embeds clips of as many frames each, or every token of theirs.
func (m *Model) clipPass(clips []*video.Clip, every bool) pass {
	S, T := m.Config.Image, clips[0].Frames
	valid, whole := make([]int, len(clips)), true
	for i, c := range clips {
		if c.Size != S || c.Valid > T || len(c.Pix) != c.Valid*S*S*3 {
			panic(fmt.Sprintf("model: clip of %d frames of %d pixels, %d bytes, for a model of %d frames of %d pixels", c.Valid, c.Size, len(c.Pix), T, S))
		}
		valid[i] = c.Valid
		whole = whole && c.Valid == T
	}
	in, rows := videoInput{patches: m.patches(), every: every}, len(clips)
	if every {
		rows *= 1 + T*m.PatchesPerFrame()
	}
	for range clips {
		if m.keep != nil {
			in.patches.Keep = append(in.patches.Keep, m.keep)
		}
	}
	if !whole {
		in.patches.Valid = valid
	}
	return pass{len(clips), rows, func(q backend.Queue) backend.Tensor {
		in.frames = q.New(backend.U8, len(clips), T, S, S, 3)
		for i, c := range clips {
			if m.resident {
				break
			}
			q.UploadU8(in.frames, i*T*S*S*3, c.Pix)
		}
		return m.video.embed(q, m.video.forward(q, m.Config, in, nil), m.Config)
	}}
}

// tubeMask chooses the patches that are looked at, the same in every frame and
// every clip: a share keep of P, drawn with a fixed seed. Masks of this kind
// were used in training (50 % for B/16, 30 % for H/14). nil means all.
func tubeMask(P int, keep float64) ([]int, error) {
	if keep == 0 || keep == 1 {
		return nil, nil
	}
	if !(keep > 0 && keep < 1) {
		return nil, fault.New(fault.Usage, "", "model: a share of %v of the patches, want above 0 and at most 1", keep)
	}
	n := max(1, int(math.Round(keep*float64(P))))
	mask := rand.New(rand.NewPCG(20230522, 14173)).Perm(P)[:n]
	slices.Sort(mask)
	return mask, nil
}

// PatchesPerFrame is how many patches of a frame are looked at.
func (m *Model) PatchesPerFrame() int {
	if m.keep != nil {
		return len(m.keep)
	}
	return m.Config.Grid() * m.Config.Grid()
}

// ImageNet's statistics, which every published TVTSv2 was trained with; not
// CLIP's, not even for H/14.
var (
	imageMean = [3]float32{0.485, 0.456, 0.406}
	imageStd  = [3]float32{0.229, 0.224, 0.225}
)

func (m *Model) patches() backend.Patches {
	return backend.Patches{Image: m.Config.Image, Patch: m.Config.Patch, Mean: imageMean, Std: imageStd}
}

// EmbedTexts returns one embedding a text, (embed) each, not normalised.
// Texts are repaired first (token.Repair), as the published code does with
// ftfy; those over the context lose their tail, as in training.
func (m *Model) EmbedTexts(ctx context.Context, texts []string) ([][]float32, error) {
	m.tokenMu.Do(func() { m.tokens, m.tokErr = token.New() })
	if m.tokErr != nil {
		return nil, m.tokErr
	}
	if m.Config.Vocab < token.Vocabulary {
		return nil, fault.New(fault.Input, "", "model: its vocabulary has %d words, CLIP's tokenizer needs %d", m.Config.Vocab, token.Vocabulary)
	}
	repaired := make([]string, len(texts))
	for i, text := range texts {
		repaired[i] = token.Repair(text)
	}
	return m.EmbedIDs(ctx, m.tokens.EncodeContext(repaired, m.Config.Context))
}

// EmbedIDs is EmbedTexts for texts that are tokens already: rows of at most
// Config.Context ids, each with an end token, its largest id.
func (m *Model) EmbedIDs(ctx context.Context, rows [][]int32) ([][]float32, error) {
	var passes []pass
	for len(rows) > 0 {
		n := min(len(rows), max(1, m.rows/m.Config.Context))
		p, err := m.textPass(rows[:n])
		if err != nil {
			return nil, err
		}
		passes, rows = append(passes, p), rows[n:]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.fly(ctx, passes)
}

func (m *Model) textPass(rows [][]int32) (pass, error) {
	ends, length := make([]int, len(rows)), 0
	for i, row := range rows {
		for j, id := range row {
			if id < 0 || int(id) >= m.Config.Vocab {
				return pass{}, fault.New(fault.Input, "", "model: token %d of text %d is %d, want 0 to %d", j, i, id, m.Config.Vocab-1)
			}
			if id > row[ends[i]] {
				ends[i] = j
			}
		}
		if len(row) == 0 || ends[i] >= m.Config.Context {
			return pass{}, fault.New(fault.Input, "", "model: text %d ends at token %d, want within %d", i, ends[i], m.Config.Context)
		}
		length = max(length, ends[i]+1)
	}
	ids := make([]int32, len(rows)*length)
	for i, row := range rows {
		copy(ids[i*length:(i+1)*length], row)
	}
	return pass{len(rows), len(rows), func(q backend.Queue) backend.Tensor {
		return m.text.forward(q, m.Config, ids, length, ends)
	}}, nil
}
