package fewshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Attentive adds to the zero-shot logits of a clip x what a linear probe and
// its frames tell, these looked at by a few queries that weigh frames by what
// they show and when:
//
//	u_t = P f_t - m,  a_ht = softmax_t(q_h·u_t + b_ht),
//	logits = s x·t_c + V_c·x + Σ_h W_ch · Σ_t a_ht u_t + bias_c.
//
// With several queries W can weigh the end of a clip against its beginning,
// which no mean over frames tells apart from the clip played backwards. V and
// W start at zero, which is zero-shot.
type Attentive struct {
	Text   probe.Matrix // (C, (1+T) d), see probe.FramedText
	Scale  float64      // s
	Down   *mat.Dense   // P, (r, d)
	Shift  []float64    // m, r
	Keys   *mat.Dense   // (H, r+T): q and b
	Values *mat.Dense   // W, (C, H r)
	Clip   *mat.Dense   // V, (C, d)
	Bias   []float64    // C
}

// frames is T.
func (a *Attentive) frames() int {
	_, keys := a.Keys.Dims()
	return keys - len(a.Shift)
}

// Logits implements probe.Classifier.
func (a *Attentive) Logits(x probe.Matrix) probe.Matrix {
	out := probe.ZeroShot(a.Text, a.Scale).Logits(x)
	if x.Rows == 0 {
		return out
	}
	inBlocks(x, func(first int, x probe.Matrix) {
		var more, alone mat.Dense
		more.Mul(a.pool(a.look(x)), a.Values.T())
		clip := mat.NewDense(x.Rows, x.Cols/(1+a.frames()), nil)
		for i := range x.Rows {
			clipOf(x, i, clip.RawRowView(i))
		}
		alone.Mul(clip, a.Clip.T())
		more.Add(&more, &alone)
		for i := range x.Rows {
			for c, v := range a.Bias {
				out.Row(first + i)[c] += float32(more.At(i, c) + v)
			}
		}
	})
	return out
}

// look returns u_t of a block of clips x, frame after frame: (N, T r).
func (a *Attentive) look(x probe.Matrix) *mat.Dense {
	T, rank := a.frames(), len(a.Shift)
	out := mat.NewDense(x.Rows, T*rank, nil)
	for t := range T {
		var u mat.Dense
		u.Mul(frameOf(x, t, T), a.Down.T())
		for i := range x.Rows {
			floats.SubTo(out.RawRowView(i)[t*rank:(t+1)*rank], u.RawRowView(i), a.Shift)
		}
	}
	return out
}

// clipOf fills in the embedding of clip i itself, d values.
func clipOf(x probe.Matrix, i int, into []float64) {
	for j, v := range x.Head(i, len(into)) {
		into[j] = float64(v) * math.Sqrt2
	}
}

// frameOf returns frame t of T of each clip, (N, d) of unit length.
func frameOf(x probe.Matrix, t, frames int) *mat.Dense {
	d := x.Cols / (1 + frames)
	out := mat.NewDense(x.Rows, d, nil)
	for i := range x.Rows {
		for j, v := range x.Row(i)[(1+t)*d : (2+t)*d] {
			out.Set(i, j, float64(v)*math.Sqrt(2*float64(frames)))
		}
	}
	return out
}

// pool returns Σ_t a_ht u_t of clips, the queries side by side: (N, H r).
func (a *Attentive) pool(u *mat.Dense) *mat.Dense {
	n, _ := u.Dims()
	rank := len(a.Shift)
	queries, _ := a.Keys.Dims()
	out := mat.NewDense(n, queries*rank, nil)
	weights := make([]float64, a.frames())
	for i := range n {
		at := func(t int) []float64 { return u.RawRowView(i)[t*rank : (t+1)*rank] }
		for h := range queries {
			key := a.Keys.RawRowView(h)
			for t := range weights {
				weights[t] = floats.Dot(key[:rank], at(t)) + key[rank+t]
			}
			floats.AddConst(-floats.LogSumExp(weights), weights)
			for t, w := range weights {
				floats.AddScaled(out.RawRowView(i)[h*rank:(h+1)*rank], math.Exp(w), at(t))
			}
		}
	}
	return out
}

