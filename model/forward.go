package model

import "framepilot/model/backend"

func (c Config) act() backend.Act {
	if c.Gelu == "erf" {
		return backend.GELU
	}
	return backend.QuickGELU
}

// videoInput is a batch of clips on its way into the video tower.
type videoInput struct {
	frames  backend.Tensor // U8 (B, T, S, S, 3) or normalised F32 (B, T, 3, S, S)
	patches backend.Patches
	every   bool // all tokens are asked for, not only CLS
}

// trace is shown the activations of a forward pass by name, for verification.
type trace func(name string, t backend.Tensor)

// forward returns the CLS token of every clip after the last block, (B, D),
// before ln_post; or every token, (B·tokens, D), where the input asks for them.
// With a trace the last block computes every token and shows them; else, and
// where only CLS is asked for, it computes only what CLS needs, which is exact.
func (v *videoTower) forward(q backend.Queue, c Config, in videoInput, see trace) backend.Tensor {
	shape := in.frames.Shape()
	g := backend.Geometry{Clips: shape[0], Frames: shape[1], Patches: c.Grid() * c.Grid(), Heads: c.Heads, HeadDim: c.Width / c.Heads}
	if in.patches.Keep != nil {
		g.Patches = len(in.patches.Keep[0])
	}
	rows, D := g.Clips*g.Tokens(), c.Width

	embedded := q.New(backend.F32, rows-g.Clips, D)
	q.PatchEmbed(embedded, in.frames, v.conv, in.patches)
	x := q.New(backend.F32, rows, D)
	q.AssembleTokens(x, embedded, v.cls, v.positions, v.times, v.lnPre, g, in.patches)
	if see != nil {
		see("after_ln_pre", x)
	}
	s := scratch{
		norm: q.New(backend.Operand, rows, D), qkv: q.New(backend.Operand, rows, 3*D), read: q.New(backend.Operand, rows, D),
		time: q.New(backend.F32, rows, D), hidden: q.New(backend.Operand, rows, 4*D),
	}
	last := len(v.blocks) - 1
	for i, b := range v.blocks {
		if i == last && see == nil && !in.every {
			return b.cls(q, x, s, c, g)
		}
		b.forward(q, x, s, c, g, i == 0, see)
		if i == 0 && see != nil {
			see("after_block0", x)
		}
	}
	if see != nil {
		see("after_blocks", x)
	}
	if in.every {
		return x
	}
	return gatherCLS(q, x, g)
}

// scratch is the activations every block reuses.
type scratch struct{ norm, qkv, read, time, hidden backend.Tensor }

// forward is one block, in place on x. Mind the residuals: both attentions
// add to the block's input x, the space attention too, although it reads the
// result of the time attention (TencentARC/TVTS, v2/model/video_encoder_*).
func (b videoBlock) forward(q backend.Queue, x backend.Tensor, s scratch, c Config, g backend.Geometry, show bool, see trace) {
	b.timeAttention(q, x, s, g)
	if show && see != nil {
		see("block0_timeattn+x", s.time)
	}
	q.LayerNorm(s.norm, s.time, b.ln1)
	q.Linear(s.qkv, s.norm, b.spaceQKV, backend.LinearOpt{})
	q.Attend(s.read, s.qkv, backend.Space, g)
	q.Linear(x, s.read, b.spaceProj, backend.LinearOpt{Residual: x})
	if show && see != nil {
		see("block0_attn+x", x)
	}
	b.mlp(q, x, s.norm, s.hidden, c)
}

// timeAttention leaves x + timeattn(ln_3(x)) in s.time.
func (b videoBlock) timeAttention(q backend.Queue, x backend.Tensor, s scratch, g backend.Geometry) {
	q.LayerNorm(s.norm, x, b.ln3)
	q.Linear(s.qkv, s.norm, b.timeQKV, backend.LinearOpt{})
	q.Attend(s.read, s.qkv, backend.Time, g)
	q.Linear(s.time, s.read, b.timeProj, backend.LinearOpt{Residual: x})
}

