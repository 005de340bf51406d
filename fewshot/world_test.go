package fewshot

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"framepilot/probe"
)

// world draws clips as a frozen encoder might see them:
//
//	x = unit(ρ t_c + v_c + g + u_recording + S^½ ε),
//
// with t_c the text prototype, v_c what the class looks like beyond its text,
// g the gap between texts and clips, and S a power-law spectrum. The zero
// values of the options are the plain case.
type world struct {
	classes, d int
	rng        *rand.Rand
	text, look [][]float64
	telling    float64 // ρ, how much of its text a clip looks like
	gap        []float64
	spectrum   []float64
	recordings int
}

// scenario says what is wrong with a training set.
type scenario struct {
	name      string
	imbalance bool    // Zipf counts with mean shots
	missing   float64 // share of classes without clips
	noise     float64 // share of wrong labels
	alone     bool    // no clip shares its recording with another
}

// telling is how much clips look like their texts, where nothing else is said.
const telling = 0.35

func newWorld(classes, d int, seed uint64) *world {
	w := &world{classes: classes, d: d, telling: telling, rng: rand.New(rand.NewPCG(seed, 1)), spectrum: make([]float64, d)}
	for j := range d {
		w.spectrum[j] = math.Pow(float64(j+1), -0.5)
	}
	floats.Scale(1/floats.Norm(w.spectrum, 2), w.spectrum)
	w.gap = w.direction(0.9)
	for range classes {
		w.text = append(w.text, w.direction(1))
		w.look = append(w.look, w.direction(0.4))
	}
	return w
}

// direction draws a vector of the given length, uniform on the sphere.
func (w *world) direction(length float64) []float64 {
	v := make([]float64, w.d)
	for j := range v {
		v[j] = w.rng.NormFloat64()
	}
	floats.Scale(length/floats.Norm(v, 2), v)
	return v
}

// clips draws counts[c] clips of every class, two to a recording unless alone.
func (w *world) clips(counts []int, alone bool) probe.Features {
	f := probe.Features{Scale: probe.DefaultScale}
	var rows [][]float64
	for c, n := range counts {
		f.Classes = append(f.Classes, fmt.Sprintf("class %d", c))
		var recording []float64
		for k := range n {
			if alone || k%2 == 0 {
				recording = w.direction(0.35)
				w.recordings++
			}
			x := make([]float64, w.d)
			for j := range x {
				x[j] = w.telling*w.text[c][j] + w.look[c][j] + w.gap[j] + recording[j] + 0.75*w.spectrum[j]*w.rng.NormFloat64()
			}
			f.IDs = append(f.IDs, fmt.Sprintf("clip %d.%d", w.recordings, k))
			f.Groups = append(f.Groups, fmt.Sprintf("recording %d", w.recordings))
			f.Labels = append(f.Labels, c)
			rows = append(rows, x)
		}
	}
	f.X, f.Text = matrixOf(rows, w.d), matrixOf(w.text, w.d)
	f.X.Normalize()
	return f
}

func matrixOf(rows [][]float64, d int) probe.Matrix {
	m := probe.NewMatrix(len(rows), d)
	for i, r := range rows {
		for j, v := range r {
			m.Row(i)[j] = float32(v)
		}
	}
	return m
}

// train draws a training set of about shots clips a class.
func (w *world) train(shots int, s scenario) probe.Features {
	counts := make([]int, w.classes)
	var weight, sum float64
	for c := range counts {
		sum += 1 / float64(c+1)
	}
	for c := range counts {
		counts[c] = shots
		if s.imbalance {
			weight = float64(shots*w.classes) / (float64(c+1) * sum)
			counts[c] = max(1, int(math.Round(weight)))
		}
	}
	w.rng.Shuffle(len(counts), func(i, j int) { counts[i], counts[j] = counts[j], counts[i] })
	for _, c := range w.rng.Perm(w.classes)[:int(s.missing*float64(w.classes))] {
		counts[c] = 0
	}
	f := w.clips(counts, s.alone)
	for i := range f.Labels {
		if w.rng.Float64() < s.noise {
			f.Labels[i] = w.rng.IntN(w.classes)
		}
	}
	return f
}

// test draws n clips of every class, each of a recording of its own.
func (w *world) test(n int) probe.Features {
	counts := make([]int, w.classes)
	for c := range counts {
		counts[c] = n
	}
	return w.clips(counts, true)
}
