package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// What a scene is made of, in the order of the indices in Scene.
var (
	Shapes  = [...]string{"circle", "square", "triangle", "star", "ring", "cross"}
	Colours = [...]string{"red", "green", "blue", "yellow", "purple", "orange", "white", "cyan"}
	Actions = [...]string{"moving left", "moving right", "moving up", "moving down", "spinning", "growing", "shrinking", "blinking", "shaking", "standing still"}
)

// Labels are the company's own words for the actions. No caption the model
// learned from used them, so that it can't know what they mean.
var Labels = [len(Actions)]string{"return", "feed", "lift", "drop", "tumble", "approach", "retreat", "flicker", "rattle", "jam"}

// Indices of the shapes and actions that drawing treats apart.
const (
	circle = iota
	square
	triangle
	star
	ring
	cross
)
const (
	left = iota
	right
	up
	down
	spinning
	growing
	shrinking
	blinking
	shaking
)

// Scene is one clip of the world: a part, what it does, what is behind it and
// how the camera sees it. Lengths are in units of the picture's side, x to
// the right and y down; brightness is in 0..1, angles in radians.
type Scene struct {
	Shape, Colour, Action int // indices into Shapes, Colours, Actions

	X, Y   float64 // centre, 0.35 to 0.65
	R      float64 // radius, 0.13 to 0.22
	Turn   float64 // 0 to 2π
	Travel float64 // way of a moving part, 0.45 to 0.65
	Spin   float64 // turns of a spinning part, ±0.5 to ±1
	Phase  float64 // of blinking and shaking, 0 to 1

	Background

	Gain  float64 // brightness by day, 0.75 to 1.15
	Noise float64 // standard deviation of the sensor's noise by day, 0 to 0.05
}

// Background is what the clips of one recording share.
type Background struct {
	Grey         float64 // in the middle, 0.08 to 0.5
	GradientX    float64 // from edge to edge, -0.25 to 0.25
	GradientY    float64
	Wave         float64 // height of a sine wave, 0 to 0.06
	WaveX, WaveY float64 // its waves across the picture, -3 to 3
	WavePhase    float64 // 0 to 2π
}

// sampleAction draws a scene of an action, all its other parameters independent
// and even over their ranges. Only a shape that shows its turning spins.
func sampleAction(rng *rand.Rand, action int) Scene {
	s := Scene{
		Shape: rng.IntN(len(Shapes)), Colour: rng.IntN(len(Colours)), Action: action,
		X: uniform(rng, .35, .65), Y: uniform(rng, .35, .65), R: uniform(rng, .13, .22), Turn: uniform(rng, 0, 2*math.Pi),
		Travel: uniform(rng, .45, .65), Spin: uniform(rng, .5, 1), Phase: rng.Float64(),
		Background: sampleBackground(rng),
		Gain:       uniform(rng, .75, 1.15), Noise: uniform(rng, 0, .05),
	}
	if rng.IntN(2) == 0 {
		s.Spin = -s.Spin
	}
	if s.Action == spinning && (s.Shape == circle || s.Shape == ring) {
		s.Shape = [...]int{square, triangle, star, cross}[rng.IntN(4)]
	}
	return s
}

func sampleBackground(rng *rand.Rand) Background {
	return Background{
		Grey: uniform(rng, .08, .5), GradientX: uniform(rng, -.25, .25), GradientY: uniform(rng, -.25, .25),
		Wave: uniform(rng, 0, .06), WaveX: uniform(rng, -3, 3), WaveY: uniform(rng, -3, 3), WavePhase: uniform(rng, 0, 2*math.Pi),
	}
}

func uniform(rng *rand.Rand, a, b float64) float64 { return a + (b-a)*rng.Float64() }

// Caption says what the scene shows, in words the model learned.
func (s Scene) Caption() string {
	return fmt.Sprintf("a %s %s %s", Colours[s.Colour], Shapes[s.Shape], Actions[s.Action])
}