// mlp adds the feed-forward branch to x.
func (b videoBlock) mlp(q backend.Queue, x, norm, hidden backend.Tensor, c Config) {
	q.LayerNorm(norm, x, b.ln2)
	q.Linear(hidden, norm, b.fc, backend.LinearOpt{Act: c.act()})
	q.Linear(x, hidden, b.out, backend.LinearOpt{Residual: x})
}

// cls is forward for the CLS rows only, as the last block of an embedding.
func (b videoBlock) cls(q backend.Queue, x backend.Tensor, s scratch, c Config, g backend.Geometry) backend.Tensor {
	b.timeAttention(q, x, s, g)
	q.LayerNorm(s.norm, s.time, b.ln1)
	q.Linear(s.qkv, s.norm, b.spaceQKV, backend.LinearOpt{})
	read, norm := q.New(backend.Operand, g.Clips, c.Width), q.New(backend.Operand, g.Clips, c.Width)
	q.Attend(read, s.qkv, backend.CLS, g)
	out := gatherCLS(q, x, g)
	q.Linear(out, read, b.spaceProj, backend.LinearOpt{Residual: out})
	b.mlp(q, out, norm, q.New(backend.Operand, g.Clips, 4*c.Width), c)
	return out
}

func gatherCLS(q backend.Queue, x backend.Tensor, g backend.Geometry) backend.Tensor {
	rows := make([]int, g.Clips)
	for i := range rows {
		rows[i] = i * g.Tokens()
	}
	out := q.New(backend.F32, g.Clips, x.Shape()[1])
	q.Gather(out, x, rows)
	return out
}

// embed is ln_post and the projection: (R, D) → (R, embed).
func (v *videoTower) embed(q backend.Queue, x backend.Tensor, c Config) backend.Tensor {
	rows := x.Shape()[0]
	norm, out := q.New(backend.Operand, rows, c.Width), q.New(backend.F32, rows, c.Embed)
	q.LayerNorm(norm, x, v.lnPost)
	q.Linear(out, norm, v.proj, backend.LinearOpt{})
	return out
}

// forward embeds texts of the given length: ids (S·length), ends the position
// of each text's end token. Attention is causal, so ids after the end change
// nothing and a batch may be cut at its longest text.
func (t *textTower) forward(q backend.Queue, c Config, ids []int32, length int, ends []int) backend.Tensor {
	rows, W := len(ids), c.TextWidth
	x, norm, read := q.New(backend.F32, rows, W), q.New(backend.Operand, rows, W), q.New(backend.Operand, rows, W)
	qkv, hidden := q.New(backend.Operand, rows, 3*W), q.New(backend.Operand, rows, 4*W)
	q.EmbedTokens(x, ids, t.tokens, t.positions, length)
	last := len(t.blocks) - 1
	for i, b := range t.blocks {
		q.LayerNorm(norm, x, b.ln1)
		q.Linear(qkv, norm, b.qkv, backend.LinearOpt{})
		q.AttendCausal(read, qkv, length, c.TextHeads)
		q.Linear(x, read, b.attnOut, backend.LinearOpt{Residual: x})
		if i == last {
			break // of its feed-forward branch only the ends are needed
		}
		b.mlp(q, x, norm, hidden, c)
	}
	at := make([]int, len(ends))
	for i, e := range ends {
		at[i] = i*length + e
	}
	end, final, out := q.New(backend.F32, len(ends), W), q.New(backend.Operand, len(ends), W), q.New(backend.F32, len(ends), c.Embed)
	q.Gather(end, x, at)
	t.blocks[last].mlp(q, end, final, q.New(backend.Operand, len(ends), 4*W), c)
	q.LayerNorm(final, end, t.lnFinal)
	q.Linear(out, final, t.proj, backend.LinearOpt{})
	return out
}

// mlp adds the feed-forward branch to x.
func (b textBlock) mlp(q backend.Queue, x, norm, hidden backend.Tensor, c Config) {
	q.LayerNorm(norm, x, b.ln2)
	q.Linear(hidden, norm, b.fc, backend.LinearOpt{Act: c.act()})
	q.Linear(x, hidden, b.out, backend.LinearOpt{Residual: x})
}
