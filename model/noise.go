package model

import (
	"crypto/sha256"
	"math"
	"math/rand/v2"
	"strings"
)

// noise is a checkpoint of random weights: products keep the size of what they
// read, so that activations look like a trained model's.
type noise struct{ shapes map[string][]int }

func newNoise(c Config) noise {
	n := noise{map[string][]int{}}
	for _, p := range c.params() {
		n.shapes[p.name] = p.shape
	}
	return n
}

func (n noise) Floats(name string) ([]float32, error) {
	shape, rng := n.shapes[name], rand.New(rand.NewChaCha8(sha256.Sum256([]byte(name))))
	size, fan := 1, 1
	for i, d := range shape {
		size *= d
		if i > 0 {
			fan *= d
		}
	}
	scale, shift := float32(math.Sqrt(3/float64(fan))), float32(0)
	switch {
	case len(shape) == 1 && strings.HasSuffix(name, ".weight"): // of a layer norm
		scale, shift = 0.1, 1
	case len(shape) == 1:
		scale = 0.1
	case strings.HasSuffix(name, "proj"): // stored as (in, out)
		scale = float32(math.Sqrt(3 / float64(shape[0])))
	case strings.Contains(name, "embedding"):
		scale = 0.5
	}
	x := make([]float32, size)
	for i := range x {
		x[i] = shift + scale*(2*rng.Float32()-1)
	}
	return x, nil
}