const (
	attentiveRank    = 16   // r: directions frames are looked at in
	attentiveQueries = 3    // H: of the beginning, the middle and the end, to start with
	attentiveSample  = 2000 // frames that are enough to find the directions
)

// newAttentive is the head before it is trained. Frames are looked at in the
// directions in which they differ most, within clips and between clips alike,
// scaled to unit variance.
func newAttentive(train probe.Features) *Attentive {
	T := train.Frames
	d := train.X.Cols / (1 + T)
	rank := min(attentiveRank, d)
	var clips []int
	for i := 0; i < train.Len(); i += 1 + train.Len()*T/attentiveSample {
		clips = append(clips, i)
	}
	within, between := mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)
	sample := train.X.Take(clips)
	sample = sample.Block(0, sample.Rows)
	means := mat.NewDense(len(clips), d, nil)
	u := make([]*mat.Dense, T)
	for t := range u {
		u[t] = frameOf(sample, t, T)
		means.Add(means, u[t])
	}
	means.Scale(1/float64(T), means)
	for _, x := range u {
		var off mat.Dense
		off.Sub(x, means)
		within.SymRankK(within, 1/float64(T*len(clips)), off.T())
	}
	centre := make([]float64, d)
	for i := range clips {
		floats.AddScaled(centre, 1/float64(len(clips)), means.RawRowView(i))
	}
	for i := range clips {
		floats.Sub(means.RawRowView(i), centre)
	}
	between.SymRankK(between, 1/float64(len(clips)), means.T())
	both := mat.NewSymDense(d, nil)
	for _, part := range []*mat.SymDense{within, between} {
		if total := mat.Trace(part); total > 0 {
			var share mat.SymDense
			share.ScaleSym(1/total, part)
			both.AddSym(both, &share)
		}
	}
	a := &Attentive{Text: train.Text, Scale: train.LogitScale(), Down: mat.NewDense(rank, d, nil), Shift: make([]float64, rank)}
	if vectors, ok := leading(both, rank); ok {
		var moved mat.Dense
		within.AddSym(within, between)
		floor := mat.Trace(within) / float64(d)
		for j := range rank {
			v := vectors.ColView(j)
			variance := mat.Inner(v, within, v)
			for k := range d {
				a.Down.Set(j, k, v.AtVec(k)/math.Sqrt(variance+floor+tiny))
			}
		}
		moved.Mul(a.Down, mat.NewVecDense(d, centre))
		mat.Col(a.Shift, 0, &moved)
	}
	a.Keys = mat.NewDense(attentiveQueries, rank+T, nil)
	for h := range attentiveQueries { // a bell around its part of the clip
		for t := range T {
			at := (float64(t)+0.5)/float64(T) - (float64(h)+0.5)/attentiveQueries
			a.Keys.Set(h, rank+t, -at*at*attentiveQueries*attentiveQueries*2)
		}
	}
	return a
}

// views are training clips as the head sees them. Their frames it sees through
// a few directions only, which are found once; so frames may stay on a disk.
type views struct {
	s      *support // without x
	start  *Attentive
	frames probe.Matrix // u_t of each clip, (N, T r)
	clips  probe.Matrix // (N, (1+T) d)
	mean   []float64    // d, of the clips
	unit   float64      // of a clip less the mean: as much variance in all as a u_t has
}

