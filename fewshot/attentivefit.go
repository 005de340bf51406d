package fewshot

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"framepilot/internal/autodiff"
	"framepilot/probe"
)

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
