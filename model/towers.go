package model

import (
	"cmp"
	"fmt"

	"framepilot/internal/cores"
	"framepilot/model/backend"
)

const layerNormEps = 1e-5

// videoTower is the divided space-time transformer of TVTSv2.
type videoTower struct {
	conv      backend.Linear // (D, 3·patch²), no bias
	cls       backend.Tensor // (D)
	positions backend.Tensor // (1+P, D); row 0 is CLS's
	times     backend.Tensor // (T, D)
	lnPre     backend.Norm
	blocks    []videoBlock
	lnPost    backend.Norm
	proj      backend.Linear // (embed, D), no bias
}

type videoBlock struct {
	ln1, ln2, ln3       backend.Norm
	timeQKV, timeProj   backend.Linear
	spaceQKV, spaceProj backend.Linear
	fc, out             backend.Linear
}

// textTower is CLIP's causal transformer.
type textTower struct {
	tokens    backend.Tensor // (vocab, W)
	positions backend.Tensor // (context, W)
	blocks    []textBlock
	lnFinal   backend.Norm
	proj      backend.Linear // (embed, W), no bias
}

type textBlock struct {
	ln1, ln2     backend.Norm
	qkv, attnOut backend.Linear
	fc, out      backend.Linear
}

// floats reads a named tensor as float32, for several goroutines at once. A
// checkpoint does.
type floats interface {
	Floats(name string) ([]float32, error)
}

// builder puts weights on the backend; its first error sticks.
type builder struct {
	src floats
	on  backend.Backend
	err error
}

func (b *builder) read(name string) []float32 {
	if b.err != nil {
		return nil
	}
	x, err := b.src.Floats(name)
	if err != nil {
		b.err = fmt.Errorf("model: read %s: %w", name, err)
	}
	return x
}

func (b *builder) weight(name string, shape ...int) (t backend.Tensor) {
	x := b.read(name)
	if b.err == nil {
		t, b.err = b.on.Weight(shape, x)
	}
	return t
}

func (b *builder) norm(name string, n int) backend.Norm {
	return backend.Norm{Weight: b.weight(name+".weight", n), Bias: b.weight(name+".bias", n), Eps: layerNormEps}
}

// linear packs weight and bias by their own names; no bias where bias is "".
func (b *builder) linear(weight, bias string, in, out int) (l backend.Linear) {
	w := b.read(weight)
	var v []float32
	if bias != "" {
		v = b.read(bias)
	}
	if b.err == nil {
		l, b.err = b.on.Linear(in, out, w, v)
	}
	return l
}

func (b *builder) layer(name string, in, out int) backend.Linear {
	return b.linear(name+".weight", name+".bias", in, out)
}

// projection packs a matrix the checkpoint stores as (in, out).
func (b *builder) projection(name string, in, out int) (l backend.Linear) {
	w := b.read(name)
	if b.err != nil {
		return nil
	}
	t := make([]float32, len(w))
	for i := range in {
		for o := range out {
			t[o*in+i] = w[i*out+o]
		}
	}
	l, b.err = b.on.Linear(in, out, t, nil)
	return l
}

// each builds blocks 0 … n-1 on all cores: reading, widening and packing are
// one core's work for a tensor.
func (b *builder) each(n int, block func(b *builder, i int)) {
	errs := make([]error, n)
	cores.Each(n, func(i int) {
		part := &builder{src: b.src, on: b.on, err: b.err}
		block(part, i)
		errs[i] = part.err
	})
	b.err = cmp.Or(errs...)
}

func (b *builder) video(c Config) *videoTower {
	D := c.Width
	v := &videoTower{
		conv:      b.linear("video_model.conv1.weight", "", 3*c.Patch*c.Patch, D),
		cls:       b.weight("video_model.class_embedding", D),
		positions: b.weight("video_model.positional_embedding", c.Grid()*c.Grid()+1, D),
		times:     b.weight("video_model.temporal_embedding", c.Frames, D),
		lnPre:     b.norm("video_model.ln_pre", D),
		lnPost:    b.norm("video_model.ln_post", D),
		proj:      b.projection("video_model.proj", D, c.Embed),
		blocks:    make([]videoBlock, c.Layers),
	}
	b.each(c.Layers, func(b *builder, i int) {
		n := videoBlockName(i)
		v.blocks[i] = videoBlock{
			ln1: b.norm(n+"ln_1", D), ln2: b.norm(n+"ln_2", D), ln3: b.norm(n+"ln_3", D),
			timeQKV: b.layer(n+"timeattn.qkv", D, 3*D), timeProj: b.layer(n+"timeattn.proj", D, D),
			spaceQKV: b.layer(n+"attn.qkv", D, 3*D), spaceProj: b.layer(n+"attn.proj", D, D),
			fc: b.layer(n+"mlp.c_fc", D, 4*D), out: b.layer(n+"mlp.c_proj", 4*D, D),
		}
	})
	return v
}

func (b *builder) text(c Config) *textTower {
	W := c.TextWidth
	t := &textTower{
		tokens:    b.weight("text_token_embedding.weight", c.Vocab, W),
		positions: b.weight("text_positional_embedding", c.Context, W),
		lnFinal:   b.norm("text_ln_final", W),
		proj:      b.projection("text_projection", W, c.Embed),
		blocks:    make([]textBlock, c.TextLayers),
	}
	b.each(c.TextLayers, func(b *builder, i int) {
		n := textBlockName(i)
		t.blocks[i] = textBlock{
			ln1: b.norm(n+"ln_1", W), ln2: b.norm(n+"ln_2", W),
			qkv:     b.linear(n+"attn.in_proj_weight", n+"attn.in_proj_bias", W, 3*W),
			attnOut: b.layer(n+"attn.out_proj", W, W),
			fc:      b.layer(n+"mlp.c_fc", W, 4*W), out: b.layer(n+"mlp.c_proj", 4*W, W),
		}
	})
	return t
}