func newViews(train probe.Features) (*views, error) {
	if err := checkSupport(train); err != nil {
		return nil, err
	}
	s := &support{
		y: train.Labels, counts: make([]int, len(train.Classes)), scale: train.LogitScale(),
		zero: probe.ZeroShot(train.Text, train.LogitScale()).Logits(train.X).Dense(),
	}
	for _, c := range s.y {
		s.counts[c]++
	}
	v := &views{s: s, start: newAttentive(train), clips: train.X, mean: make([]float64, train.X.Cols/(1+train.Frames))}
	v.frames = probe.NewMatrix(train.Len(), train.Frames*len(v.start.Shift))
	inBlocks(train.X, func(first int, x probe.Matrix) {
		copy(v.frames.Data[first*v.frames.Cols:], probe.MatrixOf(v.start.look(x)).Data)
	})
	n := float64(train.Len())
	row := make([]float64, len(v.mean))
	for i := range train.Len() {
		clipOf(v.clips, i, row)
		floats.AddScaled(v.mean, 1/n, row)
	}
	var squares float64
	for i := range train.Len() {
		clipOf(v.clips, i, row)
		floats.Sub(row, v.mean)
		squares += floats.Dot(row, row)
	}
	v.unit = math.Sqrt(float64(len(v.start.Shift)) * n / (squares + tiny))
	return v, nil
}

// clip fills in clip i as the head sees it: less the mean, in its unit.
func (v *views) clip(i int, into []float64) {
	clipOf(v.clips, i, into)
	floats.Sub(into, v.mean)
	floats.Scale(v.unit, into)
}

// attentiveBatch is how many clips a step sees at most.
const attentiveBatch = 512

// attentiveParams are what is trained: of V and W the rows of classes with
// clips.
type attentiveParams struct{ keys, values, clip, bias *autodiff.Param }

// lossOfAttentive is the mean cross-entropy on the clips of v.s and
// λ (‖V‖² + ‖W‖² + ‖q‖²), V in the units of v. Only classes with clips compete.
func lossOfAttentive(v *views, lambda float64) (loss autodiff.Node, p attentiveParams) {
	s := v.s
	rank, d, queries, T := len(v.start.Shift), len(v.mean), attentiveQueries, v.start.frames()
	classes := s.classes()
	g := autodiff.New()
	var key, value, alone, offset autodiff.Node
	key, p.keys = g.Param("keys", v.start.Keys)
	value, p.values = g.Param("values", mat.NewDense(len(classes), queries*rank, nil))
	alone, p.clip = g.Param("clip", mat.NewDense(len(classes), d, nil))
	offset, p.bias = g.Param("bias", mat.NewDense(1, len(classes), nil))

	spread := mat.NewDense(queries, queries*rank, nil) // a weight for each value of its query
	for h := range queries {
		for j := range rank {
			spread.Set(h, h*rank+j, 1)
		}
	}
	spreads := g.Const(spread)
	batch := g.Batch(len(s.y), attentiveBatch)
	seen := func(i, t int, row []float64) {
		for j, u := range v.frames.Row(i)[t*rank : (t+1)*rank] {
			row[j] = float64(u)
		}
	}
	var weights []autodiff.Node
	var total autodiff.Node
	for t := range T {
		w := batch.RowsBy(rank+T, func(i int, row []float64) {
			clear(row)
			seen(i, t, row)
			row[rank+t] = 1
		}).TimesT(key).Exp()
		if weights = append(weights, w); t == 0 {
			total = w
		} else {
			total = total.Plus(w)
		}
	}
	var pooled autodiff.Node
	for t := range T {
		part := weights[t].Over(total).Times(spreads).Hadamard(batch.RowsBy(queries*rank, func(i int, row []float64) {
			for h := range queries {
				seen(i, t, row[h*rank:])
			}
		}))
		if t == 0 {
			pooled = part
		} else {
			pooled = pooled.Plus(part)
		}
	}
	column := mat.NewDense(batch.Len(), 1, nil)
	column.Apply(func(int, int, float64) float64 { return 1 }, column)
	logits := batch.Rows(columns(s.zero, classes)).Plus(pooled.TimesT(value)).
		Plus(batch.RowsBy(d, v.clip).TimesT(alone)).Plus(g.Const(column).Times(offset))
	looks := mat.NewDense(rank+T, rank, nil) // q of a key
	for j := range rank {
		looks.Set(j, j, 1)
	}
	size := value.SumSquares().Plus(alone.SumSquares()).Plus(key.Times(g.Const(looks)).SumSquares())
	return batch.CrossEntropy(logits, s.numbered(classes)).Plus(size.Scale(lambda)), p
}

