package demo

import (
	"math/rand/v2"
	"testing"

	"framepilot/internal/safetensors"
)

func anyScene(rng *rand.Rand) Scene { return sampleAction(rng, rng.IntN(len(Actions))) }

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// goldenScenes reads the ten scenes of scenes.golden.safetensors.
func goldenScenes(t *testing.T, f *safetensors.File) []Scene {
	t.Helper()
	scenes := make([]Scene, 10)
	ints := func(name string, field func(*Scene) *int) {
		values, err := f.Ints("param." + name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			*field(&scenes[i]) = int(v)
		}
	}
	floats := func(name string, field func(*Scene) *float64) {
		values, err := f.Floats("param." + name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			*field(&scenes[i]) = float64(v)
		}
	}
	ints("shape", func(s *Scene) *int { return &s.Shape })
	ints("colour", func(s *Scene) *int { return &s.Colour })
	ints("action", func(s *Scene) *int { return &s.Action })
	floats("x", func(s *Scene) *float64 { return &s.X })
	floats("y", func(s *Scene) *float64 { return &s.Y })
	floats("r", func(s *Scene) *float64 { return &s.R })
	floats("turn", func(s *Scene) *float64 { return &s.Turn })
	floats("travel", func(s *Scene) *float64 { return &s.Travel })
	floats("spin", func(s *Scene) *float64 { return &s.Spin })
	floats("phase", func(s *Scene) *float64 { return &s.Phase })
	floats("grey", func(s *Scene) *float64 { return &s.Grey })
	floats("gx", func(s *Scene) *float64 { return &s.GradientX })
	floats("gy", func(s *Scene) *float64 { return &s.GradientY })
	floats("wave", func(s *Scene) *float64 { return &s.Wave })
	floats("wx", func(s *Scene) *float64 { return &s.WaveX })
	floats("wy", func(s *Scene) *float64 { return &s.WaveY })
	floats("wp", func(s *Scene) *float64 { return &s.WavePhase })
	floats("gain", func(s *Scene) *float64 { return &s.Gain })
	return scenes
}

func TestRenderGolden(t *testing.T) {
	f, err := safetensors.Open("testdata/scenes.golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scenes := goldenScenes(t, f)
	for _, site := range []Site{Day, Night} {
		want, err := f.Bytes("frames." + string(site)) // (10, Frames, 3, Size, Size)
		if err != nil {
			t.Fatal(err)
		}
		const plane = Size * Size
		for n, s := range scenes {
			got := s.Render(site, Frames, Size, nil)
			for i, v := range got {
				frame, pixel, channel := i/3/plane, i/3%plane, i%3
				w := want[((n*Frames+frame)*3+channel)*plane+pixel]
				if d := int(v) - int(w); d < -1 || d > 1 {
					t.Fatalf("%s, %s, frame %d, row %d, column %d, channel %d: %d, want %d ± 1",
						s.Caption(), site, frame, pixel/Size, pixel%Size, channel, v, w)
				}
			}
		}
	}
}

// The drawing does not depend on resolution: a larger picture, averaged, is
// the smaller one but for the edges.
func TestRenderResolution(t *testing.T) {
	s := anyScene(newRand())
	small, large := s.Render(Day, 1, 32, nil), s.Render(Day, 1, 64, nil)
	off := 0
	for i := range small {
		y, x, c := i/96, i/3%32, i%3
		sum := 0
		for _, at := range [4][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
			sum += int(large[3*(64*(2*y+at[0])+2*x+at[1])+c])
		}
		if d := sum/4 - int(small[i]); d < -3 || d > 3 {
			off++
		}
	}
	if share := float64(off) / float64(len(small)); share > .05 {
		t.Errorf("%.1f %% of the values differ between sizes, want the part's edge at most", 100*share)
	}
}

func TestRenderNoise(t *testing.T) {
	s := anyScene(newRand())
	s.Noise, s.Grey, s.Gain = .05, .5, 1
	clean, noisy := s.Render(Day, Frames, Size, nil), s.Render(Day, Frames, Size, newRand())
	var sum, square float64
	for i := range clean {
		d := float64(noisy[i]) - float64(clean[i])
		sum += d
		square += d * d
	}
	n := float64(len(clean))
	// 0.05 is 12.75 levels; clamping to 0..255 and rounding move it a little.
	if mean, variance := sum/n, square/n; mean < -.5 || mean > .5 || variance < 11.5*11.5 || variance > 13.5*13.5 {
		t.Errorf("noise has mean %.2f and mean square %.1f levels", mean, variance)
	}
}

func TestSample(t *testing.T) {
	const n = 20000
	rng := newRand()
	var shapes [len(Shapes)]int
	var colours [len(Colours)]int
	var actions [len(Actions)]int
	within := func(name string, v, low, high float64) {
		if v < low || v >= high {
			t.Fatalf("%s is %v, want %v to %v", name, v, low, high)
		}
	}
	turnsLeft := 0
	for range n {
		s := anyScene(rng)
		shapes[s.Shape]++
		colours[s.Colour]++
		actions[s.Action]++
		if s.Spin < 0 {
			turnsLeft++
			s.Spin = -s.Spin
		}
		within("x", s.X, .35, .65)
		within("r", s.R, .13, .22)
		within("travel", s.Travel, .45, .65)
		within("spin", s.Spin, .5, 1)
		within("grey", s.Grey, .08, .5)
		within("gradient", s.GradientY, -.25, .25)
		within("gain", s.Gain, .75, 1.15)
		within("noise", s.Noise, 0, .05)
		if s.Action == spinning && (s.Shape == circle || s.Shape == ring) {
			t.Fatalf("%s: nobody could see that", s.Caption())
		}
	}
	even := func(name string, counts []int, want float64) {
		for i, c := range counts {
			if got := float64(c) / n; got < want-.015 || got > want+.015 {
				t.Errorf("%s %d: %.3f of the scenes, want %.3f", name, i, got, want)
			}
		}
	}
	even("action", actions[:], 1./10)
	even("colour", colours[:], 1./8)
	even("turning left", []int{turnsLeft}, 1./2)
	// A tenth spins, and leaves a third of it, circles and rings, to four shapes.
	even("round shape", []int{shapes[circle], shapes[ring]}, .9/6)
	even("other shape", []int{shapes[square], shapes[triangle], shapes[star], shapes[cross]}, 1./6+.1/12)
}

func BenchmarkRender(b *testing.B) {
	rng := newRand()
	s := anyScene(rng)
	for b.Loop() {
		s.Render(Day, Frames, Size, rng)
	}
}
