package probe

import "math"

// Framed is the row of a clip x (d) and its frames (T, d each), which need not
// be of unit length: all are made so, and weighed so that the row is too,
//
//	[ x/√2, frame_1/√(2T), …, frame_T/√(2T) ], (1+T)·d values.
//
// Its cosine with a text of FramedText is that of the clip over √2, so that at
// FramedScale features with frames are features like others. A part that
// points nowhere stays zero.
func Framed(x []float32, frames [][]float32) []float32 {
	out := appendUnit(make([]float32, 0, (1+len(frames))*len(x)), x, math.Sqrt(0.5))
	for _, f := range frames {
		out = appendUnit(out, f, math.Sqrt(0.5/float64(len(frames))))
	}
	return out
}

// appendUnit appends a vector at the given length.
func appendUnit(out, x []float32, to float64) []float32 {
	if l := length(x); l > 0 {
		to /= l
	}
	for _, v := range x {
		out = append(out, float32(float64(v)*to))
	}
	return out
}

// FramedText is a text (d) beside rows of Framed: it says nothing of frames.
func FramedText(text []float32, frames int) []float32 {
	out := make([]float32, (1+frames)*len(text))
	copy(out, text)
	return out
}

// FramedScale is the logit per unit of cosine of rows of Framed, scale being
// that of the clips.
func FramedScale(scale float64) float64 { return scale * math.Sqrt2 }

// Pooled returns f without the embeddings of frames.
func (f Features) Pooled() Features {
	if f.Frames == 0 {
		return f
	}
	d := f.X.Cols / (1 + f.Frames)
	f.Scale = f.LogitScale() / math.Sqrt2
	f.X = f.X.first(d, math.Sqrt2)
	if f.Text.Rows > 0 {
		f.Text = f.Text.first(d, 1)
	}
	f.Frames = 0
	return f
}

// first returns the first n columns, times a factor.
func (m Matrix) first(n int, by float64) Matrix {
	out := NewMatrix(m.Rows, n)
	for i := range m.Rows {
		for j, v := range m.Head(i, n) {
			out.Row(i)[j] = float32(float64(v) * by)
		}
	}
	return out
}

// OnPooled asks c about rows that hold the embeddings of so many frames beside
// what it was fitted to.
func OnPooled(c Classifier, frames int) Classifier {
	if frames == 0 {
		return c
	}
	return onPooled{c, frames}
}

type onPooled struct {
	Classifier
	frames int
}

// Logits implements Classifier.
func (o onPooled) Logits(x Matrix) Matrix {
	return o.Classifier.Logits(x.first(x.Cols/(1+o.frames), math.Sqrt2))
}