// attentiveGrid holds the penalties tried, the strongest first.
var attentiveGrid = []float64{0.1, 0.03, 0.01, 3e-3, 1e-3}

func attentiveTuning(_ context.Context, train probe.Features, settings probe.Settings) (probe.Tuning, error) {
	if err := checkSupport(train); err != nil {
		return probe.Tuning{}, err
	}
	t := probe.Tuning{
		Params: []string{"lambda"}, Source: words.Say("a strong hold to zero-shot for so few clips"),
		Grid: candidates(attentiveGrid, nil), Scale: 1, Apart: true, Start: slices.Index(attentiveGrid, 0.01),
	}
	t.Fit = func(f probe.Features) (probe.Fitter, error) {
		v, err := newViews(f)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, candidate []float64) (probe.Classifier, error) {
			loss, p := lossOfAttentive(v, candidate[0])
			err := autodiff.Train(ctx, loss, autodiff.Schedule{Steps: int(settings["steps"]), Adam: autodiff.Adam{Rate: settings["rate"]}, Seed: uint64(settings["seed"])})
			if err != nil {
				return nil, fmt.Errorf("attentive: λ = %g: %w", candidate[0], err)
			}
			return v.trained(p), nil
		}, nil
	}
	return t, nil
}

// trained returns the head with what was learned of the classes with clips;
// the others get what those got on average, which leaves them where their
// texts put them.
func (v *views) trained(p attentiveParams) *Attentive {
	a := *v.start
	a.Keys = p.keys.Value
	classes := len(v.s.counts)
	_, d := p.clip.Value.Dims()
	_, width := p.values.Value.Dims()
	a.Values, a.Clip, a.Bias = mat.NewDense(classes, width, nil), mat.NewDense(classes, d, nil), make([]float64, classes)
	for k, c := range v.s.classes() {
		a.Values.SetRow(c, p.values.Value.RawRowView(k))
		floats.AddScaled(a.Clip.RawRowView(c), v.unit, p.clip.Value.RawRowView(k))
		a.Bias[c] = p.bias.Value.At(0, k) - floats.Dot(a.Clip.RawRowView(c), v.mean)
	}
	for _, m := range []*mat.Dense{a.Values, a.Clip} {
		_, width := m.Dims()
		column := make([]float64, classes)
		for j := range width {
			mat.Col(column, j, m)
			fillAbsent(column, v.s.counts)
			m.SetCol(j, column)
		}
	}
	fillAbsent(a.Bias, v.s.counts)
	return &a
}

func attentiveMethod() probe.Method {
	return probe.Method{
		Name:    "attentive",
		Summary: "an attentive probe over the embeddings of frames, for what only their order tells",
		Page: probe.Page{
			Does:   "Looks at the embedding of every frame with three queries, which weigh frames by what they show and by their place in the clip, and adds what they find to the zero-shot logits. It starts as zero-shot.",
			When:   "Classes that differ in the order of things, where methods on the embedding of the whole clip fail. Features must hold the frames: `framepilot embed --tokens`; a run sees to that itself.",
			Cost:   "O(T r H + d C) for each of the 512 clips a step sees, and its steps in every fold: some seconds at twenty classes of 16 clips of twelve frames. Frames stay on the disk, (1 + T) d values a clip; T r and d of them are held.",
			Source: "Single-query attentive probing as in V-JEPA 2 (Assran et al. 2025), of low rank, without their network in front, gated by zero; frames are means of patch tokens.",
		},
		Anchored: true,
		Frames:   true,
		Params: append([]probe.Param{
			{Name: "lambda", Doc: "strength of the hold to zero-shot; 0: choose by folds of whole groups of the training clips", Low: 1e-8, High: 1e6},
			{Name: "steps", Doc: "of Adam, each on 512 clips at most", Default: 60, Low: 1, High: 1e5, Whole: true},
			{Name: "rate", Doc: "length of a step", Default: 0.05, Low: 1e-7, High: 1},
		}, foldParams...),
		Tune: attentiveTuning,
	}
}
